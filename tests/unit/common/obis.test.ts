import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeObis, formatObis, parseObis } from '../../../src/common/obis.ts';

describe('parseObis', () => {
  it.each([
    ['1-0:1.8.0*255', { a: 1, b: 0, c: 1, d: 8, e: 0, f: 255, reset: 'automatic' }],
    ['1.8.0', { c: 1, d: 8, e: 0 }],
    ['31.7', { c: 31, d: 7 }],
    ['0:96.7.19', { b: 0, c: 96, d: 7, e: 19 }],
    ['1.8.1&07', { c: 1, d: 8, e: 1, f: 7, reset: 'manual' }],
    ['6.26*01', { c: 6, d: 26, f: 1, reset: 'automatic' }],
    ['C.1.0', { c: 96, d: 1, e: 0 }],
    ['0-0:C.51.2*01', { a: 0, b: 0, c: 96, d: 51, e: 2, f: 1, reset: 'automatic' }],
    ['F.F', { c: 97, d: 97 }],
    ['FF', { c: 97, d: 97 }],
    ['F', { c: 97 }],
    ['L.0', { c: 98, d: 0 }],
    ['P.01', { c: 99, d: 1 }],
    ['1.6.0,5', { c: 1, d: 6, e: 0, attribute: 5 }],
  ])('%s', (text, code) => {
    expect(parseObis(text)).toEqual(code);
  });

  it.each(['', '1-1:30D', '5', '1.8.0 ', 'X.1', '1.8.256', '1..8', '1-0:', 'HELLO', '1.8.0*', '(1.8.0)'])(
    'leaves %j opaque',
    (text) => {
      expect(parseObis(text)).toBeUndefined();
    },
  );

  it('invents no part and loses none', () => {
    const part = fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined });
    fc.assert(
      fc.property(part, part, fc.nat(255), fc.nat(255), part, part, fc.boolean(), (a, b, c, d, e, f, manual) => {
        const text =
          (a === undefined ? '' : `${String(a)}-`) +
          (b === undefined ? '' : `${String(b)}:`) +
          `${String(c)}.${String(d)}` +
          (e === undefined ? '' : `.${String(e)}`) +
          (f === undefined ? '' : `${manual ? '&' : '*'}${String(f)}`);
        const code = parseObis(text);
        expect(code && formatObis(code)).toBe(text);
      }),
    );
  });

  it('writes letters as digits', () => {
    expect(['C.1', 'F.F', 'FF', 'P.98'].map((text) => formatObis(parseObis(text) ?? { c: 0 }))).toEqual([
      '96.1',
      '97.97',
      '97.97',
      '99.98',
    ]);
  });
});

