import type { MeterError } from '../../common/meter-error.ts';
import type { Circumstances, Readout } from '../../common/readout.ts';
import type { Line } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import type { ReadOptions } from '../protocol.ts';
import { bearsOut, dataOf, type Cycle } from './cycle.ts';
import { lotosError } from './errors.ts';
import { earOn, type Ear, type Seen } from './hear.ts';
import type { LotosSettings } from './settings.ts';

/** A record's data is kept up to here, in characters. */
const MOST_DATA = 65_536;

/**
 * Listens until the meter has sent all its values twice, so that one vouches for the other, or the time is over. Never
 * rejects for what a meter does: a failed read is a readout with an error code and whatever was heard.
 */
export async function readLotos(line: Line, settings: LotosSettings, options: ReadOptions): Promise<Readout> {
  const began = line.clock.monotonic();
  const ear = earOn(line, settings.pattern);
  let cycle: Cycle | undefined;
  let isBorneOut = false;
  let failure: MeterError | undefined;
  const left = () => began + settings.listenMs - line.clock.monotonic();
  let shown = '';
  let values = 0;
  try {
    while (!isBorneOut && left() > 0) {
      const text = stepText(ear, cycle);
      if (text !== shown) options.onProgress?.({ kind: 'step', step: 'listening', text });
      shown = text;
      const ended = await ear.next(left());
      // What is sent without end is not told without end.
      if (ended || ear.heard.size > values) options.onProgress?.({ kind: 'data', data: dataOf(ear.heard) });
      values = ear.heard.size;
      if (!ended) continue;
      isBorneOut = cycle !== undefined && bearsOut(cycle, ended);
      cycle = ended;
    }
    if (!cycle) failure = notWhole(ear, line, settings);
  } catch (error) {
    failure = asLotosError(error, line.signal);
  }
  return readoutOf({ line, cycle: cycle ?? ear.heard, seen: ear.seen, isBorneOut, failure, began });
}

const stepText = ({ heard }: Ear, cycle: Cycle | undefined) =>
  cycle
    ? `${cycle.size} values came; listening for the next cycle, which vouches for them`
    : `listening: ${heard.size} values so far`;

/** Of a line that does not fit, in characters. */
export const SHOWN = 40;

export const linesOf = (count: number) => (count === 1 ? 'One line was' : `${count} lines were`);

function notWhole({ heard, seen }: Ear, line: Line, settings: LotosSettings): MeterError {
  const { characters, others, damaged, lastOther } = seen;
  const seconds = Math.round(settings.listenMs / 1000);
  const setting = `${line.baudRate} Bd ${line.framing}`;
  if (characters === 0) return lotosError(4259847, `Nothing was heard within ${seconds} s at ${setting}.`);
  if (heard.size > 0) {
    const lost = damaged > 0 ? ` ${linesOf(damaged)} damaged.` : '';
    return lotosError(4259845, `${heard.size} values were heard within ${seconds} s, and no whole cycle.${lost}`);
  }
  const last = others > 0 ? `, the last line is “${lastOther.slice(0, SHOWN)}”` : '';
  return lotosError(4259847, `${characters} characters came at ${setting} and no value${last}.`, {
    hint: 'Adapt the line pattern in the settings to what the meter sends; characters that cannot be read are of another baud rate or framing.',
  });
}

interface Outcome {
  readonly line: Line;
  /** Whole, or what was heard of one. */
  readonly cycle: Cycle;
  /** Since the record before. */
  readonly seen: Seen;
  readonly isBorneOut: boolean;
  readonly failure: MeterError | undefined;
  readonly began?: number;
}

/** What a record has; also of a cycle that nobody asked for. */
export function readoutOf({ line, cycle, seen, isBorneOut, failure: failed, began }: Outcome): Readout {
  const all = dataOf(cycle);
  const isTooLong = all.length > MOST_DATA;
  const failure = isTooLong ? lotosError(4259846, `${all.length} characters are more than a record holds.`) : failed;
  const data = isTooLong ? all.slice(0, all.lastIndexOf(',', MOST_DATA)) : all;
  const notes = [
    ...(data !== '' && !isBorneOut ? ['Nothing vouches for these values: no second cycle came that fits.'] : []),
    ...(seen.others > 0
      ? [`${linesOf(seen.others)} not of the pattern, the last: “${seen.lastOther.slice(0, SHOWN)}”.`]
      : []),
    ...(seen.damaged > 0 ? [`${linesOf(seen.damaged)} damaged.`] : []),
  ];
  const circumstances: Circumstances = {
    baudRate: line.baudRate,
    ...(data === '' ? {} : { borneOut: isBorneOut }),
    ...(began === undefined ? {} : { attempts: 1, durationMs: Math.round(line.clock.monotonic() - began) }),
    ...(failure && data !== '' ? { partial: true } : {}),
    ...(failure ? { message: failure.message, hint: failure.hint } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  };
  return { errorCode: failure?.code ?? 0, identification: '', data, circumstances };
}

/** Every failure as a MeterError with a code of the SmartCOM's table. */
function asLotosError(error: unknown, signal: AbortSignal): MeterError {
  if (signal.aborted) return lotosError(4259841, undefined, { cause: error });
  if (!(error instanceof PortError)) throw error;
  if (error.failure !== 'lost') return lotosError(4259844, `The port failed: ${error.message}`, { cause: error });
  return lotosError(4259840, `The port was lost: ${error.message}`, {
    hint: 'Is the cable still plugged in? What came before is kept. Plug the adapter in again and try once more.',
    cause: error,
  });
}
