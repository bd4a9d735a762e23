import type { ArchiveClient } from '../../archive/client.ts';
import type { ReadEvent, ReadRequest, UnkeptReading } from '../../engine/api.ts';
import type { EngineClient } from '../../engine/client.ts';
import type { TraceEntry } from '../../line/trace.ts';
import type { AmsRecord } from '../../log/record.ts';
import type { Protocol, ReadStep } from '../../protocols/protocol.ts';
import type { Reading } from '../../common/reading.ts';
import { Decoded } from '../components/decoded.svelte.ts';
import { errorBook, loadErrorBook } from '../components/error-book.svelte.ts';
import { counted, sizeText } from '../components/format.ts';
import { waitWords } from '../components/port-words.ts';
import { recordState } from '../components/record-state.ts';
import type { State } from '../components/record-state.ts';
import type { Announcer } from '../shell/announcer.svelte.ts';
import { problemOfError, problemOfRecord } from './problem.ts';
import { rateText, type Tried } from './remedies.ts';
import type { Problem } from './problem.ts';

/** How often the screen follows a running read; more would only cost battery. */
const SHOW_EVERY_MS = 100;

export interface StepLine {
  readonly key: number;
  readonly step: ReadStep;
  readonly text: string;
}

/** One reading of one meter, from the tap on the button to the record in the log. */
export class ReadRun {
  readonly protocol: Protocol;
  readonly request: ReadRequest;
  /** Settles when the run is over, however it went; never rejects. */
  readonly finished: Promise<void>;
  readonly #announcer: Announcer;
  readonly #abort = new AbortController();
  readonly #startedAt = performance.now();

  #steps: readonly StepLine[] = $state.raw([]);
  #identification = $state('');
  #manufacturer = $state('');
  #baudRate = $state(0);
  #data = $state.raw('');
  #entries: readonly TraceEntry[] = $state.raw([]);
  #elapsedMs = $state(0);
  #running = $state(true);
  #waitsFor = $state('');
  #cancelling = $state(false);
  #record: AmsRecord | undefined = $state.raw();
  #unkept: UnkeptReading | undefined = $state.raw();
  #problem: Problem | undefined = $state.raw();

  /** Arrived since the screen was last brought up to date. */
  #newData: string | undefined;
  #newEntries: TraceEntry[] = [];

  readonly #decoded: Decoded;

