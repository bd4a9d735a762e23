import { createTries, type Tries } from '../../common/tries.ts';
import type { Line } from '../../line/line.ts';
import type { ReadOptions, ReadStep } from '../protocol.ts';
import { dlmsErrors } from './errors.ts';
import type { HdlcLink } from './hdlc/link.ts';
import type { SignOn } from './sign-on.ts';

export interface DialogueTries extends Tries {
  /** What comes now is the farewell: it is said once, and changes nothing of what was used. */
  end(): void;
}

/** What one read has seen so far. */
export interface Dialogue {
  readonly line: Line;
  readonly link: HdlcLink;
  readonly tries: DialogueTries;
  readonly options: ReadOptions;
  /** Something is tried again, in words. */
  readonly onRepeat: (text: string) => void;
  readonly notes: string[];
  readonly results: string[];
  /** How it began at an optical head. */
  opened: SignOn | undefined;
  /** How what is read is protected, from the association on. */
  security: string | undefined;
}

/**
 * What one dialogue may take of an account that counts dialogues too: progress within it, a UA or a value, gives back only
 * what it took itself. Else a meter that answers, and then always fails in the same way, would be asked for ever.
 */
export function triesOfDialogue({ most, used }: Tries): DialogueTries {
  const own = createTries(most - used, dlmsErrors);
  let isOver = false;
  return {
    most: own.most,
    get used() {
      return own.used;
    },
    take: (code) => !isOver && own.take(code),
    progress() {
      if (!isOver) own.progress();
    },
    end() {
      isOver = true;
    },
  };
}

export function step({ options }: Dialogue, name: ReadStep, text: string): void {
  options.onProgress?.({ kind: 'step', step: name, text });
}
