import { toLatin1 } from '../../common/bytes.ts';

/** Firmata 2.x, as far as StandardFirmata has it: MIDI-like messages, 7 bits a byte, the 8th begins a message. */

export const MODE = { input: 0x00, analog: 0x02, pullUp: 0x0b } as const;

const ANALOG = 0xe0;
const DIGITAL = 0x90;
const VERSION = 0xf9;
const SYSEX = 0xf0;
const SYSEX_END = 0xf7;
const EXTENDED_ANALOG = 0x6f;
const CAPABILITIES = 0x6c;
const ANALOG_MAPPING = 0x6a;
const STRING = 0x71;
const FIRMWARE = 0x79;
/** No pin, or no analog channel. */
const NONE = 0x7f;
/** The longest known answer, the capabilities of 70 pins, has some 1500 bytes. */
const MOST_SYSEX = 4096;

export type FirmataMessage =
  | { readonly kind: 'version'; readonly major: number; readonly minor: number }
  | { readonly kind: 'firmware'; readonly major: number; readonly minor: number; readonly name: string }
  | { readonly kind: 'analog'; readonly channel: number; readonly value: number }
  /** Eight pins, the first in bit 0. */
  | { readonly kind: 'digital'; readonly port: number; readonly levels: number }
  /** For each pin: bits of resolution by mode. */
  | { readonly kind: 'capabilities'; readonly pins: readonly ReadonlyMap<number, number>[] }
  /** For each pin: its analog channel, if any. */
  | { readonly kind: 'analog mapping'; readonly channels: readonly (number | undefined)[] }
  | { readonly kind: 'string'; readonly text: string }
  /** Something else that is whole. */
  | { readonly kind: 'other'; readonly command: number }
  | { readonly kind: 'damaged'; readonly reason: 'broken off' | 'too long' | 'out of place' };

/** Takes byte after byte, however they are cut; whatever breaks off a message or stands between two is told and passed over. */
export interface FirmataParser {
  take(byte: number): FirmataMessage | undefined;
  /** Bytes are known to be missing here. */
  reset(): void;
}

export function firmataParser(): FirmataParser {
  let command = 0;
  let data: number[] = [];
  /** A run of stray bytes is told once. */
  let isAstray = false;

  function begin(byte: number): FirmataMessage | undefined {
    const wasOpen = command !== 0;
    command = isCommand(byte) ? byte : 0;
    data = [];
    isAstray = false;
    if (wasOpen) return { kind: 'damaged', reason: 'broken off' };
    return command === 0 ? { kind: 'damaged', reason: 'out of place' } : undefined;
  }

  function finish(message: FirmataMessage): FirmataMessage {
    command = 0;
    data = [];
    return message;
  }

  return {
    take(byte) {
      if (byte >= 0x80) {
        if (byte !== SYSEX_END || command !== SYSEX) return begin(byte);
        return finish(sysexMessage(data));
      }
      if (command === 0) {
        if (isAstray) return undefined;
        isAstray = true;
        return { kind: 'damaged', reason: 'out of place' };
      }
      data.push(byte);
      if (command === SYSEX) {
        if (data.length <= MOST_SYSEX) return undefined;
        isAstray = true;
        return finish({ kind: 'damaged', reason: 'too long' });
      }
      const [low = 0, high] = data;
      return high === undefined ? undefined : finish(shortMessage(command, low, high));
    },
    reset() {
      command = 0;
      data = [];
      isAstray = true;
    },
  };
}

const isCommand = (byte: number) =>
  byte === SYSEX || byte === VERSION || (byte & 0xf0) === ANALOG || (byte & 0xf0) === DIGITAL;

function shortMessage(command: number, low: number, high: number): FirmataMessage {
  if (command === VERSION) return { kind: 'version', major: low, minor: high };
  const value = low | (high << 7);
  const of = command & 0x0f;
  return (command & 0xf0) === ANALOG
    ? { kind: 'analog', channel: of, value }
    : { kind: 'digital', port: of, levels: value & 0xff };
}

function sysexMessage([command = 0, ...data]: readonly number[]): FirmataMessage {
  switch (command) {
    case FIRMWARE: {
      const [major = 0, minor = 0, ...name] = data;
      return { kind: 'firmware', major, minor, name: textOf(name) };
    }
    case STRING:
      return { kind: 'string', text: textOf(data) };
    case ANALOG_MAPPING:
      return { kind: 'analog mapping', channels: data.map((channel) => (channel === NONE ? undefined : channel)) };
    case CAPABILITIES:
      return { kind: 'capabilities', pins: pinsOf(data) };
    case EXTENDED_ANALOG: {
      const [channel = 0, ...value] = data;
      return { kind: 'analog', channel, value: value.slice(0, 4).reduce((sum, bits, i) => sum + bits * 128 ** i, 0) };
    }
    default:
      return { kind: 'other', command };
  }
}

/** Characters of 8 bits in pairs of 7. */
const textOf = (pairs: readonly number[]) =>
  toLatin1(
    Uint8Array.from({ length: pairs.length >> 1 }, (_, i) => (pairs[2 * i] ?? 0) | ((pairs[2 * i + 1] ?? 0) << 7)),
  );

/** `{mode resolution}* 7F` for each pin. */
function pinsOf(data: readonly number[]): readonly ReadonlyMap<number, number>[] {
  const pins: Map<number, number>[] = [];
  let pin = new Map<number, number>();
  for (let at = 0; at < data.length;) {
    const mode = data[at++] ?? NONE;
    if (mode === NONE) {
      pins.push(pin);
      pin = new Map();
    } else pin.set(mode, data[at++] ?? 0);
  }
  return pins;
}

const bytes = (...values: readonly number[]) => Uint8Array.from(values);

/** What is asked and told. */
export const firmata = {
  askVersion: bytes(VERSION, SYSEX, FIRMWARE, SYSEX_END),
  askCapabilities: bytes(SYSEX, 0x6b, SYSEX_END),
  askAnalogMapping: bytes(SYSEX, 0x69, SYSEX_END),
  pinMode: (pin: number, mode: number) => bytes(0xf4, pin & 0x7f, mode & 0x7f),
  samplingInterval: (ms: number) => bytes(SYSEX, 0x7a, ms & 0x7f, (ms >> 7) & 0x7f, SYSEX_END),
  reportAnalog: (channel: number, isOn: boolean) => bytes(0xc0 | (channel & 0x0f), isOn ? 1 : 0),
  reportDigital: (port: number, isOn: boolean) => bytes(0xd0 | (port & 0x0f), isOn ? 1 : 0),
} as const;
