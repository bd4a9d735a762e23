import { visibleText } from '../components/format.ts';

export interface RawSegments {
  readonly before: string;
  readonly marked: string;
  readonly after: string;
}

/**
 * Data as received, cut at a half-open range of characters and made visible. A CR LF that the range cuts in two is
 * shown whole before the cut, so that no line end is doubled.
 */
export function rawSegments(
  data: string,
  range: { readonly start: number; readonly end: number } | undefined,
): RawSegments {
  if (!range) return { before: visibleText(data), marked: '', after: '' };
  const start = wholeLineEnd(data, range.start);
  const end = Math.max(start, wholeLineEnd(data, range.end));
  return {
    before: visibleText(data.slice(0, start)),
    marked: visibleText(data.slice(start, end)),
    after: visibleText(data.slice(end)),
  };
}

function wholeLineEnd(data: string, at: number): number {
  return data[at - 1] === '\r' && data[at] === '\n' ? at + 1 : at;
}

/** Characters of a chunk at least; it ends with its line then, or at twice the length where that has no end. */
const CHUNK_LENGTH = 8192;

export interface TextChunk {
  readonly start: number;
  readonly end: number;
  /** Line ends in it. */
  readonly lines: number;
}

/** Data cut at line ends into parts that can be laid out each by itself: a browser takes seconds for 50 000 lines. */
export function textChunks(data: string): readonly TextChunk[] {
  const chunks: TextChunk[] = [];
  for (let start = 0; start < data.length || chunks.length === 0;) {
    const lineEnd = data.indexOf('\n', start + CHUNK_LENGTH) + 1;
    const most = wholeLineEnd(data, Math.min(start + 2 * CHUNK_LENGTH, data.length));
    const end = lineEnd > 0 && lineEnd < most ? lineEnd : most;
    chunks.push({ start, end, lines: data.slice(start, end).split('\n').length });
    start = end;
  }
  return chunks;
}

/** {@link rawSegments} of one chunk. The line end that it ends with is left out: chunks stand one below the other. */
export function chunkSegments(
  data: string,
  { start, end }: TextChunk,
  range: { readonly start: number; readonly end: number } | undefined,
): RawSegments {
  const text = end < data.length ? data.slice(start, end).replace(/\r?\n$/, '') : data.slice(start);
  if (!range || range.end <= start || range.start >= end) return rawSegments(text, undefined);
  return rawSegments(text, { start: Math.max(0, range.start - start), end: Math.min(text.length, range.end - start) });
}
