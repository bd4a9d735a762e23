/**
 * Small things a page remembers between visits (choices, never data). Where the browser refuses storage they live as
 * long as the page: a technician with cookies blocked can still read a meter.
 */
const PREFIX = 'openhhu.';
const unsaved = new Map<string, string>();

/** What `parse` makes of the stored JSON; `parse` gets undefined when there is nothing or nothing readable. */
export function loadStored<T>(key: string, parse: (value: unknown) => T): T {
  return parse(parseJson(readText(PREFIX + key)));
}

export function saveStored(key: string, value: unknown): void {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(PREFIX + key, text);
    unsaved.delete(PREFIX + key);
  } catch {
    // SecurityError or QuotaExceededError: remembered until the page closes.
    unsaved.set(PREFIX + key, text);
  }
}

function readText(key: string): string | undefined {
  const kept = unsaved.get(key);
  if (kept !== undefined) return kept;
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Something else wrote here; the caller's default takes its place.
    return undefined;
  }
}
