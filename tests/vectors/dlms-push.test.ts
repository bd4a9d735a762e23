import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/common/bytes.ts';
import { formatDecimal } from '../../src/common/decimal.ts';
import type { Reading } from '../../src/common/reading.ts';
import { Secret } from '../../src/common/secret.ts';
import { numbersOfTitle } from '../../src/protocols/dlms/push/opened.ts';
import { dlmsReader } from '../../src/protocols/dlms/reader.ts';
import type { KeysFor } from '../../src/protocols/protocol.ts';
import { loadRecognition } from '../../src/protocols/recognize.ts';
import { createProtocols } from '../../src/protocols/registry.ts';
import { dlms } from '../../src/protocols/dlms/index.ts';
import { dlmsRecords } from './dlms-records.ts';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);

const line = ({ label, quantity, value, unit, note }: Reading) =>
  [
    label,
    quantity,
    value.type === 'number'
      ? formatDecimal(value.decimal)
      : value.type === 'time'
        ? value.time.iso
        : value.type === 'text'
          ? value.text
          : `${value.bytes.length} bytes`,
    unit,
    note ?? '',
  ].join('|');

test('whose keys they are is told by the title in the envelope', () => {
  expect(numbersOfTitle(bytes('454C560000F42400'))).toEqual(['454C560000F42400', 'ELV16000000', '16000000']);
  expect(numbersOfTitle(bytes('4D4D4D0000BC614E'))).toContain('12345678');
  expect(numbersOfTitle(bytes('4C475A67735DD3A9'))[0]).toBe('4C475A67735DD3A9');
});

const capture = dlmsRecords.find(({ id }) => id === 'dlms-165');

describe.skipIf(!capture)('an enciphered push that somebody pastes (skipped where ../shared/vectors is absent)', () => {
  const { hex = '', keys = {} } = capture ?? {};
  const recognized = async () => {
    const { recognize } = await loadRecognition(createProtocols([dlms]));
    return [...recognize(hex)];
  };
  const found = async (kept: Readonly<Record<string, string | undefined>>) => {
    const [item] = await recognized();
    const keysFor: KeysFor = (numbers, name) => {
      expect(numbers[0]).toBe('4C475A67735DD3A9');
      const text = kept[name];
      return Promise.resolve(text === undefined ? undefined : new Secret(bytes(text)));
    };
    const readings = item ? await dlmsReader.decode(item, undefined, keysFor) : [];
    return readings.map(line);
  };
  const [ek, ak] = [keys['encryption_key'], keys['authentication_key']];

  test('is told from requests and answers, with the title of its meter', async () => {
    expect(await recognized()).toMatchObject([
      {
        protocol: 'DLMS',
        data: expect.stringMatching(/^PUSH=DB08/) as string,
        facts: [
          ['Bytes', '272'],
          ['System title', '4C475A67735DD3A9'],
        ],
      },
    ]);
  });

  test('shows nothing but that it is enciphered until its key is there, and then what it says', async () => {
    const closed = await found({});
    expect(closed).toEqual([
      expect.stringMatching(/^message\|Message\|\d+ bytes\|\|It is encrypted, and no encryption key is kept/),
    ]);
    const open = await found({ 'encryption key': ek, 'authentication key': ak });
    expect(open).toContain('1-0:1.8.0|Active energy import|12048950||the meter did not say scale and unit');
    expect(open.at(-1)).toBe('security|Security|authenticated and encrypted||');
    expect(open[0]).toBe('0-0:1.0.0|Date and time|2023-11-10T10:58:50||');
  });

  test('without its authentication key is read, and said not to be authenticated', async () => {
    const open = await found({ 'encryption key': ek });
    expect(open).toContain(
      '1-0:1.8.0|Active energy import|12048950||the meter did not say scale and unit; not authenticated',
    );
    expect(open.at(-1)).toContain('encrypted, not authenticated: its authentication key is not kept');
  });

  test.each([
    [{ 'encryption key': 'FF'.repeat(16), 'authentication key': ak }, 'The encryption key (EK) does not fit'],
    [{ 'encryption key': 'FF'.repeat(16) }, 'The encryption key (EK) does not fit'],
    [{ 'encryption key': ek, 'authentication key': 'FF'.repeat(16) }, 'The authentication key (AK) does not fit'],
  ])('says which key is wrong', async (kept, words) => {
    expect((await found(kept)).join()).toContain(words);
  });
});

describe('hostile pushes', () => {
  const keysFor: KeysFor = () => Promise.resolve(new Secret(bytes('00112233445566778899AABBCCDDEEFF')));
  test.each([
    '',
    'DB',
    'DB08',
    'DB0800',
    '0F',
    '0F00000000',
    `DB08${'00'.repeat(8)}8401FFFFFF`,
    `DB08${'00'.repeat(8)}0530000000`,
    '0F00000001000184FFFFFFFF',
  ])('PUSH=%s is said to be damaged', async (hex) => {
    const stored = { identification: '', data: `PUSH=${hex}` };
    expect(await dlmsReader.decode(stored, undefined, keysFor)).toBeInstanceOf(Array);
  });
});
