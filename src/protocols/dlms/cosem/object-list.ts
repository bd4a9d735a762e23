import type { Data } from '../axdr/data.ts';

/** An object that an association shows. */
export interface CosemObject {
  readonly classId: number;
  readonly version: number;
  /** Six bytes. */
  readonly name: Uint8Array;
  /** Numbers of the attributes that this client may read. */
  readonly readable: readonly number[];
}

/** Objects in the list of an association with logical names; what is no object is passed over. */
export function objectsIn(list: Data): readonly CosemObject[] {
  if (list.type !== 'array') return [];
  return list.items.flatMap((item): CosemObject[] => {
    if (item.type !== 'structure') return [];
    const [classId, version, name, rights] = item.items;
    if (classId?.type !== 'uint16' || name?.type !== 'octet-string' || name.bytes.length !== 6) return [];
    const number = version?.type === 'uint8' ? version.value : 0;
    return [{ classId: classId.value, version: number, name: name.bytes, readable: readableIn(rights) }];
  });
}

const READ = 1;
/** No access, and writing alone with and without authentication: all that is no reading in the older numbering. */
const UNREADABLE = [0, 2, 5];

function readableIn(rights: Data | undefined): readonly number[] {
  const attributes = rights?.type === 'structure' ? rights.items[0] : undefined;
  if (attributes?.type !== 'array') return [];
  return attributes.items.flatMap((right): number[] => {
    if (right.type !== 'structure') return [];
    const [number, mode] = right.items;
    if (number?.type !== 'int8' || mode?.type !== 'enum') return [];
    // The newer numbering is of bits, and above six the only one.
    const isReadable = mode.value > 6 ? (mode.value & READ) !== 0 : !UNREADABLE.includes(mode.value);
    return isReadable ? [number.value] : [];
  });
}
