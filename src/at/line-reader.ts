/**
 * Characters in, command lines out (V.250 5.2): echo, editing with backspace, `A/`. A pure state machine, one character at
 * a time, so that the way a text is cut into pieces can make no difference.
 */
export interface LineReader {
  /** What to echo for the character (when echo is on) and what it completes, if anything. */
  push(character: string): Typed;
}

export interface Typed {
  readonly echo: string;
  readonly events: readonly LineEvent[];
}

export type LineEvent =
  | { readonly kind: 'line'; readonly text: string }
  /** `A/`: the last line again, at once and without CR. */
  | { readonly kind: 'repeat' }
  /** A line too long to be one: dropped up to its CR. */
  | { readonly kind: 'overflow' };

/** More than any command needs (an INMAT address may name dozens of variables), little enough to bound a hostile peer. */
export const MAX_LINE_LENGTH = 8192;

const BACKSPACES = '\b\x7f';
/** Ctrl-C and Ctrl-X drop the line. */
const CANCELS = '\x03\x18';

export function createLineReader(): LineReader {
  let line = '';
  let inQuotes = false;
  let overflowed = false;
  let afterCarriageReturn = false;

  function take(text: string, quotes: boolean): void {
    line = text;
    inQuotes = quotes;
    overflowed = false;
  }

  function end(): readonly LineEvent[] {
    const event: LineEvent = overflowed ? { kind: 'overflow' } : { kind: 'line', text: line };
    take('', false);
    return [event];
  }

  function push(character: string): Typed {
    const secondHalf = character === '\n' && afterCarriageReturn;
    afterCarriageReturn = character === '\r';
    if (secondHalf) {
      // CR ended the line; its LF is data only within quotes.
      if (inQuotes) append(character);
      return { echo: inQuotes ? character : '', events: [] };
    }
    // LF alone ends a line too: text pasted on Unix has no CR.
    if (character === '\r' || character === '\n') {
      if (!inQuotes || overflowed) return { echo: character, events: end() };
    } else if (BACKSPACES.includes(character)) return { echo: erase(), events: [] };
    else if (CANCELS.includes(character)) {
      const echo = line === '' ? '' : '\r\n';
      take('', false);
      return { echo, events: [] };
    } else if (character < ' ' && character !== '\t') return { echo: '', events: [] };

    append(character);
    if (/^a\/$/i.test(line)) {
      take('', false);
      return { echo: character, events: [{ kind: 'repeat' }] };
    }
    return { echo: character, events: inQuotes ? unclosedLine() : [] };
  }

  function append(character: string): void {
    if (character === '"') inQuotes = !inQuotes;
    if (line.length < MAX_LINE_LENGTH) line += character;
    else overflowed = true;
  }

  /**
   * A string may hold line ends (the SmartCOM's own data does, seed 000), so CR does not end a line within quotes. A quote
   * that was forgotten must not swallow what follows: a line in it that begins with AT begins a new command.
   */
  function unclosedLine(): readonly LineEvent[] {
    const begin = line.slice(-3);
    if (overflowed || !/^[\r\n]at$/i.test(begin)) return [];
    const text = line.slice(0, -3).trimEnd();
    take(begin.slice(1), false);
    return [{ kind: 'line', text }];
  }

  function erase(): string {
    if (line === '' || overflowed) return '';
    const erased = line.at(-1) ?? '';
    if (erased === '"') inQuotes = !inQuotes;
    line = line.slice(0, -1);
    return '\b \b';
  }

  return { push };
}
