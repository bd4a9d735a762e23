import type { ArchiveClient } from '../../../archive/client.ts';
import type { Value, Values } from '../../../common/form.ts';
import type { KeptProfile, ProfileBook, ProfileDraft, ProfileFault } from '../../../protocols/profile-book.ts';
import type { Protocol } from '../../../protocols/protocol.ts';
import { Attempt } from '../../components/attempt.svelte.ts';
import type { Question } from '../../components/confirm.svelte.ts';

/** A row keeps its number however it is edited. */
export interface DraftRow {
  readonly id: number;
  readonly values: Values;
}

export interface Editing {
  readonly values: Values;
  readonly lists: Readonly<Record<string, readonly DraftRow[]>>;
  /** Whom it takes the place of; absent for a new one. */
  readonly was?: KeptProfile;
}

type Ask = (question: Question) => Promise<boolean>;

/** The profiles of a protocol, and the one that is being written. It outlives its page: who looks something up comes back to it. */
export class ProfileDesk {
  own: readonly KeptProfile[] = $state.raw([]);
  editing: Editing | undefined = $state.raw();
  /** Somebody wanted to keep it: fields that are empty are told off from now on. */
  tried = $state(false);
  /** What is wrong with a file that was to be imported. */
  refused: { readonly file: string; readonly faults: readonly ProfileFault[] } | undefined = $state.raw();
  said = $state('');
  readonly listing = new Attempt('The profiles could not be looked up.');
  readonly keeping = new Attempt('The profile was not kept. Nothing was changed.');
  readonly book: ProfileBook;
  readonly protocol: Protocol;
  readonly #archive: ArchiveClient;
  #rows = 0;

  readonly draft: ProfileDraft | undefined = $derived(this.editing && draftOf(this.editing));
  readonly faults: readonly ProfileFault[] = $derived.by(() => (this.draft ? this.book.faults(this.draft) : []));
  readonly runs = $derived.by(() => (this.draft ? this.book.run(this.draft) : []));

  constructor(protocol: Protocol, book: ProfileBook, archive: ArchiveClient) {
    this.protocol = protocol;
    this.book = book;
    this.#archive = archive;
  }

  async load(): Promise<void> {
    const all = await this.listing.instead(() => this.#archive.call('profiles', { protocol: this.protocol.name }));
    if (all) this.own = all.toSorted((a, b) => a.name.localeCompare(b.name));
  }

  begin(draft: ProfileDraft, was?: KeptProfile): void {
    const lists = Object.fromEntries(
      this.book.lists.map(({ key }) => [key, (draft.lists[key] ?? []).map((values) => this.#row(values))]),
    );
    this.editing = { values: draft.values, lists, ...(was ? { was } : {}) };
    this.tried = false;
    this.said = '';
    this.keeping.problem = undefined;
  }

  end(): void {
    this.editing = undefined;
  }

  #row = (values: Values): DraftRow => ({ id: this.#rows++, values });

  set(key: string, value: Value | undefined): void {
    if (this.editing) this.editing = { ...this.editing, values: withValue(this.editing.values, key, value) };
  }

  setRow(list: string, id: number, key: string, value: Value | undefined): void {
    this.#change(list, (rows) =>
      rows.map((row) => (row.id === id ? { id, values: withValue(row.values, key, value) } : row)),
    );
  }

  /** Behind another row, or at the end; gives its number. */
  addRow(list: string, values: Values, behind?: number): number {
    const row = this.#row(values);
    this.#change(list, (rows) => {
      const at = rows.findIndex(({ id }) => id === behind);
      return at < 0 ? [...rows, row] : rows.toSpliced(at + 1, 0, row);
    });
    return row.id;
  }

  removeRow(list: string, id: number): void {
    this.#change(list, (rows) => rows.filter((row) => row.id !== id));
  }

  #change(list: string, change: (rows: readonly DraftRow[]) => readonly DraftRow[]): void {
    const { editing } = this;
    if (editing) this.editing = { ...editing, lists: { ...editing.lists, [list]: change(editing.lists[list] ?? []) } };
  }

