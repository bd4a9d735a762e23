import { typedSettings, type Values } from '../../common/form.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Readout } from '../../common/readout.ts';
import type { Line } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import type { ReadOptions, Telegram } from '../protocol.ts';
import { wmbusError } from './errors.ts';
import { wmbusForm } from './form.ts';
import { findStick, linkModeOf, stickWords, telegramOf } from './hear.ts';

/** The next telegram of the meter that is meant. Never rejects for what meters and sticks do: a failed read is a readout. */
export async function readRadio(line: Line, number: string, settings: Values, options: ReadOptions): Promise<Readout> {
  const began = line.clock.monotonic();
  const durationMs = () => Math.round(line.clock.monotonic() - began);
  try {
    const { readout, dBm } = await awaitMeter(line, number, settings, options);
    const notes = dBm === undefined || dBm === 0 ? {} : { notes: [`heard with ${Math.round(dBm)} dBm`] };
    return { ...readout, circumstances: { attempts: 1, durationMs: durationMs(), ...notes } };
  } catch (error) {
    const { code, message, hint } = asRadioError(error, line.signal);
    const said = hint === undefined ? { message } : { message, hint };
    const circumstances = { attempts: 1, durationMs: durationMs(), ...said };
    return { errorCode: code, identification: '', data: '', circumstances };
  }
}

async function awaitMeter(
  line: Line,
  number: string,
  settings: Values,
  { onProgress }: ReadOptions,
): Promise<Telegram> {
  const say = (text: string) => onProgress?.({ kind: 'step', step: 'listening', text });
  const { linkMode, listenMs } = typedSettings(wmbusForm, settings);
  const found = await findStick(line, say);
  if (!found) throw wmbusError('noStick');
  say(stickWords(found, await found.dongle.setUp(found.stick.talk, linkModeOf(linkMode))));
  const until = line.clock.monotonic() + listenMs;
  const others = new Set<string>();
  for (;;) {
    const rest = until - line.clock.monotonic();
    const heard = rest > 0 ? await found.stick.next(rest) : undefined;
    if (!heard) throw nothing(others, number);
    const telegram = telegramOf(heard);
    if (typeof telegram === 'string') {
      say(telegram);
      continue;
    }
    const [from = ''] = telegram.from;
    if (number === '' || telegram.from.includes(number)) {
      if (telegram.isWithoutValues === true) {
        say(`${from} sent something without values; waiting for the next`);
        continue;
      }
      onProgress?.({ kind: 'data', data: telegram.readout.data });
      return telegram;
    }
    others.add(from);
    say(`${others.size} other meters were heard, ${from} at last; waiting for ${number}`);
  }
}

function nothing(others: ReadonlySet<string>, number: string): MeterError {
  if (others.size === 0) return wmbusError('silent');
  const some = [...others].slice(0, 5).join(', ');
  return wmbusError('other', `${some}${others.size > 5 ? ' and others' : ''} spoke, and not ${number}.`);
}

function asRadioError(error: unknown, signal: AbortSignal): MeterError {
  if (signal.aborted && error === signal.reason) return wmbusError('stopped');
  if (error instanceof MeterError) return error;
  if (error instanceof PortError)
    return wmbusError('port', `The port failed: ${error.message}`, {
      ...(error.checklist.length > 0 ? { hint: error.checklist.join(' ') } : {}),
      cause: error,
    });
  throw error;
}
