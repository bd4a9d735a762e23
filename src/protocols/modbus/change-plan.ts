import { toHex } from '../../common/bytes.ts';
import type { ChangeTask, PlannedFrame } from '../change.ts';
import { hex, parseModbusAddress } from './address.ts';
import { modbusError } from './errors.ts';
import {
  dataBytes,
  readRequest,
  writeCoil,
  writeCoils,
  writeRegister,
  writeRegisters,
  type ReadFunction,
} from './frame.ts';

/** What is written where, and what reading it back has to give. */
export interface Write {
  readonly unit: number;
  readonly baudRate: number;
  /** 01 for coils, 03 for registers. */
  readonly command: ReadFunction;
  readonly address: number;
  readonly count: number;
  readonly request: Uint8Array;
  /** Data of the answer to a read once it is written. */
  readonly wanted: Uint8Array;
}

/** Throws a MeterError for what can't be written. */
export function writeOf(task: ChangeTask): Write {
  const { unit, baudRate } = parseModbusAddress(task.address);
  // Nobody answers it, so nothing could be proved.
  if (unit === 0) throw modbusError(196610, 'Unit 0 is every device on the bus; nothing is written to all of them.');
  const { register, value, words, on, bits } = task.values;
  const address = Number.parseInt(String(register ?? '').replace(/^0x/i, ''), 16);
  if (!(address >= 0 && address <= 0xffff)) throw modbusError(196610, 'The address of the register is missing.');
  switch (task.id) {
    case 'register': {
      if (typeof value !== 'number') throw missing();
      return registers(unit, baudRate, address, [value], writeRegister(unit, address, value));
    }
    case 'registers': {
      const list =
        String(words ?? '')
          .match(/[0-9A-F]{4}/gi)
          ?.map((word) => Number.parseInt(word, 16)) ?? [];
      if (list.length === 0) throw missing();
      return registers(unit, baudRate, address, list, writeRegisters(unit, address, list));
    }
    case 'coil':
      return coils(unit, baudRate, address, [on === 'on'], writeCoil(unit, address, on === 'on'));
    case 'coils': {
      const list = Array.from(String(bits ?? ''), (bit) => bit === '1');
      if (list.length === 0) throw missing();
      return coils(unit, baudRate, address, list, writeCoils(unit, address, list));
    }
    default:
      throw modbusError(196608, `Modbus knows no change “${task.id}”.`);
  }
}

const missing = () => modbusError(196610, 'What is to be written is missing.');

function registers(
  unit: number,
  baudRate: number,
  address: number,
  words: readonly number[],
  request: Uint8Array,
): Write {
  const wanted = Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
  return within({ unit, baudRate, command: 3, address, count: words.length, request, wanted });
}

function coils(
  unit: number,
  baudRate: number,
  address: number,
  states: readonly boolean[],
  request: Uint8Array,
): Write {
  const wanted = new Uint8Array(dataBytes(1, states.length));
  states.forEach((on, index) => {
    if (on) wanted[index >> 3] = (wanted[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return within({ unit, baudRate, command: 1, address, count: states.length, request, wanted });
}

function within(write: Write): Write {
  if (write.address + write.count > 0x10000) throw modbusError(196610, 'That goes beyond address FFFF.');
  return write;
}

export const readOf = ({ unit, command, address, count }: Write): Uint8Array =>
  readRequest(unit, command, address, count);

/** "register 0014" */
export function placeWords({ command, address, count }: Write): string {
  const last = count > 1 ? `–${hex(address + count - 1, 4)}` : '';
  return `${command === 1 ? 'coil' : 'register'}${count > 1 ? 's' : ''} ${hex(address, 4)}${last}`;
}

/** Registers in hex and, where it is one, as a number; coils as 0 and 1. */
export function valueWords({ command, count }: Write, data: Uint8Array): string {
  if (command === 1)
    return Array.from({ length: count }, (_, index) => ((data[index >> 3] ?? 0) >> (index & 7)) & 1).join('');
  const text = toHex(data).replace(/(.{4})(?=.)/g, '$1 ');
  return count === 1 ? `${text} (${((data[0] ?? 0) << 8) | (data[1] ?? 0)})` : text;
}

/** All that is known to be sent before anybody was asked. */
export function plannedFrames(write: Write, old?: Uint8Array): readonly PlannedFrame[] {
  const { baudRate, request, wanted } = write;
  const frame = (bytes: Uint8Array, text: string, isCommand = false): PlannedFrame => ({
    hex: toHex(bytes),
    baudRate,
    text,
    isCommand,
  });
  const change = `${old ? `${valueWords(write, old)} becomes ` : ''}${valueWords(write, wanted)}`;
  return [
    frame(readOf(write), `read ${placeWords(write)} as they are`),
    frame(request, `write ${placeWords(write)}: ${change}`, true),
    frame(readOf(write), 'read them back'),
  ];
}