  /** While it reads nothing is checked yet, and what is not whole is still on its way. */
  readonly readings: readonly Reading[] = $derived.by(() => {
    const { answer } = this.#decoded;
    // Of a try that was repeated nothing is shown.
    if (!answer || this.#data === '' || !this.#data.startsWith(answer.stored.data)) return [];
    if (answer.stored === this.#record) return answer.readings;
    return answer.readings.filter(({ state }) => state !== 'partial');
  });

  constructor(
    engine: EngineClient,
    archive: ArchiveClient,
    protocol: Protocol,
    request: ReadRequest,
    announcer: Announcer,
  ) {
    this.#decoded = new Decoded(archive);
    this.protocol = protocol;
    this.request = request;
    this.#announcer = announcer;
    const timer = setInterval(() => this.#show(), SHOW_EVERY_MS);
    this.finished = engine
      .call('read', request, { signal: this.#abort.signal, onEvent: (event) => this.#take(event) })
      .then(async (result) => {
        const { record } = result.kept ? result : result.unkept;
        // Without it the failure is told all the same, in the words of the record.
        if (record.errorCode !== 0) await loadErrorBook().catch(() => undefined);
        if (!result.kept) this.#unkept = result.unkept;
        this.#finish(record);
      })
      .catch((error: unknown) => {
        this.#problem = problemOfError(error);
      })
      .finally(() => {
        clearInterval(timer);
        this.#running = false;
        this.#show();
        // A reading is none the worse for what cannot show it.
        void this.#decode().then(() => this.#announcer.say(this.#outcome()));
      });
  }

  get running(): boolean {
    return this.#running;
  }

  /** What makes registers of the data could not do it. */
  get notDecoded(): boolean {
    return this.#decoded.fault !== undefined;
  }

  /** Asked to stop, and not stopped yet. */
  get cancelling(): boolean {
    return this.#cancelling && this.#running;
  }

  /** What the port is doing that has to end first; empty once the turn has come. */
  get waitsFor(): string {
    return this.#waitsFor;
  }

  get steps(): readonly StepLine[] {
    return this.#steps;
  }

  get identification(): string {
    return this.#identification;
  }

  get manufacturer(): string {
    return this.#manufacturer;
  }

  /** Rate in force, Bd; 0 until the meter identified itself. */
  get baudRate(): number {
    return this.#baudRate;
  }

  get entries(): readonly TraceEntry[] {
    return this.#entries;
  }

  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** The record as the log keeps it, once it is on disk; or as it would, see `unkept`. */
  get record(): AmsRecord | undefined {
    return this.#record;
  }

  /** How it was asked, and what was seen: what a remedy has to know. */
  get tried(): Tried {
    const { address, settings } = this.request;
    const { circumstances } = this.#record ?? {};
    return { protocol: this.protocol, address, settings, ...(circumstances ? { circumstances } : {}) };
  }

  /** Set where the storage did not take the record: it is nowhere but here. */
  get unkept(): UnkeptReading | undefined {
    return this.#unkept;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  get state(): State {
    if (this.#running) return this.#waitsFor === '' ? 'reading' : 'waiting';
    return this.#record ? recordState(this.#record) : 'failed';
  }

  /** "41 lines, 1.9 kB" of text, "120 B" of hex; empty while there is nothing. */
  get received(): string {
    if (this.#data === '') return '';
    if (this.protocol.data === 'hex') return sizeText(this.#data.length / 2);
    const lines = this.#data.split('\n').filter((line) => line.trim() !== '').length;
    return `${counted(lines, 'line')}, ${sizeText(this.#data.length)}`;
  }

  cancel(): void {
    this.#cancelling = true;
    this.#abort.abort();
  }

  #take(event: ReadEvent): void {
    if (event.kind === 'trace') {
      this.#newEntries.push(...event.entries);
      return;
    }
    if (event.kind === 'waits') {
      this.#waitsFor = event.forWhat ?? '';
      if (event.forWhat !== undefined) this.#announcer.say(waitWords(event.forWhat));
      return;
    }
    const { progress } = event;
    if (progress.kind === 'data') {
      this.#newData = progress.data;
    } else if (progress.kind === 'identification') {
      this.#identification = progress.identification;
      this.#manufacturer = progress.manufacturer;
      this.#baudRate = progress.baudRate;
    } else {
      this.#steps = [...this.#steps, { key: this.#steps.length, step: progress.step, text: progress.text }];
      this.#announcer.say(progress.text);
    }
  }

  #show(): void {
    this.#elapsedMs = performance.now() - this.#startedAt;
    if (this.#newData !== undefined) {
      this.#data = this.#newData;
      if (this.#running) void this.#decode();
    }
    if (this.#newEntries.length > 0) this.#entries = [...this.#entries, ...this.#newEntries];
    this.#newData = undefined;
    this.#newEntries = [];
  }

  /** Resolves when the answer to what there is now has come, or will not come. */
  async #decode(): Promise<void> {
    if (this.#data === '') return;
    const arriving = { identification: this.#identification, data: this.#data, circumstances: { partial: true } };
    await this.#decoded.show(this.request.protocol, this.#record ?? arriving);
  }

  #finish(record: AmsRecord | undefined): void {
    if (!record) return;
    this.#record = record;
    // The record is the truth: what was shown on the way may have been a try that was repeated.
    this.#newData = record.data;
    // Where the identification is in the data, records keep none beside it.
    if (this.protocol.data === 'text') this.#identification = record.identification;
    const { circumstances = {} } = record;
    if (circumstances.manufacturer !== undefined) this.#manufacturer = circumstances.manufacturer;
    if (circumstances.baudRate !== undefined) this.#baudRate = circumstances.baudRate;
    this.#problem = problemOfRecord(record, errorBook()?.find(record.errorCode), rateText(this.tried));
  }

  #outcome(): string {
    const saved = this.#unkept ? ' Not kept.' : this.#record ? ` Saved as record ${this.#record.seq}.` : '';
    if (this.#problem) return `${this.#problem.headline}${saved}`;
    const who = this.state === 'another meter' ? ' Another meter answered.' : '';
    return `${counted(this.readings.length, 'register')} read.${who}${saved}`;
  }
}
