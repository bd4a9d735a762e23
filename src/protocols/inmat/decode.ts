import { toLatin1 } from '../../common/bytes.ts';
import { decimalOfNumberText, shortestFloat32 } from '../../common/float.ts';
import type { Reading, ReadingState, ReadingValue } from '../../common/reading.ts';
import type { StoredData } from '../stored-data.ts';
import { bytesOfType, type Command, type ValueType } from './address.ts';
import { keptResults, REFUSED, type KeptResult } from './record-data.ts';
import type { ByteOrder } from './settings.ts';

/**
 * The readings in a record's data, value after value as the commands say. The order of bytes is the one the record was
 * read with, and the lowest first where it does not say. Never throws for what the data holds.
 */
export function decodeInmat({ data, circumstances }: StoredData): readonly Reading[] {
  const order: ByteOrder = circumstances?.meaning?.['byteOrder'] === 'big' ? 'big' : 'little';
  return keptResults(data).results.flatMap((result) => readingsOf(result, order));
}

function readingsOf(result: KeptResult, order: ByteOrder): readonly Reading[] {
  const { text: label, command, bytes, start, isCut } = result;
  const quantity = command ? nameOf(command) : '';
  if (!bytes) {
    const value = { type: 'text', text: REFUSED } as const;
    return [{ label, quantity, value, unit: '', kind: 'error', state: 'not available', source: { start, end: start } }];
  }
  const reading = (from: number, to: number, name: string, figure: Figure, part = ''): Reading => ({
    label: label + part,
    quantity: name,
    value: figure.value,
    unit: '',
    kind: 'instantaneous',
    state: isCut ? 'partial' : figure.state,
    source: { start: start + from, end: start + to },
  });
  const size = command && 'type' in command ? bytesOfType(command.type) : undefined;
  if (command?.letter === 'B' && size !== undefined && bytes.length > 0 && bytes.length % size === 0) {
    const { type, cell, index } = command;
    const columns = Math.max(1, command.size.columns);
    return Array.from({ length: bytes.length / size }, (_, at) => {
      const [row, column] = [cell.rows + Math.floor(at / columns), cell.columns + (at % columns)];
      const name = nameOf({ text: '', letter: 'E', type, index, cell: { rows: row, columns: column } });
      const piece = bytes.subarray(at * size, (at + 1) * size);
      return reading(at * size, (at + 1) * size, name, figureOf(piece, type, order), ` [${at}]`);
    });
  }
  const type = command && 'type' in command && command.letter !== 'B' ? command.type : undefined;
  const figure = type ? figureOf(bytes, type, order) : textOrBytes(bytes, command?.letter === 'I');
  return [reading(0, bytes.length, quantity, figure)];
}

const hex = (value: number, digits = 2) => value.toString(16).toUpperCase().padStart(digits, '0');

function nameOf(command: Command): string {
  switch (command.letter) {
    case 'I':
      return 'Device identification';
    case 'S':
      return `Variable ${hex(command.index)}`;
    case 'E':
    case 'B':
      return `Variable ${hex(command.index)}, row ${command.cell.rows}, column ${command.cell.columns}`;
    case 'M':
      return `Memory ${hex(command.segment, 4)}:${hex(command.offset, 4)}`;
  }
}

interface Figure {
  readonly value: ReadingValue;
  readonly state: ReadingState;
}

/** A value of another length than its type has is shown as it is. */
function figureOf(bytes: Uint8Array, type: ValueType, order: ByteOrder): Figure {
  if (type === 'S') return textOrBytes(bytes, true);
  if (bytes.length !== bytesOfType(type)) return { value: { type: 'bytes', bytes }, state: 'whole' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = order === 'little';
  if (type !== 'F') {
    const coefficient = type === 'I' ? view.getInt16(0, isLittle) : view.getInt32(0, isLittle);
    return { value: { type: 'number', decimal: { coefficient, exponent: 0 } }, state: 'whole' };
  }
  const value = view.getFloat32(0, isLittle);
  return Number.isFinite(value)
    ? { value: { type: 'number', decimal: decimalOfNumberText(shortestFloat32(value)) }, state: 'whole' }
    : { value: { type: 'bytes', bytes }, state: Number.isNaN(value) ? 'not available' : 'impossible' };
}

/** Characters up to a zero, where all of them can be printed. */
function textOrBytes(bytes: Uint8Array, isText: boolean): Figure {
  const end = bytes.indexOf(0);
  const text = toLatin1(end < 0 ? bytes : bytes.subarray(0, end));
  return isText && /^[ -~\xa0-\xff]+$/.test(text)
    ? { value: { type: 'text', text }, state: 'whole' }
    : { value: { type: 'bytes', bytes }, state: 'whole' };
}
