import { describe, expect, it } from 'vitest';
import { vifMeaning } from '../../../../src/protocols/mbus/vif.ts';
import { bytesOf, only, shown } from './samples.ts';

function meaningOf(hex: string) {
  const bytes = bytesOf(hex);
  return vifMeaning(bytes, 0, bytes.length);
}

describe('VIF', () => {
  it.each([
    ['06', 'Energy', 'kWh', 0],
    ['03', 'Energy', 'kWh', -3],
    ['0F', 'Energy', 'GJ', -2],
    ['13', 'Volume', 'm³', -3],
    ['2B', 'Power', 'W', 0],
    ['2E', 'Power', 'kW', 0],
    ['FB 01', 'Energy', 'MWh', 0],
    ['FB 2E', 'Frequency', 'Hz', -1],
    ['FD 48', 'Voltage', 'V', -1],
    ['FD 59', 'Current', 'A', -3],
    ['FD 6D', 'Battery operating time', 'd', 0],
    ['93 3C', 'Volume, backward only', 'm³', -3],
    ['93 3A', 'Volume, uncorrected', 'm³', -3],
    ['93 22', 'Volume, per hour', 'm³/h', -3],
    ['93 7D', 'Volume', 'm³', 0],
    ['93 75', 'Volume', 'm³', -4],
    ['93 F5 7D', 'Volume', 'm³', -1],
    ['BE 50', 'Volume flow, duration of first exceed of lower limit', 's', 0], // libmbus#82 shows it as a flow
    ['BE 5F', 'Volume flow, duration of last exceed of upper limit', 'd', 0],
    ['BE 41', 'Volume flow, number of exceeds of lower limit', '', 0],
    ['BE 48', 'Volume flow, upper limit', 'm³/h', 0],
    ['FD C8 FC 02', 'Voltage, L2', 'V', -1],
    ['FD BA 3A', 'Dimensionless value, uncorrected', '', 0], // no error: ioBroker.mbus#144
    ['7F', 'Manufacturer-specific', '', 0],
    ['FF 74', 'Manufacturer-specific', '', 0],
  ])('%s is %s in %s·10^%i', (hex, quantity, unit, exponent) => {
    expect(meaningOf(hex)).toMatchObject({ quantity, unit, exponent });
  });

  it('leaves VIFEs behind FF to the manufacturer (m-bus-parser#114)', () => {
    expect(meaningOf('93 FF 72')).toMatchObject({
      quantity: 'Volume',
      exponent: -3,
      note: 'manufacturer-specific VIFE 72',
    });
  });

  it('shows reserved codes as such', () => {
    expect(meaningOf('6F')).toMatchObject({ quantity: '', note: 'reserved VIF 6F' });
    expect(meaningOf('FB 0A').note).toBe('reserved VIF FB 0A');
    expect(meaningOf('93 0A').note).toBe('reserved VIFE 0A');
  });

  it('gives the same meaning for a chain met before', () => {
    expect(meaningOf('93 BB 75')).toBe(meaningOf('93 BB 75'));
    expect(meaningOf('93 BB BB BB BB 75')).toEqual(meaningOf('93 BB BB BB BB 75'));
  });

  it('adds the constants of VIFE 78–7B in the unit of the VIF', () => {
    expect(shown(only('01 93 78 01'))).toBe('0.002 m³');
    expect(shown(only('01 93 7B 01'))).toBe('1.001 m³');
    expect(shown(only('01 83 7B 01'))).toBe('0.002 kWh'); // 1 Wh + 1 Wh
  });

  it('reports the errors that a meter puts into a record', () => {
    expect(only('04 93 15 00000000')).toMatchObject({ kind: 'error', note: 'the meter reports: no data available' });
    expect(only('04 93 00 01000000')).toMatchObject({ kind: 'instantaneous', quantity: 'Volume' });
  });
});
