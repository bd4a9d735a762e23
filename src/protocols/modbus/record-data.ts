import { fromHex, toHex } from '../../common/bytes.ts';
import { hex, type Block } from './address.ts';
import { dataBytes } from './frame.ts';

/** A frame as a record keeps it: `<unit>:<command>:<address>:<frame in hex>`, one after the other with commas between. */
export interface KeptFrame {
  readonly unit: number;
  /** What was asked for; the frame may be a refusal. */
  readonly command: number;
  readonly address: number;
  readonly frame: Uint8Array;
  /** Where the frame begins in all frames one after the other. */
  readonly start: number;
}

/** A record's data is kept up to here, in characters; the readout of a whole device is a fraction of it. */
export const MOST_DATA = 65_536;

export const keptFrame = (
  unit: number,
  { command, address }: Pick<KeptFrame, 'command' | 'address'>,
  frame: Uint8Array,
) => `${unit}:${hex(command, 2)}:${hex(address, 4)}:${toHex(frame)}`;

/** Characters that the answers to these requests take in a record. */
export const sizeOfData = (requests: readonly Block[]): number =>
  requests.reduce((sum, { command, count }) => sum + 13 + 2 * (5 + dataBytes(command, count)), 0);

const KEPT = /^(\d{1,3}):([0-9A-F]{1,2}):([0-9A-F]{1,4}):([0-9A-F]*)$/i;
/** Pattern of one that holds at least the shortest frame there is, in either case. */
export const KEPT_TEXT = String.raw`\d{1,3}:[0-9A-F]{1,2}:[0-9A-F]{1,4}:(?:[0-9A-F]{2}){4,256}`;

/** The frames in a record's data; what is none is passed over, a byte that was cut in the middle as well. */
export function keptFrames(data: string): readonly KeptFrame[] {
  const frames: KeptFrame[] = [];
  let start = 0;
  for (const part of data.split(',')) {
    const [, unit = '', command = '', address = '', text = ''] = KEPT.exec(part.trim()) ?? [];
    if (unit === '') continue;
    const frame = fromHex(text.slice(0, text.length & ~1)) ?? new Uint8Array(0);
    frames.push({
      unit: Number(unit),
      command: Number.parseInt(command, 16),
      address: Number.parseInt(address, 16),
      frame,
      start,
    });
    start += frame.length;
  }
  return frames;
}
