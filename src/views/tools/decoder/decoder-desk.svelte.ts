import type { ArchiveClient } from '../../../archive/client.ts';
import type { DecodedItem } from '../../../archive/api.ts';
import { problemOfError } from '../../read/problem.ts';
import type { Problem } from '../../read/problem.ts';
import { saveFile } from '../../components/save-file.ts';
import { TableChoice } from '../../export/table-form.svelte.ts';

/** Text too long for a text field, held beside it. */
export interface HeldText {
  readonly name: string;
  readonly text: string;
}

/** Longer text is not laid out in the field: tens of thousands of lines would stop the page. */
export const MOST_TYPED = 100_000;
/** Pause in typing after which decoding begins. */
const TYPING_PAUSE_MS = 150;
/** Survives a reload of this tab and nothing more; never leaves the device. */
const KEPT_TEXT = 'openhhu.decoder';

/** What was put in, what was found in it, and which of it is looked at. */
export class DecoderDesk {
  /** As chosen for all exports. */
  readonly tables = new TableChoice();
  readonly #archive: ArchiveClient;
  #typed = $state('');
  #held: HeldText | undefined = $state.raw();
  #items: readonly DecodedItem[] = $state.raw([]);
  #index = $state(0);
  #progress: number | undefined = $state();
  #leftOut: readonly string[] = $state.raw([]);
  #problem: Problem | undefined = $state.raw();
  #saving = $state('');
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly flawed = $derived(this.#items.filter(({ problems }) => problems.length > 0).length);
  readonly registers = $derived(this.#items.reduce((sum, { readings }) => sum + readings, 0));

  constructor(archive: ArchiveClient) {
    this.#archive = archive;
  }

  get typed(): string {
    return this.#typed;
  }

  get held(): HeldText | undefined {
    return this.#held;
  }

  get text(): string {
    return this.#held?.text ?? this.#typed;
  }

  get items(): readonly DecodedItem[] {
    return this.#items;
  }

  get index(): number {
    return this.#index;
  }

  get item(): DecodedItem | undefined {
    return this.#items[this.#index];
  }

  /** 0–1 while decoding; undefined at rest. */
  get progress(): number | undefined {
    return this.#progress;
  }

  get leftOut(): readonly string[] {
    return this.#leftOut;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** What is to be said of the export. */
  get saving(): string {
    return this.#saving;
  }

  choose(index: number): void {
    this.#index = index;
  }

  /** Text from the field, as it is typed. */
  type(text: string): void {
    this.#typed = text;
    this.#held = undefined;
    keep(text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#decode(), TYPING_PAUSE_MS);
  }

  /** Text that was pasted, dropped or linked as a whole. */
  put(text: string, name: string): void {
    clearTimeout(this.#timer);
    this.#held = text.length > MOST_TYPED ? { name, text } : undefined;
    this.#typed = this.#held ? '' : text;
    keep(text);
    void this.#decode();
  }

  /** What was here before a reload. */
  restore(): void {
    const kept = sessionText();
    if (kept !== '') this.put(kept, 'Text from before');
  }

  clear(): void {
    this.put('', '');
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  async #decode(): Promise<void> {
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    const { text } = this;
    this.#items = [];
    this.#index = 0;
    this.#leftOut = [];
    this.#problem = undefined;
    this.#saving = '';
    this.#progress = text.trim() === '' ? undefined : 0;
    if (this.#progress === undefined) return;
    try {
      const { problems } = await this.#archive.call(
        'decode',
        { text },
        {
          signal: abort.signal,
          onEvent: ({ items, progress }) => {
            if (abort.signal.aborted) return;
            this.#items = [...this.#items, ...items];
            this.#progress = progress;
          },
        },
      );
      if (abort.signal.aborted) return;
      this.#leftOut = problems;
      this.#progress = undefined;
    } catch (error) {
      // What was aborted has made room for newer text.
      if (abort.signal.aborted) return;
      this.#problem = problemOfError(error);
      this.#progress = undefined;
    }
  }

  /** All readings as CSV into the browser's downloads. */
  async save(): Promise<void> {
    this.#saving = 'Writing…';
    this.#problem = undefined;
    try {
      const { name, content } = await this.#archive.call(
        'exportDecoded',
        { text: this.text, form: this.tables.csvForm },
        { onEvent: ({ progress }) => (this.#saving = `Writing, ${Math.floor(100 * progress)} %…`) },
      );
      saveFile(name, content);
      this.#saving = 'Saved';
    } catch (error) {
      this.#saving = '';
      this.#problem = problemOfError(error);
    }
  }
}

function keep(text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(KEPT_TEXT);
    else sessionStorage.setItem(KEPT_TEXT, text);
  } catch {
    // Storage refused or full: the text is then gone after a reload, which is all it is for.
  }
}

function sessionText(): string {
  try {
    return sessionStorage.getItem(KEPT_TEXT) ?? '';
  } catch {
    return '';
  }
}
