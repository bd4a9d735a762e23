/**
 * Loads a part of the app. What failed is fetched once more, past the browser's cache (a host or an edge may have given
 * something wrong for a moment), and tried again.
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    await isServed(error);
    return await load();
  }
}

/** Fetches what could not be imported, past the browser's cache: does the host give it as a script now? */
async function isServed(error: unknown): Promise<boolean> {
  // Chromium, Firefox and Safari name the address in their message.
  const [url] = /https?:\/\/[^\s'")]+/.exec(String(error)) ?? [];
  if (!url?.startsWith(location.origin)) return false;
  return await fetch(url, { cache: 'reload' }).then(
    ({ ok, headers }) => ok && (headers.get('Content-Type')?.includes('javascript') ?? false),
    () => false,
  );
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

  /** A file that once came under a wrong type is lost for the browser until the page is loaded anew; so that is done. */
  again(): void {
    this.#loading = loadPart(this.#load);
    this.#loading.catch(async (error: unknown) => {
      if (await isServed(error)) location.reload();
    });
    this.#attempt++;
  }
}
