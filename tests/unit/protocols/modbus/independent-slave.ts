import type { Device } from '../../../../src/simulator/device.ts';
import type { PortSettings } from '../../../../src/line/port.ts';

/**
 * Units on one RS-485 pair, written from the serial line guide and the application protocol by themselves: nothing of
 * the codec in src is in here. A request ends with 3.5 silent characters, and one with a gap of 1.5 in it is dropped.
 */
export interface UnitSpec {
  readonly unit: number;
  /** By `<function><address>` in hex, "040000"; what is not there is exception 02. Written ones change. */
  readonly words: Record<string, number>;
  /** What it answers to 2B/0E, object by object; absent: exception 01. */
  readonly objects?: readonly string[];
  /** Data of its answer to 11; absent: exception 01. */
  readonly serverId?: string;
  readonly reactionMs?: number;
  /** So much later comes the answer to a request that ended then, milliseconds; never before an earlier one. */
  readonly lateMs?: (end: number) => number;
  /** More than so many registers at once are exception 02. */
  readonly most?: number;
  /** Says nothing at all to functions that it lacks. */
  readonly isMuteToUnknown?: boolean;
  /** Bytes of a register's value; 2 by the standard. */
  readonly width?: number;
  /** Takes a write, and keeps its own value. */
  readonly ignoresWrites?: boolean;
}

/** What happens to the n-th request to any unit, counted from 1. */
export type Mishap =
  | 'silent'
  | 'wrong check'
  | 'truncated'
  | 'late'
  | 'other unit first'
  | 'other unit instead'
  | 'noise first'
  | 'foreign request first'
  | { readonly lateMs: number }
  | { readonly exception: number };

export interface Bus {
  readonly device: Device;
  /** Every request that was understood, in hex, with the time its last character ended. */
  readonly requests: { readonly hex: string; readonly end: number }[];
  /** What was dropped, and why. */
  readonly dropped: string[];
}

export const LATE_MS = 1500;

function check(bytes: readonly number[]): number[] {
  let sum = 0xffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let i = 0; i < 8; i++) sum = (sum >>> 1) ^ (sum % 2 === 1 ? 0xa001 : 0);
  }
  return [sum % 256, Math.floor(sum / 256)];
}
const sealed = (...bytes: readonly number[]) => [...bytes, ...check(bytes)];
const hexOf = (bytes: readonly number[]) =>
  bytes
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

export function busOf(
  units: readonly UnitSpec[],
  line: PortSettings,
  mishaps: Readonly<Record<number, Mishap>> = {},
): Bus {
  const requests: Bus['requests'] = [];
  const dropped: string[] = [];
  const bits = 1 + line.dataBits + (line.parity === 'none' ? 0 : 1) + line.stopBits;
  const character = (1000 * bits) / line.baudRate;
  const silence = line.baudRate > 19_200 ? 1.75 : (3.5 * 11_000) / line.baudRate;

  const device: Device = (wire) => {
    wire.listen(line);
    let frame: number[] = [];
    let last = -Infinity;
    let isTorn = false;
    let count = 0;

    function ended(end: number): void {
      const bytes = frame;
      frame = [];
      const torn = isTorn;
      isTorn = false;
      if (torn) return void dropped.push(`torn ${hexOf(bytes)}`);
      const body = bytes.slice(0, -2);
      if (bytes.length < 4 || hexOf(sealed(...body)) !== hexOf(bytes)) return void dropped.push(hexOf(bytes));
      requests.push({ hex: hexOf(bytes), end });
      count++;
      const one = units.find(({ unit }) => unit === bytes[0]);
      if (!one) return;
      const mishap = mishaps[count];
      const answer =
        typeof mishap === 'object' && 'exception' in mishap
          ? [one.unit, (body[1] ?? 0) | 0x80, mishap.exception]
          : answerOf(one, body.slice(1));
      if (answer) send(sealed(...answer), one, mishap, end);
    }

    function send(
      answer: readonly number[],
      { unit, reactionMs = 15, lateMs = () => 0 }: UnitSpec,
      mishap: Mishap | undefined,
      end: number,
    ) {
      const at = end + Math.max(silence, reactionMs) + lateMs(end);
      const put = (bytes: readonly number[], when = at) => wire.send(Uint8Array.from(bytes), line, when);
      if (typeof mishap === 'object' && 'lateMs' in mishap) return void put(answer, at + mishap.lateMs);
      switch (mishap) {
        case 'silent':
          return;
        case 'wrong check':
          return void put(answer.map((byte, index) => (index === answer.length - 1 ? byte ^ 1 : byte)));
        case 'truncated':
          return void put(answer.slice(0, -3));
        case 'late':
          return void put(answer, at + LATE_MS);
        case 'other unit first':
          put(sealed(unit + 1, ...answer.slice(1, -2)));
          break;
        case 'other unit instead':
          return void put(sealed(unit + 1, ...answer.slice(1, -2)));
        case 'noise first':
          put([0x00]);
          break;
        case 'foreign request first':
          put(sealed(unit + 1, 3, 0, 0, 0, 1));
          break;
        default:
      }
      put(answer, at + 3 * character);
    }

    return {
      received(byte, end) {
        if (frame.length > 0 && end - last > 2.5 * character + 1) isTorn = true;
        frame.push(byte);
        last = end;
        void wire.clock.sleep(end + silence - wire.clock.monotonic()).then(() => {
          if (last === end) ended(end);
        });
      },
    };
  };
  return { device, requests, dropped };
}

