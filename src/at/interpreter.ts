import { lineEndOf, resultText } from './answer-text.ts';
import { AtError } from './at-error.ts';
import { newSession } from './command.ts';
import { parseCommandLine } from './command-line.ts';
import type { EchoGuard } from './echo-guard.ts';
import type { AtHost } from './host.ts';
import { createInputQueue } from './input-queue.ts';
import { createLineReader, type LineEvent } from './line-reader.ts';
import { createLineRunner, type LineRunnerOptions, strongestEffect } from './line-runner.ts';

export type { AtAsked } from './line-runner.ts';

/** The AT terminal: text in, text out. One line after the other, in order; what comes in while a command runs waits. */
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

export interface AtInterpreterOptions extends LineRunnerOptions {
  /** For a line that may give back what is sent on it. */
  readonly echoGuard?: EchoGuard;
}

export function createAtInterpreter(
  host: AtHost,
  output: (text: string) => void | Promise<void>,
  options: AtInterpreterOptions = {},
): AtInterpreter {
  const { echoGuard } = options;
  const session = newSession();
  const reader = createLineReader(session, echoGuard ? 'commands' : 'all');
  const runner = createLineRunner(host, session, send, options);
  const queue = createInputQueue({ take: takeUntilEvent, refuse });
  let heldEcho = '';
  let lastLine: string | undefined;

  /**
   * Echo in one piece, up to the character that completes a line. On a line that may give it back the whole line is
   * echoed when it is complete, or it would come back among the rest of it.
   */
  async function takeUntilEvent(): Promise<void> {
    let echo = heldEcho;
    heldEcho = '';
    for (let next = queue.next(); next !== undefined; next = queue.next()) {
      const typed = reader.push(next);
      echo += typed.echo;
      if (typed.events.length > 0) {
        for (const event of typed.events) await handle(event, echo);
        return;
      }
    }
    if (echoGuard?.echo === 'unknown') heldEcho = echo;
    else await sendEcho(echo);
  }

  async function refuse(last: string): Promise<void> {
    reader.abandonLine(!reader.endsLine(last));
    await result(new AtError(20, 'Too much input was waiting.'));
  }

  /** @param echo of the end of the line, which is not echoed where the line is an echo itself */
  async function handle(event: LineEvent, echo: string): Promise<void> {
    const line = event.kind === 'repeat' ? lastLine : event.text;
    const items = line === undefined ? undefined : parseCommandLine(line);
    if (event.kind === 'line' && !items) echoGuard?.heard(event.text);
    else if (event.kind !== 'overflow') {
      const text = event.kind === 'repeat' ? 'A/' : event.text;
      if (await echoGuard?.isEcho(text, strongestEffect(items ?? []), () => queue.waiting)) return;
    }
    await sendEcho(echo);
    if (line === undefined) return result(new AtError(3, 'There is no line to repeat.'));
    if (!items) return;
    if (event.kind === 'overflow') return result(new AtError(50, 'The line is too long.'));
    lastLine = line;
    await result(await runner.run(items, line));
  }

  async function sendEcho(echo: string): Promise<void> {
    // On a line that gives it back an echo serves nobody; nor does one that no result code follows to tell it by.
    const isWanted = session.echo && !(echoGuard && (!echoGuard.allowsEcho || session.quiet));
    if (echo !== '' && isWanted) await send(echo);
  }

  async function result(error?: AtError): Promise<void> {
    const text = resultText(session, error);
    if (text !== '') await send(text);
  }

  async function send(text: string): Promise<void> {
    echoGuard?.sent(text);
    await output(text);
  }

  return {
    input: queue.input,
    cancel: runner.cancel,
    get lineEnd() {
      return lineEndOf(session);
    },
  };
}
