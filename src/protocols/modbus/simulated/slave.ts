import { crcFits, withCrc } from '../crc.ts';
import { ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE } from '../exceptions.ts';
import { wordAt } from '../frame.ts';
import { keyOf, type Registers } from './registers.ts';

export interface SlaveSpec {
  readonly unit: number;
  /** Between the end of a request and the answer. */
  readonly reactionMs: number;
  /** More registers at once are refused. */
  readonly most: number;
  /** What it holds at a wall clock time. */
  readonly registers: (time: number) => Registers;
  /** Holding registers that can be written, by address, and what they hold at first. */
  readonly writable?: Readonly<Record<number, number>>;
  /** What it says of itself to 2B/0E. */
  readonly saysOfItself?: readonly string[];
}

/** What a device answers to a whole request with a right check; undefined where it is silent. */
export interface ModbusSlave {
  readonly unit: number;
  readonly reactionMs: number;
  hear(request: Uint8Array, time: number): Uint8Array | undefined;
}

/** A device of Modbus application protocol 1.1b3, as meters are: it reads, and takes a few settings. */
export function modbusSlave(spec: SlaveSpec): ModbusSlave {
  const { unit, reactionMs, most, saysOfItself } = spec;
  const settings = new Map(Object.entries(spec.writable ?? {}).map(([address, word]) => [Number(address), word]));

  const answer = (...bytes: readonly number[]) => withCrc(Uint8Array.of(unit, ...bytes));
  const refuse = (command: number, exception: number) => answer(command | 0x80, exception);

  /** Registers between those it has read as 0; where it has none at all it refuses. */
  function read(command: number, address: number, count: number, time: number): Uint8Array {
    if (count < 1 || count > 125) return refuse(command, ILLEGAL_VALUE);
    const held = spec.registers(time);
    const words = Array.from({ length: count }, (_, index) =>
      command === 3 && settings.has(address + index)
        ? settings.get(address + index)
        : held.get(keyOf(command, address + index)),
    );
    if (count > most || words.every((word) => word === undefined)) return refuse(command, ILLEGAL_ADDRESS);
    return answer(command, 2 * count, ...words.flatMap((word = 0) => [word >> 8, word & 0xff]));
  }

  function write(request: Uint8Array): Uint8Array {
    const [, command = 0] = request;
    const address = wordAt(request, 2);
    const words =
      command === 6
        ? [wordAt(request, 4)]
        : Array.from({ length: wordAt(request, 4) }, (_, index) => wordAt(request, 7 + 2 * index));
    if (words.some((_, index) => !settings.has(address + index))) return refuse(command, ILLEGAL_ADDRESS);
    words.forEach((word, index) => settings.set(address + index, word));
    return answer(...request.subarray(1, 6));
  }

  function identify(request: Uint8Array): Uint8Array {
    const objects = saysOfItself?.slice(request[4] ?? 0) ?? [];
    if (objects.length === 0) return refuse(0x2b, saysOfItself ? ILLEGAL_ADDRESS : ILLEGAL_FUNCTION);
    const first = request[4] ?? 0;
    const list = objects.flatMap((text, index) => [
      first + index,
      text.length,
      ...Array.from(text, (character) => character.charCodeAt(0)),
    ]);
    return answer(0x2b, 0x0e, 1, 1, 0, 0, objects.length, ...list);
  }

  return {
    unit,
    reactionMs,
    hear(request, time) {
      const [asked, command = 0] = request;
      if (asked !== unit || !crcFits(request)) return undefined;
      switch (command) {
        case 3:
        case 4:
          return read(command, wordAt(request, 2), wordAt(request, 4), time);
        case 6:
        case 0x10:
          return write(request);
        case 0x2b:
          return identify(request);
        default:
          return refuse(command, ILLEGAL_FUNCTION);
      }
    },
  };
}
