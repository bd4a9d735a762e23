import { MeterError } from '../../../common/meter-error.ts';
import { nameText, type Attribute, type Selection } from '../apdu/attribute.ts';
import type { Result } from '../apdu/get.ts';
import type { Data } from '../axdr/data.ts';
import { dataIn } from '../axdr/read-data.ts';
import { dataBytes } from '../axdr/write-data.ts';
import { keep, readScalers, resultsOf, type Session } from '../collect.ts';
import { clockColumn, columnsIn, stepOf, type Column } from '../cosem/profile.ts';
import { step, type Dialogue } from '../dialogue.ts';
import { dlmsError, dlmsErrors } from '../errors.ts';
import { askClock, type Now } from './clock.ts';
import { rowBook, type RowBook } from './rows.ts';
import { bufferOf, entrySelection, rangeSelection, stampForms, type StampForm } from './selection.ts';

/** How far back: so many days, or so many rows. */
export type ProfileWanted = { readonly name: Uint8Array } & (
  { readonly days: number; readonly entries?: never } | { readonly entries: number; readonly days?: never }
);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_PIECE = 32 * DAY;
/** Answers that take longer than this are not made longer. */
const QUICK_MS = 30_000;
/** A meter that takes our time for summer time would end an hour early. */
const BEYOND_NOW = 2 * HOUR;
const ROWS_AT_ONCE = 500;
/** Broken connections in a row from which nothing new came. */
const MOST_BROKEN = 2;
const [COLUMNS, PERIOD, SORTING, IN_USE] = [3, 4, 5, 7] as const;

interface Reading {
  readonly dialogue: Dialogue;
  readonly session: Session;
  readonly buffer: Attribute;
  readonly columns: readonly Column[];
  readonly stepSeconds: number;
  readonly inUse: number | undefined;
  readonly book: RowBook;
  readonly now: Now;
  /** Halved where an answer broke off. */
  pieceMs: number;
  broken: number;
  /** The form of stamps that gave rows. */
  form: StampForm | undefined;
}

/**
 * Reads the rows of a profile: by range, first a day, then more at a time; by number where that gives nothing; whole where
 * the meter can do neither. A connection that breaks is begun anew, and the reading goes on behind the last row. What came
 * is kept, however it ends. Rejects with a MeterError.
 */
export async function readProfile(dialogue: Dialogue, session: Session, wanted: ProfileWanted): Promise<void> {
  const { name, days } = wanted;
  const buffer = bufferOf(name);
  step(dialogue, 'receiving', `reading what the profile ${nameText(name)} captures`);
  const about = [COLUMNS, PERIOD, SORTING, IN_USE].map((number) => ({ ...buffer, number }));
  const results = await resultsOf(
    session.association,
    about.map((attribute) => ({ attribute })),
  );
  about.forEach((attribute, at) => {
    const result = results[at];
    if (result && attribute.number !== IN_USE) keep(dialogue, attribute, result);
  });
  const [captured, period, sorting, inUse] = results.map(dataOf);
  if (captured) await readScalers(dialogue, session.association, captured);
  const columns = captured ? columnsIn(captured) : [];
  const now = await askClock(dialogue, session.association);
  const from = days === undefined ? -Infinity : Math.floor(now.ms / HOUR) * HOUR - days * DAY;
  const stepSeconds = stepOf(period, sorting);
  const reading: Reading = {
    dialogue,
    session,
    buffer,
    columns,
    stepSeconds,
    inUse: inUse && 'value' in inUse && typeof inUse.value === 'number' ? inUse.value : undefined,
    book: rowBook(columns, stepSeconds, [from, days === undefined ? Infinity : now.ms + BEYOND_NOW]),
    now,
    pieceMs: DAY,
    broken: 0,
    form: undefined,
  };
  const { book } = reading;
  try {
    const isRead = days !== undefined && (await readRange(reading, from));
    if (!isRead) await readEntries(reading, wanted.entries ?? entriesOf(days ?? 0, period));
    if (book.rows === 0) dialogue.notes.push(`The profile ${nameText(name)} gives nothing of that time.`);
    else noteEnds(reading, from);
  } finally {
    keep(dialogue, buffer, { kind: 'data', bytes: dataBytes(book.value) });
  }
}

const dataOf = (result: Result | undefined): Data | undefined =>
  result?.kind === 'data' ? dataIn(result.bytes).data : undefined;

/** Rows of so many days, where they come in periods; 0: all. */
function entriesOf(days: number, period: Data | undefined): number {
  const seconds = period?.type === 'uint32' ? period.value : 0;
  return seconds === 0 ? 0 : Math.ceil((days * 86_400 + BEYOND_NOW / 1000) / seconds);
}

/** False where the meter gives nothing by range. */
async function readRange(reading: Reading, from: number): Promise<boolean> {
  const { columns, book, now, stepSeconds, dialogue } = reading;
  const clock = columns[clockColumn(columns)];
  if (!clock) return false;
  const to = now.ms + BEYOND_NOW;
  const periodMs = Math.abs(stepSeconds) * 1000;
  for (let at = from; at < to;) {
    const end = Math.min(endOfPiece(at, reading.pieceMs), to);
    step(dialogue, 'receiving', `reading ${isoOf(at).slice(0, 10)}, ${book.rows} rows so far`);
    const added = await lasting(reading, () => askRange(reading, clock, at, end));
    // It goes on behind what came, in a shorter piece.
    if (added === 'broken') {
      at = Math.max(at, book.last ?? at);
      continue;
    }
    if (added.isRefused && reading.form === undefined) return false;
    if (!added.isTimed) return false;
    // A meter may give less than was asked for.
    const last = book.last ?? end;
    at = added.rows > 0 && last > at && last + 2 * periodMs < Math.min(end, now.ms) ? last : end;
  }
  return book.rows > 0;
}

