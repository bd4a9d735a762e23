import { connectDatabase } from '../log/database.ts';
import { dropProfile, keepProfile, type ProfileEntry } from '../log/kept-profiles.ts';
import { openSettings } from '../log/settings.ts';
import { protocols } from '../protocols/registry.ts';
import type { KeepProfileRequest } from './api.ts';

/** Keeps a profile that was looked through once more here: no other one is on the shelf. */
export async function keepOwn(
  name: string,
  { protocol, text, inPlaceOf }: KeepProfileRequest,
): Promise<ProfileEntry | undefined> {
  const book = await protocols.find(protocol)?.parts.profiles?.();
  if (!book) throw new Error(`${protocol} has no profiles.`);
  const { draft, faults } = book.read(text);
  if (!draft) throw new Error(faults[0]?.text ?? 'It is no profile.');
  const profile = { protocol, name: String(draft.values['name']), text: book.write(draft) };
  return await withSettings(name, (settings) =>
    keepProfile(settings, { ...profile, ...(inPlaceOf === undefined ? {} : { inPlaceOf }) }),
  );
}

export const dropOwn = (name: string, protocol: string, digest: string): Promise<void> =>
  withSettings(name, (settings) => dropProfile(settings, protocol, digest));

async function withSettings<T>(
  name: string,
  use: (settings: ReturnType<typeof openSettings>) => Promise<T>,
): Promise<T> {
  const database = connectDatabase(name);
  try {
    return await use(openSettings(database));
  } finally {
    database.close();
  }
}
