import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';
import type { SettingsStore } from '../log/settings.ts';
import { CHANGES_KEY, type UnknownChange } from './bus-api.ts';

/** What is kept on disk of changes of meters. */
export interface ChangeBook {
  readonly store: Pick<SettingsStore, 'change'>;
  /** What was there at the start is in `unknown`. */
  readonly opened: Promise<void>;
  /** Those of which nobody was told what became of them, the oldest first. */
  unknown: readonly UnknownChange[];
  /** Of the page. */
  readonly clock: Clock;
  onChange(): void;
  onError(error: unknown): void;
}

/** A storage that takes longer does not answer. */
const PATIENCE_MS: Milliseconds = 5000;

/**
 * Makes a change of a meter with a note of it on disk: where this worker ends before its outcome is told, the next one
 * finds the note. Nothing is sent where that could not be kept.
 *
 * @param make gives what came of it, and whether somebody was there to be told
 */
export async function changeWithNote<T>(
  book: ChangeBook,
  note: UnknownChange,
  make: () => Promise<{ readonly result: T; readonly untold?: string }>,
): Promise<T> {
  await put(book, note);
  try {
    const { result, untold } = await make();
    if (untold === undefined) forget(book, note.id).catch(book.onError);
    else keep(book, { ...note, outcome: untold });
    return result;
  } catch (error) {
    keep(book, note);
    throw error;
  }
}

/** Takes a change away that somebody has seen. Rejects where it stays on disk. */
export async function forget(book: ChangeBook, id: string): Promise<void> {
  await book.store.change(CHANGES_KEY, (present) => {
    const rest = notesOf(present).filter((note) => note.id !== id);
    return rest.length > 0 ? rest : undefined;
  });
  book.unknown = book.unknown.filter((note) => note.id !== id);
  book.onChange();
}

async function put(book: ChangeBook, note: UnknownChange): Promise<void> {
  const { opened, store, clock, onError } = book;
  const over = new AbortController();
  const noted = opened.then(() => store.change(CHANGES_KEY, (present) => [...notesOf(present), note]));
  const late = clock.sleep(PATIENCE_MS, over.signal).then(() => {
    throw new Error('The storage does not answer.');
  });
  late.catch(() => undefined); // stopped once the note is there
  try {
    await Promise.race([noted, late]);
  } catch (cause) {
    onError(cause);
    // A note that is kept all the same is of nothing that was sent.
    noted.then(() => forget(book, note.id)).catch(onError);
    throw Object.assign(new Error(NOT_NOTED, { cause }), { checklist: ADVICE });
  } finally {
    over.abort();
  }
}

const NOT_NOTED =
  'Nothing was sent: no note of the change could be kept on this device, so nobody could say what became of it if this window ended meanwhile.';
const ADVICE = [
  'See what the settings say of the storage, and make room on this device.',
  'Then change the meter again.',
];

function keep(book: ChangeBook, note: UnknownChange): void {
  book.unknown = [...book.unknown, note];
  book.onChange();
  const replaced = (present: unknown) => [...notesOf(present).filter(({ id }) => id !== note.id), note];
  if (note.outcome !== undefined) book.store.change(CHANGES_KEY, replaced).catch(book.onError);
}

const notesOf = (stored: unknown) => (Array.isArray(stored) ? (stored as readonly UnknownChange[]) : []);
