import { visibleText } from '../../components/format.ts';

/** A run of lines that is drawn as one piece of text; only the newest block changes. */
export interface Block {
  readonly id: number;
  readonly text: string;
  readonly lines: number;
}

/**
 * What the terminal shows, oldest first. The newest line may still be unfinished. Bounded, so that a listing of the
 * whole log leaves the page as quick as before: the oldest blocks go.
 */
export interface Screen {
  readonly blocks: readonly Block[];
  /** Lines that have gone at the beginning. */
  readonly dropped: number;
  /** A carriage return whose line feed may still come. */
  readonly held: '' | '\r';
}

export const emptyScreen: Screen = { blocks: [{ id: 0, text: '', lines: 0 }], dropped: 0, held: '' };

const BLOCK_LINES = 200;
const MOST_BLOCKS = 50;
/** A line of a data set may be long, and a hostile one endless. */
const BLOCK_CHARACTERS = 200_000;

/** The screen after the terminal has printed `output`, which may be cut anywhere. */
export function print(screen: Screen, output: string): Screen {
  const { text, held } = withLineEnds(screen.held + output);
  const blocks = [...screen.blocks];
  for (const line of linesOf(visibleText(text))) {
    const last = blocks.at(-1);
    if (!last) break;
    const ends = line.endsWith('\n') ? 1 : 0;
    const full = last.lines >= BLOCK_LINES || last.text.length + line.length > BLOCK_CHARACTERS;
    const begun = full ? { id: last.id + 1, text: '', lines: 0 } : last;
    const next = { id: begun.id, text: begun.text + line, lines: begun.lines + ends };
    if (full) blocks.push(next);
    else blocks[blocks.length - 1] = next;
  }
  const gone = blocks.splice(0, Math.max(0, blocks.length - MOST_BLOCKS));
  return { blocks, held, dropped: screen.dropped + gone.reduce((sum, { lines }) => sum + lines, 0) };
}

/** Begins a new line unless the screen is at the beginning of one. */
export function freshLine(screen: Screen): Screen {
  const { text } = screen.blocks.at(-1) ?? { text: '' };
  return text === '' || text.endsWith('\n') ? screen : print(screen, '\r\n');
}

export function screenText({ blocks }: Screen): string {
  return blocks.map(({ text }) => text).join('');
}

/**
 * Every way to end a line (CR LF, LF, CR, the CR CR LF of an echoed line and its answer) as one line feed. A CR at the
 * end is held back until it is known what follows.
 */
function withLineEnds(text: string): { readonly text: string; readonly held: Screen['held'] } {
  const end = text.replace(/\r+$/, '');
  return { text: end.replace(/\r+\n?/g, '\n'), held: end === text ? '' : '\r' };
}

/** Lines with their ends; one too long for a block in pieces. */
function linesOf(text: string): readonly string[] {
  return (text.match(/[^\n]*\n|[^\n]+/g) ?? []).flatMap((line) =>
    line.length <= BLOCK_CHARACTERS ? [line] : (line.match(new RegExp(`.{1,${BLOCK_CHARACTERS}}\\n?`, 'g')) ?? []),
  );
}