/** Midnight is a border: no hour of a change of the clock is at one. */
function endOfPiece(at: number, pieceMs: number): number {
  const midnight = Math.floor((at + pieceMs) / DAY) * DAY;
  return midnight > at ? midnight : at + pieceMs;
}

interface Added {
  readonly rows: number;
  readonly isTimed: boolean;
  readonly isRefused: boolean;
}

/** Asked wider than it is wanted, on full hours: limits belong to the range for some meters, and for some they do not. */
async function askRange(reading: Reading, clock: Column, from: number, to: number): Promise<Added> {
  const { book, now, dialogue } = reading;
  const wide = [Math.floor(from / HOUR) * HOUR - HOUR, Math.ceil(to / HOUR) * HOUR + HOUR] as const;
  let isRefused = true;
  for (const form of reading.form ? [reading.form] : stampForms(clock)) {
    const began = dialogue.line.clock.monotonic();
    const rows = await ask(reading, rangeSelection(clock, wide, form, now.marks));
    if (!rows) continue;
    isRefused = false;
    const added = book.add(rows);
    // What is known already comes first, so that the meter understands the range though nothing is new.
    if ('items' in rows && rows.items.length > 0) reading.form = form;
    if (dialogue.line.clock.monotonic() - began < QUICK_MS)
      reading.pieceMs = Math.min(MOST_PIECE, Math.max(reading.pieceMs, 2 * reading.pieceMs));
    if (reading.form) return { ...added, isRefused };
  }
  return { rows: 0, isTimed: true, isRefused };
}

/** Undefined: refused. */
async function ask({ session, buffer }: Reading, selection?: Selection): Promise<Data | undefined> {
  const [result] = await resultsOf(session.association, [{ attribute: buffer, ...(selection ? { selection } : {}) }]);
  return dataOf(result);
}

/** False: refused. */
async function addRows(reading: Reading, selection?: Selection): Promise<boolean> {
  const rows = await ask(reading, selection);
  if (rows) reading.book.add(rows);
  return rows !== undefined;
}

/** The newest rows, by their number; all where the meter does not take numbers. */
async function readEntries(reading: Reading, entries: number): Promise<void> {
  const { inUse, stepSeconds, book, dialogue } = reading;
  // Numbers count from the oldest row, or where it sorts so from the newest.
  const isNewestFirst = stepSeconds < 0;
  const isCounted = entries > 0 && (isNewestFirst || inUse !== undefined);
  const last = isNewestFirst ? entries : (inUse ?? 0);
  const first = isNewestFirst ? 1 : Math.max(1, last - entries + 1);
  for (let at = first; isCounted && at <= last;) {
    const end = Math.min(at + ROWS_AT_ONCE - 1, last);
    step(dialogue, 'receiving', `reading rows ${at} to ${end}, ${book.rows} so far`);
    // While they are read one more may come, and move the others by one.
    // By its time a row is known again, and by nothing else.
    const begin = at === first || book.last === undefined ? at : at - 1;
    const isGiven = await lasting(reading, () => addRows(reading, entrySelection(begin, end)));
    if (isGiven === 'broken') continue;
    if (!isGiven && book.rows > 0) {
      dialogue.notes.push(`Rows ${at} to ${last} of the profile were refused.`);
      return;
    }
    if (!isGiven) break;
    at = end + 1;
    if (at > last) return;
  }
  step(dialogue, 'receiving', 'reading the whole profile');
  const isGiven = await lasting(reading, () => addRows(reading));
  if (isGiven === 'broken') return await readEntries(reading, entries);
  if (!isGiven) dialogue.notes.push('The profile was refused: by range, by number of rows, and whole.');
}

/** What a request gives; 'broken': the connection broke, and there is a new one. */
async function lasting<T>(reading: Reading, request: () => Promise<T>): Promise<T | 'broken'> {
  const { session, dialogue } = reading;
  try {
    const result = await request();
    reading.broken = 0;
    if (reading.book.isFull) throw tooMuch(reading);
    return result;
  } catch (error) {
    const row = error instanceof MeterError ? dlmsErrors.find(({ code }) => code === error.code) : undefined;
    const isResumable = reading.book.rows === 0 || reading.book.last !== undefined;
    if (!(error instanceof MeterError) || row?.repeat !== 'worth it' || reading.broken >= MOST_BROKEN) throw error;
    if (!isResumable) throw error;
    reading.broken++;
    reading.pieceMs = Math.max(HOUR, reading.pieceMs / 2);
    dialogue.onRepeat(`${error.message} Connecting anew, to go on behind ${reading.book.rows} rows.`);
    try {
      await session.again();
    } catch (again) {
      throw again instanceof MeterError ? error : again;
    }
    dialogue.notes.push(`The connection broke after ${reading.book.rows} rows of the profile, and was begun anew.`);
    return 'broken';
  }
}

const tooMuch = ({ buffer, book }: Reading) =>
  dlmsError(
    'access',
    `The profile ${nameText(buffer.name)} is more than one record holds: ${book.rows} rows were kept.`,
    {
      hint: 'Read fewer days at a time.',
    },
  );

/** What is missing before the first row and behind the last shows in no gap between two. */
function noteEnds({ dialogue, book, now, stepSeconds }: Reading, from: number): void {
  const periodMs = Math.abs(stepSeconds) * 1000;
  const { first, last } = book;
  if (periodMs === 0 || first === undefined || last === undefined) return;
  if (first > from + periodMs && from > -Infinity)
    dialogue.notes.push(`The profile has nothing before ${isoOf(first)}.`);
  if (last < now.ms - 2 * periodMs) dialogue.notes.push(`The profile has nothing behind ${isoOf(last)}.`);
}

const isoOf = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
