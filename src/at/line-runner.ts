import { informationText } from './answer-text.ts';
import { AtError } from './at-error.ts';
import { type AtEffect, type AtSession, effectOf } from './command.ts';
import type { CommandItem } from './command-line.ts';
import { resolve } from './commands/index.ts';
import type { AtHost } from './host.ts';

/** Does the commands of a line, one after the other. */
export interface LineRunner {
  /**
   * The first command that fails ends the line (V.250 5.3.2) and is what this resolves with; what those before it did
   * stands. Rejects when `send` does.
   */
  run(items: readonly CommandItem[], line: string): Promise<AtError | undefined>;
  /** Ends the command that runs, as far as it can be ended. */
  cancel(): void;
}

export interface LineRunnerOptions {
  /** Asked before a command that changes or deletes something; false: it is not done and answered with ERROR. */
  readonly permit?: (asked: AtAsked) => boolean | Promise<boolean>;
  /** Told of failures that are no AtError, which the terminal shows as ERROR only. */
  readonly onError?: (error: unknown) => void;
  /** Told what a command waits for that needs a port in use; undefined: it waits no more. */
  readonly onWait?: (forWhat: string | undefined) => void;
}

/** A command that changes or deletes something, before it is done. */
export interface AtAsked {
  readonly effect: Exclude<AtEffect, 'tells'>;
  /** What it does, in the words of the command table. */
  readonly help: string;
  /** The whole command line. */
  readonly line: string;
}

export function createLineRunner(
  host: AtHost,
  session: AtSession,
  send: (text: string) => Promise<void>,
  { permit, onError, onWait = () => undefined }: LineRunnerOptions,
): LineRunner {
  let running: AbortController | undefined;

  async function run(item: CommandItem, line: string, signal: AbortSignal): Promise<void> {
    if (item.kind === 'mistake') throw new AtError(50, item.reason);
    const request = resolve(item);
    if (!request) throw new AtError(4);
    const textOf = informationText(session);
    const reply = async (...lines: readonly string[]) => {
      if (lines.length > 0) await write(textOf(lines));
    };
    if (request.kind === 'test') return reply(...request.lines);
    const { action, number, values } = request;
    const effect = effectOf(action, values);
    if (effect !== 'tells' && permit && !(await permit({ effect, help: action.help, line }))) {
      throw new AtError(3, 'This is not allowed here.');
    }
    signal.throwIfAborted();
    await action.run({ host, session, number, signal, onWait, reply }, values);
  }

  /** The line to the peer may fail in the midst of a command; that is not the command's failure. */
  async function write(text: string): Promise<void> {
    try {
      await send(text);
    } catch (error) {
      throw new OutputError(error);
    }
  }

  return {
    async run(items, line) {
      const { signal } = (running = new AbortController());
      try {
        for (const item of items) await run(item, line, signal);
        return undefined;
      } catch (error) {
        if (error instanceof AtError) return error;
        if (error instanceof OutputError) throw error.cause;
        if (!signal.aborted) onError?.(error);
        return new AtError(100, error instanceof Error ? error.message : undefined, error);
      } finally {
        running = undefined;
      }
    },
    cancel: () => running?.abort(new DOMException('The command was ended.', 'AbortError')),
  };
}

/** The most that any command of a line does. */
export function strongestEffect(items: readonly CommandItem[]): AtEffect {
  const effects = items.map((item): AtEffect => {
    const request = item.kind === 'mistake' ? undefined : resolve(item);
    return request?.kind === 'action' ? effectOf(request.action, request.values) : 'tells';
  });
  return effects.find((effect) => effect === 'deletes') ?? effects.find((effect) => effect === 'changes') ?? 'tells';
}

class OutputError extends Error {
  override readonly name = 'OutputError';
  constructor(cause: unknown) {
    super('The answer could not be written.', { cause });
  }
}
