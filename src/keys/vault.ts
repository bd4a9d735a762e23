/** How the keys on this device are locked away: by the device alone, or by a passphrase that somebody has to know. */
export type Protection =
  | { readonly kind: 'device'; readonly id: string; readonly key: CryptoKey }
  | {
      readonly kind: 'passphrase';
      readonly id: string;
      readonly salt: Uint8Array<ArrayBuffer>;
      readonly iterations: number;
      /** The key to all others, locked by the passphrase. */
      readonly master: Sealed;
    };

/** Encrypted and authenticated (AES-GCM, 256 bits). */
export interface Sealed {
  /** 12 bytes, never used twice with one key. */
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Somebody has to give the passphrase first. */
export class KeysLocked extends Error {
  override readonly name = 'KeysLocked';
  constructor() {
    super('Passwords and keys are locked. Unlock them with the passphrase at Settings.');
  }
}

export class WrongPassphrase extends Error {
  override readonly name = 'WrongPassphrase';
  constructor() {
    super('The passphrase does not fit.');
  }
}

/** What is stored is not what was put there. */
export class KeyDamaged extends Error {
  override readonly name = 'KeyDamaged';
}

/** As many as are counselled for SHA-256 today; about half a second on a tablet. */
const ITERATIONS = 600_000;
/** A file that asks for more would only hold the worker. */
const MOST_ITERATIONS = 10_000_000;

const AES = { name: 'AES-GCM', length: 256 } as const;

/** Bound to this browser: the key can be used here and never be taken out, not even by this program. */
export async function deviceProtection(): Promise<Protection & { readonly kind: 'device' }> {
  return {
    kind: 'device',
    id: crypto.randomUUID(),
    key: await crypto.subtle.generateKey(AES, false, ['encrypt', 'decrypt']),
  };
}

/** @param passphrase not empty */
export async function passphraseProtection(
  passphrase: string,
): Promise<{ readonly protection: Protection; readonly key: CryptoKey }> {
  const id = crypto.randomUUID();
  const raw = randomBytes(32);
  const salt = randomBytes(16);
  const lock = await keyOfPassphrase(passphrase, salt, ITERATIONS);
  const master = await seal(lock, raw, id);
  const key = await importKey(raw);
  raw.fill(0);
  return { protection: { kind: 'passphrase', id, salt, iterations: ITERATIONS, master }, key };
}

/** The key to all others; rejects with WrongPassphrase. */
export async function unlockProtection(
  { id, salt, iterations, master }: Protection & { readonly kind: 'passphrase' },
  passphrase: string,
): Promise<CryptoKey> {
  const raw = await openLocked(await keyOfPassphrase(passphrase, salt, iterations), master, id);
  const key = await importKey(raw);
  raw.fill(0);
  return key;
}

/** @param about what it is for: what is stored under another name does not open there */
export async function seal(key: CryptoKey, plain: Uint8Array<ArrayBuffer>, about: string): Promise<Sealed> {
  const iv = randomBytes(12);
  const additionalData = new TextEncoder().encode(about);
  const bytes = new Uint8Array(await crypto.subtle.encrypt({ name: AES.name, iv, additionalData }, key, plain));
  return { iv, bytes };
}

/** Rejects with KeyDamaged. */
export async function open(key: CryptoKey, { iv, bytes }: Sealed, about: string): Promise<Uint8Array<ArrayBuffer>> {
  const additionalData = new TextEncoder().encode(about);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: AES.name, iv, additionalData }, key, bytes));
  } catch {
    // The browser says no more than that it failed.
    throw new KeyDamaged(`What is stored for ${about} cannot be opened: it was damaged, or belongs to another device.`);
  }
}

export async function keyOfPassphrase(
  passphrase: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<CryptoKey> {
  if (!(iterations > 0 && iterations <= MOST_ITERATIONS)) throw new WrongPassphrase();
  // Typed on another keyboard, the same letters may be other code points.
  const typed = new TextEncoder().encode(passphrase.normalize('NFKC'));
  const material = await crypto.subtle.importKey('raw', typed, 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return await crypto.subtle.deriveKey(how, material, AES, false, ['encrypt', 'decrypt']);
}

/** What a passphrase locked; rejects with WrongPassphrase. */
export async function openLocked(lock: CryptoKey, sealed: Sealed, about: string): Promise<Uint8Array<ArrayBuffer>> {
  return await open(lock, sealed, about).catch((error: unknown) => {
    throw error instanceof KeyDamaged ? new WrongPassphrase() : error;
  });
}

export function randomBytes(count: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(count));
}

function importKey(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, AES, false, ['encrypt', 'decrypt']);
}
