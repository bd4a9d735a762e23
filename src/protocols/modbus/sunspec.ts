import type { Block } from './address.ts';
import { figureOf, wordsOf, type Figure, type NumberType } from './numbers.ts';
import type { Image, Piece } from './image.ts';
import { asciiText, wordAt } from './frame.ts';
import { quantities, type Quantity } from './profiles/quantities.ts';

/**
 * SunSpec: a marker at one of three addresses, then models one after the other, each with its number and length. What
 * registers mean follows from them alone.
 */
export const SUNSPEC = 'SunSpec';
export const SUNSPEC_COMMAND = 3;
/** In the order in which devices are asked. */
export const BASES = [40_000, 0, 50_000] as const;
/** "SunS" */
const MARKER = '53756e53';
const END = 0xffff;
/** A device has some ten models; more is no list any more. */
const MOST_MODELS = 100;

export interface SunspecModel {
  readonly id: number;
  /** Of its number; the length and the body follow. */
  readonly address: number;
  /** Registers of the body. */
  readonly length: number;
}

export const isMarker = (bytes: Uint8Array): boolean =>
  Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('') === MARKER;

/** The model whose head (number and length) stands at an address; undefined where the list ends. */
export function modelAt(address: number, head: Uint8Array): SunspecModel | undefined {
  const [id, length] = [wordAt(head, 0), wordAt(head, 2)];
  return id === END || length === 0 || address + 2 + length > 0x10000 ? undefined : { id, address, length };
}

export const nextAddress = ({ address, length }: SunspecModel): number => address + 2 + length;

/** Does it hold something that is read here? */
export const isKnownModel = (id: number): boolean => id === 1 || figuresOfModel(id).length > 0;

/** Most registers at once. A model with scale factors is shorter, so that they come with their values. */
const MOST = 124;

/** What has to be read of a model, its head included. */
export function blocksOfModel({ address, length }: SunspecModel): readonly Block[] {
  const all = length + 2;
  return Array.from({ length: Math.ceil(all / MOST) }, (_, index) => ({
    command: SUNSPEC_COMMAND,
    address: address + index * MOST,
    count: Math.min(MOST, all - index * MOST),
  }));
}

interface ModelFigure {
  readonly quantity: Quantity;
  /** From the model's own number on. */
  readonly offset: number;
  readonly type: NumberType;
  readonly unit: string;
  /** Where the power of ten stands; absent where there is none. */
  readonly factor?: number;
  /** An energy of 0 was never counted. */
  readonly zeroIsNone?: true;
}

const PHASES = ['', 'L1', 'L2', 'L3'] as const;

/** A quantity and its three phases, each behind the one before. */
function phases(
  name: 'Current' | 'Voltage' | 'Power' | 'ApparentPower' | 'ReactivePower' | 'Cosphi' | 'Import' | 'Export',
  offset: number,
  type: NumberType,
  unit: string,
  factor?: number,
): readonly ModelFigure[] {
  return PHASES.map((phase, index) => ({
    quantity: `${name}${phase}` as const,
    offset: offset + index * wordsOf(type),
    type,
    unit,
    ...(factor === undefined ? {} : { factor }),
    ...(type === 'u32' ? { zeroIsNone: true as const } : {}),
  }));
}

/** 201 to 204: meters in integers with factors. */
const meterFigures: readonly ModelFigure[] = [
  ...phases('Import', 46, 'u32', 'Wh', 54),
  ...phases('Export', 38, 'u32', 'Wh', 54),
  ...phases('Power', 18, 'i16', 'W', 22),
  ...phases('Current', 2, 'i16', 'A', 6),
  ...phases('Voltage', 7, 'i16', 'V', 15),
  { quantity: 'VoltageL12', offset: 12, type: 'i16', unit: 'V', factor: 15 },
  { quantity: 'VoltageL23', offset: 13, type: 'i16', unit: 'V', factor: 15 },
  { quantity: 'VoltageL31', offset: 14, type: 'i16', unit: 'V', factor: 15 },
  { quantity: 'Frequency', offset: 16, type: 'i16', unit: 'Hz', factor: 17 },
  ...phases('ApparentPower', 23, 'i16', 'VA', 27),
  ...phases('ReactivePower', 28, 'i16', 'var', 32),
  ...phases('Cosphi', 33, 'i16', '', 37),
];

