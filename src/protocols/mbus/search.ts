import { toHex } from '../../common/bytes.ts';
import type { Lender, SearchControl } from '../search.ts';
import type { MeterError } from '../../common/meter-error.ts';
import type { MbusAddress, MbusBaudRate } from './address.ts';
import { formatMbusAddress } from './address.ts';
import type { MbusFrame } from './frame.ts';
import type { MeterHeader } from './header.ts';
import type { LineQuality } from './line-quality.ts';
import type { Link } from './link.ts';
import { listenUntil } from './link.ts';
import { headerOf } from './selection.ts';
import { responseError } from './telegram.ts';

/** What both searches tell while they run. Nothing is changed at meters or lists. */
export type SearchEvent =
  | {
      readonly kind: 'progress';
      /** What is asked now, in words. */
      readonly text: string;
      readonly baudRate: MbusBaudRate;
      /** Part of the whole search that is done, 0–1. */
      readonly done: number;
      /** Selections or link resets sent so far. */
      readonly questions: number;
    }
  | { readonly kind: 'found'; readonly meter: FoundMeter }
  /** One that was told as found is none: noise had made it of another's answer. */
  | { readonly kind: 'withdrawn'; readonly meter: FoundMeter }
  /** Meters that could not be told apart (131094), one that gives no data, or a line on which some may be missing. */
  | { readonly kind: 'problem'; readonly address: string; readonly error: MeterError }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'paused' | 'resumed' }
  /** Others have the line; the search has it back. */
  | { readonly kind: 'lent' | 'back' }
  /** The last event. `error` where the search was stopped or the port failed. */
  | {
      readonly kind: 'ended';
      readonly outcome: 'complete' | 'stopped' | 'failed';
      readonly meters: readonly FoundMeter[];
      readonly questions: number;
      readonly durationMs: number;
      readonly error?: MeterError;
    };

export interface FoundMeter {
  readonly primaryAddress: number;
  /** Eight digits; empty where the meter's answer has no identification number. */
  readonly secondaryAddress: string;
  readonly manufacturer: string;
  readonly version?: number;
  /** Code of the header. */
  readonly medium?: number;
  readonly baudRate: MbusBaudRate;
  /** The answer that proves it, upper-case hex. */
  readonly frame: string;
  /** What reads this meter and no other one, in the form of the meter list. */
  readonly address: string;
  /** What is always wrong with its data, though its header came whole: "wrong check sum". */
  readonly fault?: string;
}

interface Interruptible {
  readonly link: Link;
  readonly options: { readonly control?: SearchControl; readonly lender?: Lender };
}

/**
 * A safe point between two questions: waits while paused, lets others have the line who wait for it, and says so. True if
 * the line was away: nothing that meters were told before is to be trusted.
 * @param leave leaves the bus as others expect it
 */
export async function* safePoint(
  { link, options: { control, lender } }: Interruptible,
  leave: () => Promise<void>,
): AsyncGenerator<SearchEvent, boolean> {
  let wasAway = false;
  const lendTo = async (others: Lender) => {
    await leave();
    link.line = await others.lend();
    // Somebody may still be answering them.
    link.clean = false;
    wasAway = true;
  };
  const isPaused = control?.paused === true;
  const { clock } = link.line;
  const began = clock.monotonic();
  if (isPaused) yield { kind: 'paused' };
  while (control?.paused || lender?.isWanted()) {
    if (lender?.isWanted()) {
      if (!isPaused) yield { kind: 'lent' };
      await lendTo(lender);
      if (!isPaused) yield { kind: 'back' };
    } else await link.line.until(Promise.race([control?.whenRunning(), ...(lender ? [lender.wanted()] : [])]));
  }
  link.awayMs += clock.monotonic() - began;
  if (isPaused) yield { kind: 'resumed' };
  return wasAway;
}

/** Waits to try one after the other where meters turn out to be slower than the standard allows (libmbus#121, #186). */
export const LONGEST_WAIT = 2000;
const SLOWER = [500, 1100, LONGEST_WAIT];

/** The next longer wait; undefined when there is none. */
export function slowerThan(timeoutMs: number): number | undefined {
  return SLOWER.find((ms) => ms > timeoutMs * 1.2);
}

/**
 * After an answer came so late that it was taken for silence: lets everything that is still under way pass. The search
 * then goes back and waits longer.
 */
export async function letPass(link: Link): Promise<void> {
  await listenUntil(link, link.line.clock.monotonic() + LONGEST_WAIT);
}

/** Primary addresses that several of the meters have, in words: they can't be read by them. */
export function sharedAddresses(meters: readonly FoundMeter[]): readonly string[] {
  const shared = new Map<string, FoundMeter[]>();
  for (const meter of meters) {
    const key = `${meter.primaryAddress} ${meter.baudRate}`;
    shared.set(key, [...(shared.get(key) ?? []), meter]);
  }
  return [...shared.values()]
    .filter(({ length }) => length > 1)
    .map((those) => {
      const { primaryAddress = 0 } = those[0] ?? {};
      const why = primaryAddress === 0 ? ', as delivered' : '';
      return `${those.length} meters have the primary address ${primaryAddress}${why}: read them by number.`;
    });
}

/** What a search says of a noisy line: how noisy it is, and where meters may be missing; undefined on a clean one. */
export function noiseWords(quality: LineQuality, unsure: readonly string[]): string | undefined {
  if (!quality.noisy) return undefined;
  const { damaged, characters, timesToAsk } = quality;
  const share = `The line is noisy: ${damaged} of ${Math.max(characters, damaged)} characters came damaged`;
  if (unsure.length === 0) return `${share}. Every silence was asked ${timesToAsk} times.`;
  const named = unsure.slice(0, MOST_NAMED).join(', ');
  const more = unsure.length > MOST_NAMED ? ` and ${unsure.length - MOST_NAMED} more` : '';
  return `${share}, so some meters may be missing. Not sure of ${named}${more}.`;
}

const MOST_NAMED = 12;

/** The meter that a frame proves; `address` tells it from the others. */
export function foundMeter(
  frame: MbusFrame,
  bytes: Uint8Array,
  header: MeterHeader | undefined,
  address: MbusAddress,
): FoundMeter {
  const { identification, manufacturer = '', version, medium } = header ?? {};
  const known = address.kind === 'secondary' ? address.identification : '';
  return {
    primaryAddress: 'address' in frame ? frame.address : 0,
    secondaryAddress: identification ?? known,
    manufacturer,
    ...(version === undefined ? {} : { version }),
    ...(medium === undefined ? {} : { medium }),
    baudRate: address.baudRate,
    frame: toHex(bytes),
    address: formatMbusAddress(address),
  };
}

/** Is the frame the answer of a meter to REQ_UD2, be it an application error? Its header, where it has one. */
export function meterAnswer(
  frame: MbusFrame,
  expectedAddress?: number,
): { readonly header: MeterHeader | undefined } | undefined {
  const error = responseError(frame, expectedAddress);
  if (error !== undefined && error.code !== 131084) return undefined;
  return { header: headerOf(frame) };
}
