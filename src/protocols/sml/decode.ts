import { fromHex, toHex, toLatin1 } from '../../common/bytes.ts';
import type { Decimal } from '../../common/decimal.ts';
import { formatDecimal } from '../../common/decimal.ts';
import { describeObis } from '../../common/obis.ts';
import type { MeterTime, Reading, ReadingState, ReadingValue } from '../../common/reading.ts';
import { unitOf } from '../../common/unit-codes.ts';
import type { StoredData } from '../stored-data.ts';
import { deviceNumber, isPrintable } from './device-id.ts';
import { numberOf, itemsOf, type Element } from './element.ts';
import { codeOf, timeOf, type Entry, type SmlList, type SmlTime } from './list.ts';
import { isLocked, isMakerCode, isNumberCode, LOCKED, speakerOf, type Speaker } from './meter.ts';
import { repaired } from './repair.ts';
import { listsIn, saidIn, type Said } from './said.ts';
import { statusOf } from './status.ts';
import { placeIn } from './transport.ts';

/** The readings in a record's data: every entry of every list, exact. Never throws for what the data holds. */
export function decodeSml({ data }: Pick<StoredData, 'data'>): readonly Reading[] {
  const bytes = fromHex(data);
  return bytes ? saidIn(bytes).flatMap(readingsOf) : [];
}

function readingsOf(said: Said): readonly Reading[] {
  const place = (position: number) =>
    said.start + (said.transmission ? placeIn(said.transmission, position) : position);
  return listsIn(said).flatMap(({ list, isChecked }) => {
    const speaker = speakerOf(list);
    const at = ({ start, end }: Element) => ({ start: place(start), end: place(end) });
    const isShut = isLocked(list);
    const readings = list.entries.flatMap((entry) =>
      entryReadings(entry, { speaker, list, isShut, at, state: isChecked ? 'whole' : 'unchecked' }),
    );
    return isChecked ? readings : readings.map((reading) => ({ ...reading, note: withNote(reading.note, UNCHECKED) }));
  });
}

const UNSCALED = 'what stands where its scale should be is none: shown as sent';
const UNCHECKED = 'its check sum is wrong: damaged on its way, or changed by somebody';

interface Around {
  readonly speaker: Speaker;
  readonly list: SmlList;
  readonly isShut: boolean;
  readonly state: ReadingState;
  readonly at: (element: Element) => Reading['source'];
}

function entryReadings(entry: Entry, around: Around): readonly Reading[] {
  const { speaker, at, state, isShut } = around;
  const code = codeOf(entry.name);
  const obis = code.replace(/\*255$/, '');
  const { quantity, kind, tariff, storage, subunit, unit: impliedUnit } = describeObis(obis);
  const unit = entry.unit === undefined ? { text: impliedUnit, note: '' } : unitOf(entry.unit);
  const { value, note, isMissing } = valueOf(entry, code, speaker);
  const base = {
    obis,
    label: obis,
    kind,
    ...(tariff === undefined ? {} : { tariff }),
    ...(storage === undefined ? {} : { storage }),
    ...(subunit === undefined ? {} : { subunit }),
    source: at(entry.whole),
  };
  const time = entry.time && meterTime(entry.time);
  const isEnergy = /\.8\.\d+$/.test(obis);
  const isUnscaled = entry.isUnscaled === true && value.type === 'number';
  const text = [note, unit.note, isUnscaled ? UNSCALED : '', isShut && isEnergy ? LOCKED : ''].reduce(withNote);
  const own: Reading = {
    ...base,
    quantity: isMakerCode(code)
      ? 'Manufacturer'
      : isNumberCode(code) && value.type === 'text'
        ? 'Meter number'
        : quantity,
    value,
    unit: value.type === 'number' ? unit.text : '',
    state: isMissing ? 'not available' : isUnscaled ? 'unchecked' : state,
    ...(time ? { time } : {}),
    ...(text === '' ? {} : { note: text }),
  };
  if (!entry.status) return [own];
  const { words } = statusOf(entry.status.value);
  const hex = entry.status.value.toString(16).toUpperCase().padStart(2, '0');
  return [
    own,
    {
      ...base,
      label: `${obis} status`,
      quantity: quantity === '' ? 'Status' : `${quantity}, status`,
      value: { type: 'text', text: `${words.join(', ')} (${hex.length % 2 === 0 ? hex : `0${hex}`})` },
      unit: '',
      state,
    },
  ];
}

interface Valued {
  readonly value: ReadingValue;
  readonly note: string;
  readonly isMissing?: true;
}

function valueOf({ value, scaler }: Entry, code: string, { maker, status }: Speaker): Valued {
  switch (value.kind) {
    case 'integer': {
      const mended = repaired({ code, value: value.value, size: value.size }, maker, status);
      const sent = scaled(value.value, scaler);
      if (!mended) return { value: { type: 'number', decimal: sent }, note: '' };
      const note = `sent as ${formatDecimal(sent)}; corrected: ${mended.why}`;
      return { value: { type: 'number', decimal: scaled(mended.value, scaler) }, note };
    }
    case 'boolean':
      return { value: { type: 'text', text: value.value ? 'yes' : 'no' }, note: '' };
    case 'octets':
      return { value: octetsValue(value.bytes, isNumberCode(code)), note: '' };
    case 'list': {
      const time = listedTime(value);
      return time
        ? { value: time, note: '' }
        : { value: { type: 'text', text: 'a list of values' }, note: 'not read any further' };
    }
    default:
      return { value: { type: 'text', text: '' }, note: 'the meter sent no value', isMissing: true };
  }
}

function octetsValue(bytes: Uint8Array, isNumber: boolean): ReadingValue {
  if (isNumber) {
    const number = deviceNumber(bytes);
    if (number !== toHex(bytes)) return { type: 'text', text: number };
  }
  return isPrintable(bytes) ? { type: 'text', text: toLatin1(bytes) } : { type: 'bytes', bytes };
}

/** A value that is a choice: 1 is a time. */
function listedTime(value: Element): ReadingValue | undefined {
  const [choice, inner] = itemsOf(value);
  const time = numberOf(choice) === 1 ? timeOf(inner) : undefined;
  if (time?.kind === 'operation') return { type: 'number', decimal: { coefficient: time.seconds, exponent: 0 } };
  const told = time && meterTime(time);
  return told && { type: 'time', time: told };
}

const SECOND = 1000;

/** Seconds of operation are no date. */
function meterTime(time: SmlTime): MeterTime | undefined {
  if (time.kind === 'operation') return undefined;
  const shift = time.kind === 'local' ? 60 * (time.offset + time.season) : 0;
  const iso = new Date((time.seconds + shift) * SECOND).toISOString().slice(0, 19);
  return time.kind === 'utc' ? { iso, season: 'utc' } : { iso, season: time.season === 0 ? 'winter' : 'summer' };
}

function scaled(value: bigint, exponent: number): Decimal {
  const plain = Number(value);
  return { coefficient: Number.isSafeInteger(plain) ? plain : value, exponent };
}

const withNote = (note: string | undefined, more: string): string => [note ?? '', more].filter(Boolean).join('; ');
