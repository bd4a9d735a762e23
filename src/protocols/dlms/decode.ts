import { MeterError } from '../../common/meter-error.ts';
import { describeObis } from '../../common/obis.ts';
import type { Reading } from '../../common/reading.ts';
import type { StoredData } from '../stored-data.ts';
import { nameText, type Attribute } from './apdu/attribute.ts';
import { dataAccessText } from './apdu/words.ts';
import type { Data } from './axdr/data.ts';
import { dataIn } from './axdr/read-data.ts';
import {
  attributeName,
  attributesRead,
  attributeWords,
  captureOf,
  className,
  hasReading,
  isTime,
  scalerAttribute,
} from './cosem/classes.ts';
import { objectName } from './cosem/object-names.ts';
import { clockColumn, columnsIn, rowsIn, stepOf, type Column, type Row } from './cosem/profile.ts';
import { unitOf } from '../../common/unit-codes.ts';
import { decimalOf, scalerUnitOf, valueOf } from './cosem/value.ts';
import { keptValues, type KeptValue } from './record-data.ts';

const PROFILE = 7;
const [CAPTURED, PERIOD, SORTING, BUFFER] = [3, 4, 5, 2];
const VALUE = 2;
/** Cells of a profile that are shown as readings. */
const MOST_CELLS = 20_000;

/** The attributes of one object in a record. */
interface KeptObject {
  readonly classId: number;
  readonly name: Uint8Array;
  readonly values: ReadonlyMap<number, KeptValue>;
}

/**
 * The readings in a record's data: object after object, a figure with its scaler and unit. Never throws for what the data
 * holds.
 */
export const decodeDlms = ({ data }: StoredData): readonly Reading[] => readingsOfValues(keptValues(data));

/** The readings of attributes, those of one object together. */
export function readingsOfValues(kept: readonly KeptValue[]): readonly Reading[] {
  const objects = new Map<string, KeptObject & { values: Map<number, KeptValue> }>();
  for (const value of kept) {
    const { classId, name, number } = value.attribute;
    const key = keyOf(classId, name);
    const object = objects.get(key) ?? { classId, name, values: new Map<number, KeptValue>() };
    objects.set(key, object);
    if (!object.values.has(number)) object.values.set(number, value);
  }
  const scalers = scalersIn([...objects.values()]);
  return [...objects.values()].flatMap((object) => readingsOf(object, scalers));
}

type Scalers = ReadonlyMap<string, Data>;

/** Scaler and unit of the columns of profiles, which a record has beside them: by class and name. */
function scalersIn(objects: readonly KeptObject[]): Scalers {
  if (!objects.some(({ classId }) => classId === PROFILE)) return new Map();
  return new Map(
    objects.flatMap(({ classId, name, values }): [string, Data][] => {
      const number = scalerAttribute(classId);
      const data = number === undefined ? undefined : dataOf(values.get(number));
      return data && scalerUnitOf(data) ? [[keyOf(classId, name), data]] : [];
    }),
  );
}

const keyOf = (classId: number, name: Uint8Array) => `${classId}:${nameText(name)}`;

/** What the bytes of a value say; undefined for those that say nothing. */
function dataOf(value: KeptValue | undefined): Data | undefined {
  if (!value?.bytes) return undefined;
  try {
    return dataIn(value.bytes).data;
  } catch (error) {
    if (error instanceof MeterError) return undefined;
    throw error;
  }
}

function readingsOf(object: KeptObject, scalers: Scalers): readonly Reading[] {
  const { classId, name, values } = object;
  const buffer = values.get(BUFFER);
  if (classId === PROFILE && buffer?.bytes) {
    const rows = profileReadings(object, buffer, scalers);
    if (rows) return rows;
  }
  // It is said with the cells of the profile.
  if (values.size === 1 && scalers.has(keyOf(classId, name))) return [];
  const main = hasReading(classId) || classId === PROFILE ? attributesRead(classId)[0] : undefined;
  const scalerNumber = scalerAttribute(classId);
  const scaler = scalerNumber === undefined ? undefined : dataOf(values.get(scalerNumber));
  const captured = captureOf(classId);
  const hasScaler =
    scaler !== undefined &&
    scalerUnitOf(scaler) !== undefined &&
    [...values.keys()].some((number) => isScaled(classId, number));
  const capture = captured && values.has(captured.of) ? dataOf(values.get(captured.at)) : undefined;
  const time = capture && valueOf(capture, 'time').value;
  return [...values.values()].flatMap((value): Reading[] => {
    const { number } = value.attribute;
    // They are said with the figure.
    if ((hasScaler && number === scalerNumber) || (time?.type === 'time' && number === captured?.at)) return [];
    const part = number === main ? '' : attributeName(classId, number);
    const reading = readingOf(value, hasScaler && isScaled(classId, number) ? scaler : undefined, part);
    return [time?.type === 'time' && number === captured?.of ? { ...reading, time: time.time } : reading];
  });
}

/** Whether an attribute is a figure that means nothing without the scaler of its object. */
const isScaled = (classId: number, number: number) =>
  scalerAttribute(classId) !== undefined && (number === VALUE || number === captureOf(classId)?.of);

