import { systemClock } from '../common/clock.ts';
import type { SecretField } from '../common/secret.ts';
import type { NewKey } from '../keys/key.ts';
import { bytesOfKey } from '../keys/key-text.ts';
import { readKeyTable } from '../keys/key-table.ts';
import type { KeysState } from '../keys/key-store.ts';
import { isOwner, ownerOf } from '../keys/owner.ts';
import { protocols } from '../protocols/registry.ts';
import type { Method } from '../rpc/rpc.ts';
import type { Handlers } from '../rpc/rpc.ts';
import type { ExportedFile } from './api.ts';
import { keyStore } from './stored-keys.ts';

/** What a view does with passwords and keys: they go in, and none ever comes out but encrypted. */
export interface KeysApi {
  keys: Method<undefined, KeysState & { readonly fields: readonly SecretField[] }>;
  /** Rejects, in words, where the text can be none; they do not repeat it. */
  setKey: Method<{ readonly of: string; readonly name: string; readonly text: string }, undefined>;
  removeKey: Method<{ readonly of: string; readonly name: string }, undefined>;
  /** Without a passphrase: by the device alone. */
  protectKeys: Method<{ readonly passphrase?: string }, undefined>;
  unlockKeys: Method<{ readonly passphrase: string }, undefined>;
  lockKeys: Method<undefined, undefined>;
  exportKeys: Method<{ readonly passphrase: string }, ExportedFile>;
  /** What an encrypted file holds; stored only where `keep` says so. */
  importKeys: Method<{ readonly text: string; readonly passphrase: string; readonly keep: boolean }, KeyTableWords>;
  /** What a table holds; stored only where `keep` says so. */
  readKeyTable: Method<{ readonly text: string; readonly keep: boolean }, KeyTableWords>;
}

export interface KeyTableWords {
  readonly count: number;
  /** How many of them take the place of one that is there. */
  readonly replaced: number;
  readonly problems: readonly { readonly line: number; readonly text: string }[];
}

async function fieldsOfAll(): Promise<readonly SecretField[]> {
  const all = (await Promise.all(protocols.all.map(async ({ parts }) => (await parts.secrets?.()) ?? []))).flat();
  // One name is one key, whoever asks for it.
  return [...new Map(all.map((field) => [field.name, field])).values()];
}

export const keyHandlers: Handlers<KeysApi> = {
  keys: async () => ({ ...(await keyStore().state()), fields: await fieldsOfAll() }),
  async setKey({ of: written, name, text }) {
    const field = (await fieldsOfAll()).find((one) => one.name === name);
    const of = ownerOf(written);
    if (!field || !isOwner(of)) throw new Error('Say whose it is: the number of a meter, or a pattern such as 5012*.');
    const bytes = bytesOfKey(text, field);
    if (typeof bytes === 'string') throw new Error(bytes);
    await keyStore().put([{ of, name, bytes }]);
    return undefined;
  },
  async removeKey({ of, name }) {
    await keyStore().remove(of, name);
    return undefined;
  },
  async protectKeys({ passphrase }) {
    await keyStore().protect(passphrase);
    return undefined;
  },
  async unlockKeys({ passphrase }) {
    await keyStore().unlock(passphrase);
    return undefined;
  },
  lockKeys: () => {
    keyStore().lock();
    return undefined;
  },
  exportKeys: async ({ passphrase }) => ({
    name: `openhhu-keys-${new Date(systemClock.now()).toISOString().slice(0, 10)}.json`,
    content: new Blob([await keyStore().exportAll(passphrase)], { type: 'application/json' }),
  }),
  importKeys: async ({ text, passphrase, keep }) => ({
    ...(await taken(await keyStore().openFile(text, passphrase), keep)),
    problems: [],
  }),
  async readKeyTable({ text, keep }) {
    const { keys, problems } = readKeyTable(text, await fieldsOfAll());
    return { ...(await taken(keys, keep)), problems };
  },
};

/** How many there are, and how many of them have, or had, others in their place. */
async function taken(keys: readonly NewKey[], keep: boolean): Promise<Pick<KeyTableWords, 'count' | 'replaced'>> {
  const { entries } = await keyStore().state();
  const there = new Set(entries.map(({ of, name }) => `${of} ${name}`));
  if (keep && keys.length > 0) await keyStore().put(keys);
  return { count: keys.length, replaced: keys.filter(({ of, name }) => there.has(`${of} ${name}`)).length };
}
