import { loadStored, saveStored } from '../components/stored.ts';

export type Theme = 'system' | 'light' | 'dark';

/** How this device shows things; data and meters live elsewhere. */
export class Preferences {
  #theme = $state(loadStored('theme', asTheme));
  #wire = $state(loadStored('wire', (value) => value === true));
  #portNames: Readonly<Record<string, string>> = $state.raw(loadStored('port-names', asNames));

  constructor() {
    showTheme(this.#theme);
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    saveStored('theme', theme);
    showTheme(theme);
  }

  /** Is the wire trace shown beside a reading? */
  get wire(): boolean {
    return this.#wire;
  }

  set wire(shown: boolean) {
    this.#wire = shown;
    saveStored('wire', shown);
  }

  /** The user's own name for a port; empty where there is none. */
  portName(id: string): string {
    return this.#portNames[id] ?? '';
  }

  namePort(id: string, name: string): void {
    const { [id]: _, ...others } = this.#portNames;
    this.#portNames = name.trim() === '' ? others : { ...others, [id]: name.trim() };
    saveStored('port-names', this.#portNames);
  }

  forgetAll(): void {
    this.#portNames = {};
    saveStored('port-names', {});
    this.theme = 'system';
    this.wire = false;
  }
}

function asTheme(value: unknown): Theme {
  return value === 'light' || value === 'dark' ? value : 'system';
}

function asNames(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
