import { WouldPushOut } from '../log/displaced.ts';
import { draftOfImport, importScdata } from '../log/import.ts';
import { meterRecord } from '../log/meter-record.ts';
import type { LogReader } from '../log/reader.ts';
import type { LogRecord } from '../log/record.ts';
import type { RecordLog } from '../log/ring.ts';
import type { CallContext } from '../rpc/rpc.ts';
import type { ImportRequest, ImportSummary, Progress } from './api.ts';

const PREVIEW_RECORDS = 100;
/** Records of one transaction; short enough that a reading that is saved meanwhile does not wait. */
const BATCH_RECORDS = 500;

/** Reads pasted listings and, where asked to, adds to the log what it does not hold yet. */
export async function importText(
  reader: LogReader,
  openForWriting: () => Promise<RecordLog>,
  { text, store, mayPushOut = false }: ImportRequest,
  { signal, emit }: CallContext<Progress>,
): Promise<ImportSummary> {
  const { records, problems } = importScdata(text);
  const summary = { found: records.length, preview: records.slice(0, PREVIEW_RECORDS), problems };
  if (records.length === 0) return { ...summary, stored: 0, displaced: { own: 0, imported: 0, unfit: 0 } };

  const held = await heldAround(reader, records);
  const fresh = records.filter((record) => enter(held, record));
  const drafts = fresh.map(draftOfImport);
  const log = await openForWriting();
  try {
    const { unfit } = await log.displacedBy(drafts);
    // Those without room beside the newest would push out all that is there for nothing.
    const fitting = drafts.slice(unfit);
    const displaced = { ...(await log.displacedBy(fitting)), unfit };
    if (!store) return { ...summary, stored: 0, displaced };
    if (displaced.own > 0 && !mayPushOut) throw new WouldPushOut(displaced);
    for (let i = 0; i < fitting.length; i += BATCH_RECORDS) {
      signal.throwIfAborted();
      const batch = fitting.slice(i, i + BATCH_RECORDS);
      await log.importMany(batch, mayPushOut);
      emit({ done: i + batch.length, total: fitting.length });
    }
    return { ...summary, stored: fitting.length, displaced };
  } finally {
    log.close();
  }
}

/** What is there, by kind, time and the number it had where it was recorded. */
type Held = Map<string, HeldText[]>;

interface HeldText {
  /** How the text begins, without blanks. */
  readonly begin: string;
  /** Of a record that is known to lack its end: the characters of its text, without blanks. */
  readonly cutAt?: number;
}

/** Enough to tell two meters apart. */
const BEGIN_LENGTH = 64;

/**
 * False where it is there already. A record is the same wherever it is listed; but one of another log may bear the same
 * number and time, and tells something else. A listing may have lost line ends, and the end of a text: then one that has
 * more of it comes in beside.
 */
function enter(held: Held, record: LogRecord): boolean {
  const { type, time, seq, importedSeq = seq } = record;
  const key = `${type} ${time} ${importedSeq}`;
  const { identification = '', data = '', circumstances } = meterRecord(record) ?? {};
  const text = identification + data;
  const begin = withoutBlanks(text.slice(0, 2 * BEGIN_LENGTH)).slice(0, BEGIN_LENGTH);
  const others = held.get(key) ?? [];
  const isSame = (other: HeldText) =>
    (other.begin.startsWith(begin) || begin.startsWith(other.begin)) &&
    (other.cutAt === undefined || withoutBlanks(text).length <= other.cutAt);
  if (others.some(isSame)) return false;
  const cut = circumstances?.partial === true ? { cutAt: withoutBlanks(text).length } : {};
  held.set(key, [...others, { begin, ...cut }]);
  return true;
}

const withoutBlanks = (text: string) => text.replace(/\s/g, '');

/** What the log holds in the time span of these records. */
async function heldAround(reader: LogReader, records: readonly LogRecord[]): Promise<Held> {
  let first = Infinity;
  let last = 0;
  for (const { time } of records) {
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  const { chunks } = await reader.select({
    conditions: [
      { parameter: 'TIME', relation: '>=', value: first },
      { parameter: 'TIME', relation: '<=', value: last },
    ],
  });
  const held: Held = new Map();
  for await (const chunk of chunks) for (const record of chunk) enter(held, record);
  return held;
}
