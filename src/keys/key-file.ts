import { fromHex, toHex } from '../common/bytes.ts';
import type { NewKey } from './key.ts';
import { isOwner } from './owner.ts';
import { keyOfPassphrase, openLocked, randomBytes, seal } from './vault.ts';

/** A file with keys is none, or not one of ours; which, in words. */
export class KeyFileFault extends Error {
  override readonly name = 'KeyFileFault';
}

/** Says what it is before it is opened; all the rest is encrypted. Bytes are hexadecimal. */
interface KeyFile {
  readonly format: 'openhhu-keys';
  readonly version: 1;
  readonly salt: string;
  readonly iterations: number;
  readonly iv: string;
  readonly keys: string;
}

const FORMAT = 'openhhu-keys';
const ITERATIONS = 600_000;
/** Ten thousand of the longest keys are below. */
const MOST_CHARACTERS = 16_000_000;

/** Keys in a file that this passphrase opens on any device. */
export async function lockFile(keys: readonly NewKey[], passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  const lock = await keyOfPassphrase(passphrase, salt, ITERATIONS);
  const plain = JSON.stringify(keys.map(({ of, name, bytes }) => [of, name, toHex(bytes)]));
  const { iv, bytes } = await seal(lock, new TextEncoder().encode(plain), FORMAT);
  const file: KeyFile = {
    format: FORMAT,
    version: 1,
    salt: toHex(salt),
    iterations: ITERATIONS,
    iv: toHex(iv),
    keys: toHex(bytes),
  };
  const text = JSON.stringify(file);
  // What does not open again is no copy.
  if (text.length > MOST_CHARACTERS) throw new KeyFileFault('These are more keys than one file holds.');
  return text;
}

/** Rejects with KeyFileFault or WrongPassphrase. */
export async function openFile(text: string, passphrase: string): Promise<readonly NewKey[]> {
  const { salt, iterations, iv, keys } = parseFile(text);
  const lock = await keyOfPassphrase(passphrase, salt, iterations);
  const plain = await openLocked(lock, { iv, bytes: keys }, FORMAT);
  // Whoever knew the passphrase wrote it; a slip in it is a fault all the same.
  const rows = parseJson(new TextDecoder().decode(plain));
  if (!Array.isArray(rows)) throw new KeyFileFault('There is no list of keys in this file.');
  return rows.map((row: unknown): NewKey => {
    const [of, name, hex] = Array.isArray(row) ? (row as readonly unknown[]) : [];
    const bytes = typeof hex === 'string' ? fromHex(hex) : undefined;
    if (typeof of !== 'string' || !isOwner(of) || typeof name !== 'string' || !bytes) {
      throw new KeyFileFault('A key in this file names no meter, or is none.');
    }
    return { of, name, bytes };
  });
}

function parseFile(text: string) {
  const file = text.length <= MOST_CHARACTERS ? parseJson(text) : undefined;
  if (typeof file !== 'object' || file === null || !('format' in file) || file.format !== FORMAT) {
    throw new KeyFileFault('This is no file with keys of OpenHHU.');
  }
  const { version, salt, iterations, iv, keys } = file as unknown as Record<keyof KeyFile, unknown>;
  if (version !== 1) throw new KeyFileFault('A newer OpenHHU wrote this file; update this one.');
  const [saltBytes, ivBytes, keyBytes] = [salt, iv, keys].map(bytesOf);
  if (!saltBytes || ivBytes?.length !== 12 || !keyBytes || typeof iterations !== 'number') {
    throw new KeyFileFault('This file with keys is damaged.');
  }
  return { salt: saltBytes, iterations, iv: ivBytes, keys: keyBytes };
}

const bytesOf = (hex: unknown) =>
  typeof hex === 'string' ? (fromHex(hex) as Uint8Array<ArrayBuffer> | undefined) : undefined;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // whoever asked says what it is not
  }
}
