import { fromHex } from '../../common/bytes.ts';
import { MeterError } from '../../common/meter-error.ts';
import { commandOf, type Command } from './address.ts';

/** What a record has for a command that the station refused. */
export const REFUSED = 'ERR';
/** A record's data is kept up to here, in characters. */
export const MOST_DATA = 65_536;

export interface KeptResult {
  /** Undefined where it is no command as we know them. */
  readonly command: Command | undefined;
  readonly text: string;
  /** Undefined: refused. */
  readonly bytes: Uint8Array | undefined;
  /** Its hex was cut in the middle of a byte, or is none. */
  readonly isCut: boolean;
  /** Where its bytes begin in all of them, one after the other. */
  readonly start: number;
}

/** The station and the results in a record's data, `<station>|<command>=<hex or ERR>,…`; what is none is passed over. */
export function keptResults(data: string): { readonly station: string; readonly results: readonly KeptResult[] } {
  const [, station = '', list = ''] = /^ *(\d{1,3}) *\|(.*)$/s.exec(data) ?? [];
  const results: KeptResult[] = [];
  let start = 0;
  for (const part of list.split(',')) {
    const mark = part.indexOf('=');
    if (mark < 1) continue;
    const text = part.slice(0, mark).trim();
    const value = part.slice(mark + 1).trim();
    const isRefused = value.toUpperCase() === REFUSED;
    const bytes = isRefused ? undefined : (fromHex(value.slice(0, value.length & ~1)) ?? new Uint8Array(0));
    const isCut = !isRefused && 2 * (bytes?.length ?? 0) !== value.length;
    results.push({ command: known(text), text, bytes, isCut, start });
    start += bytes?.length ?? 0;
  }
  return { station, results };
}

function known(text: string): Command | undefined {
  try {
    return commandOf(text);
  } catch (error) {
    if (error instanceof MeterError) return undefined;
    throw error;
  }
}
