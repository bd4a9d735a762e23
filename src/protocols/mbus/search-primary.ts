import type { Line } from '../../line/line.ts';
import type { MbusBaudRate } from './address.ts';
import { mbusError } from './errors.ts';
import type { Link } from './link.ts';
import { asMbusError, createLink, exchange, listenUntil } from './link.ts';
import { reqUd2, sndNke } from './messages.ts';
import type { FoundMeter, SearchControl, SearchEvent } from './search.ts';
import { foundMeter, letPass, meterAnswer, running, slowerThan } from './search.ts';
import { answerLimitMs } from './settings.ts';

export interface PrimaryScan {
  readonly baudRates: readonly MbusBaudRate[];
  /** Addresses to ask, in this order; 0–250 unless told. */
  readonly addresses?: readonly number[];
  /** The scan ends when so many meters were found. */
  readonly stopAfter?: number;
  /** Wait for an answer, milliseconds; by the standard unless told, and longer when a meter turns out to need it. */
  readonly timeoutMs?: number;
  readonly control?: SearchControl;
  readonly signal?: AbortSignal;
}

const ALL_ADDRESSES = Array.from({ length: 251 }, (_, address) => address);
const REPETITIONS = 2;

/**
 * Asks every primary address with SND_NKE and those that answer for their data. Two meters at one address are told as a
 * problem 131094. Yields events as they happen and ends with 'ended'; never rejects for what meters or the port do.
 */
export async function* scanPrimary(line: Line, options: PrimaryScan): AsyncGenerator<SearchEvent, void> {
  const began = line.clock.monotonic();
  const { baudRates, addresses = ALL_ADDRESSES, stopAfter = Infinity, signal } = options;
  const link = createLink(line, 0, signal);
  const meters: FoundMeter[] = [];
  let questions = 0;
  const ended = (outcome: 'complete' | 'stopped' | 'failed') =>
    ({ kind: 'ended', outcome, meters, questions, durationMs: line.clock.monotonic() - began }) as const;
  try {
    for (const [round, baudRate] of baudRates.entries()) {
      await line.changeBaud(baudRate);
      link.timeoutMs = Math.max(options.timeoutMs ?? 0, answerLimitMs(baudRate));
      for (let index = 0; index < addresses.length && meters.length < stopAfter; index++) {
        const address = addresses[index] ?? 0;
        yield* running(options.control, signal);
        const done = (round + index / addresses.length) / baudRates.length;
        yield { kind: 'progress', text: `asking ${address}`, baudRate, done, questions };
        questions++;
        const outcome = await ask(link, address, baudRate);
        if (outcome === 'late') {
          const longer = slowerThan(link.timeoutMs);
          if (longer === undefined) continue;
          link.timeoutMs = longer;
          yield { kind: 'note', text: `A meter answers late: waiting ${longer} ms for each answer from now on.` };
          await letPass(link);
          // Back to the address that was taken for silent.
          index = Math.max(-1, index - 2);
        } else if (outcome === 'several') {
          const error = mbusError(131094, `Two or more meters answer at the primary address ${address}.`);
          yield { kind: 'problem', address: String(address), error };
        } else if (outcome === 'mute') {
          const error = mbusError(
            131082,
            `The meter at the primary address ${address} acknowledges and gives no data.`,
          );
          yield { kind: 'problem', address: String(address), error };
        } else if (outcome !== 'nobody' && !meters.some(isSame(outcome))) {
          meters.push(outcome);
          yield { kind: 'found', meter: outcome };
        }
      }
    }
    yield ended('complete');
  } catch (cause) {
    const error = asMbusError(cause, signal);
    yield { ...ended(error.code === 131073 ? 'stopped' : 'failed'), error };
  }
}

/** One link reset and, where something answered, REQ_UD2: only its answer tells one meter from two. */
async function ask(
  link: Link,
  address: number,
  baudRate: MbusBaudRate,
): Promise<FoundMeter | 'nobody' | 'several' | 'mute' | 'late'> {
  const reset = await exchange(link, sndNke(address), 'SND_NKE');
  if (reset.lateBytes > 0) return 'late';
  if (reset.answer.kind === 'silence' || reset.answer.kind === 'echo') return 'nobody';
  for (let attempt = 0; ; attempt++) {
    const { answer, requestEnd } = await exchange(link, reqUd2(address, 1), 'REQ_UD2');
    if (answer.kind === 'frame' && answer.disturbance.kind === 'none') {
      const alone = (await listenUntil(link, requestEnd + link.timeoutMs)) === 0;
      const meter = meterAnswer(answer.frame, address);
      if (alone && meter !== undefined)
        return foundMeter(answer.frame, answer.bytes, meter.header, { kind: 'primary', address, baudRate });
    }
    if (attempt === REPETITIONS) return answer.kind === 'silence' || answer.kind === 'echo' ? 'mute' : 'several';
  }
}

/** The same meter at another rate. */
const isSame = (meter: FoundMeter) => (known: FoundMeter) =>
  known.primaryAddress === meter.primaryAddress &&
  known.secondaryAddress === meter.secondaryAddress &&
  known.manufacturer === meter.manufacturer;
