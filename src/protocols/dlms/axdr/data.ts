/**
 * A value as meters write it: Data of DLMS UA 1000-2 in A-XDR (IEC 61334-6). `delta` integers count from the value of the
 * row before.
 */
export type Data =
  | { readonly type: 'null' | 'no matter' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: IntegerType; readonly value: number }
  | { readonly type: 'int64' | 'uint64'; readonly value: bigint }
  | { readonly type: 'float32' | 'float64'; readonly value: number }
  | { readonly type: OctetsType | FixedType; readonly bytes: Uint8Array }
  /** The first bit is the highest of the first byte. */
  | { readonly type: 'bit-string'; readonly length: number; readonly bytes: Uint8Array }
  | { readonly type: 'array' | 'structure'; readonly items: readonly Data[] }
  /** Rows of one type, which is said once. */
  | { readonly type: 'compact array'; readonly of: TypeDescription; readonly items: readonly Data[] };

export type IntegerType = (typeof integers)[number]['type'];
export type OctetsType = 'octet-string' | 'visible-string' | 'utf8-string';
export type FixedType = keyof typeof fixed;
export type Scalar = Exclude<Data['type'], 'array' | 'structure' | 'compact array'>;

export type TypeDescription =
  | { readonly type: Scalar }
  | { readonly type: 'array'; readonly count: number; readonly of: TypeDescription }
  | { readonly type: 'structure'; readonly of: readonly TypeDescription[] };

/** Numbers of up to four bytes. */
export const integers = [
  { type: 'int8', bytes: 1, signed: true },
  { type: 'int16', bytes: 2, signed: true },
  { type: 'int32', bytes: 4, signed: true },
  { type: 'uint8', bytes: 1, signed: false },
  { type: 'uint16', bytes: 2, signed: false },
  { type: 'uint32', bytes: 4, signed: false },
  { type: 'enum', bytes: 1, signed: false },
  { type: 'bcd', bytes: 1, signed: false },
  { type: 'delta int8', bytes: 1, signed: true },
  { type: 'delta int16', bytes: 2, signed: true },
  { type: 'delta int32', bytes: 4, signed: true },
  { type: 'delta uint8', bytes: 1, signed: false },
  { type: 'delta uint16', bytes: 2, signed: false },
  { type: 'delta uint32', bytes: 4, signed: false },
] as const;

/** Times have no length of their own. */
export const fixed = { 'date-time': 12, date: 5, time: 4 } as const;

export const tags: Readonly<Record<Data['type'], number>> = {
  null: 0x00,
  array: 0x01,
  structure: 0x02,
  boolean: 0x03,
  'bit-string': 0x04,
  int32: 0x05,
  uint32: 0x06,
  'octet-string': 0x09,
  'visible-string': 0x0a,
  'utf8-string': 0x0c,
  bcd: 0x0d,
  int8: 0x0f,
  int16: 0x10,
  uint8: 0x11,
  uint16: 0x12,
  'compact array': 0x13,
  int64: 0x14,
  uint64: 0x15,
  enum: 0x16,
  float32: 0x17,
  float64: 0x18,
  'date-time': 0x19,
  date: 0x1a,
  time: 0x1b,
  'delta int8': 0x1c,
  'delta int16': 0x1d,
  'delta int32': 0x1e,
  'delta uint8': 0x1f,
  'delta uint16': 0x20,
  'delta uint32': 0x21,
  'no matter': 0xff,
};

export const typeOfTag: ReadonlyMap<number, Data['type']> = new Map(
  // The keys are what the record is declared with.
  (Object.keys(tags) as Data['type'][]).map((type) => [tags[type], type]),
);

const byType = new Map<string, (typeof integers)[number]>(integers.map((row) => [row.type, row]));
/** How an integer of up to four bytes is written; undefined for any other type. */
export const integerOf = (type: Data['type']): (typeof integers)[number] | undefined => byType.get(type);
