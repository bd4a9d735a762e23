import type { JournalFiles } from './files.ts';

/** One file of the journal. What is in it was appended in order; numbers go up within a series. */
export interface Segment {
  readonly series: number;
  readonly number: number;
  /** No record of an earlier segment of the series has this sequence number or a higher one. */
  readonly fromSeq: number;
}

/** A series that is whole can rebuild the log; one that is not yet was interrupted while it was being copied. */
export interface Series {
  readonly series: number;
  readonly segments: readonly Segment[];
}

const padded = (value: number, digits: number) => value.toString().padStart(digits, '0');

export const segmentName = ({ series, number, fromSeq }: Segment): string =>
  `${padded(series, 6)}-${padded(number, 6)}-${padded(fromSeq, 10)}.journal`;

/** An empty file of this name says that the series is whole. */
export const wholeName = (series: number): string => `${padded(series, 6)}.whole`;

/** An empty file of this name says that the series is not of this log, or cannot be read: it stays as it is. */
export const keptName = (series: number): string => `${padded(series, 6)}.kept`;

const SEGMENT = /^(\d{6})-(\d{6})-(\d{10,16})\.journal$/;
const WHOLE = /^(\d{6})\.whole$/;
const KEPT = /^(\d{6})\.kept$/;

export interface Listing {
  /** The newest whole series. */
  readonly whole?: Series;
  /** The highest number any series has; 0 where there is none. */
  readonly newest: number;
  /** Series that were set aside. */
  readonly keptSeries: readonly Series[];
  /** Files of other series: older ones, and those that were never finished. */
  readonly leftOver: readonly string[];
}

export async function listSegments(files: JournalFiles): Promise<Listing> {
  const names = await files.names();
  const segments = names.flatMap((name): Segment[] => {
    const [, series, number, fromSeq] = SEGMENT.exec(name) ?? [];
    return series === undefined ? [] : [{ series: Number(series), number: Number(number), fromSeq: Number(fromSeq) }];
  });
  const present = new Set(segments.map(({ series }) => series));
  const numbersOf = (pattern: RegExp) => names.flatMap((name) => pattern.exec(name)?.[1] ?? []).map(Number);
  const wholes = numbersOf(WHOLE);
  const aside = new Set(numbersOf(KEPT));
  const whole = wholes.filter((series) => present.has(series) && !aside.has(series)).sort((a, b) => b - a)[0];
  const stays = new Set([...aside, ...(whole === undefined ? [] : [whole])]);
  const staying = new Set([
    ...[...stays].flatMap((series) => [wholeName(series), keptName(series)]),
    ...segments.filter(({ series }) => stays.has(series)).map(segmentName),
  ]);
  const seriesOf = (series: number): Series => ({
    series,
    segments: segments.filter((segment) => segment.series === series).sort((a, b) => a.number - b.number),
  });
  return {
    ...(whole === undefined ? {} : { whole: seriesOf(whole) }),
    newest: [...present, ...wholes, ...aside].reduce((a, b) => Math.max(a, b), 0),
    keptSeries: [...aside].sort((a, b) => a - b).map(seriesOf),
    leftOver: names.filter((name) => !staying.has(name)),
  };
}
