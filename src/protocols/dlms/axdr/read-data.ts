import { toHex } from '../../../common/bytes.ts';
import { dlmsError } from '../errors.ts';
import { cursorOver, type Cursor } from './cursor.ts';
import { fixed, integerOf, typeOfTag, type Data, type Scalar, type TypeDescription } from './data.ts';

/** No object of a meter is nested deeper, or has more parts: the rest is damage, or malice. */
const MOST_DEPTH = 24;
const MOST_PARTS = 200_000;

/** What may still be read of one message: it is counted over all of its parts. */
interface Budget {
  parts: number;
}

/** The value that the cursor stands at. Throws a MeterError 'form'. */
export function readData(cursor: Cursor): Data {
  return valueAt(cursor, { parts: MOST_PARTS }, 0);
}

/** The bytes of that value, read to find its end. Throws a MeterError 'form'. */
export function valueBytes(cursor: Cursor): Uint8Array {
  const { at } = cursor;
  readData(cursor);
  return cursor.since(at);
}

/** The value that bytes begin with, and how many bytes of it there are; some meters add more behind it. */
export function dataIn(bytes: Uint8Array): { readonly data: Data; readonly length: number } {
  const cursor = cursorOver(bytes);
  return { data: readData(cursor), length: cursor.at };
}

function spend(budget: Budget, depth: number): void {
  if (--budget.parts < 0) throw dlmsError('form', `A value has more than ${MOST_PARTS} parts.`);
  if (depth > MOST_DEPTH) throw dlmsError('form', `A value is nested more than ${MOST_DEPTH} deep.`);
}

function typeAt(cursor: Cursor): Data['type'] {
  const { at } = cursor;
  const tag = cursor.number(1);
  const type = typeOfTag.get(tag);
  if (!type) throw dlmsError('form', `${toHex(Uint8Array.of(tag))} at ${at} is no type of a value.`);
  return type;
}

function valueAt(cursor: Cursor, budget: Budget, depth: number): Data {
  spend(budget, depth);
  const type = typeAt(cursor);
  switch (type) {
    case 'array':
    case 'structure':
      return { type, items: Array.from({ length: cursor.count() }, () => valueAt(cursor, budget, depth + 1)) };
    case 'compact array':
      return compactArrayAt(cursor, budget, depth);
    default:
      return scalarAt(cursor, type);
  }
}

function scalarAt(cursor: Cursor, type: Scalar): Data {
  switch (type) {
    case 'null':
    case 'no matter':
      return { type };
    case 'boolean':
      return { type, value: cursor.number(1) !== 0 };
    case 'bit-string': {
      const length = cursor.length();
      return { type, length, bytes: cursor.take(Math.ceil(length / 8)).slice() };
    }
    case 'octet-string':
    case 'visible-string':
    case 'utf8-string':
      return { type, bytes: cursor.octets().slice() };
    case 'date-time':
    case 'date':
    case 'time':
      return { type, bytes: cursor.take(fixed[type]).slice() };
    case 'int64':
      return { type, value: viewOf(cursor, 8).getBigInt64(0) };
    case 'uint64':
      return { type, value: viewOf(cursor, 8).getBigUint64(0) };
    case 'float32':
      return { type, value: viewOf(cursor, 4).getFloat32(0) };
    case 'float64':
      return { type, value: viewOf(cursor, 8).getFloat64(0) };
    default: {
      const { bytes = 1, signed = false } = integerOf(type) ?? {};
      const value = cursor.number(bytes);
      return { type, value: signed && value >= 2 ** (8 * bytes - 1) ? value - 2 ** (8 * bytes) : value };
    }
  }
}

function viewOf(cursor: Cursor, length: number): DataView {
  const bytes = cursor.take(length);
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}

function compactArrayAt(cursor: Cursor, budget: Budget, depth: number): Data {
  const of = descriptionAt(cursor, budget, depth + 1);
  const contents = cursorOver(cursor.octets());
  const items: Data[] = [];
  while (contents.left > 0) {
    const { at } = contents;
    items.push(packedAt(contents, of, budget, depth + 1));
    if (contents.at === at) throw dlmsError('form', 'The rows of a compact array have no bytes.');
  }
  return { type: 'compact array', of, items };
}

function descriptionAt(cursor: Cursor, budget: Budget, depth: number): TypeDescription {
  spend(budget, depth);
  const type = typeAt(cursor);
  switch (type) {
    case 'array':
      return { type, count: cursor.number(2), of: descriptionAt(cursor, budget, depth + 1) };
    case 'structure':
      return {
        type,
        of: Array.from({ length: cursor.count() }, () => descriptionAt(cursor, budget, depth + 1)),
      };
    case 'compact array':
      throw dlmsError('form', 'A compact array is described as part of another.');
    default:
      return { type };
  }
}

/** A value without its tag. */
function packedAt(cursor: Cursor, description: TypeDescription, budget: Budget, depth: number): Data {
  spend(budget, depth);
  switch (description.type) {
    case 'array': {
      const { type, count, of } = description;
      return { type, items: Array.from({ length: count }, () => packedAt(cursor, of, budget, depth + 1)) };
    }
    case 'structure': {
      const { type, of } = description;
      return { type, items: of.map((one) => packedAt(cursor, one, budget, depth + 1)) };
    }
    default:
      return scalarAt(cursor, description.type);
  }
}