describe('describeObis', () => {
  it.each([
    ['1-0:1.8.0*255', 'Active energy import'],
    ['2.8.0', 'Active energy export'],
    ['3.8.1', 'Reactive energy import'],
    ['5.8.0', 'Reactive energy quadrant I'],
    ['8.8.0', 'Reactive energy quadrant IV'],
    ['9.7.0', 'Apparent power import'],
    ['1-0:14.7.0', 'Frequency'],
    ['15.8.0', 'Active energy, sum of import and export'],
    ['16.7.0', 'Active power, import minus export'],
    ['21.7.0', 'Active power import L1'],
    ['42.7.0', 'Active power export L2'],
    ['63.7.0', 'Reactive power import L3'],
    ['76.7.0', 'Active power, import minus export L3'],
    ['31.7', 'Current L1'],
    ['52.7', 'Voltage L2'],
    ['71.7.0', 'Current L3'],
    ['33.7.0', 'Power factor L1'],
    ['32.7.3', 'Voltage L1, harmonic 3'],
    ['90.7.0', 'Sum of currents'],
    ['91.7.0', 'Current in neutral'],
    ['81.7.4', 'Angle between U1 and I1'],
    ['81.7.26', 'Angle between U3 and I3'],
    ['1-0:32.32.0', 'Voltage sags L1'],
    ['1-0:72.36.0', 'Voltage swells L3'],
    ['1.6.1', 'Active power import, maximum'],
    ['1.2.1', 'Active power import, cumulated maximum'],
    ['1.5.0', 'Active power import, last average'],
    ['1-1:1.29', 'Active energy import in load profile period'],
    ['52.6.0,5', 'Voltage L2, maximum, time'],
    ['0.9.1', 'Time'],
    ['0.9.2', 'Date'],
    ['0.0.1', 'Identification'],
    ['0.2.0', 'Firmware version'],
    ['0.3.3', 'Output pulse constant, active energy'],
    ['C.1', 'Meter number'],
    ['C.5.0', 'Operating status'],
    ['C.7.2', 'Power failures L2'],
    ['C.8.0', 'Operating time'],
    ['F.F', 'Error register'],
    ['0-0:97.97.0', 'Error register'],
    ['P.01', 'Load profile'],
    ['P.98', 'Event log'],
    ['0-0:1.0.0', 'Date and time'],
    ['1-3:0.2.8', 'P1 version'],
    ['0-2:24.2.1', 'M-Bus meter reading'],
    ['6-0:1.0.0', 'Heat energy'],
    ['5-0:1.0.0', 'Cooling energy'],
    ['6-0:9.0.0', 'Flow'],
    ['7-0:3.1.0', 'Gas volume, temperature converted'],
    ['8-0:1.0.0', 'Cold water volume'],
    ['9-0:1.0.0', 'Hot water volume'],
  ])('%s is %s', (text, quantity) => {
    expect(describeObis(text).quantity).toBe(quantity);
  });

  it.each([
    ['6.8', 'Heat energy'],
    ['6.8.3*01', 'Heat energy'],
    ['6.26*01', 'Volume'],
    ['6.31', 'Operating time'],
    ['6.33', 'Maximum flow'],
    ['6.35', 'Measurement period'],
    ['9.36', 'Date and time'],
    ['9.20', 'Meter number'],
    ['9.21', 'Property number'],
    ['F', 'Error register'],
    ['0.0', 'Identification'],
    ['6.26.4', ''],
  ])('%s of a heat meter is %j', (text, quantity) => {
    expect(describeObis(text, { medium: 'heat' }).quantity).toBe(quantity);
  });

  // Kamstrup's own 1.20, 1.26 and 1.31; pulses without a unit; manufacturer codes; other media's unknown values.
  it.each(['1.20', '1.26', '1.31', '82.8.1', 'C.51.2', 'C.1.5', '13.8.0', '2-1:2.3.4', '6-0:1.2.0', '1-1:30D', 'abc'])(
    'does not guess %s',
    (text) => {
      expect(describeObis(text).quantity).toBe('');
    },
  );

  it('states tariff, storage, subunit and kind', () => {
    expect(describeObis('1-1:1.6.2*12')).toEqual({
      quantity: 'Active power import, maximum',
      unit: '',
      kind: 'maximum',
      dimension: 'power',
      tariff: 2,
      storage: 12,
      subunit: 1,
    });
    expect(describeObis('1.8.1*03')).toMatchObject({ kind: 'stored', storage: 3, tariff: 1 });
    expect(describeObis('1-0:1.8.0*255')).not.toHaveProperty('storage');
    expect(describeObis('1-0:1.8.0')).not.toHaveProperty('tariff');
    expect(describeObis('32.7.3')).not.toHaveProperty('tariff');
    expect(describeObis('6.8.2', { medium: 'heat' })).toMatchObject({ tariff: 2 });
    expect(describeObis('F.F').kind).toBe('error');
    expect(describeObis('1.3.0').kind).toBe('minimum');
    expect(describeObis('81.7.15').unit).toBe('°');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(300), fc.nat(300), fc.nat(300), fc.nat(300), (text, a, c, d, e) => {
        describeObis(text);
        describeObis({ a, c, d, e });
      }),
    );
  });
});
