import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex } from '../../../../src/common/bytes.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import type { WayToRead } from '../../../../src/protocols/protocol.ts';
import { withCrc } from '../../../../src/protocols/modbus/crc.ts';
import { modbusExplainer } from '../../../../src/protocols/modbus/explainer.ts';
import { figureOf, WORD_ORDERS } from '../../../../src/protocols/modbus/numbers.ts';
import { rawRegisters } from '../../../../src/protocols/modbus/raw-registers.ts';
import { keptFrame } from '../../../../src/protocols/modbus/record-data.ts';

const bytesOf = (hex: string) => fromHex(hex) ?? new Uint8Array(0);

/** Record data of one answer that gives these registers. */
function answer(words: string, { command = 4, address = 0, spoil = false } = {}): string {
  const data = bytesOf(words);
  const frame = withCrc(Uint8Array.of(1, command, data.length, ...data));
  if (spoil) frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1;
  return keptFrame(1, { command, address }, frame);
}

const textOf = ({ value, doubt }: WayToRead) =>
  `${value.type === 'number' ? formatDecimal(value.decimal) : value.text}${doubt === '' ? '' : ` (${doubt})`}`;

const waysOf = (data: string) =>
  Object.fromEntries(
    (rawRegisters(data)[0]?.ways() ?? []).map((way) => [`${way.type} ${way.order}`.trim(), textOf(way)]),
  );

test('each register has its address, its number in manuals and its word', () => {
  const registers = rawRegisters(`${answer('0001FFFF')},${answer('4142', { command: 3, address: 40071 })}`);
  expect(registers.map(({ label, number, hex }) => [label, number, hex])).toEqual([
    ['04:0000', '30001', '0001'],
    ['04:0001', '30002', 'FFFF'],
    ['03:9C87', '440072', '4142'],
  ]);
});

test('a number is there in every order, and what is none in an order says so', () => {
  expect(waysOf(answer('436733330000FFFF'))).toMatchObject({
    'u16 AB': '17255',
    'u16 BA': '26435',
    'i16 AB': '17255',
    'bcd16 AB': '4367',
    bits: '0100 0011 0110 0111',
    'text AB': '“Cg33”',
    'text BA': '“gC33”',
    'f32 ABCD': '231.2',
    'f32 CDAB': '4.1737987e-8 (unlikely)',
    'u32 ABCD': '1130836787',
    'bcd32 ABCD': '43673333',
    'm10k ABCD': '436733330000FFFF (invalid marker)',
  });
});

test.each([
  ['FFFF', 'u16 AB', '65535 (invalid marker)'],
  ['FFFF', 'i16 AB', '-1'],
  ['8000', 'i16 AB', '-32768 (invalid marker)'],
  ['00FF', 'bcd16 AB', '00FF (no decimal digits)'],
  ['0000', 'text AB', '– (no text)'],
  ['7FC00000', 'f32 ABCD', 'NaN (not a number)'],
  ['FF800000', 'f32 ABCD', '−∞ (infinite)'],
  ['00000001', 'f32 ABCD', '1e-45 (unlikely)'],
  ['00000000', 'f32 ABCD', '0'],
  ['FFFFFFFF', 'u32 ABCD', '4294967295 (invalid marker)'],
  ['80000000', 'i32 ABCD', '-2147483648 (invalid marker)'],
  ['00008000', 'i32 CDAB', '-2147483648 (invalid marker)'],
  ['8000000000000000', 'i64 ABCD', '-9223372036854775808 (invalid marker)'],
  ['FFFFFFFFFFFFFFFF', 'u64 DCBA', '18446744073709551615 (invalid marker)'],
  ['FFFFFFFFFFFFFFFE', 'u64 ABCD', '18446744073709551614'],
  ['405EDD2F1A9FBE77', 'f64 ABCD', '123.456'],
  ['FE005BA1', 't5 ABCD', '234.57'],
  ['42F6E979', 't6 ABCD', '-595591e66 (unlikely)'],
  ['2710000000000000', 'm10k ABCD', '2710000000000000 (a word above 9999)'],
  ['0001000200030004', 'm10k ABCD', '4000300020001'],
])('%s as %s is %s, never hidden', (words, way, expected) => {
  expect(waysOf(answer(words))[way]).toBe(expected);
});

test('only registers that were received make a number together', () => {
  const types = (data: string) => [...new Set((rawRegisters(data).at(-1)?.ways() ?? []).map(({ type }) => type))];
  expect(types(answer('0001'))).toEqual(['u16', 'i16', 'bcd16', 'bits', 'text']);
  // Of another function.
  expect(types(`${answer('0001', { command: 3, address: 1 })},${answer('0001')}`)).not.toContain('u32');
  const [first] = rawRegisters(`${answer('4367')},${answer('3333', { address: 1 })}`);
  expect(first?.ways().find(({ type }) => type === 'f32')?.doubt).toBe('from two answers');
});

test('a wrong check is said of each register', () => {
  expect(rawRegisters(answer('00010002', { spoil: true })).map(({ isUnchecked }) => isUnchecked)).toEqual([true, true]);
});

test('bits, refusals and rubbish are no registers', () => {
  expect(rawRegisters('')).toEqual([]);
  expect(rawRegisters('1:01:0000:010101FF0000,1:04:0000:018402C2C1,nonsense,1:04:0000:0104')).toEqual([]);
});

test('the page asks the explainer for them', async () => {
  expect((await modbusExplainer.registers?.(answer('0001')))?.length).toBe(1);
});

test('whatever data holds, no register throws, and no figure is another than a profile would read', () => {
  const words = fc.uint8Array({ minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(words, (bytes) => {
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
      const ways = rawRegisters(answer(hex))[0]?.ways() ?? [];
      for (const order of WORD_ORDERS) {
        for (const type of ['u32', 'i32', 'u64', 'i64'] as const) {
          const way = ways.find((one) => one.type === type && one.order === order);
          const figure = figureOf(bytes.subarray(0, 2 * (way?.count ?? 0)), type, order);
          if (typeof figure === 'string') expect(way?.doubt).toBe('invalid marker');
          else expect(way?.value).toEqual({ type: 'number', decimal: figure });
        }
      }
    }),
  );
  fc.assert(fc.property(fc.string(), (data) => rawRegisters(data).flatMap((one) => one.ways()).length >= 0));
});
