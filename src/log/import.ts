import { RECORD_TYPES } from './filter/filter.ts';
import { unescapeText } from './export/scdata.ts';
import type { LogRecord } from './record.ts';
import type { RecordDraft } from './ring.ts';

export interface ImportProblem {
  /** Counted from 1. */
  readonly line: number;
  /** What was seen, and what became of it. */
  readonly message: string;
}

export interface ImportResult {
  /** With the times and sequence numbers they were listed with, in the order of the text. */
  readonly records: readonly LogRecord[];
  readonly problems: readonly ImportProblem[];
}

/** Where a record begins: 2N prints `^SCDATA:`, in lines that give the format `AT^SCDATA:`, on one screen `^SDATA`. */
const RECORD_START = /^[ \t]*(?:AT)?\^SC?DATA:[ \t]*/gim;

/** Answers to other commands of the family, which a pasted session also holds. */
const OTHER_ANSWER = /^"?(?:MESS_CNT|GET_SPACE|GET_OLDEST|GET_FILTERED|DEL_OLDEST|DEL_ALL)\b/i;

/** Lines of a session that are no records and need no mention; without the blanks around them. */
const SESSION_LINE = /^(?:OK|ERROR|AT.*|A\/|\^SC.*|COM\d+ - PuTTY|`{3}.*)?$/i;

/**
 * Reads what a terminal showed for `GET_OLDEST` or `GET_FILTERED`: data over several lines, commands and results in
 * between, lists that were cut off. Nothing is dropped in silence: what is no record is told as a problem.
 */
export function importScdata(text: string): ImportResult {
  const starts = [...text.matchAll(RECORD_START)];
  const lineAt = lineCounter(text);
  const records: LogRecord[] = [];
  const problems: ImportProblem[] = [];

  const checkRest = (from: number, to: number) => {
    const stray = strayText(text.slice(from, to));
    if (stray === undefined) return;
    problems.push({ line: lineAt(from + stray.offset), message: `Not a record, left out: ${quote(stray.text)}` });
  };

  checkRest(0, starts[0]?.index ?? text.length);
  for (const [i, start] of starts.entries()) {
    const from = start.index + start[0].length;
    const to = starts[i + 1]?.index ?? text.length;
    const body = text.slice(from, to);
    if (OTHER_ANSWER.test(body)) {
      checkRest(from + endOfLine(body), to);
      continue;
    }
    const { record, problem, end } = parseRecord(body);
    if (record) records.push(record);
    if (problem !== undefined) problems.push({ line: lineAt(start.index), message: problem });
    checkRest(from + end, to);
  }
  return { records, problems };
}

/** An imported record for {@link RecordLog.appendMany}: keeps its time, and its old number beside the new one. */
export function draftOfImport({ seq, ...rest }: LogRecord): RecordDraft {
  return { ...rest, importedSeq: seq };
}

interface Parsed {
  readonly record?: LogRecord;
  readonly problem?: string;
  /** Where the record ends in the body. */
  readonly end: number;
}

/*
 * The text may be anybody's, so every pattern here takes time in proportion to it: no two parts that stand side by side
 * match the same characters, or a run of blanks could be shared out between them in as many ways as it is long.
 */
const HEAD =
  /^"?([^",\r\n]*)(?:"[ \t]*)?(?:,[ \t]*(\d+)[ \t]*)?(?:,[ \t]*(\d+)[ \t]*)?(?:,[ \t]*(?=[^ \t\r\n])|(?=[\r\n])|$)/;
const AMS_FIELDS = /^"?([^",\r\n]*)(?:"[ \t]*)?,[ \t]*(\d+)[ \t]*,[ \t]*(\d+)[ \t]*(?:,[ \t]*|(?=[\r\n])|$)/;
const WMBUS_FIELDS = /^(-?\d+)[ \t]*,[ \t]*(\d+)[ \t]*,[ \t]*(?=")/;
const MAX_U32 = 0xffff_ffff;
const MAX_U16 = 0xffff;

function parseRecord(body: string): Parsed {
  const line = body.slice(0, endOfLine(body));
  const fail = (why: string): Parsed => ({ problem: `${why}, left out: ${quote(line)}`, end: line.length });

  const head = HEAD.exec(body);
  const [whole = '', name = '', timeText, seqText] = head ?? [];
  if (timeText === undefined || seqText === undefined) return fail('Time stamp or sequence number is missing');
  const time = Number(timeText);
  const seq = Number(seqText);
  if (time > MAX_U32 || !Number.isSafeInteger(seq)) return fail('Time stamp or sequence number is too large');
  const rest = body.slice(whole.length);
  if (/^"Unsupported record format"/i.test(rest)) return fail('The unit itself could not tell what this record holds');

  const type = RECORD_TYPES.find((known) => known === name.trim().toUpperCase());
  if (type === 'SYSTART') return { record: { type, time, seq }, end: whole.length };
  if (type === undefined) return fail(`${quote(name)} is not a record type`);
  const shifted = (parsed: Parsed): Parsed => ({ ...parsed, end: whole.length + parsed.end });

  if (type === 'WMBUS') {
    const fields = WMBUS_FIELDS.exec(rest);
    return fields
      ? shifted(parseWmbus(rest, fields, { time, seq }))
      : fail('Signal strength, length or data is missing');
  }
  const fields = AMS_FIELDS.exec(rest);
  if (!fields) return fail('Protocol, index or error code is missing');
  if (Number(fields[2]) > MAX_U16 || Number(fields[3]) > MAX_U32) return fail('Index or error code is too large');
  return shifted(parseAms(rest, fields, { time, seq }));
}

interface Stamp {
  readonly time: number;
  readonly seq: number;
}

function parseAms(rest: string, fields: RegExpExecArray, stamp: Stamp): Parsed {
  const [whole, protocol = '', index, errorCode] = fields;
  const record = {
    type: 'AMS' as const,
    ...stamp,
    protocol: unescapeText(protocol),
    index: Number(index),
    errorCode: Number(errorCode),
  };
  const identification = /^"(.*?)"[ \t]*,[ \t]*(?=")/s.exec(rest.slice(whole.length));
  if (!identification) {
    // Not followed by data: the identification is the last thing there, or nothing is.
    const last = quotedText(rest, whole.length);
    return {
      record: { ...record, identification: unescapeText(last.text), data: '', circumstances: { partial: true } },
      problem: 'Data is missing; the record was kept without',
      end: last.end,
    };
  }
  const data = quotedText(rest, whole.length + identification[0].length);
  const complete = { ...record, identification: unescapeText(identification[1] ?? ''), data: unescapeText(data.text) };
  if (data.closed) return { record: complete, end: data.end };
  return {
    record: { ...complete, circumstances: { partial: true } },
    problem: 'The data has no end; the record was kept with what is there',
    end: data.end,
  };
}

function parseWmbus(rest: string, [whole, rssi, lengthText]: RegExpExecArray, stamp: Stamp): Parsed {
  const { text, end, closed } = quotedText(rest, whole.length);
  const data = unescapeText(text).replace(/\s/g, '');
  const length = Number(lengthText);
  const record: LogRecord = { type: 'WMBUS', ...stamp, rssi: Number(rssi), length, data };
  if (closed && data.length === 2 * length) return { record, end };
  const why = closed
    ? `${length} bytes are announced, ${data.length} hexadecimal digits are there`
    : 'The data has no end';
  return {
    record: { ...record, circumstances: { partial: true } },
    problem: `${why}; the record was kept with what is there`,
    end,
  };
}

/**
 * The string that begins at `from`. The SmartCOM does not escape quotes in data, so the end is the quote at the end of
 * a line that the result code follows, else the last one at the end of a line.
 */
function quotedText(body: string, from: number): { text: string; end: number; closed: boolean } {
  if (body[from] !== '"') return { text: '', end: from, closed: false };
  let close: number | undefined;
  for (const { index } of body.matchAll(/"(?=[ \t]*(?:[\r\n]|$))/g)) {
    if (index <= from) continue;
    close = index;
    if (/^"\s*(?:OK|ERROR)[ \t]*(?:[\r\n]|$)/.test(body.slice(index, index + 200))) break;
  }
  if (close !== undefined) return { text: body.slice(from + 1, close), end: close + 1, closed: true };
  const open = body
    .slice(from + 1)
    .trimEnd()
    .replace(/\r?\n(?:OK|ERROR)$/, '')
    .trimEnd();
  return { text: open, end: body.length, closed: false };
}

function endOfLine(text: string): number {
  const end = text.search(/[\r\n]/);
  return end < 0 ? text.length : end;
}

function strayText(text: string): { text: string; offset: number } | undefined {
  let offset = 0;
  for (const line of text.split(/(?<=\n|\r(?!\n))/)) {
    const trimmed = line.trim();
    if (!SESSION_LINE.test(trimmed)) return { text: trimmed, offset };
    offset += line.length;
  }
  return undefined;
}

function quote(text: string): string {
  return text.length > 60 ? `"${text.slice(0, 60)}…"` : `"${text}"`;
}

/** Line numbers of ascending places, without counting from the start each time. Lines end with LF, CR or both. */
function lineCounter(text: string): (position: number) => number {
  const ends = text.matchAll(/\r\n?|\n/g);
  const nextEnd = () => ends.next().value?.index ?? Infinity;
  let end = nextEnd();
  let line = 1;
  return (position) => {
    for (; end < position; end = nextEnd()) line++;
    return line;
  };
}
