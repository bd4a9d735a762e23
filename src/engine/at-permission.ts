import type { AtAsked } from '../at/interpreter.ts';
import type { Clock } from '../common/clock.ts';
import type { AtPortMode, AtPortState } from './ams-api.ts';

/** Whether what changes or deletes something is done for the peer on a port: never, after a yes at the page, always. */
export interface AtPermission {
  /** What has been refused, and the question that waits. */
  readonly state: Pick<AtPortState, 'refused' | 'lastRefused' | 'question'>;
  permit(asked: AtAsked): boolean | Promise<boolean>;
  /** What somebody says to the question of that number; nothing where another one waits. */
  answer(question: number, yes: boolean): void;
  /** There is nobody to do it for any more: a question that waits is answered with no. */
  end(): void;
}

export interface AtPermissionParts {
  readonly mode: AtPortMode;
  readonly clock: Pick<Clock, 'sleep'>;
  /** One that no question had before: a late answer to another one must not meet this. */
  newNumber(): number;
  onChange(): void;
}

/** A question nobody answers is answered with no: the program at the other end waits. */
const ANSWER_WITHIN_MS = 60_000;

export function createAtPermission({ mode, clock, newNumber, onChange }: AtPermissionParts): AtPermission {
  let refused: Pick<AtPortState, 'refused' | 'lastRefused'> = { refused: 0 };
  let asking: { readonly question: NonNullable<AtPortState['question']>; settle(yes: boolean): void } | undefined;

  function refuse(line: string): void {
    refused = { refused: refused.refused + 1, lastRefused: line };
  }

  function ask({ line, help }: AtAsked): Promise<boolean> {
    const answered = new AbortController();
    return new Promise((resolve) => {
      const settle = (yes: boolean) => {
        answered.abort();
        asking = undefined;
        if (!yes) refuse(line);
        onChange();
        resolve(yes);
      };
      asking = { question: { number: newNumber(), line, help }, settle };
      onChange();
      clock.sleep(ANSWER_WITHIN_MS, answered.signal).then(
        () => settle(false),
        () => undefined,
      );
    });
  }

  return {
    get state() {
      return { ...refused, ...(asking && { question: asking.question }) };
    },
    permit(asked) {
      if (mode === 'full') return true;
      if (mode === 'confirm') return ask(asked);
      refuse(asked.line);
      onChange();
      return false;
    },
    answer(question, yes) {
      if (asking?.question.number === question) asking.settle(yes);
    },
    end: () => asking?.settle(false),
  };
}
