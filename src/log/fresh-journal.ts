import type { OpenHhuDatabase } from './database.ts';

/**
 * Chromium keeps IndexedDB in LevelDB, whose journal survives a killed browser with a half-written record at its end.
 * That alone does no harm, but the next start appends behind it, and the start after that takes the journal for
 * corrupt and deletes the whole database (google/leveldb#1287; seen here as `dataLoss: "total"`, "checksum mismatch",
 * after 2 to 100 kills under load). Only a new journal file is safe, and LevelDB begins one when it has taken in
 * 4 MiB. So once at every start that much is written, and cleared at once. It costs about a tenth of a second.
 */
export async function startFreshJournal(db: OpenHhuDatabase): Promise<void> {
  if (!isChromium()) return;
  const { store, done } = db.transaction('ballast', 'readwrite', { durability: 'relaxed' });
  for (let key = 0; key < BALLAST_CHUNKS; key++) {
    // Random, since values are compressed on their way to the journal.
    void store.put(crypto.getRandomValues(new Uint8Array(CHUNK_BYTES)), key);
  }
  void store.clear();
  await done;
}

/** Larger values would go to files of their own. */
const CHUNK_BYTES = 60_000;
const BALLAST_CHUNKS = Math.ceil((4.5 * 1024 * 1024) / CHUNK_BYTES);

function isChromium(): boolean {
  return typeof navigator !== 'undefined' && 'userAgentData' in navigator;
}
