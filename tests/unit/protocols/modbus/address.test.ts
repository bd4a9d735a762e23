import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import { MeterError } from '../../../../src/common/meter-error.ts';
import { formatModbusAddress, parseModbusAddress, requestsOf } from '../../../../src/protocols/modbus/address.ts';
import { READ_FUNCTIONS } from '../../../../src/protocols/modbus/frame.ts';
import { keptFrame, keptFrames, sizeOfData } from '../../../../src/protocols/modbus/record-data.ts';

test.each([
  ['1@9600', '1@9600'],
  ['1', '1@9600'],
  ['007@19200', '7@19200'],
  ['1 @ 9600 [10, 03:0000:2, 4:1f:1]', '1@9600[10,03:0000:2,04:001F:1]'],
  ['247@2400[80,04:0000:2]', '247@2400[80,04:0000:2]'],
  ['5@9600[03:0010:2]', '5@9600[1,03:0010:2]'],
  ['5@9600[1]', '5@9600'],
  ['5@9600[10]', '5@9600[10]'],
  ['5[10,1:0:16]', '5@9600[10,01:0000:16]'],
  ['255@115200[125,03:FFFF:1]', '255@115200[125,03:FFFF:1]'],
])('%s is %s', (text, normal) => {
  expect(formatModbusAddress(parseModbusAddress(text))).toBe(normal);
});

test.each([
  ['', 'form'],
  ['meter', 'form'],
  ['256@9600', '0 to 255'],
  ['1@', 'form'],
  ['1@99', 'no rate'],
  ['1@0960', 'no rate'],
  ['1@9600[]', '<command>:<address>:<count>'],
  ['1@9600[0,03:0000:1]', 'size'],
  ['1@9600[1,03:0000]', '<command>:<address>:<count>'],
  ['1@9600[1,03:0000:1,]', '<command>:<address>:<count>'],
  ['1@9600[1,06:0000:1]', 'does not read'],
  ['1@9600[1,10:0000:1]', 'does not read'],
  ['1@9600[1,03:0000:0]', 'reads nothing'],
  ['1@9600[1,03:FFFF:2]', 'beyond address FFFF'],
  ['1@9600[1,03:10000:1]', '<command>:<address>:<count>'],
  ['1@9600[1,03:000G:1]', '<command>:<address>:<count>'],
  ['1@9600[1,03:0000:1', 'form'],
])('%j is refused: %s', (text, reason) => {
  expect(() => parseModbusAddress(text)).toThrow(MeterError);
  expect(() => parseModbusAddress(text)).toThrow(reason);
  try {
    parseModbusAddress(text);
  } catch (error) {
    expect((error as MeterError).code).toBe(196610);
  }
});

const block = fc
  .record({
    command: fc.constantFrom(...READ_FUNCTIONS),
    address: fc.integer({ min: 0, max: 0xffff }),
    count: fc.integer({ min: 1, max: 3000 }),
  })
  .map((one) => ({ ...one, count: Math.min(one.count, 0x10000 - one.address) }));
const address = fc.record({
  unit: fc.integer({ min: 0, max: 255 }),
  baudRate: fc.integer({ min: 100, max: 999_999 }),
  most: fc.integer({ min: 1, max: 3000 }),
  blocks: fc.array(block, { maxLength: 5 }),
});

test('any address comes back from its text', () => {
  fc.assert(
    fc.property(address, (one) => {
      expect(parseModbusAddress(formatModbusAddress(one))).toEqual(one);
    }),
  );
});

test('the requests cover every block once, in order, each within what is given at once', () => {
  fc.assert(
    fc.property(address, (one) => {
      const requests = requestsOf(one);
      const of = (list: typeof requests) =>
        list.flatMap(({ command, address: at, count }) =>
          Array.from({ length: count }, (_, i) => `${command}:${at + i}`),
        );
      expect(of(requests)).toEqual(of(one.blocks));
      for (const { command, count } of requests) {
        expect(count).toBeLessThanOrEqual(Math.min(one.most, command <= 2 ? 2000 : 125));
      }
    }),
    { numRuns: 30 },
  );
});

test('a record says of each frame where it is from', () => {
  const frame = fromHex('010302000AB843') ?? new Uint8Array(0);
  const data = [keptFrame(1, { command: 3, address: 0x1f }, frame), keptFrame(1, { command: 4, address: 0 }, frame)];
  expect(data[0]).toBe('1:03:001F:010302000AB843');
  expect(data[0]?.length).toBeLessThanOrEqual(sizeOfData([{ command: 3, address: 0x1f, count: 1 }]));
  const kept = keptFrames(data.join(','));
  expect(kept).toMatchObject([
    { unit: 1, command: 3, address: 0x1f, start: 0 },
    { unit: 1, command: 4, address: 0, start: 7 },
  ]);
  expect(kept.map((one) => toHex(one.frame))).toEqual([toHex(frame), toHex(frame)]);
  // Cut anywhere it still gives what is whole.
  for (let end = 0; end < 60; end++) expect(keptFrames(data.join(',').slice(0, end)).length).toBeLessThanOrEqual(2);
  expect(keptFrames('rubbish,1:2,:::')).toEqual([]);
});
