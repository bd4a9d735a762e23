/**
 * Loads a part of the app. What failed is fetched once more, past the browser's cache (a host or an edge may have given
 * something wrong for a moment), and tried again.
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    // Chromium, Firefox and Safari name the address in their message.
    const [url] = /https?:\/\/[^\s'")]+/.exec(String(error)) ?? [];
    if (url?.startsWith(location.origin)) await fetch(url, { cache: 'reload' }).catch(() => undefined);
    return await load();
  }
}

/** A part of the page that is loaded when it is first shown, and again when somebody asks for it after a failure. */
export class Lazy<T> {
  readonly #load: () => Promise<T>;
  #attempt = $state(0);
  #loading: Promise<T> | undefined;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  get part(): Promise<T> {
    void this.#attempt; // whoever shows it shows the next attempt too
    return (this.#loading ??= loadPart(this.#load));
  }

  again(): void {
    this.#loading = undefined;
    this.#attempt++;
  }
}
