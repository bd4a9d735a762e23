import { littleEndianBcd, littleEndianDigits } from '../../../common/bcd.ts';
import { concatBytes } from '../../../common/bytes.ts';
import type { MbusBaudRate } from '../address.ts';
import { DEFAULT_BAUD_RATE, MBUS_BAUD_RATES, NETWORK_LAYER_ADDRESS } from '../address.ts';
import type { LongFrame, MbusFrame } from '../frame.ts';
import { encodeFrame } from '../frame.ts';
import { encodeManufacturer } from '../manufacturer.ts';

import { scatter, seedOf } from '../../../simulator/random.ts';

export interface MbusMeterSpec {
  /** Eight digits. */
  readonly identification: string;
  /** Three letters. */
  readonly manufacturer: string;
  readonly version: number;
  readonly medium: number;
  readonly primaryAddress: number;
  /** Eight digits; a meter with one understands the enhanced selection. */
  readonly fabrication?: string;
  /** 2400 unless told. */
  readonly baudRate?: MbusBaudRate;
  /** The records of every telegram at this wall clock time; more than one makes a readout in several telegrams. */
  readonly telegrams: (time: number) => readonly Uint8Array[];
  /** 'fixed': CI 73; the only telegram is then the two unit bytes and the two counters. */
  readonly structure?: 'variable' | 'fixed';
  /** Between the request and the answer; 11 bit times to 330 bit times and 50 ms. By default a few tens of ms, always the same. */
  readonly reactionMs?: number;
  /** Records that it answers a control frame of its maker's with (CI field), instead of E5. */
  readonly own?: { readonly controlInformation: number; readonly records: (time: number) => Uint8Array };
  /** Hears nothing before it has been woken through an optical head. */
  readonly sleeps?: true;
  /** Answers REQ_UD2 with this application error (CI 70). */
  readonly applicationError?: number;
  /** Does not look at the frame count bit and sends its first telegram again and again. */
  readonly ignoresFrameCount?: boolean;
}

export interface SlaveReply {
  readonly bytes: Uint8Array;
  readonly baudRate: MbusBaudRate;
  readonly reactionMs: number;
  /** The telegram that was sent before, because the frame count bit is the same. */
  readonly repeated: boolean;
}

/** One meter on the bus: what it answers to a frame, and what it remembers. */
export interface MbusSlave {
  readonly baudRate: MbusBaudRate;
  readonly primaryAddress: number;
  /** `time`: wall clock. Undefined: it does not answer. */
  hear(frame: MbusFrame, time: number): SlaveReply | undefined;
}

const TEST_ADDRESS = 254;
const BROADCAST = 255;
const ACKNOWLEDGE = Uint8Array.of(0xe5);

