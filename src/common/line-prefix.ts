/** Where what every line begins with ends: a blank, a quote, a bracket, an arrow. */
const EDGE = /[\s"'\]>|](?=[^\s"'\]>|]*$)/;

/**
 * Text out of a log: what all lines begin with but for their digits (stamps, levels, tags) is taken off, and line ends
 * that were written out (`\r\n`, `^M`, `#015`, `[CR]`) are line ends. Undefined where the lines have nothing in common.
 */
export function textOutOfLog(text: string): string | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const cut = (EDGE.exec(commonStart(lines.map((line) => line.replace(/\d/g, '0'))))?.index ?? -1) + 1;
  if (lines.length < 2 || cut === 0) return undefined;
  const isQuoted = /["']/.test(lines[0]?.charAt(cut - 1) ?? '');
  return lines
    .map((line) => `${unescaped(isQuoted ? line.slice(cut).replace(/["']\s*$/, '') : line.slice(cut))}\n`)
    .join('');
}

function unescaped(line: string): string {
  return line.replace(/(?:\\r|\^M|#015|\[CR\]|\r)?(?:\\n|\^J|#012|\[LF\])?$/i, '');
}

/** A word that is no hexadecimal in any spelling. */
const FOREIGN = /[gi-wyz]/i;

/** Lines of hexadecimal without the words that all of them begin with: `0|node-red | 68 68`. Figures stay. */
export function withoutCommonWords(lines: readonly string[]): readonly string[] {
  const filled = lines.filter((line) => line.trim() !== '');
  if (filled.length < 2) return lines;
  let cut = 0;
  for (const { 0: word, index } of commonStart(filled).matchAll(/\S+(?=\s)/g)) {
    const isWord = FOREIGN.test(word) && !/0x|\(/i.test(word);
    if (isWord || (cut > 0 && /^[^0-9a-z]+$/i.test(word))) cut = index + word.length;
  }
  return cut === 0 ? lines : lines.map((line) => line.slice(cut));
}

function commonStart([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const line of others) {
    let at = 0;
    while (at < length && line[at] === first[at]) at++;
    length = at;
  }
  return first.slice(0, length);
}
