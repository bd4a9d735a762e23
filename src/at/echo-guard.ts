import type { Clock } from '../common/clock.ts';
import type { AtEffect } from './command.ts';

/**
 * Keeps a serial line that gives back what is sent on it (a two-wire adapter, an IR head, a peer that echoes) from
 * making commands of our own echo and answers: without it one command would run for ever, and one that deletes again and
 * again. What comes back is told from what a peer says by comparing it with what was sent, and by what follows: an echoed
 * command is followed by its answer, a command of a peer by silence or the next one.
 */
export interface EchoGuard {
  /** Whether the line gives back what is sent on it, as far as is known. */
  readonly echo: 'unknown' | 'echoes' | 'silent';
  /** May a command be echoed now? It is the echo that feeds a storm. */
  readonly allowsEcho: boolean;
  /** Everything that goes out passes here. */
  sent(text: string): void;
  /** A line came in that is no command. */
  heard(line: string): void;
  /**
   * Has this command line been sent from here? May wait a moment for what follows it.
   * @param following what came in after the line up to now
   */
  isEcho(line: string, effect: AtEffect, following: () => string): Promise<boolean>;
}

export interface EchoGuardOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  /** How long the answer may lag behind the echo of its command: some characters, and the buffers between. */
  readonly holdMs: number;
  /** Told once, when the line turns out to echo. */
  readonly onEcho?: () => void;
}

const MOST_SENT_LINES = 256;
const STEP_MS = 20;
/** So many lines of a kind, each so soon: from then on they are answered without an echo, whoever it is that says them. */
const MOST_REPETITIONS = 20;
const SOON_MS = 5000;
/** Characters by which an answer is known. */
const TELLING = 4;
/** What only this side of the line says: result codes and information texts. */
const ANSWER = /^(?:OK|ERROR|[\^+][A-Z0-9]+:)/i;
const ANSWER_BEGUN = /^(?:OK|ERR|[\^+](?:S|C|G)|[04]$)/i;

export function createEchoGuard({ clock, holdMs, onEcho }: EchoGuardOptions): EchoGuard {
  /** Command lines that were sent; each may come back once. */
  const lines: string[] = [];
  let echo: EchoGuard['echo'] = 'unknown';
  /** Lines in a row that were the same as one sent a moment ago, though no answer followed by which to know an echo. */
  let repetitions = 0;
  let open = '';
  let hasSent = false;
  let sentAt = -Infinity;

  function finishLine(): void {
    const text = bare(open);
    open = '';
    if (text === '') return;
    hasSent = true;
    if (/^A[T/]/i.test(text)) lines.push(text);
    if (lines.length > MOST_SENT_LINES) lines.shift();
  }

  function found(): void {
    if (echo === 'echoes') return;
    echo = 'echoes';
    onEcho?.();
  }

  /** What follows, bare; '' when the line stays silent. */
  async function whatFollows(following: () => string): Promise<string> {
    for (let waited = 0; waited < holdMs && bare(following()).length < TELLING; waited += STEP_MS) {
      await clock.sleep(STEP_MS);
    }
    return bare(following());
  }

  return {
    get echo() {
      return echo;
    },
    get allowsEcho() {
      return echo !== 'echoes' && repetitions <= MOST_REPETITIONS;
    },
    sent(text) {
      sentAt = clock.monotonic();
      const [first = '', ...others] = text.split(/[\x00-\x1f]/);
      open += first;
      for (const other of others) {
        finishLine();
        open = other;
      }
    },
    heard(line) {
      if (ANSWER.test(bare(line))) found();
    },
    async isEcho(line, effect, following) {
      const text = bare(line);
      const at = lines.indexOf(text);
      const same = at >= 0;
      if (same && echo === 'echoes') {
        lines.splice(at, 1);
        return true;
      }
      repetitions = same && clock.monotonic() - sentAt < SOON_MS ? repetitions + 1 : 0;
      // An echo may be damaged: what changes something is looked at twice until the line is known to be silent.
      if (!same && (effect === 'tells' || echo === 'silent')) {
        if (echo === 'unknown' && hasSent) echo = 'silent';
        return false;
      }
      const next = await whatFollows(following);
      // After a line that was sent only another command speaks for a peer; after a damaged one only an answer against it.
      const isEcho = same ? next !== '' && !/^A/i.test(next) : ANSWER_BEGUN.test(next);
      if (isEcho && same) lines.splice(at, 1);
      if (isEcho) found();
      else if (same) echo = 'silent';
      return isEcho;
    },
  };
}

/** Without line ends, blanks and what else a terminal on the way may add or take away; seven bits. */
function bare(text: string): string {
  return Array.from(text, (character) => String.fromCharCode(character.charCodeAt(0) & 0x7f))
    .join('')
    .replace(/[\x00- \x7f]/g, '');
}
