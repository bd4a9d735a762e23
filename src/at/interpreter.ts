import { AtError } from './at-error.ts';
import { type AtEffect, effectOf, newSession } from './command.ts';
import { type CommandItem, parseCommandLine } from './command-line.ts';
import { resolve } from './commands/index.ts';
import type { EchoGuard } from './echo-guard.ts';
import type { AtHost } from './host.ts';
import { createLineReader, type LineEvent } from './line-reader.ts';

/**
 * The AT terminal: text in, text out. One line after the other, in order; what comes in while a command runs waits.
 * Answers are framed as V.250 has it: `<CR><LF>text<CR><LF>` and `<CR><LF>OK<CR><LF>`.
 */
export interface AtInterpreter {
  /**
   * Takes characters as they come, cut anywhere. Resolves when they and all before them are answered: a fast peer should
   * wait for that. What is too much to wait for a running command is refused with ERROR. Rejects when `output` does.
   */
  input(text: string): Promise<void>;
  /** Ends the command that runs, as far as it can be ended. */
  cancel(): void;
  /** The character that ends a line now (ATS3). */
  readonly lineEnd: string;
}

export interface AtInterpreterOptions {
  /** Asked before a command that changes or deletes something; false: it is not done and answered with ERROR. */
  readonly permit?: (asked: AtAsked) => boolean | Promise<boolean>;
  /** Told of failures that are no AtError, which the terminal shows as ERROR only. */
  readonly onError?: (error: unknown) => void;
  /** Told what a command waits for that needs a port in use; undefined: it waits no more. */
  readonly onWait?: (forWhat: string | undefined) => void;
  /** For a line that may give back what is sent on it. */
  readonly echoGuard?: EchoGuard;
}

/** A command that changes or deletes something, before it is done. */
export interface AtAsked {
  readonly effect: Exclude<AtEffect, 'tells'>;
  /** What it does, in the words of the command table. */
  readonly help: string;
  /** The whole command line. */
  readonly line: string;
}

/** Input that may wait while a command runs. */
const MAX_WAITING = 1 << 20;

export function createAtInterpreter(
  host: AtHost,
  output: (text: string) => void | Promise<void>,
  options: AtInterpreterOptions = {},
): AtInterpreter {
  const { permit, onError, onWait = () => undefined, echoGuard } = options;
  const session = newSession();
  const reader = createLineReader(session, echoGuard ? 'commands' : 'all');
  let waiting = '';
  /** The last of what did not fit; undefined while everything did. */
  let refused: string | undefined;
  let heldEcho = '';
  let working = false;
  let work = Promise.resolve();
  let lastLine: string | undefined;
  let running: AbortController | undefined;

  function input(text: string): Promise<void> {
    // What comes after characters that were lost is lost too, or pieces of two lines would make a third one.
    if (refused !== undefined || waiting.length + text.length > MAX_WAITING) refused = text.slice(-1);
    else waiting += text;
    if (!working) work = drain();
    return work;
  }

  async function drain(): Promise<void> {
    working = true;
    try {
      while (waiting !== '' || refused !== undefined) {
        if (waiting !== '') await takeUntilEvent();
        else await refuse();
      }
    } finally {
      working = false;
    }
  }

  /**
   * Echo in one piece, up to the character that completes a line. On a line that may give it back the whole line is
   * echoed when it is complete, or it would come back among the rest of it.
   */
  async function takeUntilEvent(): Promise<void> {
    let echo = heldEcho;
    heldEcho = '';
    for (let i = 0; i < waiting.length; i++) {
      const typed = reader.push(waiting.charAt(i));
      echo += typed.echo;
      if (typed.events.length > 0) {
        waiting = waiting.slice(i + 1);
        for (const event of typed.events) await handle(event, echo);
        return;
      }
    }
    waiting = '';
    if (echoGuard?.echo === 'unknown') heldEcho = echo;
    else await sendEcho(echo);
  }

  async function refuse(): Promise<void> {
    reader.abandonLine(!reader.endsLine(refused ?? ''));
    refused = undefined;
    await result(new AtError(20, 'Too much input was waiting.'));
  }

  /** @param echo of the end of the line, which is not echoed where the line is an echo itself */
  async function handle(event: LineEvent, echo: string): Promise<void> {
    const line = event.kind === 'repeat' ? lastLine : event.text;
    const items = line === undefined ? undefined : parseCommandLine(line);
    if (event.kind === 'line' && !items) echoGuard?.heard(event.text);
    else if (event.kind !== 'overflow') {
      const text = event.kind === 'repeat' ? 'A/' : event.text;
      if (await echoGuard?.isEcho(text, strongest(items ?? []), () => waiting)) return;
    }
    await sendEcho(echo);
    if (line === undefined) return result(new AtError(3, 'There is no line to repeat.'));
    if (!items) return;
    if (event.kind === 'overflow') return result(new AtError(50, 'The line is too long.'));
    lastLine = line;
    await result(await runAll(items, line));
  }

  async function sendEcho(echo: string): Promise<void> {
    // On a line that gives it back an echo serves nobody; nor does one that no result code follows to tell it by.
    const isWanted = session.echo && !(echoGuard && (!echoGuard.allowsEcho || session.quiet));
    if (echo !== '' && isWanted) await send(echo);
  }

  async function send(text: string): Promise<void> {
    echoGuard?.sent(text);
    await output(text);
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
      if (!running.signal.aborted) onError?.(error);
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
    const effect = effectOf(action, values);
    if (effect !== 'tells' && permit && !(await permit({ effect, help: action.help, line }))) {
      throw new AtError(3, 'This is not allowed here.');
    }
    signal.throwIfAborted();
    await action.run({ host, session, number, signal, onWait, reply }, values);
  }

  const characterOf = (code: number) => String.fromCharCode(code);
  /** What surrounds answers: CR and LF unless S3 and S4 are others. */
  const newLine = () => characterOf(session.lineEnd) + characterOf(session.lineFeed);

  /** One information text of any number of lines, written as they come. */
  function informationText(): (...lines: readonly string[]) => Promise<void> {
    let begun = false;
    return async (...lines) => {
      if (lines.length === 0) return;
      const header = session.verbose && !begun ? newLine() : '';
      begun = true;
      await write(`${header}${lines.join(newLine())}${newLine()}`);
    };
  }

  async function result(error?: AtError): Promise<void> {
    if (session.quiet) return;
    if (error && session.errorReport > 0) {
      const report = session.errorReport === 1 ? error.code : error.message.replace(/\s+/g, ' ');
      await send(`${newLine()}+CME ERROR: ${report}${newLine()}`);
    } else if (session.verbose) await send(`${newLine()}${error ? 'ERROR' : 'OK'}${newLine()}`);
    else await send(`${error ? '4' : '0'}${characterOf(session.lineEnd)}`);
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
    input,
    cancel: () => running?.abort(new DOMException('The command was ended.', 'AbortError')),
    get lineEnd() {
      return characterOf(session.lineEnd);
    },
  };
}

/** The most that any command of a line does. */
function strongest(items: readonly CommandItem[]): AtEffect {
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
