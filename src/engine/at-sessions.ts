import type { AtHost } from '../at/host.ts';
import { createAtInterpreter, type AtInterpreter } from '../at/interpreter.ts';
import type { AtEvent } from './ams-api.ts';
import { waitTeller } from './wait-event.ts';

interface Session {
  readonly interpreter: AtInterpreter;
  answer(question: number, yes: boolean): void;
  /** Ends the command that runs; what it asked counts as answered with no. */
  cancel(): void;
}

export interface AtSessions {
  /** Runs until aborted; `emit` gets what the terminal prints and the questions it asks. */
  open(name: string, confirm: boolean, emit: (event: AtEvent) => void, signal: AbortSignal): Promise<undefined>;
  input(name: string, text: string): Promise<undefined>;
  cancel(name: string): void;
  confirm(name: string, question: number, yes: boolean): void;
}

/** The terminals of all windows, each with an interpreter of its own over one host. */
export function createAtSessions(host: AtHost, onError: (error: unknown) => void): AtSessions {
  const sessions = new Map<string, Session>();

  function create(confirm: boolean, emit: (event: AtEvent) => void): Session {
    const questions = new Map<number, (yes: boolean) => void>();
    let asked = 0;
    const interpreter = createAtInterpreter(host, (text) => emit({ kind: 'output', text }), {
      onError,
      onWait: waitTeller(emit),
      ...(confirm
        ? {
            permit: ({ effect, line, help }) =>
              effect === 'changes' ||
              new Promise<boolean>((resolve) => {
                const question = ++asked;
                questions.set(question, resolve);
                emit({ kind: 'confirm', question, line, help });
              }),
          }
        : {}),
    });
    return {
      interpreter,
      answer(question, yes) {
        questions.get(question)?.(yes);
        questions.delete(question);
      },
      cancel() {
        interpreter.cancel();
        for (const resolve of questions.values()) resolve(false);
        questions.clear();
      },
    };
  }

  const find = (name: string): Session => {
    const session = sessions.get(name);
    if (!session) throw new Error('This terminal is no longer connected.');
    return session;
  };

  return {
    open: (name, confirm, emit, signal) =>
      new Promise((resolve) => {
        const session = create(confirm, emit);
        sessions.set(name, session);
        const close = () => {
          session.cancel();
          // The name may have been opened anew meanwhile.
          if (sessions.get(name) === session) sessions.delete(name);
          resolve(undefined);
        };
        if (signal.aborted) close();
        else signal.addEventListener('abort', close, { once: true });
      }),
    async input(name, text) {
      const { interpreter } = find(name);
      // Seven bits count: any other character would silently become another one.
      const [foreign] = /[^\x00-\x7f]/u.exec(text) ?? [];
      if (foreign !== undefined)
        throw new Error(`AT commands have no “${foreign}”: only ASCII characters can be sent.`);
      // Whoever types at the page ends a line with Enter, whatever ATS3 made of it.
      await interpreter.input(text.replaceAll('\r', interpreter.lineEnd));
      return undefined;
    },
    cancel: (name) => find(name).cancel(),
    confirm: (name, question, yes) => find(name).answer(question, yes),
  };
}
