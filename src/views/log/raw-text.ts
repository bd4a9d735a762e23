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
