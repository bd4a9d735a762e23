import { modbusError } from './errors.ts';
import { mostAtOnce, READ_FUNCTIONS, type ReadFunction } from './frame.ts';

const DEFAULT_BAUD_RATE = 9600;
/** Where the address says nothing else, one register a request. */
const DEFAULT_MOST = 1;
const LAST_ADDRESS = 0xffff;

export interface ModbusAddress {
  /** 1–247 by the standard; 0 is everybody, who do not answer, and 248–255 are met all the same. */
  readonly unit: number;
  readonly baudRate: number;
  /** Most registers, or bits, that the device gives at once. */
  readonly most: number;
  readonly blocks: readonly Block[];
}

/** What is read: so many registers, or bits, from an address on. */
export interface Block {
  readonly command: ReadFunction;
  /** As on the wire, from 0. */
  readonly address: number;
  readonly count: number;
}

const FORM = /^(\d{1,3})(?: *@ *(\d+))?(?: *\[([^[\]]*)\])?$/;
const BLOCK = /^([0-9A-F]{1,2}):([0-9A-F]{1,4}):(\d{1,5})$/i;

/**
 * An address as the SmartCOM writes it (DEV_ADD, Modbus):
 * `<unit>@<baud>[<most at once>,<command>:<address>:<count>,…]`, command and address in hex, all else decimal. What is
 * left out: 9600 Bd, 1 at once, no blocks. Throws MeterError 196610 for anything else.
 */
export function parseModbusAddress(text: string): ModbusAddress {
  const [, unitText, rateText, list] = FORM.exec(text.trim()) ?? wrong(text, 'it is not of that form');
  const unit = Number(unitText);
  if (unit > 255) wrong(text, 'a unit address is 0 to 255');
  if (rateText !== undefined && !/^[1-9]\d{2,5}$/.test(rateText)) wrong(text, `${rateText} Bd is no rate of Modbus`);
  const baudRate = rateText === undefined ? DEFAULT_BAUD_RATE : Number(rateText);
  if (list === undefined) return { unit, baudRate, most: DEFAULT_MOST, blocks: [] };
  const parts = list.split(',').map((part) => part.trim());
  const [first = ''] = parts;
  const saysMost = /^\d+$/.test(first);
  const most = saysMost ? Number(first) : DEFAULT_MOST;
  if (most < 1 || most > LAST_ADDRESS) wrong(text, `${first} is no size of a data block`);
  return { unit, baudRate, most, blocks: parts.slice(saysMost ? 1 : 0).map((part) => blockOf(text, part)) };
}

function blockOf(text: string, part: string): Block {
  const [, commandText = '', addressText = '', countText] =
    BLOCK.exec(part) ?? wrong(text, `“${part}” is not <command>:<address>:<count>`);
  const command = Number.parseInt(commandText, 16);
  if (!isRead(command)) wrong(text, `command ${commandText} does not read; 01 to 04 do`);
  const [address, count] = [Number.parseInt(addressText, 16), Number(countText)];
  if (count < 1) wrong(text, `“${part}” reads nothing`);
  if (address + count > LAST_ADDRESS + 1) wrong(text, `“${part}” goes beyond address FFFF`);
  return { command, address, count };
}

const isRead = (command: number): command is ReadFunction => (READ_FUNCTIONS as readonly number[]).includes(command);

function wrong(text: string, reason: string): never {
  throw modbusError(196610, `“${text}” is not a Modbus address: ${reason}.`);
}

/** The one form of an address, the inverse of {@link parseModbusAddress}. */
export function formatModbusAddress({ unit, baudRate, most, blocks }: ModbusAddress): string {
  const inner = [String(most), ...blocks.map(formatBlock)].join(',');
  return `${unit}@${baudRate}${blocks.length > 0 || most !== DEFAULT_MOST ? `[${inner}]` : ''}`;
}

const formatBlock = ({ command, address, count }: Block) => `${hex(command, 2)}:${hex(address, 4)}:${count}`;

export const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

/** Manuals count registers from 1, with the kind of register before it: 40001, and 410001 where four digits don't do. */
export const manualNumber = (command: number, address: number): number =>
  (command === 4 ? 3 : 4) * (address < 9999 ? 10_000 : 100_000) + address + 1;

/** The requests of a reading: no block larger than the device gives at once, or than the standard allows. */
export function requestsOf({ most, blocks }: Pick<ModbusAddress, 'most' | 'blocks'>): readonly Block[] {
  return blocks.flatMap(({ command, address, count }) => {
    const step = Math.min(most, mostAtOnce(command));
    return Array.from({ length: Math.ceil(count / step) }, (_, index) => ({
      command,
      address: address + index * step,
      count: Math.min(step, count - index * step),
    }));
  });
}
