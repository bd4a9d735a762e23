/** What a meter says of itself beside a figure. */
export interface Status {
  /** The sum flows into the grid. */
  readonly isExport: boolean;
  /** By phase; absent where the word does not tell. */
  readonly phases?: readonly boolean[];
  /** What is worth reading, in words. */
  readonly words: readonly string[];
}

/** Low byte of every status word of the newer meters (FNN). */
const NEWER = 0x04n;
const OLD_EXPORT = 5n;

const signs: readonly (readonly [bit: bigint, text: string])[] = [
  [8n, 'starting up or no load'],
  [9n, 'a magnet was near'],
  [10n, 'the terminal cover was open'],
  [15n, 'the phases are in the wrong order'],
  [16n, 'export is blocked'],
  [17n, 'fatal error'],
];

/** The status word of an entry: of the newer form by its low byte, else of the older one, where bit 5 is the direction. */
export function statusOf(word: bigint): Status {
  const is = (bit: bigint) => ((word >> bit) & 1n) === 1n;
  if ((word & 0xffn) !== NEWER) {
    const isExport = is(OLD_EXPORT);
    return { isExport, words: [direction(isExport)] };
  }
  const present = [1, 2, 3].filter((phase) => is(17n + BigInt(phase))).map((phase) => `L${phase}`);
  return {
    isExport: is(11n),
    phases: [is(12n), is(13n), is(14n)],
    words: [
      direction(is(11n)),
      ...signs.flatMap(([bit, text]) => (is(bit) ? [text] : [])),
      ...(present.length > 0 ? [`voltage on ${present.join(', ')}`] : []),
    ],
  };
}

const direction = (isExport: boolean) => (isExport ? 'export' : 'import');
