import fc from 'fast-check';
import { integers, type Data, type Scalar, type TypeDescription } from '../../../../src/protocols/dlms/axdr/data.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** Any value of a type that is no array or structure. */
function scalarOf(type: Scalar): fc.Arbitrary<Data> {
  const integer = integers.find((row) => row.type === type);
  if (integer) {
    const span = 2 ** (8 * integer.bytes);
    const [min, max] = integer.signed ? [-span / 2, span / 2 - 1] : [0, span - 1];
    return fc.record({ type: fc.constant(integer.type), value: fc.integer({ min, max }) });
  }
  switch (type) {
    case 'null':
    case 'no matter':
      return fc.constant({ type });
    case 'boolean':
      return fc.record({ type: fc.constant(type), value: fc.boolean() });
    case 'int64':
      return fc.record({ type: fc.constant(type), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) });
    case 'uint64':
      return fc.record({ type: fc.constant(type), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) });
    case 'float32':
      return fc.record({ type: fc.constant(type), value: fc.float() });
    case 'float64':
      return fc.record({ type: fc.constant(type), value: fc.double() });
    case 'bit-string':
      return fc
        .nat(300)
        .chain((length) =>
          fc.record({ type: fc.constant(type), length: fc.constant(length), bytes: exactly(Math.ceil(length / 8)) }),
        );
    case 'date-time':
      return fc.record({ type: fc.constant(type), bytes: exactly(12) });
    case 'date':
      return fc.record({ type: fc.constant(type), bytes: exactly(5) });
    case 'time':
      return fc.record({ type: fc.constant(type), bytes: exactly(4) });
    default:
      return fc.record({ type: fc.constant(type as 'octet-string'), bytes: bytes(300) });
  }
}

const scalars: readonly Scalar[] = [
  ...integers.map(({ type }) => type),
  'null',
  'no matter',
  'boolean',
  'int64',
  'uint64',
  'float32',
  'float64',
  'bit-string',
  'octet-string',
  'visible-string',
  'utf8-string',
  'date-time',
  'date',
  'time',
];
/** Rows of nothing cannot be counted. */
const withBytes = scalars.filter((type) => type !== 'null' && type !== 'no matter');

const { description } = fc.letrec<{ description: TypeDescription }>((tie) => ({
  description: fc.oneof(
    { depthSize: 'small' },
    fc.record({ type: fc.constantFrom(...withBytes) }),
    fc.record({ type: fc.constant('array' as const), count: fc.integer({ min: 1, max: 4 }), of: tie('description') }),
    fc.record({
      type: fc.constant('structure' as const),
      of: fc.array(tie('description'), { minLength: 1, maxLength: 4 }),
    }),
  ),
}));

function packedOf(of: TypeDescription): fc.Arbitrary<Data> {
  switch (of.type) {
    case 'array':
      return fc
        .array(packedOf(of.of), { minLength: of.count, maxLength: of.count })
        .map((items) => ({ type: 'array', items }));
    case 'structure':
      return fc.tuple(...of.of.map(packedOf)).map((items) => ({ type: 'structure', items }));
    default:
      return scalarOf(of.type);
  }
}

const compactArray = description.chain((of) =>
  fc.array(packedOf(of), { maxLength: 6 }).map((items): Data => ({ type: 'compact array', of, items })),
);

/** Any value that a meter may send. */
export const { someData } = fc.letrec<{ someData: Data }>((tie) => ({
  someData: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...scalars).chain(scalarOf),
    compactArray,
    fc.record({
      type: fc.constantFrom('array' as const, 'structure' as const),
      items: fc.array(tie('someData'), { maxLength: 6 }),
    }),
  ),
}));
