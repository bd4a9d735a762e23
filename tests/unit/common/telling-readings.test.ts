import { describe, expect, test } from 'vitest';
import { mainReading, powerNow, serialNumberOf } from '../../../src/common/telling-readings.ts';
import { decodeIec } from '../../../src/protocols/iec62056-21/decode.ts';

const decode = (...sets: string[]) => decodeIec({ identification: '', data: sets.join('\r\n') });

describe('the figure that tells most', () => {
  test.each([
    ['a total before its tariffs', ['1.8.1(5*kWh)', '1.7.0(1*kW)', '1.8.0(9*kWh)'], '1.8.0', true],
    ['import before export', ['2.8.0(5*kWh)', '1-0:1.8.0*255(9*kWh)'], '1-0:1.8.0*255', true],
    ['the current value before stored ones', ['1.8.0*01(5*kWh)', '1.8.0(9*kWh)'], '1.8.0', true],
    ['heat energy before volume', ['6.26(322.9*m3)', '6.8(111.351*MWh)'], '6.8', true],
    ['a gas volume', ['7-0:0.2.2(G4)', '7-0:3.0.0(17732,84*m3)'], '7-0:3.0.0', true],
    ['the gas meter behind a DSMR one', ['0-1:24.2.1(101209112500W)(12785.123*m3)'], '0-1:24.2.1', true],
    [
      'this one before a meter behind it',
      ['0-1:24.2.1(101209112500W)(12785.123*m3)', '1-0:1.7.0(1*kW)'],
      '1-0:1.7.0',
      false,
    ],
    ['a tariff where there is no total', ['1.7.0(1*kW)', '1.8.1(5*kWh)'], '1.8.1', true],
    ['anything with a unit', ['0.1.0(7)', '32.7.0(230*V)'], '32.7.0', false],
    ['any number at all', ['0.1.0(7)'], '0.1.0', false],
  ])('%s', (_, sets, code, counts) => {
    const main = mainReading(decode(...sets));
    expect([main?.reading.label, main?.counts]).toEqual([code, counts]);
  });

  test('none of two meters behind a gateway, since neither is the one that was read', () => {
    const channel = (n: number) => [`0-${n}:96.1.0(0000004${n})`, `0-${n}:24.2.1(101209112500W)(${n}*m3)`];
    expect(mainReading(decode(...channel(1)))?.reading.label).toBe('0-1:24.2.1');
    expect(mainReading(decode(...channel(1), ...channel(2)))).toBeUndefined();
  });

  test('none in a readout without numbers', () => {
    expect(mainReading(decode('C.1(4711A)', '0.9.2(26-07-28)'))).toBeUndefined();
  });
});

describe('the power at the moment', () => {
  test.each([
    [
      'the one with a sign',
      ['1.8.0(5*kWh)', '1-0:1.7.0(2*kW)', '1-0:16.7.0(-300*W)', '1-0:36.7.0(-100*W)'],
      '1-0:16.7.0',
    ],
    ['import where there is no sum', ['21.7.0(1*kW)', '1.7.0(2*kW)', '2.7.0(0*kW)'], '1.7.0'],
    ['the only one', ['1.8.0(5*kWh)', '41.7.0(1*kW)'], '41.7.0'],
    ['none of several phases', ['21.7.0(1*kW)', '41.7.0(1*kW)'], undefined],
    ['no maximum', ['1.6.0(5*kW)(2606010000)'], undefined],
    ['none where there is none', ['1.8.0(5*kWh)'], undefined],
  ])('%s', (_, sets, label) => {
    expect(powerNow(decode(...sets))?.label).toBe(label);
  });
});

describe('the number of the meter', () => {
  test.each([
    ['its device number before its identification', ['0.0.0(00990417)', 'C.1.0(SIM00001)'], 'SIM00001'],
    ['the identification else', ['0.0.0(07700123)'], '07700123'],
    ['not of another meter behind it', ['0-1:96.1.0(47474747)', '0-0:96.1.1(4530)'], '4530'],
    [
      'that of the only meter behind a gateway',
      ['0-1:96.1.0(47474748)', '0-1:24.2.1(101209112500W)(1*m3)'],
      '47474748',
    ],
  ])('%s', (_, sets, number) => {
    expect(serialNumberOf(decode(...sets))).toBe(number);
  });

  test('none where the meter tells none', () => {
    expect(serialNumberOf(decode('1.8.0(5*kWh)', 'C.1()'))).toBeUndefined();
  });
});
