import type { ArchiveClient } from '../../../archive/client.ts';
import type { DecodedItem, DecodeEvent } from '../../../archive/api.ts';
import { Attempt } from '../../components/attempt.svelte.ts';
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
  readonly decoding = new Attempt('The text could not be taken apart.');
  readonly exporting = new Attempt('The file was not written.');
  typed = $state('');
  held: HeldText | undefined = $state.raw();
  items: readonly DecodedItem[] = $state.raw([]);
  /** Which of them is looked at. */
  index = $state(0);
  /** 0–1 of what is being decoded. */
  progress = $state(0);
  leftOut: readonly string[] = $state.raw([]);
  /** What is to be said of the export. */
  saving = $state('');
  readonly #archive: ArchiveClient;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly flawed = $derived(this.items.filter(({ problems }) => problems.length > 0).length);
  readonly registers = $derived(this.items.reduce((sum, { readings }) => sum + readings, 0));

  constructor(archive: ArchiveClient) {
    this.#archive = archive;
  }

  get text(): string {
    return this.held?.text ?? this.typed;
  }

  /** Text from the field, as it is typed. */
  type(text: string): void {
    this.typed = text;
    this.held = undefined;
    keep(text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#decode(), TYPING_PAUSE_MS);
  }

  /** Text that was pasted, dropped or linked as a whole. */
  put(text: string, name: string): void {
    clearTimeout(this.#timer);
    this.held = text.length > MOST_TYPED ? { name, text } : undefined;
    this.typed = this.held ? '' : text;
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
    this.decoding.cancel();
  }

  async #decode(): Promise<void> {
    const { text } = this;
    this.items = [];
    this.index = 0;
    this.leftOut = [];
    this.saving = '';
    this.progress = 0;
    this.exporting.problem = undefined;
    const summary = await this.decoding.instead(async (signal) => {
      if (text.trim() === '') return undefined;
      const onEvent = ({ items, progress }: DecodeEvent) => {
        // What was aborted has made room for newer text.
        if (signal.aborted) return;
        this.items = [...this.items, ...items];
        this.progress = progress;
      };
      return await this.#archive.call('decode', { text }, { signal, onEvent });
    });
    if (summary) this.leftOut = summary.problems;
  }

  /** All readings as CSV into the browser's downloads. */
  async save(): Promise<void> {
    this.saving = 'Writing…';
    const request = { text: this.text, form: this.tables.csvForm };
    const onEvent = ({ progress }: DecodeEvent) => (this.saving = `Writing, ${Math.floor(100 * progress)} %…`);
    const file = await this.exporting.run(() => this.#archive.call('exportDecoded', request, { onEvent }));
    if (file) saveFile(file.name, file.content);
    this.saving = file ? 'Saved' : '';
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