/** A slave of EN 13757-2 and -3. */
export function mbusSlave(spec: MbusMeterSpec): MbusSlave {
  let baudRate: MbusBaudRate = spec.baudRate ?? DEFAULT_BAUD_RATE;
  let { primaryAddress } = spec;
  let selected = false;
  /** Frame count bit of the last REQ_UD2; undefined after a link reset. */
  let lastBit: number | undefined;
  let telegram = 0;
  let accessNumber = Math.floor(256 * scatter(seedOf(spec.identification), spec.medium));
  let lastAnswer: Uint8Array | undefined;
  const usualReaction = 5 + 45 * scatter(seedOf(spec.identification + spec.manufacturer), spec.version);

  const reply = (bytes: Uint8Array, rate = baudRate, repeated = false): SlaveReply => ({
    bytes,
    baudRate: rate,
    reactionMs: spec.reactionMs ?? usualReaction,
    repeated,
  });

  function resetLink(): void {
    lastBit = undefined;
    telegram = 0;
  }

  function answerData(control: number, time: number): SlaveReply {
    const bit = control & 0x20;
    if (bit === lastBit && lastAnswer) return reply(lastAnswer, baudRate, true);
    const telegrams = spec.telegrams(time);
    if (lastBit !== undefined && spec.ignoresFrameCount !== true) telegram = (telegram + 1) % telegrams.length;
    lastBit = bit;
    accessNumber = (accessNumber + 1) & 0xff;
    const records = telegrams[telegram] ?? new Uint8Array(0);
    const head = { address: primaryAddress, accessNumber };
    lastAnswer = dataFrame(spec, head, records, telegram < telegrams.length - 1);
    return reply(lastAnswer);
  }

  /** Selection: the meter that fits answers, every other one is not selected any more. */
  function hearSelection({ data, controlInformation }: LongFrame): SlaveReply | undefined {
    selected = fits(spec, data, controlInformation === 0x56);
    if (!selected) return undefined;
    resetLink();
    return reply(ACKNOWLEDGE);
  }

  function hearCommand(controlInformation: number, data: Uint8Array, time: number): SlaveReply | undefined {
    if (controlInformation === spec.own?.controlInformation) {
      accessNumber = (accessNumber + 1) & 0xff;
      return reply(dataFrame(spec, { address: primaryAddress, accessNumber }, spec.own.records(time), false));
    }
    const rate = MBUS_BAUD_RATES[controlInformation - 0xb8];
    if (rate !== undefined) {
      // The acknowledgment still goes out at the old rate.
      const acknowledgment = reply(ACKNOWLEDGE, baudRate);
      baudRate = rate;
      return acknowledgment;
    }
    if (controlInformation === 0x50) telegram = 0;
    else if (controlInformation === 0x51 && data.length === 3 && data[0] === 0x01 && data[1] === 0x7a)
      primaryAddress = data[2] ?? primaryAddress;
    else if (controlInformation !== 0x51 && controlInformation !== 0x54) return undefined;
    return reply(ACKNOWLEDGE);
  }

  function isMine(address: number): boolean {
    if (address === NETWORK_LAYER_ADDRESS) return selected;
    return address === primaryAddress || address === TEST_ADDRESS || address === BROADCAST;
  }

  function answerTo(frame: MbusFrame, time: number): SlaveReply | undefined {
    switch (frame.kind) {
      case 'acknowledge':
        return undefined;
      case 'short':
        if (frame.control === 0x40) {
          resetLink();
          if (frame.address === NETWORK_LAYER_ADDRESS) selected = false;
          return reply(ACKNOWLEDGE);
        }
        if ((frame.control & 0xdf) === 0x5b) return answerData(frame.control, time);
        return (frame.control & 0xdf) === 0x5a ? reply(ACKNOWLEDGE) : undefined;
      case 'control':
        return hearCommand(frame.controlInformation, new Uint8Array(0), time);
      case 'long':
        return hearCommand(frame.controlInformation, frame.data, time);
    }
  }

  return {
    get baudRate() {
      return baudRate;
    },
    get primaryAddress() {
      return primaryAddress;
    },
    hear(frame, time) {
      if (frame.kind === 'acknowledge') return undefined;
      const isSelection =
        frame.kind === 'long' && (frame.controlInformation === 0x52 || frame.controlInformation === 0x56);
      if (isSelection) return frame.address === NETWORK_LAYER_ADDRESS ? hearSelection(frame) : undefined;
      if (!isMine(frame.address)) return undefined;
      const answer = answerTo(frame, time);
      return frame.address === BROADCAST ? undefined : answer;
    },
  };
}

interface Head {
  readonly address: number;
  readonly accessNumber: number;
}

/** RSP_UD as the meter sends it: its header, and the records. */
function dataFrame(
  spec: MbusMeterSpec,
  { address, accessNumber }: Head,
  records: Uint8Array,
  moreFollow: boolean,
): Uint8Array {
  const head = { kind: 'long', control: 0x08, address } as const;
  if (spec.applicationError !== undefined)
    return encodeFrame({ ...head, controlInformation: 0x70, data: Uint8Array.of(spec.applicationError) });
  const identification = bcd(spec.identification);
  if (spec.structure === 'fixed') {
    const data = concatBytes(identification, Uint8Array.of(accessNumber, 0), records);
    return encodeFrame({ ...head, controlInformation: 0x73, data });
  }
  const manufacturer = encodeManufacturer(spec.manufacturer) ?? 0;
  const rest = [manufacturer & 0xff, manufacturer >> 8, spec.version, spec.medium, accessNumber, 0, 0, 0];
  const data = concatBytes(
    identification,
    Uint8Array.of(...rest),
    records,
    Uint8Array.of(...(moreFollow ? [0x1f] : [])),
  );
  return encodeFrame({ ...head, controlInformation: 0x72, data });
}

const bcd = (digits: string) => littleEndianBcd(digits, 4) ?? new Uint8Array(4);

const digitsFit = (mask: string, digits: string) =>
  Array.from(mask).every((digit, i) => digit === 'F' || digit === digits[i]);

/** Does the meter fit the eight bytes of a selection, and the fabrication number where one follows? */
function fits(spec: MbusMeterSpec, selection: Uint8Array, mode2: boolean): boolean {
  if (selection.length !== 8 && selection.length !== 14) return false;
  const field = (start: number, end: number) =>
    mode2 ? selection.slice(start, end).reverse() : selection.slice(start, end);
  const digits = (start: number) => littleEndianDigits(field(start, start + 4), 0, 4);
  const [low = 0, high = 0] = field(4, 6);
  const manufacturer = low | (high << 8);
  const byteFits = (at: number, value: number) => selection[at] === 0xff || selection[at] === value;
  if (!digitsFit(digits(0), spec.identification)) return false;
  if (manufacturer !== 0xffff && manufacturer !== encodeManufacturer(spec.manufacturer)) return false;
  if (!byteFits(6, spec.version) || !byteFits(7, spec.medium)) return false;
  if (selection.length === 8) return true;
  return (
    selection[8] === 0x0c &&
    selection[9] === 0x78 &&
    spec.fabrication !== undefined &&
    digitsFit(digits(10), spec.fabrication)
  );
}