/** Of one attribute; `part` is what of the object it is, empty for its value. */
function readingOf(kept: KeptValue, scaler: Data | undefined, part: string): Reading {
  const { attribute, bytes, start, isCut, reason } = kept;
  const { classId, number } = attribute;
  const end = start + (bytes?.length ?? 0);
  const base = named(attribute, part, { start, end });
  if (!bytes) {
    const value = { type: 'text', text: `refused: ${dataAccessText(reason)}` } as const;
    return { ...base, value, unit: '', kind: 'error', state: 'not available' };
  }
  const data = dataOf(kept);
  if (!data) return { ...base, value: { type: 'bytes', bytes }, unit: '', state: isCut ? 'partial' : 'unchecked' };
  if (number === 1 && data.type === 'octet-string' && data.bytes.length === 6)
    return { ...base, value: { type: 'text', text: nameText(data.bytes) }, unit: '', state: 'whole' };
  const words = 'value' in data && typeof data.value === 'number' && attributeWords(classId, number, data.value);
  if (words) return { ...base, value: { type: 'text', text: words }, unit: '', state: isCut ? 'partial' : 'whole' };
  const known = scaler && scalerUnitOf(scaler);
  const unit = known && decimalOf(data) ? unitOf(known.unit) : { text: '', note: '' };
  const { value, state } = valueOf(data, isTime(classId, number) ? 'time' : 'any', known?.scaler);
  // A figure whose scale was refused may be a thousand times too large.
  const isUnscaled = isScaled(classId, number) && !known && value.type === 'number';
  const note = isUnscaled ? 'the meter did not say scale and unit' : unit.note;
  return {
    ...base,
    value,
    unit: unit.text,
    state: isCut ? 'partial' : isUnscaled && state === 'whole' ? 'unchecked' : state,
    ...(note === '' ? {} : { note }),
  };
}

function named(
  { classId, name }: Attribute,
  part: string,
  source: Reading['source'],
): Pick<Reading, 'obis' | 'label' | 'quantity' | 'kind' | 'source'> & Partial<Reading> {
  const obis = nameText(name).replace(/\*255$/, '');
  const { kind, tariff, storage, subunit } = describeObis(obis);
  const own = objectName(name);
  const known = own === '' ? className(classId) : own;
  return {
    obis,
    label: part === '' ? obis : `${obis} ${part}`,
    quantity: part === '' ? known : `${known}, ${part}`,
    kind,
    ...(tariff === undefined ? {} : { tariff }),
    ...(storage === undefined ? {} : { storage }),
    ...(subunit === undefined ? {} : { subunit }),
    source,
  };
}

/** A reading for each cell but the one that is the time of its row; undefined where buffer or columns are none. */
function profileReadings(
  { values, name }: KeptObject,
  kept: KeptValue,
  scalers: Scalers,
): readonly Reading[] | undefined {
  const buffer = dataOf(kept);
  const captured = dataOf(values.get(CAPTURED));
  const columns = captured ? columnsIn(captured) : [];
  if (!buffer || columns.length === 0) return undefined;
  const rows = rowsIn(buffer, columns, stepOf(dataOf(values.get(PERIOD)), dataOf(values.get(SORTING))));
  if (!rows) return undefined;
  const clock = clockColumn(columns);
  const source = { start: kept.start, end: kept.start + (kept.bytes?.length ?? 0) };
  const own = { classId: PROFILE, name, attribute: BUFFER, element: 0 };
  const failed = (row: number, text: string): Reading => ({
    ...named({ classId: PROFILE, name, number: BUFFER }, `[${row}]`, source),
    value: { type: 'text', text },
    unit: '',
    kind: 'error',
    state: 'partial',
  });
  const readings: Reading[] = [];
  for (const [at, row] of rows.entries()) {
    const isTimed = row.cells.length === columns.length && row.time !== undefined && row.time.iso !== '';
    if (row.cells.length === 0) readings.push(failed(at, row.doubt ?? ''));
    for (const [index, cell] of row.cells.entries()) {
      if (isTimed && index === clock) continue;
      if (readings.length >= MOST_CELLS)
        return [...readings, failed(at, `only ${MOST_CELLS} cells are shown: not row ${at} to ${rows.length - 1}`)];
      readings.push(cellReading(columns[index] ?? own, cell, scalers, row, at, source, index === clock));
    }
  }
  return readings;
}

function cellReading(
  { classId, name, attribute }: Column,
  cell: Data,
  scalers: Scalers,
  { time, doubt }: Row,
  row: number,
  source: Reading['source'],
  isClock: boolean,
): Reading {
  const part = attribute === BUFFER ? '' : attributeName(classId, attribute);
  const base = named({ classId, name, number: attribute }, part, source);
  const isFigure = isScaled(classId, attribute);
  const scaler = isFigure ? scalers.get(keyOf(classId, name)) : undefined;
  const known = scaler && scalerUnitOf(scaler);
  const { value, state } = valueOf(cell, isTime(classId, attribute) ? 'time' : 'any', known?.scaler);
  const isRaw = value.type === 'number' && isFigure && !known;
  const isTimeless = isClock && cell.type === 'null' && !time;
  const notes = [
    doubt,
    isRaw && 'without scale and unit',
    isTimeless && 'no time: step or order of the rows is not known',
  ];
  const note = notes.filter(Boolean).join('; ');
  return {
    ...base,
    label: `${base.label} [${row}]`,
    value,
    unit: known && value.type === 'number' ? unitOf(known.unit).text : '',
    kind: 'stored',
    state: (isRaw || doubt !== undefined) && state === 'whole' ? 'unchecked' : state,
    ...(time ? { time } : {}),
    ...(note === '' ? {} : { note }),
  };
}