  /** The profile as it is kept; undefined where that failed, which is said. */
  async draftOf({ name, digest }: KeptProfile): Promise<ProfileDraft | undefined> {
    return await this.keeping.run(async () => {
      const text = await this.#archive.call('profileText', { protocol: this.protocol.name, digest });
      const { draft, faults } = text === undefined ? { faults: [] } : this.book.read(text);
      if (!draft) throw new Error(`“${name}” cannot be read here. ${faults[0]?.text ?? 'It is not there any more.'}`);
      return draft;
    });
  }

  /** True when it is kept. */
  async save(ask: Ask): Promise<boolean> {
    const { draft, editing } = this;
    this.tried = true;
    if (!draft || !editing || this.faults.length > 0) return false;
    const kept = await this.#keep(this.book.write(draft), String(draft.values['name']), ask, editing.was);
    if (kept) this.end();
    return kept;
  }

  async importFile(file: File, ask: Ask): Promise<void> {
    this.refused = undefined;
    this.said = '';
    const text = await this.keeping.run(() => file.text());
    if (text === undefined) return;
    const { draft, faults } = this.book.read(text);
    if (draft) await this.#keep(this.book.write(draft), String(draft.values['name']), ask);
    else this.refused = { file: file.name, faults };
  }

  /** Never over another one of its name unless somebody says so. */
  async #keep(text: string, name: string, ask: Ask, was?: KeptProfile): Promise<boolean> {
    const { name: protocol } = this.protocol;
    const keep = (inPlaceOf: KeptProfile | undefined) =>
      this.keeping.run(async () => ({
        entry: await this.#archive.call('keepProfile', {
          protocol,
          text,
          ...(inPlaceOf ? { inPlaceOf: inPlaceOf.digest } : {}),
        }),
      }));
    let outcome = await keep(was);
    if (outcome && !outcome.entry) {
      await this.load();
      const same = this.own.find((one) => one.name.toLowerCase() === name.toLowerCase());
      const isOther = same && same.digest !== was?.digest;
      const yes = await ask(
        isOther
          ? {
              title: `Replace “${same.name}”?`,
              text: 'There is another profile of this name. Records that were read with it keep what they mean.',
              yes: 'Replace',
            }
          : {
              title: `Keep “${name}” anew?`,
              text: 'It was changed or deleted in another window meanwhile.',
              yes: 'Keep it anew',
              no: 'Not now',
            },
      );
      if (!yes) return false;
      outcome = await keep(isOther ? same : undefined);
      if (outcome?.entry && isOther && was && this.own.some(({ digest }) => digest === was.digest))
        await this.keeping.run(() => this.#archive.call('dropProfile', { protocol, digest: was.digest }));
    }
    await this.load();
    if (!outcome) return false;
    if (!outcome.entry) {
      this.keeping.fail(new Error('Another window keeps a profile of this name at the same time. Try again.'));
      return false;
    }
    this.said = `✓ “${name}” is kept.`;
    return true;
  }

  async remove({ name, digest }: KeptProfile, ask: Ask): Promise<void> {
    const yes = await ask({
      title: `Delete “${name}”?`,
      text: 'Meters that are set to it are not read by it any more. Records that were read with it keep what they mean.',
      yes: 'Delete',
    });
    if (!yes) return;
    const { name: protocol } = this.protocol;
    await this.keeping.run(() => this.#archive.call('dropProfile', { protocol, digest }));
    await this.load();
  }
}

const draftOf = ({ values, lists }: Editing): ProfileDraft => ({
  values,
  lists: Object.fromEntries(Object.entries(lists).map(([key, rows]) => [key, rows.map((row) => row.values)])),
});

function withValue(values: Values, key: string, value: Value | undefined): Values {
  const { [key]: _, ...others } = values;
  return value === undefined || value === '' ? others : { ...others, [key]: value };
}

const desks = new Map<string, ProfileDesk>();

export function profileDesk(protocol: Protocol, book: ProfileBook, archive: ArchiveClient): ProfileDesk {
  const desk = desks.get(protocol.name) ?? new ProfileDesk(protocol, book, archive);
  desks.set(protocol.name, desk);
  return desk;
}
