import type { Line } from '../../line/line.ts';
import { toHex } from '../common/bytes.ts';
import type { MbusAddress, MbusBaudRate } from './address.ts';
import { formatMbusAddress, NETWORK_LAYER_ADDRESS } from './address.ts';
import { mbusError } from './errors.ts';
import type { Answer } from './link.ts';
import { answerError, asMbusError, createLink, exchange } from './link.ts';
import { applicationReset, selectSlave, setPrimaryAddress, sndNke, switchBaudRate } from './messages.ts';
import type { MbusSettings } from './settings.ts';
import { defaultTimeoutMs } from './settings.ts';

/** What can be changed at a meter. Each change is shown byte by byte and confirmed before it is made. */
export type MbusChange =
  | { readonly kind: 'primary address'; readonly newAddress: number }
  | { readonly kind: 'baud rate'; readonly newBaudRate: MbusBaudRate }
  | { readonly kind: 'application reset'; readonly subcode?: number };

/** One frame of a change, in the order they are sent. */
export interface PlannedFrame {
  readonly bytes: Uint8Array;
  /** Upper-case hex of `bytes`, as shown. */
  readonly hex: string;
  readonly baudRate: MbusBaudRate;
  /** What it is for, in words. */
  readonly text: string;
  /**
   * 'needed': without E5 the change stops here; 'command' the change itself, sent once; 'check': shows whether it
   * took; 'none': an answer is not expected.
   */
  readonly purpose: 'needed' | 'command' | 'check' | 'none';
}

export interface ChangeResult {
  /** 0 when the meter acknowledged the change and the check after it. */
  readonly errorCode: number;
  readonly message: string;
  readonly hint: string;
  readonly frames: readonly ChangedFrame[];
}

/** A frame that was sent and what came back. */
export interface ChangedFrame extends PlannedFrame {
  readonly answer: Answer['kind'];
  /** Upper-case hex of what came back; empty for silence. */
  readonly answerHex: string;
}

/**
 * The exact bytes of a change, nothing is sent. Throws MeterError 131074 for a new address beyond 0–250.
 * A new rate holds after the meter's E5, which still comes at the old one; the check is made at the new rate.
 */
export function preview(address: MbusAddress, change: MbusChange): readonly PlannedFrame[] {
  const target = address.kind === 'primary' ? address.address : NETWORK_LAYER_ADDRESS;
  const planned = (
    bytes: Uint8Array,
    text: string,
    purpose: PlannedFrame['purpose'],
    baudRate = address.baudRate,
  ): PlannedFrame => ({ bytes, hex: toHex(bytes), baudRate, text, purpose });
  const finalRate = change.kind === 'baud rate' ? change.newBaudRate : address.baudRate;

  const frames: PlannedFrame[] = [];
  if (address.kind === 'secondary') {
    frames.push(planned(sndNke(NETWORK_LAYER_ADDRESS), 'end any selection', 'none'));
    frames.push(planned(selectSlave(address), `select ${formatMbusAddress(address)}`, 'needed'));
  }
  switch (change.kind) {
    case 'primary address': {
      const { newAddress } = change;
      frames.push(planned(setPrimaryAddress(target, newAddress), `set primary address ${newAddress}`, 'command'));
      frames.push(planned(sndNke(newAddress), `does a meter answer at ${newAddress}?`, 'check'));
      break;
    }
    case 'baud rate': {
      const { newBaudRate } = change;
      frames.push(planned(switchBaudRate(target, newBaudRate), `switch to ${newBaudRate} Bd`, 'command'));
      // To a selected meter this ends the selection, and its E5 is the proof all the same.
      frames.push(planned(sndNke(target), `does it answer at ${newBaudRate} Bd?`, 'check', newBaudRate));
      return frames;
    }
    case 'application reset': {
      const { subcode } = change;
      const which = subcode === undefined ? '' : `, subcode ${subcode.toString(16).padStart(2, '0').toUpperCase()}`;
      frames.push(planned(applicationReset(target, subcode), `reset the application${which}`, 'command'));
      break;
    }
  }
  if (address.kind === 'secondary')
    frames.push(planned(sndNke(NETWORK_LAYER_ADDRESS), 'end the selection', 'none', finalRate));
  return frames;
}

/**
 * Makes a change over an open line and returns every frame with its answer. Never rejects for what a meter does. The
 * command itself is sent once and not repeated: whether a meter took a command that it did not acknowledge is for a
 * person to find out. The line is left at the last frame's rate.
 */
export async function configure(
  line: Line,
  address: MbusAddress,
  change: MbusChange,
  settings: MbusSettings,
  signal?: AbortSignal,
): Promise<ChangeResult> {
  const frames: ChangedFrame[] = [];
  try {
    for (const planned of preview(address, change)) {
      await line.changeBaud(planned.baudRate);
      const link = createLink(line, settings.timeoutMs ?? defaultTimeoutMs(line.baudRate), signal);
      const answer = await send(planned, link, settings.retries);
      const answerHex = answer.kind === 'acknowledge' ? 'E5' : 'bytes' in answer ? toHex(answer.bytes) : '';
      frames.push({ ...planned, answer: answer.kind, answerHex });
      if (planned.purpose === 'none') continue;
      if (answer.kind !== 'acknowledge') throw answerError(answer, stepOf(planned));
      if (planned.purpose === 'check' && answer.disturbance.kind !== 'none')
        throw mbusError(131079, 'More than one acknowledgment came: another meter answers there as well.');
    }
    return { errorCode: 0, message: '', hint: '', frames };
  } catch (cause) {
    const { code, message, hint } = asMbusError(cause, signal);
    return { errorCode: code, message, hint, frames };
  }
}

async function send(planned: PlannedFrame, link: ReturnType<typeof createLink>, retries: number): Promise<Answer> {
  const attempts = planned.purpose === 'needed' || planned.purpose === 'check' ? 1 + retries : 1;
  for (let attempt = 1; ; attempt++) {
    const { answer } = await exchange(link, planned.bytes, stepOf(planned));
    if (answer.kind === 'acknowledge' || attempt >= attempts) return answer;
  }
}

function stepOf({ purpose }: PlannedFrame): 'selection' | 'user frame' | 'SND_NKE' {
  switch (purpose) {
    case 'needed':
      return 'selection';
    case 'command':
      return 'user frame';
    default:
      return 'SND_NKE';
  }
}