function answerOf(spec: UnitSpec, pdu: readonly number[]): number[] | undefined {
  const { unit, words, most = 125, width = 2, isMuteToUnknown = false } = spec;
  const [command = 0, ...rest] = pdu;
  const word = (at: number) => (rest[at] ?? 0) * 256 + (rest[at + 1] ?? 0);
  const refuse = (code: number) => [unit, command + 128, code];
  const key = (of: number, address: number) => hexOf([of, address >> 8, address & 255]);
  const [address, count] = [word(0), word(2)];
  const keys = Array.from({ length: count }, (_, index) => key(command, address + index));
  switch (command) {
    case 1:
    case 2: {
      if (keys.some((one) => words[one] === undefined)) return refuse(2);
      const bytes = new Array<number>(Math.ceil(count / 8)).fill(0);
      keys.forEach((one, index) => {
        if (words[one] !== 0) bytes[index >> 3] = (bytes[index >> 3] ?? 0) + 2 ** (index & 7);
      });
      return [unit, command, bytes.length, ...bytes];
    }
    case 3:
    case 4: {
      if (count > most || keys.some((one) => words[one] === undefined)) return refuse(2);
      const data = keys.flatMap((one) => {
        const value = words[one] ?? 0;
        return Array.from({ length: width }, (_, byte) => Math.floor(value / 256 ** (width - 1 - byte)) % 256);
      });
      return [unit, command, data.length, ...data];
    }
    case 5:
    case 6: {
      const at = key(command === 5 ? 1 : 3, address);
      if (words[at] === undefined) return refuse(2);
      if (spec.ignoresWrites !== true) words[at] = command === 5 ? Number(count === 0xff00) : count;
      return [unit, ...pdu];
    }
    case 15:
    case 16: {
      const of = command === 15 ? 1 : 3;
      for (let index = 0; index < count; index++) {
        const at = key(of, address + index);
        if (words[at] === undefined) return refuse(2);
        const value = of === 1 ? ((rest[5 + (index >> 3)] ?? 0) >> (index & 7)) & 1 : word(5 + 2 * index);
        if (spec.ignoresWrites !== true) words[at] = value;
      }
      return [unit, ...pdu.slice(0, 5)];
    }
    case 17:
      if (spec.serverId === undefined) return isMuteToUnknown ? undefined : refuse(1);
      return [unit, 17, spec.serverId.length + 2, 1, 255, ...ascii(spec.serverId)];
    case 0x2b: {
      const { objects } = spec;
      if (!objects) return isMuteToUnknown ? undefined : refuse(1);
      // One object at a time: whoever asks has to ask on.
      const [, , object = 0] = rest;
      const text = objects[object] ?? '';
      const more = object + 1 < objects.length;
      return [unit, 0x2b, 14, 1, 1, more ? 255 : 0, more ? object + 1 : 0, 1, object, text.length, ...ascii(text)];
    }
    default:
      return isMuteToUnknown ? undefined : refuse(1);
  }
}

const ascii = (text: string) => Array.from(text, (one) => one.charCodeAt(0));

/** Registers of a float each, from an address on: "040000". */
export function floats(first: string, values: readonly number[]): Record<string, number> {
  const view = new DataView(new ArrayBuffer(4));
  const [command, start] = [first.slice(0, 2), Number.parseInt(first.slice(2), 16)];
  return Object.fromEntries(
    values.flatMap((value, index) => {
      view.setFloat32(0, value);
      const at = (offset: number) => command + (start + 2 * index + offset).toString(16).padStart(4, '0').toUpperCase();
      return [
        [at(0), view.getUint16(0)],
        [at(1), view.getUint16(2)],
      ];
    }),
  );
}
