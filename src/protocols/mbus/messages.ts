import { littleEndianBcd } from '../../common/bcd.ts';
import { concatBytes } from '../../common/bytes.ts';
import type { MbusBaudRate, SecondaryMask } from './address.ts';
import { manufacturerWildcard, MBUS_BAUD_RATES, NETWORK_LAYER_ADDRESS } from './address.ts';
import { mbusError } from './errors.ts';
import { encodeFrame } from './frame.ts';

/** What the master sends (EN 13757-2, 5.7; EN 13757-3, 5). Every function gives the bytes for the wire. */

/** Frame count bit: toggles with every new request to a meter; the same bit asks for the last telegram again. */
export type FrameCountBit = 0 | 1;

const SND_NKE = 0x40;
const SND_UD = 0x53;
const REQ_UD1 = 0x5a;
const REQ_UD2 = 0x5b;
const FCB = 0x20;

const control = (code: number, fcb: FrameCountBit) => (fcb === 1 ? code | FCB : code);

/** Link reset: the meter answers E5 and expects FCB = 1 next. To address 253 it also ends a selection. */
export function sndNke(address: number): Uint8Array {
  return encodeFrame({ kind: 'short', control: SND_NKE, address });
}

/** Request for class 2 data: the meter's values. After SND_NKE the first has FCB = 1. */
export function reqUd2(address: number, fcb: FrameCountBit): Uint8Array {
  return encodeFrame({ kind: 'short', control: control(REQ_UD2, fcb), address });
}

/** Request for class 1 data: alarms. A meter without any answers E5. */
export function reqUd1(address: number, fcb: FrameCountBit): Uint8Array {
  return encodeFrame({ kind: 'short', control: control(REQ_UD1, fcb), address });
}

/** User data to a meter, with any CI field. */
export function sndUd(
  address: number,
  controlInformation: number,
  data: Uint8Array = new Uint8Array(0),
  fcb: FrameCountBit = 0,
): Uint8Array {
  const head = { control: control(SND_UD, fcb), address, controlInformation };
  return encodeFrame(data.length === 0 ? { kind: 'control', ...head } : { kind: 'long', ...head, data });
}

/**
 * Selects the meters that match: they answer E5 and from then on listen to address 253. The others are deselected.
 * With a fabrication number the enhanced selection is sent (`0C 78 <number>`), which tells meters of equal
 * identification apart. `mode2` sends high bytes first (CI 56), for meters that want it.
 * Throws MeterError 131074 where identification or fabrication number are not eight hexadecimal digits.
 */
export function selectSlave(mask: SecondaryMask, mode2 = false, fcb: FrameCountBit = 0): Uint8Array {
  const manufacturer = manufacturerWildcard(mask.manufacturer);
  const parts = [
    eightDigits(mask.identification),
    Uint8Array.of(manufacturer & 0xff, manufacturer >> 8),
    Uint8Array.of(mask.version ?? 0xff),
    Uint8Array.of(mask.medium ?? 0xff),
  ];
  if (mode2) for (const part of parts) part.reverse();
  if (mask.fabrication !== undefined) {
    const fabrication = eightDigits(mask.fabrication);
    parts.push(Uint8Array.of(0x0c, 0x78), mode2 ? fabrication.reverse() : fabrication);
  }
  return sndUd(NETWORK_LAYER_ADDRESS, mode2 ? 0x56 : 0x52, concatBytes(...parts), fcb);
}

function eightDigits(text: string): Uint8Array {
  const bytes = /^[0-9A-F]{8}$/.test(text) ? littleEndianBcd(text, 4) : undefined;
  if (bytes === undefined) throw mbusError(131074, `"${text}" is not eight digits, or F for any.`);
  return bytes;
}

/** Gives the meter a new primary address, 0–250 (`01 7A <address>`). */
export function setPrimaryAddress(address: number, newAddress: number): Uint8Array {
  if (!Number.isInteger(newAddress) || newAddress < 0 || newAddress > 250)
    throw mbusError(131074, `A primary address is 0 to 250, not ${newAddress}.`);
  return sndUd(address, 0x51, Uint8Array.of(0x01, 0x7a, newAddress));
}

/** Makes the meter speak at another rate after its E5, which still comes at the old one (CI B8–BF). */
export function switchBaudRate(address: number, baudRate: MbusBaudRate): Uint8Array {
  return sndUd(address, 0xb8 + MBUS_BAUD_RATES.indexOf(baudRate));
}

/** Application reset (CI 50), with the subcode that chooses a telegram where the meter knows several. */
export function applicationReset(address: number, subcode?: number): Uint8Array {
  return sndUd(address, 0x50, subcode === undefined ? undefined : Uint8Array.of(subcode));
}
