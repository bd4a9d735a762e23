import type { Device } from '../../../../src/simulator/device.ts';
import type { PortSettings } from '../../../../src/line/port.ts';

/**
 * Stations of a PROFIBUS line, written from the frame formats by themselves: nothing of the codec in src is in here.
 * What they answer to which request data is given to the byte.
 */
export interface StationSpec {
  readonly station: number;
  /** By the hex of the request's data: frame control and data of the answer in hex, "0A 00 0000AC41"; "09" alone: SD1. */
  readonly answers: Readonly<Record<string, string>>;
  /** How it sums what it sends and expects. */
  readonly sum?: 'plain' | 'carry';
  /** Frame control of its status. */
  readonly status?: number;
}

/** What becomes of an answer, all of its bytes; undefined: silence. A number: it comes so many ms late. */
export type Mishap = ((answer: readonly number[]) => readonly number[] | undefined) | number;

export interface StationLine {
  readonly device: Device;
  /** Every right request, in hex. */
  readonly requests: string[];
}

export const hexOf = (bytes: readonly number[]) =>
  bytes
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

export const bytesOf = (hex: string) =>
  (hex.replaceAll(' ', '').match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));

function sumOf(bytes: readonly number[], sum: 'plain' | 'carry'): number {
  const total = bytes.reduce((a, b) => a + b, 0);
  if (sum === 'plain') return total % 256;
  let rest = total;
  while (rest > 255) rest = (rest % 256) + Math.floor(rest / 256);
  return rest;
}

/** A frame of destination, source, control and data. */
export function sealed(counted: readonly number[], sum: 'plain' | 'carry' = 'plain'): number[] {
  const tail = [...counted, sumOf(counted, sum), 0x16];
  return counted.length === 3 ? [0x10, ...tail] : [0x68, counted.length, counted.length, 0x68, ...tail];
}

export function stationsOn(
  specs: readonly StationSpec[],
  settings: PortSettings,
  mishapOf: (count: number) => Mishap | undefined = () => undefined,
): StationLine {
  const requests: string[] = [];
  const device: Device = (wire) => {
    let frame: number[] = [];
    let count = 0;
    wire.listen(settings);

    function heard(end: number): void {
      const text = hexOf(frame);
      const counted = frame[0] === 0x10 ? frame.slice(1, 4) : frame.slice(4, -2);
      frame = [];
      const spec = specs.find(({ station }) => station === counted[0]);
      if (!spec || text !== hexOf(sealed(counted, spec.sum))) return;
      requests.push(text);
      count++;
      const [, source = 0, control] = counted;
      const given = control === 0x49 ? hexOf([spec.status ?? 0]) : (spec.answers[hexOf(counted.slice(3))] ?? '09');
      const answer = sealed([source, spec.station, ...bytesOf(given)], spec.sum);
      const mishap = mishapOf(count);
      const lateMs = typeof mishap === 'number' ? mishap : 0;
      const bytes = typeof mishap === 'function' ? mishap(answer) : answer;
      if (bytes) wire.send(Uint8Array.from(bytes), settings, end + 5 + lateMs);
    }

    return {
      received(byte, end) {
        frame.push(byte);
        if (frame[0] !== 0x10 && frame[0] !== 0x68) frame = [];
        const length = frame[0] === 0x10 ? 6 : frame.length > 1 ? (frame[1] ?? 0) + 6 : Infinity;
        if (frame.length === length) heard(end);
      },
    };
  };
  return { device, requests };
}
