/** What comes in waits here while a command runs, bounded. */
export interface InputQueue {
  /** Resolves when this and all before it are taken or refused; rejects when that fails. */
  input(text: string): Promise<void>;
  /** The next character, which waits no more; undefined: none waits now. */
  next(): string | undefined;
  /** What waits, in order. */
  readonly waiting: string;
}

export interface InputTaker {
  /** Takes of what waits as much as it likes, at least a character; called until there is nothing. One call at a time. */
  take(): Promise<void>;
  /** Something was too much to wait, after all that was taken: `last` is the last character of it. */
  refuse(last: string): Promise<void>;
}

/** Input that may wait while a command runs. */
const MAX_WAITING = 1 << 20;

export function createInputQueue(taker: InputTaker): InputQueue {
  let waiting = '';
  /** The last of what did not fit; undefined while everything did. */
  let refused: string | undefined;
  let working = false;
  let work = Promise.resolve();

  async function drain(): Promise<void> {
    working = true;
    try {
      while (waiting !== '' || refused !== undefined) {
        if (waiting !== '') await taker.take();
        else await refuse();
      }
    } finally {
      working = false;
    }
  }

  async function refuse(): Promise<void> {
    const last = refused ?? '';
    refused = undefined;
    await taker.refuse(last);
  }

  return {
    input(text) {
      // What comes after characters that were lost is lost too, or pieces of two lines would make a third one.
      if (refused !== undefined || waiting.length + text.length > MAX_WAITING) refused = text.slice(-1);
      else waiting += text;
      if (!working) work = drain();
      return work;
    },
    next() {
      if (waiting === '') return undefined;
      const character = waiting.charAt(0);
      waiting = waiting.slice(1);
      return character;
    },
    get waiting() {
      return waiting;
    },
  };
}
