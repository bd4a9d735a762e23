import { formatUtc } from '../common/csv.ts';
import { importScdata } from '../log/import.ts';
import type { LogRecord } from '../log/record.ts';
import type { Recognition } from '../protocols/recognize.ts';
import type { Recognized } from '../protocols/recognized.ts';

export interface Pasted {
  /** Everything found, in the order of the text; to be gone through once. */
  readonly found: Iterable<Recognized>;
  /** How far the text has been gone through when `found` was last asked, 0–1. */
  progress(): number;
  /** What was left out, in sentences; complete when `found` is through. */
  problems(): readonly string[];
}

/** Frames, readouts and `^SCDATA` records in a pasted text. */
export function openPasted(text: string, recognition: Recognition): Pasted {
  const open = /^[ \t]*(?:AT)?\^SC?DATA:/im.test(text) ? records : frames;
  return open(text, recognition);
}

const MOST_LINES_NAMED = 3;

function frames(text: string, { recognize }: Recognition): Pasted {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  let reached = 0;
  const skipped: number[] = [];
  let skippedCount = 0;

  function* found(): Generator<Recognized> {
    const onSkipped = (line: number) => {
      skippedCount++;
      if (skipped.length < MOST_LINES_NAMED) skipped.push(line + 1);
    };
    for (const item of recognize(text, onSkipped)) {
      reached = item.line;
      yield item;
    }
    reached = lines;
  }

  return {
    found: found(),
    progress: () => Math.min(1, reached / lines),
    problems() {
      if (skippedCount === 0) return [];
      const where = `${skipped.join(', ')}${skippedCount > skipped.length ? ', …' : ''}`;
      return [
        skippedCount === 1
          ? `Line ${where} holds no frame and was left out.`
          : `${skippedCount} lines hold no frame and were left out: ${where}.`,
      ];
    },
  };
}

function records(text: string, { problemsOf }: Recognition): Pasted {
  const { records: listed, problems } = importScdata(text);
  let reached = 0;

  function* found(): Generator<Recognized> {
    for (const record of listed) {
      reached++;
      if (record.type !== 'SYSTART') yield recognizedRecord(record, problemsOf);
    }
  }

  return {
    found: found(),
    progress: () => (listed.length === 0 ? 1 : reached / listed.length),
    problems: () => problems.map(({ line, message }) => `Line ${line}: ${message}.`),
  };
}

function recognizedRecord(
  record: Exclude<LogRecord, { type: 'SYSTART' }>,
  problemsOf: Recognition['problemsOf'],
): Recognized {
  const recorded: readonly [string, string] = ['Recorded', `${formatUtc(record.time)} UTC`];
  const origin = { line: 0, record: record.seq };
  if (record.type === 'WMBUS') {
    const facts: Recognized['facts'] = [
      recorded,
      ...(record.rssi === 0 ? [] : [['Signal', `${record.rssi} dBm`] as const]),
    ];
    return { protocol: 'WMBUS', identification: '', data: record.data, ...origin, facts, problems: [] };
  }
  const { protocol, identification, data, errorCode } = record;
  const facts: Recognized['facts'] = [
    recorded,
    ...(identification === '' ? [] : [['Identification', identification] as const]),
    ...(errorCode === 0 ? [] : [['Error code', String(errorCode)] as const]),
  ];
  const problems = [
    ...(errorCode === 0 ? [] : [`The read ended with error ${errorCode}.`]),
    ...problemsOf(protocol, data),
  ];
  return { protocol, identification, data, errorCode, ...origin, facts, problems };
}
