import type { Attribute } from '../apdu/attribute.ts';
import { attributeAt, nameText } from '../apdu/attribute.ts';
import type { Cursor } from '../axdr/cursor.ts';
import type { Data } from '../axdr/data.ts';
import { readData } from '../axdr/read-data.ts';
import { classes } from '../cosem/class-table.ts';
import { timeOf } from '../cosem/date-time.ts';
import { scalerUnitOf } from '../cosem/value.ts';
import { dlmsError } from '../errors.ts';
import { layoutOf } from './layouts.ts';

/** A value of a push, with the attribute that it is of; undefined: it does not say, and has only its place. */
export interface PushValue {
  readonly attribute: Attribute | undefined;
  readonly data: Data;
}

/** A value that is described without a tag of its own, and those around it. */
type Node =
  | { readonly kind: 'data'; readonly data: Data }
  | { readonly kind: 'many'; readonly isStructure: boolean; readonly nodes: readonly Node[] }
  | { readonly kind: 'described'; readonly attribute: Attribute; readonly data: Data };

const [ARRAY, STRUCTURE] = [0x01, 0x02];
const MOST_DEPTH = 8;
const MOST_NODES = 5000;
const [DATA, REGISTER, CLOCK] = [1, 3, 8];
const DESCRIPTION_BYTES = 11;

/** The values in the body that the cursor stands at. Throws a MeterError 'form'. */
export function pushValues(cursor: Cursor): readonly PushValue[] {
  const budget = { nodes: MOST_NODES };
  return valuesOf(nodeAt(cursor, budget, 0));
}

function nodeAt(cursor: Cursor, budget: { nodes: number }, depth: number): Node {
  if (--budget.nodes < 0 || depth > MOST_DEPTH) throw dlmsError('form', 'A push has too many parts.');
  const tag = cursor.peek();
  if (tag !== ARRAY && tag !== STRUCTURE) return { kind: 'data', data: readData(cursor) };
  cursor.number(1);
  const count = cursor.count();
  if (tag === STRUCTURE && count === 2 && isDescription(cursor)) {
    const attribute = attributeAt(cursor);
    return { kind: 'described', attribute, data: readData(cursor) };
  }
  const nodes = Array.from({ length: count }, () => nodeAt(cursor, budget, depth + 1));
  return { kind: 'many', isStructure: tag === STRUCTURE, nodes };
}

/** Class, name and number where a tag should stand: some meters write a value so. */
function isDescription(cursor: Cursor): boolean {
  const head = cursor.ahead(DESCRIPTION_BYTES);
  if (head.length < DESCRIPTION_BYTES) return false;
  const [high = 0, low = 0, ...rest] = head;
  const attribute = rest[6] ?? 0;
  return high === 0 && low in classes && rest[5] === 0xff && attribute >= 1 && attribute <= 20;
}

function valuesOf(node: Node): readonly PushValue[] {
  switch (node.kind) {
    case 'described':
      return [{ attribute: node.attribute, data: node.data }];
    case 'data':
      return [{ attribute: undefined, data: node.data }];
    case 'many':
      return listed(node.nodes) ?? walked(node.nodes);
  }
}

const dataOf = (node: Node | undefined): Data | undefined => {
  if (node?.kind === 'data') return node.data;
  if (node?.kind !== 'many') return undefined;
  const items = node.nodes.map(dataOf);
  if (items.some((item) => item === undefined)) return undefined;
  return { type: node.isStructure ? 'structure' : 'array', items: items.filter((item) => item !== undefined) };
};

/** The first element says what each of them is, itself included: object k is element k. */
function listed(nodes: readonly Node[]): readonly PushValue[] | undefined {
  const list = dataOf(nodes[0]);
  if (list?.type !== 'array' || list.items.length === 0) return undefined;
  const attributes = list.items.map(objectOf);
  if (attributes.some((attribute) => attribute === undefined)) return undefined;
  return nodes.slice(1).flatMap((node, at): PushValue[] => {
    const data = dataOf(node);
    return data ? [{ attribute: attributes[at + 1], data }] : [];
  });
}

/** Class, name, number and element of an object in a push list; undefined for what is none. */
function objectOf(item: Data): Attribute | undefined {
  const [classId, name, number] = item.type === 'structure' ? item.items : [];
  if (classId?.type !== 'uint16' || name?.type !== 'octet-string' || name.bytes.length !== 6) return undefined;
  return number?.type === 'int8' ? { classId: classId.value, name: name.bytes, number: number.value } : undefined;
}

/** Names and what follows them, flat or in pairs; what has no name has its place. */
function walked(nodes: readonly Node[]): readonly PushValue[] {
  const values: PushValue[] = [];
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at];
    if (!node) continue;
    const name = nameIn(node);
    const value = dataOf(nodes[at + 1]);
    if (name && value && !nameIn(nodes[at + 1])) {
      const scaler = dataOf(nodes[at + 2]);
      const hasScaler = scaler !== undefined && scalerUnitOf(scaler) !== undefined;
      values.push(...namedValues(name, value, hasScaler ? scaler : undefined));
      at += hasScaler ? 2 : 1;
    } else values.push(...valuesOf(node));
  }
  return values.every(({ attribute }) => attribute === undefined) ? laidOut(values.map(({ data }) => data)) : values;
}

/** Six bytes are a name only where one is expected: others are a text, or part of a number. */
function nameIn(node: Node | undefined): Uint8Array | undefined {
  const data = node?.kind === 'data' ? node.data : undefined;
  if (data?.type !== 'octet-string' || data.bytes.length !== 6) return undefined;
  const [medium = 0, , , , , last] = data.bytes;
  return last === 0xff && medium <= 15 ? data.bytes : undefined;
}

function namedValues(name: Uint8Array, value: Data, scaler: Data | undefined): readonly PushValue[] {
  const isFigure = 'value' in value && typeof value.value !== 'boolean' && value.type !== 'enum';
  const isTime = value.type === 'octet-string' && value.bytes.length === 12 && timeOf(value.bytes) !== undefined;
  const isClock = isTime && name[2] === 1 && nameText(name).startsWith('0-');
  const classId = isClock ? CLOCK : isFigure || scaler ? REGISTER : DATA;
  return [
    { attribute: { classId, name, number: 2 }, data: value },
    ...(scaler ? [{ attribute: { classId, name, number: 3 }, data: scaler }] : []),
  ];
}

/** Bare values mean what the maker's list says that they begin with, and what has that number and these types. */
function laidOut(items: readonly Data[]): readonly PushValue[] {
  const layout = layoutOf(items);
  return items.map((data, at) => ({ attribute: layout?.[at], data }));
}
