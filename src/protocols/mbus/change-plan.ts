import { toHex } from '../../common/bytes.ts';
import type { MbusAddress, MbusBaudRate, SecondaryAddress } from './address.ts';
import { formatMbusAddress, NETWORK_LAYER_ADDRESS } from './address.ts';
import type { MeterHeader } from './header.ts';
import { applicationReset, reqUd2, selectSlave, setPrimaryAddress, sndNke, switchBaudRate } from './messages.ts';

/** What is sent to change a meter, and in which order: nothing here talks to one. */

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
   * 'needed': without E5 the change stops here. 'proof': one valid data frame, of one meter, or the change stops here.
   * 'empty': nobody may answer, or the change stops here. 'command': the change itself, sent once. 'check': one valid
   * data frame, of the same meter. 'none': an answer is not expected.
   */
  readonly purpose: 'needed' | 'proof' | 'empty' | 'command' | 'check' | 'none';
}

/** Who answered alone, by its own header. Members are absent where that has no such field. */
export type ProvedMeter = Pick<MeterHeader, 'identification' | 'manufacturer' | 'version' | 'medium'>;

/**
 * The exact bytes of a change, nothing is sent. `meter`: who was proved to be meant; a selection then names all of it.
 * Throws MeterError 131074 for a new address beyond 0–250.
 * A new rate holds after the meter's E5, which still comes at the old one; the check is made at the new rate.
 */
export function preview(address: MbusAddress, change: MbusChange, meter?: ProvedMeter): readonly PlannedFrame[] {
  return [...proofOf(address, change), ...commandOf(address, change, meter)];
}

export const frameAt =
  (usual: MbusBaudRate) =>
  (bytes: Uint8Array, text: string, purpose: PlannedFrame['purpose'], baudRate = usual): PlannedFrame => ({
    bytes,
    hex: toHex(bytes),
    baudRate,
    text,
    purpose,
  });

const targetOf = (address: MbusAddress) => (address.kind === 'primary' ? address.address : NETWORK_LAYER_ADDRESS);

/** What is sent before the command: it changes nothing and shows whom the command will meet. */
export function proofOf(address: MbusAddress, change: MbusChange): readonly PlannedFrame[] {
  const planned = frameAt(address.baudRate);
  const frames: PlannedFrame[] = [];
  if (change.kind === 'primary address' && change.newAddress !== targetOf(address)) {
    const { newAddress } = change;
    frames.push(planned(sndNke(newAddress), `nobody may answer at ${newAddress} yet`, 'empty'));
    frames.push(planned(reqUd2(newAddress, 1), `nor give data at ${newAddress}`, 'empty'));
  }
  if (address.kind === 'secondary') {
    frames.push(planned(sndNke(NETWORK_LAYER_ADDRESS), 'end any selection', 'none'));
    frames.push(planned(selectSlave(address), `select ${formatMbusAddress(address)}`, 'needed'));
  } else frames.push(planned(sndNke(address.address), `reset the link to ${address.address}`, 'none'));
  frames.push(planned(reqUd2(targetOf(address), 1), 'who is it? One meter has to answer', 'proof'));
  return frames;
}

/** The command, and the proof that the same meter took it. */
export function commandOf(
  address: MbusAddress,
  change: MbusChange,
  meter: ProvedMeter | undefined,
): readonly PlannedFrame[] {
  const planned = frameAt(address.baudRate);
  const target = targetOf(address);
  const frames: PlannedFrame[] = [];
  const narrowed = address.kind === 'secondary' && meter ? narrowedTo(address, meter) : undefined;
  if (narrowed) frames.push(planned(selectSlave(narrowed), `select ${formatMbusAddress(narrowed)} alone`, 'needed'));
  const finalRate = change.kind === 'baud rate' ? change.newBaudRate : address.baudRate;
  const checkAt = change.kind === 'primary address' ? change.newAddress : target;
  switch (change.kind) {
    case 'primary address':
      frames.push(
        planned(setPrimaryAddress(target, change.newAddress), `set primary address ${change.newAddress}`, 'command'),
      );
      break;
    case 'baud rate':
      frames.push(planned(switchBaudRate(target, change.newBaudRate), `switch to ${change.newBaudRate} Bd`, 'command'));
      break;
    case 'application reset': {
      const { subcode } = change;
      const which = subcode === undefined ? '' : `, subcode ${subcode.toString(16).padStart(2, '0').toUpperCase()}`;
      frames.push(planned(applicationReset(target, subcode), `reset the application${which}`, 'command'));
      break;
    }
  }
  const where = change.kind === 'baud rate' ? `at ${change.newBaudRate} Bd` : `at ${checkAt}`;
  if (change.kind !== 'application reset')
    frames.push(planned(reqUd2(checkAt, 1), `does the same meter answer ${where}?`, 'check', finalRate));
  if (address.kind === 'secondary')
    frames.push(planned(sndNke(NETWORK_LAYER_ADDRESS), 'end the selection', 'none', finalRate));
  return frames;
}

/** The selection that means this meter and nobody of the same number. */
function narrowedTo(address: SecondaryAddress, meter: ProvedMeter): SecondaryAddress {
  const { identification = address.identification, manufacturer, version, medium } = meter;
  return {
    ...address,
    identification,
    ...(manufacturer !== undefined && /^[A-Z]{3}$/.test(manufacturer) ? { manufacturer } : {}),
    ...(version === undefined || version === 0xff ? {} : { version }),
    ...(medium === undefined || medium === 0xff ? {} : { medium }),
  };
}
