import type { Line } from '../../../line/line.ts';
import type { KeptProfiles } from '../../profile-book.ts';
import type { OwnProfile } from '../profiles/profile.ts';
import { readDraft } from './draft.ts';
import { ownProfileFrom } from './own-profile.ts';

/** By digest: what a text means never changes. */
const known = new Map<string, OwnProfile>();
/** A log has records of a few; hostile data names as many as it likes. */
const MOST_KNOWN = 200;

/** That has been asked for before. */
export const knownProfile = (digest: string): OwnProfile | undefined => known.get(digest);

/** Undefined where it is not on this device, or not in a form that this version reads. */
export async function keptProfile(profiles: KeptProfiles, digest: string): Promise<OwnProfile | undefined> {
  const before = known.get(digest);
  if (before) return before;
  const text = await profiles.text(digest);
  const { draft } = text === undefined ? {} : readDraft(text);
  if (!draft) return undefined;
  const profile = ownProfileFrom(draft, digest);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(digest, profile);
  return profile;
}

/** The one of this name that there is now. */
export async function profileNamed(profiles: KeptProfiles | undefined, name: string): Promise<OwnProfile | undefined> {
  const entry = (await profiles?.list())?.find((one) => one.name === name);
  return profiles && entry && (await keptProfile(profiles, entry.digest));
}

/** Waits for what is looked up; where that fails, which is no reason to read no meter, goes on with what `otherwise` says. */
export async function lookUp<T>(line: Line, work: Promise<T>, otherwise: (why: string) => T): Promise<T> {
  try {
    return await line.until(work);
  } catch (error) {
    line.signal.throwIfAborted();
    return otherwise(error instanceof Error ? error.message : String(error));
  }
}

/** All that can be read. */
export async function allProfiles(profiles: KeptProfiles | undefined): Promise<readonly OwnProfile[]> {
  if (!profiles) return [];
  const all = await Promise.all((await profiles.list()).map(({ digest }) => keptProfile(profiles, digest)));
  return all.flatMap((profile) => profile ?? []);
}
