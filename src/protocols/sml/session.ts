import { typedSettings, type Values } from '../../common/form.ts';
import { MeterError } from '../../common/meter-error.ts';
import { otherMeter } from '../../common/meter-identity.ts';
import type { Readout } from '../../common/readout.ts';
import type { Line } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import type { ReadOptions, Telegram } from '../protocol.ts';
import type { SmlAddress } from './address.ts';
import { smlError } from './errors.ts';
import { smlForm } from './form.ts';
import { earAt, reasonOf, telegramOf, type Ear } from './hear.ts';
import { createQuality } from './quality.ts';

/**
 * The next whole transmission of the meter that is meant. Never rejects for what a meter does: a failed read is a readout
 * with an error code. What is damaged is never kept: a byte that is missing shifts the meaning of all that follow.
 */
export async function readSml(
  line: Line,
  address: SmlAddress,
  settings: Values,
  options: ReadOptions,
): Promise<Readout> {
  const began = line.clock.monotonic();
  const { listenMs } = typedSettings(smlForm, settings);
  const durationMs = () => Math.round(line.clock.monotonic() - began);
  try {
    const { readout } = await awaitMeter(line, address, began + listenMs, options);
    return { ...readout, circumstances: { ...readout.circumstances, attempts: 1, durationMs: durationMs() } };
  } catch (error) {
    const { code, message, hint } = asSmlError(error, line.signal);
    return {
      errorCode: code,
      identification: '',
      data: '',
      circumstances: { baudRate: line.baudRate, attempts: 1, durationMs: durationMs(), message, hint },
    };
  }
}

async function awaitMeter(
  line: Line,
  { number }: SmlAddress,
  until: number,
  { knownNumber, onProgress }: ReadOptions,
): Promise<Telegram> {
  const ear = earAt(line);
  const quality = createQuality();
  const others = new Set<string>();
  let reason = '';
  const say = (text: string) => onProgress?.({ kind: 'step', step: 'listening', text });
  say(`listening at ${line.baudRate} Bd for what the meter says next`);
  for (;;) {
    const received = await ear.next(until - line.clock.monotonic());
    if (!received) throw nothing(ear, quality.text, reason, others, line.baudRate);
    const heard = telegramOf(received, line);
    if (!heard) {
      quality.damaged();
      reason = reasonOf(received);
      say(`${quality.text}; waiting for the next`);
      continue;
    }
    const { from } = heard.telegram;
    const other = otherMeter(from, { known: knownNumber, asked: number });
    if (other === undefined) {
      onProgress?.({ kind: 'data', data: heard.telegram.readout.data });
      return heard.telegram;
    }
    quality.good(other, heard.seconds);
    others.add(other);
    say(`${other} speaks; waiting for ${knownNumber ?? number}`);
  }
}

function nothing(ear: Ear, quality: string, reason: string, others: ReadonlySet<string>, baudRate: number): MeterError {
  if (others.size > 0)
    return smlError('other', `Only ${[...others].slice(0, 3).join(', ')} spoke, and not the meter that was meant.`);
  if (ear.heard === 0) return smlError('silent');
  if (reason !== '') return smlError('damaged', `None came whole (${quality}). ${reason}`);
  const doubt = ear.suspicion();
  const seen = `${ear.heard} bytes came at ${baudRate} Bd, and no transmission began in them`;
  return smlError('noise', doubt === undefined ? `${seen}.` : `${seen}: ${doubt}.`);
}

function asSmlError(error: unknown, signal: AbortSignal): MeterError {
  if (signal.aborted && error === signal.reason) return smlError('stopped');
  if (error instanceof MeterError) return error;
  if (error instanceof PortError)
    return smlError('port', `The port failed: ${error.message}`, {
      ...(error.checklist.length > 0 ? { hint: error.checklist.join(' ') } : {}),
      cause: error,
    });
  throw error;
}