/** 211 to 214: meters in floats. */
const floatMeterFigures: readonly ModelFigure[] = [
  ...phases('Import', 68, 'f32', 'Wh'),
  ...phases('Export', 60, 'f32', 'Wh'),
  ...phases('Power', 28, 'f32', 'W'),
  ...phases('Current', 2, 'f32', 'A'),
  ...phases('Voltage', 10, 'f32', 'V'),
  { quantity: 'VoltageL12', offset: 20, type: 'f32', unit: 'V' },
  { quantity: 'VoltageL23', offset: 22, type: 'f32', unit: 'V' },
  { quantity: 'VoltageL31', offset: 24, type: 'f32', unit: 'V' },
  { quantity: 'Frequency', offset: 26, type: 'f32', unit: 'Hz' },
  ...phases('ApparentPower', 36, 'f32', 'VA'),
  ...phases('ReactivePower', 44, 'f32', 'var'),
  ...phases('Cosphi', 52, 'f32', ''),
];

/** 101 to 103: inverters in integers with factors. What they give is fed in. */
const inverterFigures: readonly ModelFigure[] = [
  { quantity: 'Export', offset: 24, type: 'u32', unit: 'Wh', factor: 26, zeroIsNone: true },
  { quantity: 'ExportPower', offset: 14, type: 'i16', unit: 'W', factor: 15 },
  { quantity: 'Current', offset: 2, type: 'u16', unit: 'A', factor: 6 },
  { quantity: 'VoltageL1', offset: 10, type: 'u16', unit: 'V', factor: 13 },
  { quantity: 'VoltageL2', offset: 11, type: 'u16', unit: 'V', factor: 13 },
  { quantity: 'VoltageL3', offset: 12, type: 'u16', unit: 'V', factor: 13 },
  { quantity: 'Frequency', offset: 16, type: 'u16', unit: 'Hz', factor: 17 },
];

function figuresOfModel(id: number): readonly ModelFigure[] {
  if (id >= 201 && id <= 204) return meterFigures;
  if (id >= 211 && id <= 214) return floatMeterFigures;
  return id >= 101 && id <= 103 ? inverterFigures : [];
}

/** Of model 1, in registers from its number on. */
const TEXTS: readonly (readonly [text: string, offset: number, count: number])[] = [
  ['Manufacturer', 2, 16],
  ['Model', 18, 16],
  ['Firmware version', 42, 8],
  ['Meter number', 50, 16],
];

export interface SunspecReading {
  readonly address: number;
  readonly text: string;
  readonly obis: string;
  readonly unit: string;
  readonly value: Figure | { readonly text: string };
  readonly piece: Piece;
}

/** Everything that the models in the frames of a reading say. Empty where there is no marker. */
export function sunspecReadings(image: Image): readonly SunspecReading[] {
  return modelsIn(image).flatMap((model) => (model.id === 1 ? texts(image, model) : figures(image, model)));
}

function modelsIn(image: Image): readonly SunspecModel[] {
  const base = BASES.find((one) => {
    const marker = image.words(SUNSPEC_COMMAND, one, 2);
    return marker !== undefined && isMarker(marker.bytes);
  });
  if (base === undefined) return [];
  const models: SunspecModel[] = [];
  let address = base + 2;
  while (models.length < MOST_MODELS) {
    const head = image.words(SUNSPEC_COMMAND, address, 2);
    const model = head && modelAt(address, head.bytes);
    if (!model) break;
    models.push(model);
    address = nextAddress(model);
  }
  return models;
}

function texts(image: Image, { address, length }: SunspecModel): readonly SunspecReading[] {
  return TEXTS.flatMap(([text, offset, count]) => {
    const piece = offset + count <= length + 2 ? image.words(SUNSPEC_COMMAND, address + offset, count) : undefined;
    if (!piece) return [];
    return [{ address: address + offset, text, obis: '', unit: '', value: { text: asciiText(piece.bytes) }, piece }];
  });
}

function figures(image: Image, { id, address, length }: SunspecModel): readonly SunspecReading[] {
  return figuresOfModel(id).flatMap(({ quantity, offset, type, unit, factor, zeroIsNone }) => {
    if (offset + wordsOf(type) > length + 2) return [];
    const piece = image.words(SUNSPEC_COMMAND, address + offset, wordsOf(type));
    const power = factor === undefined ? undefined : image.words(SUNSPEC_COMMAND, address + factor, 1);
    if (!piece || (factor !== undefined && !power)) return [];
    const scale = power ? figureOf(power.bytes, 'i16') : { coefficient: 0, exponent: 0 };
    const { text, obis } = quantities[quantity];
    const isNone = typeof scale === 'string' || (zeroIsNone === true && piece.bytes.every((byte) => byte === 0));
    const tooFar = typeof scale !== 'string' && Math.abs(Number(scale.coefficient)) > 10;
    const value = isNone
      ? 'not available'
      : tooFar
        ? 'impossible'
        : figureOf(piece.bytes, type, 'ABCD', Number(scale.coefficient));
    // Value and factor of two answers belong to two moments.
    const isSplit = piece.isSplit || (power !== undefined && power.isSplit);
    return [{ address: address + offset, text, obis, unit, value, piece: { ...piece, isSplit } }];
  });
}
