import { EMPTIED_KEY, SETTINGS_REVISION_KEY } from '../database.ts';
import type { OpenHhuDatabase } from '../database.ts';

const OWN_KEYS = new Set([EMPTIED_KEY, SETTINGS_REVISION_KEY]);

/** The settings that a journal can keep: all but what only a database can hold, as the handle of a folder. */
export async function readSettings(db: OpenHhuDatabase): Promise<ReadonlyMap<string, unknown>> {
  const rows = await db.getAll('settings');
  return new Map(
    rows.filter(({ key, value }) => !OWN_KEYS.has(key) && isPlain(value)).map(({ key, value }) => [key, value]),
  );
}

/** What {@link SETTINGS_REVISION_KEY} says; 0 without. */
export function settingsRevisionOf(row: { readonly value: unknown } | undefined): number {
  return typeof row?.value === 'number' ? row.value : 0;
}

/** Counts on, before the copy is told: a database that knows less than the copy has lost changes. */
export async function countSettings(db: OpenHhuDatabase, atLeast: number): Promise<number> {
  const tx = db.transaction('settings', 'readwrite', { durability: 'strict' });
  tx.done.catch(() => undefined); // awaited below; a failure before that would also count as unhandled
  const value = Math.max(settingsRevisionOf(await tx.store.get(SETTINGS_REVISION_KEY)), atLeast) + 1;
  await Promise.all([tx.store.put({ key: SETTINGS_REVISION_KEY, value }), tx.done]);
  return value;
}

/** Rows that make `before` into `after`; without a value where one went. */
export function changesOf(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly { readonly key: string; readonly value?: unknown }[] {
  const changed = [...after]
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before.get(key)))
    .map(([key, value]) => ({ key, value }));
  const gone = [...before.keys()].filter((key) => !after.has(key)).map((key) => ({ key }));
  return [...changed, ...gone];
}

/** Is it the same after JSON? */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object': {
      if (value === null) return true;
      if (Array.isArray(value)) return value.every(isPlain);
      const isObject = Object.getPrototypeOf(value) === Object.prototype;
      return isObject && Object.values(value).every((member) => member === undefined || isPlain(member));
    }
    default:
      return false;
  }
}
