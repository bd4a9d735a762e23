import type { Line } from '../../line/line.ts';
import type { MbusBaudRate } from './address.ts';
import { DEFAULT_BAUD_RATE } from './address.ts';
import { mbusError } from './errors.ts';
import { lineQuality } from './line-quality.ts';
import { asMbusError, createLink, exchange, listenUntil } from './link.ts';
import { reqUd2 } from './messages.ts';
import type { Lender, SearchControl } from '../search.ts';
import type { FoundMeter, SearchEvent } from './search.ts';
import type { Asked, AskedLine } from './search-address.ts';
import { ask, askForData, REQUESTS } from './search-address.ts';
import { resetAll } from './selection.ts';
import { letPass, meterAnswer, LONGEST_WAIT, noiseWords, safePoint, slowerThan } from './search.ts';
import { answerLimitMs } from './settings.ts';

export interface PrimaryScan {
  readonly baudRates: readonly MbusBaudRate[];
  /** Addresses to ask, in this order; 0–250 unless told. */
  readonly addresses?: readonly number[];
  /** The scan ends when so many meters were found. */
  readonly stopAfter?: number;
  /** Wait for an answer, milliseconds; by the standard unless told, and longer when a meter turns out to need it. */
  readonly timeoutMs?: number;
  /** Every silent address is asked for its data, not only where somebody is known to hide. */
  readonly askSilent?: boolean;
  readonly control?: SearchControl;
  readonly lender?: Lender;
}

/** Addresses that somebody gives by hand: asked once more in another way, since that takes less than a second. */
const LIKELY_ADDRESSES = 3;
/** Every meter hears it. */
const TEST_ADDRESS = 254;
const ALL_ADDRESSES = Array.from({ length: 251 }, (_, address) => address);

interface Scan extends AskedLine {
  readonly options: PrimaryScan;
  readonly meters: FoundMeter[];
  /** Found at this rate on a line without parity: noise may have made them. */
  unconfirmed: FoundMeter[];
  questions: number;
  /** Addresses that were silent, and how often they were asked. */
  silent: Map<number, number>;
}

/**
 * Asks every primary address with SND_NKE and those that answer for their data. Two meters at one address are told as a
 * problem 131094, one whose data is always broken is listed with its fault. On a line that turns out to be noisy silent
 * addresses are asked again. Yields events as they happen and ends with 'ended'; never rejects for what meters or the
 * port do.
 */
export async function* scanPrimary(line: Line, options: PrimaryScan): AsyncGenerator<SearchEvent, void> {
  const began = line.clock.monotonic();
  const { baudRates, addresses = ALL_ADDRESSES } = options;
  const scan: Scan = {
    link: createLink(line, 0, 'header'),
    options,
    quality: lineQuality(),
    meters: [],
    unconfirmed: [],
    questions: 0,
    baudRate: baudRates[0] ?? DEFAULT_BAUD_RATE,
    silent: new Map(),
  };
  const ended = (outcome: 'complete' | 'stopped' | 'failed') => ({
    kind: 'ended' as const,
    outcome,
    meters: scan.meters,
    questions: scan.questions,
    durationMs: line.clock.monotonic() - began,
  });
  try {
    for (const [round, baudRate] of baudRates.entries()) {
      await scan.link.line.change({ baudRate });
      scan.link.timeoutMs = Math.max(options.timeoutMs ?? 0, answerLimitMs(baudRate));
      scan.baudRate = baudRate;
      scan.silent = new Map();
      scan.unconfirmed = [];
      await resetAll(scan.link);
      yield* askAll(scan, addresses, round / baudRates.length, 1 / baudRates.length);
      yield* askSilentAgain(scan, (round + 1) / baudRates.length);
      yield* askMute(scan, (round + 1) / baudRates.length);
      yield* confirmFound(scan);
    }
    const noise = noiseWords(scan.quality, []);
    if (noise !== undefined) yield { kind: 'note', text: noise };
    yield ended('complete');
  } catch (cause) {
    const error = asMbusError(cause, scan.link.line.signal);
    yield { ...ended(error.code === 131073 ? 'stopped' : 'failed'), error };
  }
}

const isEnough = ({ meters, options }: Scan) => meters.length >= (options.stopAfter ?? Infinity);

async function* askAll(
  scan: Scan,
  addresses: readonly number[],
  from: number,
  size: number,
): AsyncGenerator<SearchEvent, void> {
  const { link } = scan;
  for (let index = 0; index < addresses.length && !isEnough(scan); index++) {
    const address = addresses[index] ?? 0;
    const outcome = yield* askAddress(scan, address, from + (size * index) / addresses.length);
    if (outcome !== 'late') continue;
    const usual = link.timeoutMs;
    const longer = slowerThan(usual);
    if (longer === undefined) continue;
    link.timeoutMs = longer;
    scan.quality.forget();
    yield { kind: 'note', text: `A meter answers late: waiting ${longer} ms for each answer from now on.` };
    await letPass(link);
    // Back to the address that was taken for silent: as many were asked while its answer was under way.
    index = Math.max(-1, index - 1 - Math.ceil(LONGEST_WAIT / usual));
  }
}

