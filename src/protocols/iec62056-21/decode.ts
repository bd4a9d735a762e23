import type { ObisMedium } from '../common/obis.ts';
import type { StoredData } from '../common/protocol.ts';
import type { Reading } from '../common/reading.ts';
import { isCutOff, parseDataBlock } from './data-set.ts';
import type { DataSet, DataValue } from './data-set.ts';
import { decodeList } from './decode-list.ts';
import { reading } from './figure.ts';
import type { DecodeContext, Figure } from './figure.ts';
import { parseTimeStamp } from './meter-time.ts';
import { wholeText } from './read-value.ts';
import { isVouchedFor } from './trust.ts';

/** Stored data of one readout → one reading per value, in the order sent. Never throws. */
export function decodeIec(stored: StoredData): Reading[] {
  const sets = parseDataBlock(stored.data).filter((item) => item.kind === 'data set');
  const context: DecodeContext = {
    medium: mediumOf(sets),
    deviceTypes: new Map(),
    meanings: new Map(),
    vouchedFor: isVouchedFor(stored),
  };
  const readings: Reading[] = [];
  let label = '';
  for (let i = 0; i < sets.length;) {
    const set = sets[i];
    if (!set) break;
    if (set.address !== '') label = set.address;
    const list = decodeList(sets, i, label, context) ?? { readings: decodeSet(set, label, context), taken: 1 };
    // One by one: a hostile data set has more values than a call takes arguments.
    for (const decoded of list.readings) readings.push(decoded);
    i += list.taken;
  }
  return readings;
}

/** Codes of heat meters in EDIS form state no medium; what electricity meters never send gives them away. */
function mediumOf(sets: readonly DataSet[]): ObisMedium {
  const ofHeat = sets.some(
    ({ address, values }) =>
      /^(?:6\.(?:26|31|32|33|35|36)|9\.(?:20|21|36))(?!\d)/.test(address) ||
      (/^6\.8(?!\d)/.test(address) && /^(?:[kMG]?Wh|[MG]J|M?cal|Gcal)$/.test(values[0]?.unit ?? '')),
  );
  return ofHeat ? 'heat' : 'electricity';
}

function decodeSet(set: DataSet, label: string, context: DecodeContext): Reading[] {
  const { values } = set;
  const [first, second] = values;
  if (!first) return [];
  if (values.some((value, i) => isCutOff(value, values[i + 1]))) return cutOff(set, label, context);
  if (second && values.length === 2 && second.open === '(') {
    // DSMR: time stamp, then the M-Bus meter's reading.
    if (/^\d{12}[SW]$/.test(wholeText(first))) {
      const time = parseTimeStamp(first.value);
      const notes = time ? [] : [`time stamp ${first.value} is not valid`];
      return [reading({ ...figureOf(second, label, set), ...(time ? { time } : {}), notes }, context)];
    }
    // Maximum, then the time it was reached.
    const time = second.value.length >= 10 ? parseTimeStamp(wholeText(second)) : undefined;
    if (time && /^[+-]?[\d.,]+$/.test(first.value)) return [reading({ ...figureOf(first, label, set), time }, context)];
  }
  if (values.some(({ open }) => open === '&') && !values.every(({ unit }) => unit)) return joined(set, label, context);
  noteDeviceType(first, label, context);
  return values.map((value, index) => {
    const start = index === 0 ? set.start : value.start;
    const quantity =
      value.open === '&' || values[index + 1]?.open === '&' ? pairQuantity(label, index, context) : undefined;
    const figure = figureOf(value, label, { start, end: value.end });
    return reading(quantity === undefined ? figure : { ...figure, quantity }, context);
  });
}

/** A maximum without its time, half a number: no value of a set that was cut off stands for anything. */
function cutOff({ start, values }: DataSet, label: string, context: DecodeContext): Reading[] {
  return values.map((value, index) =>
    reading(
      {
        label,
        text: wholeText(value),
        unit: '',
        source: { start: index === 0 ? start : value.start, end: value.end },
        state: 'partial',
      },
      context,
    ),
  );
}

/** Parts joined by `&` that are no measurements make one text: `(2022-05-19&19:41:17)`, `(000&66153690&0)`. */
function joined(set: DataSet, label: string, context: DecodeContext): Reading[] {
  const text = set.values.map((value) => (value.open === '&' ? '&' : '') + wholeText(value)).join('');
  return [reading({ label, text, unit: '', source: { start: set.start, end: set.end } }, context)];
}

/** The heat meters' 9.4 holds two maxima: flow and return. */
function pairQuantity(label: string, index: number, { medium }: DecodeContext): string | undefined {
  if (medium !== 'heat' || !/^9\.4(?!\d)/.test(label)) return undefined;
  return ['Maximum flow temperature', 'Maximum return temperature'][index];
}

function figureOf(value: DataValue, label: string, { start, end }: Reading['source']): Figure {
  const figure = { label, text: value.value, unit: value.unit ?? '', source: { start, end } };
  // Where the address ends and the value begins is a guess.
  return value.open === '' ? { ...figure, notes: ['opening bracket missing'], state: 'unchecked' } : figure;
}

/** Types of EN 13757-7 that stand behind DSMR meters. */
const deviceTypeNames: Readonly<Record<number, string>> = {
  2: 'Electricity',
  3: 'Gas',
  4: 'Heat',
  6: 'Hot water',
  7: 'Water',
  10: 'Cooling',
  11: 'Cooling',
  12: 'Heat',
};

function noteDeviceType({ value }: DataValue, label: string, { deviceTypes }: DecodeContext): void {
  const channel = /^0-(\d+):24\.1\.0$/.exec(label)?.[1];
  const name = channel === undefined ? undefined : deviceTypeNames[Number(value)];
  if (channel !== undefined && name !== undefined) deviceTypes.set(Number(channel), name);
}
