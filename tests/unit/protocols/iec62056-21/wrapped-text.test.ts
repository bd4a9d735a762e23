import { describe, expect, it } from 'vitest';
import { fromLatin1, toHex } from '../../../../src/common/bytes.ts';
import { loadRecognition } from '../../../../src/protocols/recognize.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { dsmrCrc } from '../../../../src/protocols/iec62056-21/block-check.ts';

const { recognize } = await loadRecognition(protocols);

const body =
  '/ELL5\\253800001_A\r\n\r\n0-0:1.0.0(230404185128W)\r\n1-0:1.8.0(00026849.551*kWh)\r\n1-0:3.8.0(00000046.335*kvarh)\r\n1-0:1.7.0(0003.651*kW)\r\n!';
const telegram = `${body}${dsmrCrc(fromLatin1(body)).toString(16).toUpperCase().padStart(4, '0')}\r\n`;

describe('hexadecimal wrapped over lines without addresses', () => {
  it.each([7, 16, 30, 32])('%i bytes a line is one readout, its check sum right', (width) => {
    const hex = toHex(fromLatin1(telegram));
    const lines = hex.match(new RegExp(`.{1,${2 * width}}`, 'g')) ?? [];
    for (const text of [lines.join('\n'), lines.map((line) => line.replace(/../g, '$& ').trim()).join('\r\n')]) {
      const found = [...recognize(text)];
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ protocol: 'IEC62056-21', circumstances: { blockCheck: 'ok' } });
      expect(found[0]?.data).toContain('1-0:1.8.0(00026849.551*kWh)');
    }
  });

  it('one telegram a line stays one each', () => {
    const line = toHex(fromLatin1(telegram));
    expect([...recognize(`${line}\n${line}\n${line}`)]).toHaveLength(3);
  });
});
