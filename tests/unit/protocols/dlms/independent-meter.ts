import type { PortSettings } from '../../../../src/line/port.ts';
import type { Device } from '../../../../src/simulator/device.ts';

/**
 * The HDLC half of a meter, written from the frame formats by itself: nothing of the codec in src is in here. What it
 * answers to which message is given by whoever asks for one.
 */
export interface IndependentMeter {
  /** Bytes of its address on the wire, in hex, "21" or "0223". */
  readonly address: string;
  /** The message that answers one, both in hex and without LLC; undefined: silence. */
  readonly answer: (message: string) => string | undefined;
  /** Longest information field it takes and sends, and frames in a row. */
  readonly most?: number;
  readonly window?: number;
  /** Information of its UA, in hex; absent: what it does. */
  readonly ua?: string;
}

/** What becomes of a frame of the meter; undefined: silence. */
export type Mishap = (frame: number[], at: number) => readonly number[] | undefined;

export interface MeterOnWire {
  readonly device: Device;
  /** Every right frame that came, in hex. */
  readonly frames: string[];
}

export const hexOf = (bytes: readonly number[]) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
export const bytesOf = (hex: string) => (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));

function crc(bytes: readonly number[]): number[] {
  let value = 0xffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x8408 : value >>> 1;
  }
  value ^= 0xffff;
  return [value % 256, Math.floor(value / 256)];
}

/** A whole frame of what stands between format field and check sequences. */
export function sealed(header: readonly number[], info: readonly number[] = [], isSegment = false): number[] {
  const length = 2 + header.length + 2 + (info.length > 0 ? info.length + 2 : 0);
  const head = [0xa0 + (isSegment ? 8 : 0) + Math.floor(length / 256), length % 256, ...header];
  const body = info.length > 0 ? [...head, ...crc(head), ...info] : head;
  return [0x7e, ...body, ...crc(body), 0x7e];
}

const settings: PortSettings = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' };

export function meterOn(meter: IndependentMeter, mishap: Mishap = (frame) => frame): MeterOnWire {
  const { most = 128, window = 1 } = meter;
  const own = bytesOf(meter.address);
  const frames: string[] = [];
  const four = (value: number) => [0, 0, 0, value];
  const said = [
    0x05,
    2,
    most >> 8,
    most & 255,
    0x06,
    2,
    most >> 8,
    most & 255,
    0x07,
    4,
    ...four(window),
    0x08,
    4,
    ...four(window),
  ];
  const ua = meter.ua === undefined ? [0x81, 0x80, said.length, ...said] : bytesOf(meter.ua);
  const device: Device = (wire) => {
    wire.listen(settings);
    let bytes: number[] = [];
    let isOpen = false;
    let isMute = false;
    let expected = 0;
    let next = 0;
    let message: number[] = [];
    /** What it has to send, part by part, and how many of them are acknowledged. */
    let parts: number[][] = [];
    let first = 0;
    let had = 0;
    let sentCount = 0;

    function send(frame: number[], at: number): void {
      const changed = mishap(frame, sentCount++);
      if (changed) wire.send(Uint8Array.from(changed), settings, at + 5);
    }

    function sendParts(client: number, end: number): void {
      const upTo = Math.min(parts.length, had + window);
      for (let at = had; at < upTo; at++) {
        const control = expected * 32 + (at === upTo - 1 ? 16 : 0) + ((first + at) % 8) * 2;
        send(sealed([client, ...own, control], parts[at], at < parts.length - 1), end);
      }
      next = (first + upTo) % 8;
    }

    function take(client: number, control: number, info: readonly number[], isSegment: boolean, end: number): void {
      const reply = (value: number, information: readonly number[] = []) =>
        send(sealed([client, ...own, value], information), end);
      if (control === 0x93) {
        isOpen = true;
        expected = next = first = had = 0;
        message = [];
        parts = [];
        return reply(0x73, ua);
      }
      if (control === 0x53) {
        reply(isOpen ? 0x73 : 0x1f, isOpen ? ua : []);
        isOpen = false;
        return;
      }
      if (!isOpen) return reply(0x1f);
      had = Math.min(parts.length, had + (((((control >> 5) - first - had) % 8) + 8) % 8));
      if (control % 2 === 1) {
        if (parts.length > had) return sendParts(client, end);
        return reply(expected * 32 + 0x11);
      }
      if (((control >> 1) & 7) !== expected) {
        if (control & 16 && !isMute) {
          if (parts.length > 0) sendParts(client, end);
          else reply(expected * 32 + 0x11);
        }
        return;
      }
      expected = (expected + 1) % 8;
      message.push(...info);
      if (isSegment) {
        if (control & 16) reply(expected * 32 + 0x11);
        return;
      }
      const text = hexOf(message);
      message = [];
      const answer = text.startsWith('e6e600') ? meter.answer(text.slice(6)) : undefined;
      isMute = answer === undefined;
      if (answer === undefined) return;
      const whole = bytesOf(`e6e700${answer}`);
      parts = [];
      for (let at = 0; at < whole.length; at += most) parts.push(whole.slice(at, at + most));
      first = next;
      had = 0;
      sendParts(client, end);
    }

    return {
      received(byte, end) {
        bytes.push(byte);
        if (bytes[0] !== 0x7e) bytes = [];
        if (bytes.length === 2 && byte === 0x7e) bytes = [0x7e];
        const length = (((bytes[1] ?? 0) & 7) << 8) + (bytes[2] ?? 0);
        if (bytes.length < 3 || bytes.length < length + 2) return;
        const body = bytes.slice(1, -1);
        bytes = [];
        if (hexOf(body.slice(-2)) !== hexOf(crc(body.slice(0, -2)))) return;
        if (hexOf(body.slice(2, 2 + own.length)) !== meter.address) return;
        frames.push(hexOf(body));
        const [client = 0, control = 0] = body.slice(2 + own.length);
        take(client, control, body.slice(6 + own.length, -2), ((body[0] ?? 0) & 8) !== 0, end);
      },
    };
  };
  return { device, frames };
}