/** Where noise was seen, a silence may have been a spoilt question or a spoilt acknowledgment. */
async function* askSilentAgain(scan: Scan, done: number): AsyncGenerator<SearchEvent, void> {
  const isStale = ([, times]: readonly [number, number]) => times < scan.quality.timesToAsk;
  for (let stale = [...scan.silent].find(isStale); stale && !isEnough(scan); stale = [...scan.silent].find(isStale)) {
    const [address] = stale;
    const outcome = yield* askAddress(scan, address, done);
    if (outcome !== 'nobody') scan.silent.delete(address);
    if (outcome !== 'nobody' && outcome !== 'late') scan.quality.wasDamaged(1);
  }
}

/**
 * Some meters answer no link reset, only requests for data. As many questions again would take as long again: beyond the
 * likely addresses they are asked only where the test address shows that somebody is there who was not found, or on
 * request. Where nobody can tell, it is said.
 */
async function* askMute(scan: Scan, done: number): AsyncGenerator<SearchEvent, void> {
  if (isEnough(scan)) return;
  const hidden = scan.options.askSilent === true ? 'yes' : await isSomebodyHidden(scan);
  const silent = [...scan.silent.keys()].sort((a, b) => a - b);
  for (const address of silent) {
    if (isEnough(scan)) return;
    if (hidden === 'yes' || address <= LIKELY_ADDRESSES) yield* askAddress(scan, address, done, 'request');
  }
  if (hidden === 'unknown' && silent.some((address) => address > LIKELY_ADDRESSES)) {
    const text = `Beside several meters nobody can tell whether one is hidden that answers no link reset at an address above ${LIKELY_ADDRESSES}: “Ask silent addresses for data too” finds it.`;
    yield { kind: 'note', text };
  }
}

/**
 * Without parity two damaged characters can leave a check sum right: where the line turned out to be noisy, who was found
 * has to say the same once more.
 */
async function* confirmFound(scan: Scan): AsyncGenerator<SearchEvent, void> {
  const { meters, quality } = scan;
  if (!quality.noisy) return;
  for (const meter of scan.unconfirmed) {
    const agreed = await saidTwice(scan, meter);
    if (agreed === meter) continue;
    meters.splice(meters.indexOf(meter), 1);
    yield { kind: 'withdrawn', meter };
    const text = `Noise had made the number ${meter.secondaryAddress} at the address ${meter.primaryAddress}: it was taken back.`;
    yield { kind: 'note', text };
    if (!agreed) continue;
    meters.push(agreed);
    yield { kind: 'found', meter: agreed };
  }
}

/** The first of what an address says that it says again; undefined where it does not within a few questions. */
async function saidTwice(scan: Scan, meter: FoundMeter): Promise<FoundMeter | undefined> {
  const heard = [meter];
  for (let request = 0; request < REQUESTS; request++) {
    const { asked } = await askForData(scan, meter.primaryAddress, false);
    if (asked.kind !== 'found') continue;
    const before = heard.find(isSame(asked.meter));
    if (before) return before;
    heard.push(asked.meter);
  }
  return undefined;
}

/** Of two meters that were found the answers overlap anyway, and tell nothing of a third. */
async function isSomebodyHidden({ link, meters }: Scan): Promise<'yes' | 'no' | 'unknown'> {
  if (meters.length > 1) return 'unknown';
  const { answer, requestEnd } = await exchange(link, reqUd2(TEST_ADDRESS, 1), 'REQ_UD2');
  const more = await listenUntil(link, requestEnd + link.timeoutMs);
  if (answer.kind === 'silence' || answer.kind === 'echo') return more > 0 ? 'yes' : 'no';
  // What several say at once may last longer than what was taken for the end.
  if (answer.kind !== 'frame') await letPass(link);
  const [known] = meters;
  const header = answer.kind === 'frame' && more === 0 ? meterAnswer(answer.frame)?.header : undefined;
  return known === undefined || header?.identification !== known.secondaryAddress ? 'yes' : 'no';
}

/** `first`: a meter that is there answers a link reset; one that answers none may still answer a request. */
async function* askAddress(
  scan: Scan,
  address: number,
  done: number,
  first: 'reset' | 'request' = 'reset',
): AsyncGenerator<SearchEvent, Asked['kind']> {
  const { baudRate, meters } = scan;
  // Every question stands by itself.
  yield* safePoint(scan, () => Promise.resolve());
  yield { kind: 'progress', text: `asking ${address}`, baudRate, done, questions: scan.questions };
  scan.questions++;
  const asked = first === 'reset' ? await ask(scan, address) : (await askForData(scan, address, true)).asked;
  const problem = (code: number, text: string): SearchEvent => ({
    kind: 'problem',
    address: String(address),
    error: mbusError(code, text),
  });
  switch (asked.kind) {
    case 'nobody':
      scan.silent.set(address, (scan.silent.get(address) ?? 0) + 1);
      break;
    case 'several':
      yield problem(131094, `Two or more meters answer at the primary address ${address}: search for them by number.`);
      break;
    case 'mute':
      yield problem(131082, `The meter at the primary address ${address} acknowledges and gives no data.`);
      break;
    case 'found':
      if (!meters.some(isSame(asked.meter))) {
        meters.push(asked.meter);
        if (scan.link.line.framing === '8N1') scan.unconfirmed.push(asked.meter);
        yield { kind: 'found', meter: asked.meter };
      }
      break;
    case 'late':
      break;
  }
  return asked.kind;
}

/** The same meter at another rate. */
const isSame = (meter: FoundMeter) => (known: FoundMeter) =>
  known.primaryAddress === meter.primaryAddress &&
  known.secondaryAddress === meter.secondaryAddress &&
  known.manufacturer === meter.manufacturer;
