import { describeObis, formatObis, parseObis } from '../../common/obis.ts';
import type { ObisCode, ObisDescription, ObisMedium } from '../../common/obis.ts';
import type { MeterTime, Reading, ReadingState } from '../../common/reading.ts';
import { fittingName } from '../../common/obis-short.ts';
import { UNKNOWN_ORDER } from './date-order.ts';
import { isUnorderedDate, type DateOrder } from './meter-time.ts';
import { displayUnit, isRefusal, readValue, splitUnit, stateOfValue } from './read-value.ts';

/** What the data sets before say about the ones behind. */
export interface DecodeContext {
  readonly medium: ObisMedium;
  /** M-Bus device types behind a DSMR meter by channel, from 0-n:24.1.0. */
  readonly deviceTypes: Map<number, string>;
  /** The meter uses the short codes of old electricity meters. */
  readonly shortCodes: boolean;
  /** The order of dates of three two-digit numbers, where it could be told. */
  readonly dateOrder: DateOrder | undefined;
  /** What the labels met so far mean. */
  readonly meanings: Map<string, Meaning>;
  /** Whether anything vouches for the readout as a whole. */
  readonly vouchedFor: boolean;
}

/** What a label means as an OBIS code, if it is one. */
interface Meaning {
  readonly code?: ObisCode;
  readonly obis?: string;
  readonly description: ObisDescription;
}

/** One figure before it is a reading. */
export interface Figure {
  readonly label: string;
  readonly text: string;
  readonly unit: string;
  readonly source: Reading['source'];
  readonly time?: MeterTime;
  readonly kind?: Reading['kind'];
  readonly quantity?: string;
  readonly notes?: readonly string[];
  /** Other than what the value itself says: 'partial' is kept as the text it is, never as a number or a time. */
  readonly state?: ReadingState;
}

/** The reading of one figure: what its code means, its value, its unit. */
export function reading(figure: Figure, context: DecodeContext): Reading {
  const { code, obis, description: usual } = meaningOf(figure.label, context);
  const split = figure.unit === '' ? splitUnit(figure.text, usual.dimension) : figure;
  const description = fittingName(code, usual, split.unit, context);
  const { tariff, storage, subunit } = description;
  const value: Reading['value'] =
    figure.state === 'partial'
      ? { type: 'text', text: figure.text }
      : readValue(split.text, split.unit, description, figure.label, context.dateOrder);
  const unit = displayUnit(split.unit, context.medium === 'heat') || (value.type === 'number' ? description.unit : '');
  const notes = [...(figure.notes ?? [])];
  if (description !== usual && description.quantity === '') notes.push('the unit does not fit the code');
  if (value.type === 'number' && figure.text.includes(',')) notes.push('decimal comma');
  const isDoubtful = value.type === 'text' && isDateWithoutOrder(value.text.trim(), usual);
  if (isDoubtful) notes.push(UNKNOWN_ORDER);
  // Assigned one by one: this runs for every figure of every record that is looked at.
  const result: { -readonly [Member in keyof Reading]: Reading[Member] } = {
    label: figure.label,
    quantity: figure.quantity ?? quantityOf(code, description, context),
    value,
    unit,
    kind: isErrorText(value) ? 'error' : (figure.kind ?? description.kind),
    state: figure.state ?? (isDoubtful ? 'unchecked' : stateOfFigure(value, context)),
    source: figure.source,
  };
  if (obis !== undefined) result.obis = obis;
  if (tariff !== undefined) result.tariff = tariff;
  if (storage !== undefined) result.storage = storage;
  if (subunit !== undefined) result.subunit = subunit;
  if (figure.time) result.time = figure.time;
  if (notes.length > 0) result.note = notes.join(', ');
  return result;
}

function isErrorText(value: Reading['value']): boolean {
  return value.type === 'text' && isRefusal(value.text);
}

/** Of a text with dots nobody knows whether it is a date or a version. */
function isDateWithoutOrder(text: string, { format }: ObisDescription): boolean {
  return isUnorderedDate(text) && (format !== 'text' || !/^\d\d\./.test(text));
}

/** What a label says of its figure's kind. */
export function kindOf(label: string, context: DecodeContext): Reading['kind'] {
  return meaningOf(label, context).description.kind;
}

function stateOfFigure(value: Reading['value'], { vouchedFor }: DecodeContext): ReadingState {
  const state = stateOfValue(value);
  return state === 'whole' && !vouchedFor ? 'unchecked' : state;
}

/** Looked up once per label: a load profile repeats its few columns a thousand times. */
function meaningOf(label: string, { medium, meanings }: DecodeContext): Meaning {
  const known = meanings.get(label);
  if (known) return known;
  const code = parseObis(label);
  const description = describeObis(code ?? label, { medium });
  const meaning: Meaning = code ? { code, obis: formatObis(code), description } : { description };
  meanings.set(label, meaning);
  return meaning;
}

/** "Gas meter reading" once the meter said what hangs on the channel. */
function quantityOf(code: ObisCode | undefined, { quantity }: ObisDescription, { deviceTypes }: DecodeContext): string {
  const type = code?.c === 24 && code.d === 2 ? deviceTypes.get(code.b ?? 0) : undefined;
  return type === undefined ? quantity : `${type} meter reading`;
}
