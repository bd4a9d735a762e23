import { loadStored, saveStored } from '../components/stored.ts';

export interface SavedFilter {
  readonly name: string;
  readonly text: string;
}

const KEY = 'filters';
const MOST = 50;

/** Filters a person gave a name, in the order of their names. */
export class SavedFilters {
  all: readonly SavedFilter[] = $state.raw(loadStored(KEY, asFilters));

  /** A name that is taken gets the new text. */
  save(name: string, text: string): void {
    const others = this.all.filter((saved) => saved.name !== name);
    this.#store([...others, { name, text }].toSorted((a, b) => a.name.localeCompare(b.name)));
  }

  remove(name: string): void {
    this.#store(this.all.filter((saved) => saved.name !== name));
  }

  #store(all: readonly SavedFilter[]): void {
    this.all = all.slice(0, MOST);
    saveStored(KEY, this.all);
  }
}

function asFilters(value: unknown): readonly SavedFilter[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (saved: unknown): saved is SavedFilter =>
      typeof saved === 'object' &&
      saved !== null &&
      'name' in saved &&
      'text' in saved &&
      typeof saved.name === 'string' &&
      typeof saved.text === 'string',
  );
}
