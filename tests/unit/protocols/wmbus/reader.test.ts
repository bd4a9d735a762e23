import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../src/common/bytes.ts';
import { Secret } from '../../../../src/common/secret.ts';
import { wmbusReader } from '../../../../src/protocols/wmbus/reader.ts';
import { shown } from '../mbus/samples.ts';
import { bodyOf, KEY, mode5, OTHER_KEY, session } from './radio.ts';

const RECORDS = '0C13 45230100 046D 32371F15 02FD17 0000';
const stored = (body: Uint8Array) => ({ identification: '', data: toHex(body) });

/** Keys by number, and what was asked. */
function keysOf(kept: ReadonlyMap<string, Uint8Array>) {
  const asked: string[] = [];
  return {
    asked,
    keys: ([number = '']: readonly string[], name: string) => {
      asked.push(`${name} ${number}`);
      const bytes = kept.get(number);
      return Promise.resolve(bytes && new Secret(bytes));
    },
  };
}

describe('the reader of radio telegrams', () => {
  it('asks for no key where none is needed, and answers at once', () => {
    const { keys, asked } = keysOf(new Map());
    const readings = wmbusReader.decode(stored(bodyOf(`78 ${RECORDS}`)), undefined, keys);
    expect(readings).toBeInstanceOf(Array);
    expect(asked).toEqual([]);
  });

  it.each([
    ['mode 5', mode5(RECORDS)],
    ['a session', session(`78${RECORDS}`)],
  ])('opens what was kept before the key came: %s', async (_, body) => {
    const kept = new Map<string, Uint8Array>();
    const { keys, asked } = keysOf(kept);
    const decode = async () => await wmbusReader.decode(stored(body), undefined, keys);
    expect((await decode()).at(-1)?.note).toMatch(/there is no key for this meter$/);
    expect(asked).toEqual(['radioKey 12345678']);
    kept.set('12345678', OTHER_KEY);
    expect((await decode()).at(-1)?.note).toMatch(/the key does not fit$/);
    kept.set('12345678', KEY);
    expect((await decode()).map(shown)).toContain('12.345 m³');
  });

  it('takes the key that is kept by the number of the radio module', async () => {
    const header = `72 21436587 153D 01 04`;
    const inner = mode5(RECORDS, { sender: { number: '87654321', version: 1, medium: 4 } }).subarray(10);
    const body = bodyOf(`${header} ${toHex(inner)}`, { maker: 'QDS', number: '11223344', medium: 0x37 });
    const { keys, asked } = keysOf(new Map([['11223344', KEY]]));
    expect((await wmbusReader.decode(stored(body), undefined, keys)).map(shown)).toContain('12.345 m³');
    expect(asked).toEqual(['radioKey 87654321', 'radioKey 11223344']);
  });

  it('says why there is none, and shows what is plain', async () => {
    const keys = () => Promise.reject(new Error('Passwords and keys are locked.'));
    const readings = await wmbusReader.decode(stored(mode5(RECORDS, { tail: '0CFD1078563412' })), undefined, keys);
    expect(readings.map(shown)).toContain('12345678');
    expect(readings.at(-1)?.note).toBe('encrypted, mode 5: Passwords and keys are locked.');
  });
});
