import type { SettingsStore } from './settings.ts';

/** A profile that somebody wrote, as the list of those there are has it. */
export interface ProfileEntry {
  readonly name: string;
  /** Of its text: SHA-256, hex. */
  readonly digest: string;
}

export interface ProfileShelf {
  list(): Promise<readonly ProfileEntry[]>;
  /** Also of one that was changed or deleted: no text ever goes, since records may have been read with it. */
  text(digest: string): Promise<string | undefined>;
}

/** What somebody may have on the shelf of one protocol. */
const MOST_PROFILES = 500;

const listKey = (protocol: string) => `profiles ${protocol}`;
const textKey = (protocol: string, digest: string) => `profile ${protocol} ${digest}`;

/** The profiles of a protocol in the store of settings, and so in the second copy of the log. */
export const keptProfiles = (settings: Pick<SettingsStore, 'get'>, protocol: string): ProfileShelf => ({
  list: async () => entriesIn(await settings.get(listKey(protocol))),
  async text(digest) {
    const text = await settings.get(textKey(protocol, digest));
    return typeof text === 'string' ? text : undefined;
  },
});

export interface ProfileToKeep {
  readonly protocol: string;
  readonly name: string;
  readonly text: string;
  /** Digest of the one that it takes the place of; absent for a new one. */
  readonly inPlaceOf?: string;
}

/**
 * Keeps a profile; the text is there before the list names it. Undefined where another one has that name, or the one
 * that it was to take the place of has been changed or deleted meanwhile: then nothing was changed. Rejects where the
 * shelf is full.
 */
export async function keepProfile(settings: SettingsStore, profile: ProfileToKeep): Promise<ProfileEntry | undefined> {
  const { protocol, name, text, inPlaceOf } = profile;
  const entry: ProfileEntry = { name, digest: await digestOf(text) };
  await settings.put(textKey(protocol, entry.digest), text);
  let isKept = false;
  await settings.change(listKey(protocol), (present) => {
    const before = entriesIn(present);
    const others = before.filter(({ digest }) => digest !== inPlaceOf);
    const isGone = inPlaceOf !== undefined && others.length === before.length;
    if (isGone || others.some((one) => sameName(one.name, name))) return present;
    if (others.length >= MOST_PROFILES)
      throw new Error(`There are ${MOST_PROFILES} profiles already. Delete one that is not used any more.`);
    isKept = true;
    return [...others, entry];
  });
  return isKept ? entry : undefined;
}

/** Takes it from the list. Its text stays for the records that were read with it. */
export async function dropProfile(settings: SettingsStore, protocol: string, digest: string): Promise<void> {
  await settings.change(listKey(protocol), (present) => entriesIn(present).filter((one) => one.digest !== digest));
}

const sameName = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

function entriesIn(value: unknown): readonly ProfileEntry[] {
  return Array.isArray(value) ? value.filter(isEntry) : [];
}

const isEntry = (value: unknown): value is ProfileEntry =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  'digest' in value &&
  typeof value.name === 'string' &&
  typeof value.digest === 'string';

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
