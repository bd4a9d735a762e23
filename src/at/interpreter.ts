import { AtError } from './at-error.ts';
import { type AtAction, newSession } from './command.ts';
import { type CommandItem, parseCommandLine } from './command-line.ts';
import { resolve } from './commands/index.ts';
import type { AtHost } from './host.ts';
import { createLineReader, type LineEvent } from './line-reader.ts';

/**
 * The AT terminal: text in, text out. One line after the other, in order; what comes in while a command runs waits.
 * Answers are framed as V.250 has it: `<CR><LF>text<CR><LF>` and `<CR><LF>OK<CR><LF>`.
 */
export interface AtInterpreter {
  /**
   * Takes characters as they come, cut anywhere. Resolves when they and all before them are answered: a fast peer should
   * wait for that. Rejects when `output` does, or with a RangeError when too much is waiting.
   */
  input(text: string): Promise<void>;
  /** Ends the command that runs, as far as it can be ended. */
  cancel(): void;
}

export interface AtInterpreterOptions {
  /** Asked before a destructive command; false: it is not done and answered with ERROR. */
  readonly confirm?: (action: AtAction, line: string) => Promise<boolean>;
  /** Told of failures that are no AtError, which the terminal shows as ERROR only. */
  readonly onError?: (error: unknown) => void;
}

const MAX_WAITING = 1 << 20;

export function createAtInterpreter(
  host: AtHost,
  output: (text: string) => void | Promise<void>,
  options: AtInterpreterOptions = {},
): AtInterpreter {
  const session = newSession();
  const reader = createLineReader();
  let waiting = '';
  let working = false;
  let work = Promise.resolve();
  let lastLine: string | undefined;
  let running: AbortController | undefined;

  function input(text: string): Promise<void> {
    if (waiting.length + text.length > MAX_WAITING) {
      return Promise.reject(new RangeError('Too much input waits for a running command.'));
    }
    waiting += text;
    if (!working) work = drain();
    return work;
  }

  async function drain(): Promise<void> {
    working = true;
    try {
      while (waiting !== '') {
        const { echo, events } = takeUntilEvent();
        if (echo !== '' && session.echo) await output(echo);
        for (const event of events) await handle(event);
      }
    } finally {
      working = false;
    }
  }

  /** Echo in one piece, up to the character that completes a line. */
  function takeUntilEvent(): { echo: string; events: readonly LineEvent[] } {
    let echo = '';
    for (let i = 0; i < waiting.length; i++) {
      const typed = reader.push(waiting.charAt(i));
      echo += typed.echo;
      if (typed.events.length > 0) {
        waiting = waiting.slice(i + 1);
        return { echo, events: typed.events };
      }
    }
    waiting = '';
    return { echo, events: [] };
  }

  async function handle(event: LineEvent): Promise<void> {
    if (event.kind === 'overflow') return result(new AtError(50, 'The line is too long.'));
    const line = event.kind === 'line' ? event.text : lastLine;
    if (line === undefined) return result(new AtError(3, 'There is no line to repeat.'));
    const items = parseCommandLine(line);
    if (!items) return;
    lastLine = line;
    await result(await runAll(items, line));
  }

  /** The first command that fails ends the line (V.250 5.3.2); what those before it did stands. */
  async function runAll(items: readonly CommandItem[], line: string): Promise<AtError | undefined> {
    running = new AbortController();
    try {
      for (const item of items) await run(item, line, running.signal);
      return undefined;
    } catch (error) {
      if (error instanceof AtError) return error;
      if (error instanceof OutputError) throw error.cause;
      if (!running.signal.aborted) options.onError?.(error);
      return new AtError(100, error instanceof Error ? error.message : undefined, error);
    } finally {
      running = undefined;
    }
  }

  async function run(item: CommandItem, line: string, signal: AbortSignal): Promise<void> {
    if (item.kind === 'mistake') throw new AtError(50, item.reason);
    const request = resolve(item);
    if (!request) throw new AtError(4);
    const reply = informationText();
    if (request.kind === 'test') return reply(...request.lines);
    const { action, number, values } = request;
    if (action.destructive && options.confirm && !(await options.confirm(action, line))) {
      throw new AtError(3, 'Not confirmed.');
    }
    await action.run({ host, session, number, signal, reply }, values);
  }

  /** One information text of any number of lines, written as they come. */
  function informationText(): (...lines: readonly string[]) => Promise<void> {
    let begun = false;
    return async (...lines) => {
      if (lines.length === 0) return;
      const header = session.verbose && !begun ? '\r\n' : '';
      begun = true;
      await write(`${header}${lines.join('\r\n')}\r\n`);
    };
  }

  async function result(error?: AtError): Promise<void> {
    if (session.quiet) return;
    if (error && session.errorReport > 0) {
      const report = session.errorReport === 1 ? error.code : error.message.replace(/\s+/g, ' ');
      await output(`\r\n+CME ERROR: ${report}\r\n`);
    } else if (session.verbose) await output(`\r\n${error ? 'ERROR' : 'OK'}\r\n`);
    else await output(error ? '4\r' : '0\r');
  }

  /** The line to the peer may fail in the midst of a command; that is not the command's failure. */
  async function write(text: string): Promise<void> {
    try {
      await output(text);
    } catch (error) {
      throw new OutputError(error);
    }
  }

  return { input, cancel: () => running?.abort(new DOMException('The command was ended.', 'AbortError')) };
}

class OutputError extends Error {
  override readonly name = 'OutputError';
  constructor(cause: unknown) {
    super('The answer could not be written.', { cause });
  }
}
