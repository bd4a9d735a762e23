import { expect, test } from 'vitest';
import { textOfBytes } from '../../../src/intake/text-of-bytes.ts';

test.each<[string, Uint8Array, string]>([
  ['UTF-8', new TextEncoder().encode('1.8.0(1*m³)'), '1.8.0(1*m³)'],
  ['UTF-16 of a Windows editor', Uint8Array.of(0xff, 0xfe, 0x36, 0, 0x38, 0), '68'],
  ['binary', Uint8Array.of(0x68, 0x03, 0x03, 0x68, 0x00), '68 03 03 68 00'],
  [
    'a readout in ISO 8859-1',
    Uint8Array.from('1.8.0(000001*m_)', (c) => (c === '_' ? 0xb3 : c.charCodeAt(0))),
    '1.8.0(000001*m³)',
  ],
  ['high bytes', Uint8Array.of(0xe5, 0xe5), 'E5 E5'],
])('a file of %s', (_, bytes, text) => {
  expect(textOfBytes(bytes)).toBe(text);
});
