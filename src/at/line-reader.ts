import type { AtSession } from './command.ts';

/**
 * Characters in, command lines out (V.250 5.2): echo, editing with backspace, `A/`. A pure state machine, one character at
 * a time, so that the way a text is cut into pieces can make no difference. Only the lower seven bits of a character count
 * (V.250 5.1): the eighth may be a parity bit. It is echoed as received.
 */
export interface LineReader {
  /** What to echo for the character (when echo is on) and what it completes, if anything. */
  push(character: string): Typed;
  /** Forgets the line that was begun, because characters of it were lost; with `skipRest` also what is still to come of it. */
  abandonLine(skipRest: boolean): void;
  /** Is this character the end of a line, or of one that is dropped? */
  endsLine(character: string): boolean;
}

export interface Typed {
  readonly echo: string;
  readonly events: readonly LineEvent[];
}

export type LineEvent =
  | { readonly kind: 'line'; readonly text: string }
  /** `A/`: the last line again, at once and without CR. */
  | { readonly kind: 'repeat' }
  /** A line too long to be one: how it began. */
  | { readonly kind: 'overflow'; readonly text: string };

const CARRIAGE_RETURN = 13;

/** More than any command needs (an INMAT address may name dozens of variables), little enough to bound a hostile peer. */
export const MAX_LINE_LENGTH = 8192;

const BACKSPACE = 8;
const DELETE = '\x7f';
/** Ctrl-C and Ctrl-X drop the line. */
const CANCELS = '\x03\x18';

/** @param echoed which lines are echoed: on a line that may echo itself, only what may become a command */
export function createLineReader(
  session: Pick<AtSession, 'lineEnd' | 'backspace'>,
  echoed: 'all' | 'commands' = 'all',
): LineReader {
  let line = '';
  let inQuotes = false;
  let overflowed = false;
  let skipping = false;
  let afterCarriageReturn = false;

  const sevenBits = (character: string) => String.fromCharCode(character.charCodeAt(0) & 0x7f);
  /** LF alone ends a line too, as long as CR does: text pasted on Unix has no CR. */
  const isLineEnd = (character: string) =>
    character.charCodeAt(0) === session.lineEnd || (character === '\n' && session.lineEnd === CARRIAGE_RETURN);
  const isOver = (character: string) => isLineEnd(character) || (character !== '' && CANCELS.includes(character));
  /** Most terminals send DEL for the backspace key. 0xFF is no such key but noise. */
  const takesBack = (character: string, received: string) =>
    character.charCodeAt(0) === session.backspace || (received === DELETE && session.backspace === BACKSPACE);

  function take(text: string, quotes: boolean): void {
    line = text;
    inQuotes = quotes;
    overflowed = false;
  }

  function end(): readonly LineEvent[] {
    const event: LineEvent = { kind: overflowed ? 'overflow' : 'line', text: line };
    take('', false);
    return [event];
  }

  function push(received: string): Typed {
    const character = sevenBits(received);
    if (skipping) {
      skipping = !isOver(character);
      afterCarriageReturn = character === '\r';
      return { echo: '', events: [] };
    }
    const secondHalf = character === '\n' && afterCarriageReturn;
    afterCarriageReturn = character === '\r' && isLineEnd(character);
    if (secondHalf) {
      // CR ended the line; its LF is data only within quotes.
      if (inQuotes) append(character);
      return { echo: inQuotes ? received : '', events: [] };
    }
    if (isLineEnd(character)) {
      if (!inQuotes || overflowed) return { echo: received, events: end() };
    } else if (takesBack(character, received)) return { echo: erase(), events: [] };
    else if (CANCELS.includes(character)) {
      const echo = line === '' ? '' : '\r\n';
      take('', false);
      return { echo, events: [] };
    } else if ((character < ' ' && character !== '\t') || character === DELETE) return { echo: '', events: [] };

    append(character);
    if (/^a\/$/i.test(line)) {
      take('', false);
      return { echo: received, events: [{ kind: 'repeat' }] };
    }
    return { echo: received, events: inQuotes ? unclosedLine() : [] };
  }

  function append(character: string): void {
    if (character === '"') inQuotes = !inQuotes;
    if (line.length < MAX_LINE_LENGTH) line += character;
    else overflowed = true;
  }

  /**
   * A string may hold line ends (the SmartCOM's own data does), so CR does not end a line within quotes. A quote
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

  const isEchoed = () => echoed === 'all' || /^\s*a(?:[t/]|$)/i.test(line);

  return {
    push(received) {
      // Of the line to which it belongs: the one it ends, or the one it begins.
      const before = line !== '' && isEchoed();
      const typed = push(received);
      return before || isEchoed() ? typed : { ...typed, echo: '' };
    },
    abandonLine(skipRest) {
      take('', false);
      skipping = skipRest;
    },
    endsLine: (character) => isOver(sevenBits(character)),
  };
}
