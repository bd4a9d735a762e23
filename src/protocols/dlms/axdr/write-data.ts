import { concatBytes } from '../../../common/bytes.ts';
import { lengthBytes, numberBytes } from './cursor.ts';
import { integerOf, tags, type Data, type TypeDescription } from './data.ts';

/** A value with its tag. */
export function dataBytes(data: Data): Uint8Array {
  const tag = Uint8Array.of(tags[data.type]);
  switch (data.type) {
    case 'array':
    case 'structure':
      return concatBytes(tag, lengthBytes(data.items.length), ...data.items.map(dataBytes));
    case 'compact array': {
      const contents = concatBytes(...data.items.map(packedBytes));
      return concatBytes(tag, descriptionBytes(data.of), lengthBytes(contents.length), contents);
    }
    default:
      return concatBytes(tag, packedBytes(data));
  }
}

/** A value as it stands in a compact array: its type is said elsewhere. */
function packedBytes(data: Data): Uint8Array {
  switch (data.type) {
    case 'null':
    case 'no matter':
      return new Uint8Array(0);
    case 'boolean':
      return Uint8Array.of(data.value ? 1 : 0);
    case 'bit-string':
      return concatBytes(lengthBytes(data.length), data.bytes);
    case 'octet-string':
    case 'visible-string':
    case 'utf8-string':
      return concatBytes(lengthBytes(data.bytes.length), data.bytes);
    case 'date-time':
    case 'date':
    case 'time':
      return data.bytes;
    case 'int64':
      return viewed(8, (view) => view.setBigInt64(0, data.value));
    case 'uint64':
      return viewed(8, (view) => view.setBigUint64(0, data.value));
    case 'float32':
      return viewed(4, (view) => view.setFloat32(0, data.value));
    case 'float64':
      return viewed(8, (view) => view.setFloat64(0, data.value));
    case 'array':
    case 'structure':
    case 'compact array':
      return concatBytes(...data.items.map(packedBytes));
    default: {
      const { bytes = 1 } = integerOf(data.type) ?? {};
      return numberBytes(data.value < 0 ? data.value + 2 ** (8 * bytes) : data.value, bytes);
    }
  }
}

function descriptionBytes(description: TypeDescription): Uint8Array {
  const tag = Uint8Array.of(tags[description.type]);
  switch (description.type) {
    case 'array':
      return concatBytes(tag, numberBytes(description.count, 2), descriptionBytes(description.of));
    case 'structure':
      return concatBytes(tag, lengthBytes(description.of.length), ...description.of.map(descriptionBytes));
    default:
      return tag;
  }
}

function viewed(length: number, write: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(length));
  write(view);
  return new Uint8Array(view.buffer);
}
