import { fromLatin1 } from '../../../common/bytes.ts';
import type { ValueType } from '../address.ts';
import { COUNT_VALID, DATA, FDL_STATUS, FRAME_COUNT, frameOf, readFrame, SRD_HIGH, type CheckSum } from '../frame.ts';

/** A variable: figures of a matrix row by row, a text, or one figure. */
export interface Variable {
  readonly type: ValueType;
  readonly columns?: number;
  /** What it holds at a wall clock time. */
  readonly values: (time: number) => readonly number[] | string;
}

export interface StationSpec {
  readonly station: number;
  readonly identification: string;
  /** What it sends, and all it takes. */
  readonly checkSum: CheckSum;
  /** By index. */
  readonly variables: Readonly<Record<number, Variable>>;
  /** From segment 0, offset 0 on. */
  readonly memory: Uint8Array;
}

/** Function codes it knows; 04, 05 and 00 are its own, since nothing public says them. */
export const FUNCTIONS = { I: 0x00, S: 0x01, M: 0x03, E: 0x04, B: 0x05 } as const;
const TYPES: readonly ValueType[] = ['I', 'L', 'F', 'S'];
const NO_DATA = 0x09;
const MOST_DATA = 0xf5;

/** What the station answers to a whole request; undefined where it is silent: not for it, or with a wrong check sum. */
export function answerOf(spec: StationSpec, request: Uint8Array, time: number): Uint8Array | undefined {
  const frame = readFrame(request);
  if (!frame || frame.destination !== spec.station || !frame.checks.includes(spec.checkSum)) return undefined;
  const reply = (control: number, data: Uint8Array) =>
    frameOf([frame.source, spec.station, control], data, spec.checkSum);
  const none = new Uint8Array(0);
  if (frame.control === FDL_STATUS) return reply(0, none);
  if ((frame.control & ~(FRAME_COUNT | COUNT_VALID)) !== SRD_HIGH) return reply(0x03, none);
  const bytes = valueOf(spec, frame.data, time);
  if (!bytes || bytes.length > MOST_DATA) return reply(NO_DATA, none);
  const [, high = 0] = DATA;
  return reply(high, Uint8Array.of(0x00, ...bytes));
}

/** Undefined for what it does not have, or not of that type. */
function valueOf(spec: StationSpec, [code, ...rest]: Uint8Array, time: number): Uint8Array | undefined {
  const bytes = Uint8Array.from(rest);
  const word = (at: number) => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  if (code === FUNCTIONS.I) return text(spec.identification);
  if (code === FUNCTIONS.M) {
    const start = word(0) + (word(2) << 16);
    const end = start + word(4);
    return start >= 0 && end <= spec.memory.length ? spec.memory.slice(start, end) : undefined;
  }
  const variable = spec.variables[word(1)];
  if (!variable || variable.type !== TYPES[bytes[0] ?? 0]) return undefined;
  const values = variable.values(time);
  if (typeof values === 'string') return code === FUNCTIONS.S ? text(values) : undefined;
  const { columns = 1, type } = variable;
  const [row, column, rows, across] =
    code === FUNCTIONS.S
      ? [0, 0, 1, 1]
      : code === FUNCTIONS.E
        ? [word(3), word(5), 1, 1]
        : code === FUNCTIONS.B
          ? [word(3), word(5), word(7), word(9)]
          : [0, 0, 0, 0];
  if (rows * across === 0 || column + across > columns || (row + rows) * columns > values.length) return undefined;
  const cells = Array.from({ length: rows * across }, (_, at) => {
    const index = (row + Math.floor(at / across)) * columns + column + (at % across);
    return figure(values[index] ?? 0, type);
  });
  return Uint8Array.from(cells.flatMap((cell) => [...cell]));
}

const text = (characters: string) => fromLatin1(`${characters}\0`);

function figure(value: number, type: ValueType): Uint8Array {
  const view = new DataView(new ArrayBuffer(type === 'I' ? 2 : 4));
  if (type === 'I') view.setInt16(0, Math.round(value), true);
  else if (type === 'L') view.setInt32(0, Math.round(value), true);
  else view.setFloat32(0, Math.round(value * 100) / 100, true);
  return new Uint8Array(view.buffer);
}
