import { describe, expect, test } from 'vitest';
import { holding } from '../../../src/common/form.ts';
import { MeterError } from '../../../src/common/meter-error.ts';
import { atRate, looksRight, numberIn, rateOf, withoutNumber } from '../../../src/protocols/address-text.ts';
import { ainDin } from '../../../src/protocols/ain-din/index.ts';
import { dlms } from '../../../src/protocols/dlms/index.ts';
import { iec62056 } from '../../../src/protocols/iec62056-21/index.ts';
import { inmat } from '../../../src/protocols/inmat/index.ts';
import { lotos } from '../../../src/protocols/lotos/index.ts';
import { mbus } from '../../../src/protocols/mbus/index.ts';
import { modbus } from '../../../src/protocols/modbus/index.ts';
import { sml } from '../../../src/protocols/sml/index.ts';
import { protocols } from '../../../src/protocols/registry.ts';

describe.each(protocols.all.map((protocol) => [protocol.name, protocol] as const))('%s', (_name, protocol) => {
  test('has a light part that is nothing but data', () => {
    const { parts: _parts, ...light } = protocol;
    expect(structuredClone(light)).toEqual(light);
  });

  test('has settings with keys of their own, and defaults that fit', () => {
    const keys = protocol.settings.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const field of protocol.settings) {
      if (field.default !== undefined) expect(holding(field, {})?.value, field.key).toBe(field.default);
      else expect(field.kind === 'text' || field.placeholder !== undefined, field.key).toBe(true);
      if (field.where) expect(keys, field.key).toContain(field.where.key);
    }
  });

  test('has a row for each code, with a headline, and with settings that exist in its remedies', async () => {
    for (const { code, headline, remedies, stopped } of await protocol.parts.errors()) {
      expect(headline, code.toString()).toMatch(/\.$/);
      expect(remedies.length > 0 || stopped === true, code.toString()).toBe(true);
      for (const { set = {}, atLeast = {}, where = {} } of remedies) {
        for (const key of [...Object.keys(set), ...Object.keys(atLeast), ...Object.keys(where)]) {
          expect(protocol.settings.map((field) => field.key)).toContain(key);
        }
      }
    }
  });

  test('takes its own examples', async () => {
    const { normal } = await protocol.parts.dialogue();
    for (const example of protocol.address.examples) {
      expect(looksRight(protocol.address, example), example).toBe(true);
      expect(normal(normal(example)), example).toBe(normal(example));
    }
  });
});

test('simulated meters have ids and names of their own, words, and settings that exist', async () => {
  const lists = protocols.all.map(async (protocol) => {
    const meters = (await protocol.parts.simulated?.()) ?? [];
    for (const { description, settings = {}, address = '' } of meters) {
      expect(description).toMatch(/\.$/);
      for (const [key, value] of Object.entries(settings)) {
        const field = protocol.settings.find((candidate) => candidate.key === key);
        expect(field && holding(field, { set: settings })?.value, key).toBe(value);
      }
      (await protocol.parts.dialogue()).normal(address);
    }
    return meters;
  });
  const all = (await Promise.all(lists)).flat();
  expect(all.length).toBeGreaterThan(15);
  for (const key of ['id', 'name'] as const) expect(new Set(all.map((meter) => meter[key])).size).toBe(all.length);
});

