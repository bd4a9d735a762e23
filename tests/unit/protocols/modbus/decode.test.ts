import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import { decodeModbus } from '../../../../src/protocols/modbus/decode.ts';
import { withCrc } from '../../../../src/protocols/modbus/crc.ts';

const kept = (command: string, address: string, data: string) => {
  const bytes = fromHex(data) ?? new Uint8Array(0);
  const frame = withCrc(Uint8Array.from([1, Number.parseInt(command, 16), bytes.length, ...bytes]));
  return `1:${command}:${address}:${toHex(frame)}`;
};
const decode = (data: string, model?: string) =>
  decodeModbus({
    identification: '',
    data,
    ...(model === undefined ? {} : { circumstances: { meaning: { model, revision: 1 } } }),
  });
const shown = ({ label, value, unit, state }: Reading) =>
  [label, value.type === 'number' ? formatDecimal(value.decimal) : value.type, unit, state].join(' ').trim();

test('registers and bits without a profile are what they are', () => {
  expect(decode([kept('03', '0010', '00010002'), kept('01', '0020', '05')].join(',')).map(shown)).toEqual([
    '03:0010 1  whole',
    '03:0011 2  whole',
    ...[1, 0, 1, 0, 0, 0, 0, 0].map((bit, at) => `01:00${20 + at} ${bit}  whole`),
  ]);
});

test('where the frame fails its check, nothing vouches for the figures', () => {
  const data = kept('04', '0000', '4366 8000').replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
  expect(decode(data, 'Eastron SDM630').map(shown)).toEqual(['04:0000 230.5 V unchecked']);
});

test('a figure of two answers is marked as such', () => {
  const data = [kept('04', '0000', '4366'), kept('04', '0001', '8000')].join(',');
  expect(decode(data, 'Eastron SDM630')).toMatchObject([{ state: 'unchecked', note: 'put together from two answers' }]);
});

test('registers that a profile does not know are shown besides', () => {
  const data = [kept('04', '0000', '43668000'), kept('03', '0014', '3F80')].join(',');
  expect(decode(data, 'Eastron SDM630').map(shown)).toEqual(['04:0000 230.5 V whole', '03:0014 16256  whole']);
});

test('a refusal is told, and hides nothing', () => {
  const refused = `1:04:0100:${toHex(withCrc(Uint8Array.of(1, 0x84, 2)))}`;
  const readings = decode([kept('04', '0000', '43668000'), refused].join(','), 'Eastron SDM630');
  expect(readings).toMatchObject([
    { quantity: 'Voltage L1' },
    { kind: 'error', value: { text: 'it has no such address (exception 02)' } },
  ]);
});

test('a revision that this version does not have leaves the registers as they are, and says so', () => {
  const data = kept('04', '0000', '43668000');
  const circumstances = { meaning: { model: 'Eastron SDM630', revision: 99 } };
  expect(decodeModbus({ identification: '', data, circumstances }).map(shown)).toEqual([
    'profile text  not available',
    '04:0000 17254  whole',
    '04:0001 32768  whole',
  ]);
});

/** A meter of model 203: 123.4 V at factor -1, 5000 Wh imported at factor 1, no current. */
function sunspecMeter(): string {
  const text = (value: string, registers: number) =>
    toHex(Uint8Array.from({ length: 2 * registers }, (_, at) => value.charCodeAt(at) || 0));
  const common = [
    '0001',
    '0041',
    text('OpenHHU', 16),
    text('Demo', 16),
    text('', 8),
    text('1.0', 8),
    text('4711', 16),
    '0001',
  ];
  const body = Array.from({ length: 107 }, () => '8000');
  const set = (offset: number, ...words: string[]) => words.forEach((word, at) => (body[offset + at] = word));
  set(0, '00CB', '0069');
  set(8, '04D2');
  set(15, 'FFFF');
  set(38, '0000', '0000');
  set(46, '0000', '01F4');
  set(54, '0001');
  const data = ['53756E53', ...common].join('');
  return [
    kept('03', '9C40', data),
    kept('03', (40_002 + 67).toString(16).toUpperCase(), body.join('')),
    kept('03', (40_002 + 67 + 107).toString(16).toUpperCase(), 'FFFF0000'),
  ].join(',');
}

test('SunSpec is known by its marker, and its factors count', () => {
  const readings = decode(sunspecMeter());
  const find = (quantity: string) => readings.find((one) => one.quantity === quantity);
  expect(find('Meter number')?.value).toEqual({ type: 'text', text: '4711' });
  expect(find('Voltage L1')).toMatchObject({ state: 'whole', unit: 'V' });
  expect(shown(find('Voltage L1') as Reading)).toBe('03:9C8D 123.4 V whole');
  expect(shown(find('Active energy import') as Reading)).toBe('03:9CB3 5000 Wh whole');
  // Never counted, and no factor: not zero.
  expect(find('Active energy export')?.state).toBe('not available');
  expect(find('Current L1')?.state).toBe('not available');
});

test('whatever stands in a record, it is decoded to something', () => {
  const hexText = fc.uint8Array({ maxLength: 40 }).map(toHex);
  const part = fc
    .tuple(fc.integer({ min: 0, max: 999 }), fc.constantFrom('01', '03', '04', '2B'), hexText)
    .map(([unit, command, frame]) => `${unit}:${command}:9C40:${frame}`);
  const model = fc.constantFrom(undefined, 'Eastron SDM630', 'SunSpec', 'ABB B21/B23/B24');
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 5 }), model, (parts, name) => {
      for (const { source } of decode(parts.join(','), name)) expect(source.end).toBeGreaterThanOrEqual(source.start);
    }),
  );
});
