import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../../src/common/bytes.ts';
import { withCrc } from '../../../../src/protocols/modbus/crc.ts';
import { decodeModbus } from '../../../../src/protocols/modbus/decode.ts';
import { modbusExplainer } from '../../../../src/protocols/modbus/explainer.ts';
import { readRequest } from '../../../../src/protocols/modbus/frame.ts';
import { loadRecognition } from '../../../../src/protocols/recognize.ts';
import { protocols } from '../../../../src/protocols/registry.ts';

const { recognize } = await loadRecognition(protocols);
const found = (text: string) => [...recognize(text)];
const frame = (...bytes: readonly number[]) => withCrc(Uint8Array.from(bytes));
const spaced = (bytes: Uint8Array) => toHex(bytes).replace(/..(?!$)/g, '$& ');

const ANSWER = toHex(frame(1, 3, 4, 0x43, 0x66, 0x33, 0x34));

describe('pasted Modbus', () => {
  test('a request says what it asks for, and is no figure', () => {
    const [item] = found(spaced(readRequest(1, 3, 0x0401, 2)));
    expect(item).toMatchObject({ protocol: 'MODBUS', facts: [['Function', 'read holding registers (03)']] });
    expect(decodeModbus(item ?? { identification: '', data: '' })).toEqual([]);
    expect(modbusExplainer.describe({ data: item?.data ?? '', identification: '', facts: [] }).kind).toBe(
      'Modbus request',
    );
    const bytes = modbusExplainer.bytes?.(item?.data ?? '') ?? new Uint8Array(0);
    expect(modbusExplainer.explain?.(bytes, item).map(({ text }) => text)).toContain('asks from address 0401 on');
  });

  test('an answer alone does not say where its registers are', () => {
    expect(found(ANSWER)).toEqual([
      expect.objectContaining({
        protocol: 'MODBUS',
        data: `1:03:0000:${ANSWER}`,
        facts: [
          ['Function', 'read holding registers (03)'],
          ['Addresses', 'unknown without the request; counted from 0000 here'],
        ],
      }),
    ]);
  });

  test('with its request before it an answer has its address', () => {
    const [item] = found(toHex(readRequest(1, 3, 0x2006, 2)) + ANSWER);
    expect(item?.data).toBe(`1:03:2006:${ANSWER}`);
    expect(item?.facts).toHaveLength(1);
    expect(decodeModbus(item ?? { identification: '', data: '' })[0]?.label).toBe('03:2006');
  });

  test('a refusal says why in words', () => {
    const [item] = found(toHex(frame(7, 0x84, 2)));
    expect(item?.data).toMatch(/^7:04:0000:/);
    expect(item?.facts).toContainEqual(['Refused', 'read input registers (04): it has no such address (exception 02)']);
  });

  test('any exchanges one after the other keep unit, address and answer', () => {
    const exchange = fc.record({
      unit: fc.integer({ min: 1, max: 247 }),
      command: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
      address: fc.nat(0xff00),
      words: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    });
    fc.assert(
      fc.property(fc.array(exchange, { minLength: 1, maxLength: 6 }), (list) => {
        const wire = list.map(({ unit, command, address, words }) => {
          const data = command <= 2 ? [...words] : [...words, ...words];
          const count = command <= 2 ? 8 * data.length : words.length;
          return {
            request: readRequest(unit, command, address, count),
            answer: frame(unit, command, data.length, ...data),
          };
        });
        // An M-Bus frame within them would have them first.
        const text = wire.map(({ request, answer }) => toHex(request) + toHex(answer)).join('');
        const [item] = found(text);
        fc.pre(item?.protocol !== 'MBUS');
        expect(item?.protocol).toBe('MODBUS');
        const kept = list.map(({ unit, command, address }, index) => {
          const number = address.toString(16).toUpperCase().padStart(4, '0');
          return `${unit}:0${command}:${number}:${toHex(wire[index]?.answer ?? new Uint8Array(0))}`;
        });
        expect(item?.data).toBe(kept.join(','));
      }),
    );
  });

  test('one wrong bit and it is none of ours', () => {
    fc.assert(
      fc.property(fc.nat(8 * 9 - 1), (bit) => {
        const bytes = frame(1, 3, 4, 0x43, 0x66, 0x33, 0x34);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(found(toHex(bytes))[0]?.protocol).not.toBe('MODBUS');
      }),
    );
  });
});

describe('record data as the SmartCOM writes it', () => {
  const record = `1:03:2006:${ANSWER},1:03:2010:${ANSWER}`;

  test('is taken as it is, one record a line', () => {
    expect(found(`${record}\n${record}`).map(({ protocol, data, line }) => ({ protocol, data, line }))).toEqual([
      { protocol: 'MODBUS', data: record, line: 0 },
      { protocol: 'MODBUS', data: record, line: 1 },
    ]);
  });

  test('beside other frames hides none of them', () => {
    const mbus = '105B015C16';
    expect(found(`${record}\n${mbus}`).map(({ data }) => data)).toContain(mbus);
  });

  test('in a column of a table', () => {
    const table = `number;data\r\n1;${record}\r\n2;1:03:0000:${ANSWER}\r\n`;
    expect(found(table).map(({ data }) => data)).toEqual([record, `1:03:0000:${ANSWER}`]);
  });

  test('a wrong check is told, and that of another unit is not taken', () => {
    expect(found(`1:03:0000:${ANSWER.slice(0, -2)}00`)[0]?.problems[0]).toMatch(/^The check is wrong/);
    expect(found(`2:03:0000:${ANSWER}`)[0]?.protocol).not.toBe('MODBUS');
  });
});