const addresses = {
  [iec62056.name]: [
    ['', '1', '947834@300%R', '947834 @ 300 % R', 'AB#12', '@9600', '%R', 'x'.repeat(32)],
    ['/1', '1?', '1!', 'x'.repeat(33), '1@', '1@99', '1%', '1%X'],
  ],
  [mbus.name]: [
    [
      '0',
      '250@9600',
      '007',
      '*01579411',
      '*0157941F@300',
      '*015794FF/LUG.04.07',
      '*015794FF/LUG.*.07/12345678',
      '/254',
    ],
    ['', '251', '*1', '1@1', 'meter', '*0157941G', '/1', '*015794FF/LU.04.07'],
  ],
  [modbus.name]: [
    [
      '1',
      '0',
      '255@115200',
      '007@9600',
      '1 @ 9600 [10, 03:0000:2, 4:1f:1]',
      '5@9600[03:0010:2]',
      '5[10,01:0000:16]',
      '5@9600[10]',
    ],
    [
      '',
      '256',
      '1@',
      '1@99',
      'meter',
      '1@9600[]',
      '1@9600[0,03:0000:1]',
      '1@9600[1,06:0000:1]',
      '1@9600[1,03:0000:0]',
      '1@9600[1,03:10000:1]',
      '1@9600[1,03:0000:1',
    ],
  ],
  [dlms.name]: [
    ['1', '1/17', '1 / 17 / 4 @ 300', '16383/16383@115200', '1|1.8.0', '1|1-0:1.8.0*255, 8:0-0:1.0.0, 4:1.6.0:-2'],
    ['', '1@', '1@99', '1/17/2', '1/17/4/1', '1|', '1|1.8', '1|1.8.0,', '1|1-0:1.8.0:2:3', 'meter', '/17'],
  ],
  [sml.name]: [
    ['', '1EMH0011261482', '1 emh 00 1126 1482', '@9600', '10892345 @ 115200'],
    ['1-2', '@', '@99', '1@1', '1/17', 'x'.repeat(41)],
  ],
  [lotos.name]: [[''], ['1', '@9600', 'meter']],
  [inmat.name]: [
    ['0|I', '63@300|S:I:0', '5|S:F:12,S:S:0fe', '007 @ 9600 | s:f:0012 , i', '5|E:S:FF:FFFF:FFFF', '5|M:0:0:F5'],
    ['', '5', '64|I', '5@99|I', '5|', '5|I,', '5|S:F:100', '5|B:F:20:0:0:1', '5|M:0:0:F6', 'meter'],
  ],
  [ainDin.name]: [
    ['1/ADC/CAL', '2/adc/abs', '2/DIN', '3/PULSE/ABS', '3/PULSE/REL'],
    ['', '0/DIN', '4/DIN', '1', '1/ADC', '1/ADC/REL', '2/DIN/ABS', '3/PULSE', '3/PULSE/CAL', '1/DIN/', '/DIN'],
  ],
} as const satisfies Record<string, readonly [readonly string[], readonly string[]]>;

describe('the pattern while typing and the dialogue agree', () => {
  for (const protocol of protocols.all) {
    const [right, wrong] = addresses[protocol.name] ?? [[], []];
    test.each(right)(`${protocol.name}: %j can be asked`, async (text) => {
      expect(looksRight(protocol.address, text)).toBe(true);
      (await protocol.parts.dialogue()).normal(text);
    });
    test.each(wrong)(`${protocol.name}: %j can not`, async (text) => {
      expect(looksRight(protocol.address, text)).toBe(false);
      const { normal } = await protocol.parts.dialogue();
      expect(() => normal(text)).toThrow(MeterError);
    });
  }
});

describe('an address', () => {
  test('loses its number, and keeps rate and switches', () => {
    expect(withoutNumber(iec62056.address, '421337@9600%R')).toBe('@9600%R');
    expect(withoutNumber(iec62056.address, '421337')).toBe('');
    expect(['421337 @9600', '@9600', '%R', ''].map((text) => numberIn(iec62056.address, text))).toEqual([
      '421337',
      '',
      '',
      '',
    ]);
    expect(numberIn(mbus.address, '*01579411@300')).toBe('01579411');
  });

  test('has its rate changed where it stands', () => {
    expect(atRate(iec62056.address, '421337@9600%R', 300)).toBe('421337@300%R');
    expect(atRate(iec62056.address, '421337', 300)).toBeUndefined();
    expect([atRate(mbus.address, '5', 9600), atRate(mbus.address, '*0157941F@300', 2400)]).toEqual([
      '5@9600',
      '*0157941F',
    ]);
    // The registers behind it stay.
    expect([atRate(modbus.address, '5@300[2,03:0000:2]', 2400), atRate(modbus.address, '5@300', 9600)]).toEqual([
      '5@2400[2,03:0000:2]',
      '5',
    ]);
    expect(atRate(inmat.address, '5|S:F:12', 300)).toBe('5@300|S:F:12');
    expect(atRate(modbus.address, '5[2,03:0000:2]', 300)).toBe('5@300[2,03:0000:2]');
    expect(numberIn(modbus.address, '5@300')).toBe('');
  });

  test('says the rate before a setting, and a setting before what is usual', () => {
    expect(rateOf(iec62056, '1@1200', { baudRate: 600 })).toBe(1200);
    expect(rateOf(iec62056, '1', { baudRate: 600 })).toBe(600);
    expect([rateOf(mbus, '5', {}), rateOf(mbus, '5@300', {})]).toEqual([2400, 300]);
    expect([rateOf(modbus, '5', {}), rateOf(modbus, '5@300[2,03:0000:2]', {})]).toEqual([9600, 300]);
  });
});
