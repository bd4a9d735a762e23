import type { ObisMedium } from '../../common/obis.ts';
import type { StoredData } from '../stored-data.ts';
import type { Reading } from '../../common/reading.ts';
import { isShortEnergy } from '../../common/obis-short.ts';
import { continues, holesIn, isCutOff, parseDataBlock } from './data-set.ts';
import type { BlockItem, DataSet, DataValue, Hole } from './data-set.ts';
import { decodeList } from './decode-list.ts';
import { isTornInside } from './doubt.ts';
import { isBeside, timed } from './extreme.ts';
import { kindOf, reading } from './figure.ts';
import { finishReadings } from './finish.ts';
import type { DecodeContext, Figure } from './figure.ts';
import { dateOrder } from './date-order.ts';
import { isRefusal, wholeText } from './read-value.ts';
import { isVouchedFor } from './trust.ts';

/** Stored data of one readout → one reading per value, in the order sent. Never throws. */
export function decodeIec(stored: StoredData): Reading[] {
  if (!/[()]/.test(stored.data)) return decodeText(stored);
  const items = parseDataBlock(stored.data);
  const sets = items.filter((item) => item.kind === 'data set');
  const context = contextOf(items, sets, stored);
  const readings: Reading[] = [];
  let label = '';
  for (let i = 0; i < sets.length;) {
    const set = sets[i];
    if (!set) break;
    if (!continues(set)) label = set.address;
    const list = decodeList(sets, i, label, context) ?? decodeSets(sets, i, label, context);
    // One by one: a hostile data set has more values than a call takes arguments.
    for (const decoded of list.readings) readings.push(decoded);
    i += list.taken;
  }
  const holes = holesIn(items).map(holeReading);
  const all = holes.length === 0 ? readings : [...readings, ...holes].sort((a, b) => a.source.start - b.source.start);
  return finishReadings(all, context.deviceTypes);
}

/** Figures of a meter that has no addresses: every line with one is kept as it came. */
function decodeText(stored: StoredData): Reading[] {
  const { data, circumstances } = stored;
  // Of a text that nothing is known of it may be the beginning, of something else even.
  const isCut = circumstances === undefined || circumstances.partial === true;
  const state = isCut ? 'partial' : isVouchedFor(stored) ? 'whole' : 'unchecked';
  return Array.from(data.matchAll(/[^\r\n]*\d[^\r\n]*/g), ({ 0: text, index }, line) => ({
    label: `line ${line + 1}`,
    quantity: '',
    value: { type: 'text', text },
    unit: '',
    kind: 'instantaneous',
    state,
    source: { start: index, end: index + text.length },
  }));
}

/** Never passed over in silence: the value that is missing may be the one somebody looks for. */
function holeReading({ text, start, end }: Hole): Reading {
  return {
    label: text,
    quantity: 'Hole in the data',
    value: { type: 'text', text },
    unit: '',
    kind: 'error',
    state: 'partial',
    source: { start, end },
    note: text.endsWith(')') ? 'what stood before it is missing' : 'its value is missing',
  };
}

function contextOf(items: readonly BlockItem[], sets: readonly DataSet[], stored: StoredData): DecodeContext {
  const receivedAt = stored.time === undefined ? undefined : stored.time * 1000;
  return {
    medium: mediumOf(sets),
    shortCodes: sets.some(({ address, values }) => isShortEnergy(address, values[0]?.unit)),
    dateOrder: dateOrder(sets, receivedAt),
    deviceTypes: new Map(),
    meanings: new Map(),
    vouchedFor: isVouchedFor(stored) && !isTornInside(items),
  };
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

/** One data set, and the lines behind it that hold nothing but its time and unit. */
function decodeSets(
  sets: readonly DataSet[],
  index: number,
  label: string,
  context: DecodeContext,
): { readonly readings: readonly Reading[]; readonly taken: number } {
  const set = sets[index];
  if (!set) return { readings: [], taken: 1 };
  const isExtreme = ['maximum', 'minimum'].includes(kindOf(label, context));
  let whole = set;
  let taken = 1;
  for (let next = sets[index + 1]; isExtreme && next && continues(next); next = sets[index + taken]) {
    if (!isBeside(next.values, { isExtreme, order: context.dateOrder })) break;
    whole = { ...whole, values: [...whole.values, ...next.values], end: next.end };
    taken++;
  }
  return { readings: decodeSet(whole, label, isExtreme, context), taken };
}

function decodeSet(set: DataSet, label: string, isExtreme: boolean, context: DecodeContext): Reading[] {
  const { values } = set;
  const [first] = values;
  if (!first) return [];
  if (values.some((value, i) => isCutOff(value, values[i + 1])))
    return refusal(set, label, context) ?? cutOff(set, label, context);
  const one = timed(values, { isExtreme, order: context.dateOrder });
  if (one) {
    const { value, unit, time, notes: said } = one;
    const figure = figureOf(value, label, set);
    const notes = [...(figure.notes ?? []), ...said];
    return [reading({ ...figure, ...(unit === undefined ? {} : { unit }), ...(time ? { time } : {}), notes }, context)];
  }
  const [, second] = values;
  // DSMR: a time stamp that is none, then the M-Bus meter's reading.
  if (second && values.length === 2 && second.open === '(' && /^\d{12}[SW]$/.test(wholeText(first))) {
    const notes = [`time stamp ${first.value} is not valid`];
    return [reading({ ...figureOf(second, label, set), notes }, context)];
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

/** `((ER11))`: the meter's refusal in brackets of its own; the empty first one is no value. */
function refusal({ start, end, values }: DataSet, label: string, context: DecodeContext): Reading[] | undefined {
  const [empty, answer] = values;
  if (values.length !== 2 || empty?.value !== '' || !answer || !isRefusal(answer.value)) return undefined;
  return [reading({ label, text: answer.value, unit: '', source: { start, end } }, context)];
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
