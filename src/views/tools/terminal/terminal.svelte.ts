import type { AtEvent } from '../../../engine/ams-api.ts';
import type { EngineApi } from '../../../engine/api.ts';
import type { EngineCaller } from '../../../engine/client.ts';
import { loadStored, saveStored } from '../../components/stored.ts';
import { linesOfStored, remember, startHistory, step } from './history.ts';
import { emptyScreen, freshLine, print, screenText } from './screen.ts';

export interface AtQuestion {
  readonly number: number;
  /** The command line that would delete something. */
  readonly line: string;
  /** What it does, in the words of the command table. */
  readonly help: string;
}

const HISTORY_KEY = 'at-history';
const ASK_KEY = 'at-ask';

const terminals = new WeakMap<EngineCaller, Terminal>();

/** The terminal of this page: leaving it and coming back finds the same screen. */
export function terminalOf(engine: EngineCaller): Terminal {
  const terminal = terminals.get(engine) ?? new Terminal(engine);
  terminals.set(engine, terminal);
  return terminal;
}

/** One AT session after the other, with its screen and the lines that were sent. */
export class Terminal {
  readonly #engine: EngineCaller;
  #session = '';
  #screen = $state.raw(emptyScreen);
  #history = $state.raw(startHistory(loadStored(HISTORY_KEY, linesOfStored)));
  question: AtQuestion | undefined = $state.raw();
  #waiting = $state(0);
  /** What the port is doing that the running command waits for; empty while it waits for none. */
  waitsFor = $state('');
  #asks = $state(loadStored(ASK_KEY, (value) => value !== false));
  /** Why there is no session; empty while there is one. */
  fault = $state('');

  constructor(engine: EngineCaller) {
    this.#engine = engine;
    this.#open();
  }

  get blocks() {
    return this.#screen.blocks;
  }

  /** Lines that are no longer shown because the screen is full. */
  get dropped(): number {
    return this.#screen.dropped;
  }

  get text(): string {
    return screenText(this.#screen);
  }

  /** A command runs, or lines wait for one that does. */
  get running(): boolean {
    return this.#waiting > 0;
  }

  /** Is a question put before what deletes? */
  get asks(): boolean {
    return this.#asks;
  }

  set asks(on: boolean) {
    this.#asks = on;
    saveStored(ASK_KEY, on);
  }

  /** Lines as typed, without the last line end. What comes while a command runs waits for it. */
  async send(text: string): Promise<void> {
    this.#history = remember(this.#history, text);
    saveStored(HISTORY_KEY, this.#history.lines);
    if (this.fault !== '') this.#open();
    this.#waiting++;
    const lines = text.replace(/\r\n?|\n/g, '\r');
    await this.#tell('atInput', { session: this.#session, text: `${lines}\r` });
    this.#waiting--;
    // A command that was ended while it waited tells no more of it.
    if (this.#waiting === 0) this.waitsFor = '';
  }

  /** The line before or after the one that is shown; undefined at either end. */
  step(direction: -1 | 1, typed: string): string | undefined {
    const stepped = step(this.#history, direction, typed);
    if (stepped) this.#history = stepped.history;
    return stepped?.line;
  }

  async cancel(): Promise<void> {
    await this.#tell('atCancel', { session: this.#session });
  }

  async answer(yes: boolean): Promise<void> {
    const question = this.question;
    if (!question) return;
    this.question = undefined;
    await this.#tell('atConfirm', { session: this.#session, question: question.number, yes });
  }

  clear(): void {
    this.#screen = emptyScreen;
  }

  #open(): void {
    const session = (this.#session = crypto.randomUUID());
    this.fault = '';
    this.#engine
      .call('atOpen', { session, confirm: true }, { onEvent: (event) => this.#take(event) })
      .catch((error: unknown) => {
        // The window that ran the engine has closed, and with it what the session was at.
        if (session !== this.#session) return;
        this.question = undefined;
        this.fault = error instanceof Error ? error.message : String(error);
      });
  }

  #take(event: AtEvent): void {
    if (event.kind === 'output') {
      this.#screen = print(this.#screen, event.text);
      return;
    }
    if (event.kind === 'waits') {
      this.waitsFor = event.forWhat ?? '';
      return;
    }
    const { question: number, line, help } = event;
    this.question = { number, line, help };
    if (!this.#asks) void this.answer(true);
  }

  /** What goes wrong beside the conversation is a line of its own. */
  async #tell<M extends 'atInput' | 'atCancel' | 'atConfirm'>(method: M, input: EngineApi[M]['input']): Promise<void> {
    try {
      await this.#engine.call(method, input);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#screen = print(freshLine(this.#screen), `! ${message}\r\n`);
    }
  }
}
