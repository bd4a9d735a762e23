import { describeObis, parseObis } from '../../common/obis.ts';
import type { Reading } from '../../common/reading.ts';
import { dimensionOf } from '../../common/units.ts';
import { continues, isCutOff } from './data-set.ts';
import type { DataSet, DataValue } from './data-set.ts';
import { reading } from './figure.ts';
import type { DecodeContext } from './figure.ts';
import { addMinutes, parseTimeStamp } from './meter-time.ts';
import { columnsOf, minutesOf, profileHeader, type ProfileHeader } from './profile-header.ts';
import { statusWords } from './profile-status.ts';
import { wholeText } from './read-value.ts';

/** Readings of a list, and how many data sets it took. */
export interface DecodedList {
  readonly readings: readonly Reading[];
  readonly taken: number;
}

/** Load profile, log book or power failure log at `index`; undefined when the data set is none of them. */
export function decodeList(
  sets: readonly DataSet[],
  index: number,
  label: string,
  context: DecodeContext,
): DecodedList | undefined {
  const set = sets[index];
  // All of them begin with at least four bracketed fields.
  if (!set || set.values.length < 4 || set.values.some(({ open }) => open !== '(')) return undefined;
  // What a list says of its rows cannot be relied on when it is cut off itself.
  if (set.values.some((value, i) => isCutOff(value, set.values[i + 1]))) return undefined;
  const profile = profileHeader(set);
  if (profile) return decodeProfile(profile, sets, index, context);
  const readings =
    decodeLogEntry(set, label, context) ??
    decodePowerFailures(set, label, context) ??
    decodePeaks(set, label, context) ??
    decodeMonthEnd(sets, index, label, context);
  return readings && { readings, taken: 1 };
}

/** The rows are the data sets without address that follow; row i was taken i periods after the header's time. */
function decodeProfile(
  header: ProfileHeader,
  sets: readonly DataSet[],
  index: number,
  context: DecodeContext,
): DecodedList | undefined {
  const { time, status, periodMinutes, columns } = header;
  const cells: DataValue[] = [];
  /** From here on a cell is missing, or one too many, and nobody knows which column a later one is of. */
  let unsure = Infinity;
  const addLine = (values: readonly DataValue[]) => {
    const isOdd = values.length % columns.length !== 0 && !values.some((value) => isCutOff(value, undefined));
    if (isOdd) unsure = Math.min(unsure, cells.length);
    for (const value of values) cells.push(value);
  };
  addLine(header.rest);
  let taken = 1;
  for (let set = sets[index + 1]; set && continues(set); set = sets[index + ++taken]) addLine(set.values);
  // A header alone says that nothing was recorded in the span asked for; it is shown field by field.
  if (cells.length === 0) return undefined;
  const rows = Math.ceil(cells.length / columns.length);
  const notes = /^0*$/.test(status) ? [] : [statusNote(status)];
  const next = sets[index + taken];
  const gap = next?.address === sets[index]?.address ? gapBehind(header, rows, next) : undefined;
  const notesOfLast = gap === undefined ? notes : [...notes, gap];
  const readings = cells.map((cell, i) => {
    if (i >= unsure) return unnamed(cell, sets[index]?.address ?? '', context);
    const column = columns[i % columns.length] ?? { label: '', unit: '' };
    const row = Math.floor(i / columns.length);
    const cut = isCutOff(cell, undefined);
    return reading(
      {
        label: column.label,
        text: cut ? wholeText(cell) : cell.value,
        unit: cut ? '' : (cell.unit ?? column.unit),
        source: { start: cell.start, end: cell.end },
        time: addMinutes(time, row * periodMinutes),
        kind: 'stored',
        notes: row === rows - 1 ? notesOfLast : notes,
        ...(cut ? { state: 'partial' } : {}),
      },
      context,
    );
  });
  return { readings, taken };
}

/** A cell of which neither column nor time is known. */
function unnamed(cell: DataValue, label: string, context: DecodeContext): Reading {
  const notes = ['a value is missing here or before, or one too many: nobody knows what this one is of'];
  const { start, end } = cell;
  const figure = { label, text: wholeText(cell), unit: '', source: { start, end }, kind: 'stored', notes } as const;
  return reading({ ...figure, state: 'partial' }, context);
}

function statusNote(status: string): string {
  const words = statusWords(status);
  return words === undefined ? `status ${status}` : `status ${status}: ${words}`;
}

/** What is missing between the last row and the next header, in words; or that the rows run past it. */
function gapBehind({ time, periodMinutes }: ProfileHeader, rows: number, next?: DataSet): string | undefined {
  const after = next && profileHeader(next);
  if (!after || (after.time.season === undefined) !== (time.season === undefined)) return undefined;
  const missing = (minutesOf(after.time) - minutesOf(time)) / periodMinutes - rows;
  if (missing <= -1) return 'the next part begins before this one ends: the clock was set';
  if (missing < 1) return undefined;
  const periods = Math.floor(missing);
  return `then ${periods} ${periods === 1 ? 'period is' : 'periods are'} missing, up to ${after.time.iso.replace('T', ' ')}`;
}

/** `P.98(time)(status)()(n)(code1)(unit1)…(value1)…`: the status word, then what was written down with the event. */
function decodeLogEntry(set: DataSet, label: string, context: DecodeContext): readonly Reading[] | undefined {
  const { values } = set;
  const [first, status, period, count] = values.map(wholeText);
  const time = parseTimeStamp(first ?? '');
  if (!time?.iso.includes('T') || period !== '' || !/^\d{1,2}$/.test(count ?? '')) return undefined;
  const columns = columnsOf(values, Number(count));
  if (!columns || !values[1] || values.length > 4 + 3 * columns.length) return undefined;
  const end = values[3]?.end ?? set.end;
  const words = statusWords(status ?? '');
  const event = {
    label,
    text: status ?? '',
    unit: '',
    source: { start: set.start, end },
    time,
    kind: 'stored',
    ...(words === undefined ? {} : { notes: [words] }),
  } as const;
  const given = values.slice(4 + 2 * columns.length);
  const parameters = given.map((value, i) =>
    given.length < columns.length
      ? unnamed(value, label, context)
      : reading(
          {
            label: columns[i]?.label ?? '',
            text: value.value,
            unit: value.unit ?? columns[i]?.unit ?? '',
            source: { start: value.start, end: value.end },
            time,
            kind: 'stored',
          },
          context,
        ),
  );
  return [reading(event, context), ...parameters];
}

/** DSMR `1-0:99.97.0(n)(0-0:96.7.19)(time)(duration*s)…`: the number of entries, then each failure by its end. */
function decodePowerFailures(set: DataSet, label: string, context: DecodeContext): readonly Reading[] | undefined {
  const { values } = set;
  const [count, code] = values;
  const obis = parseObis(label);
  if (obis?.c !== 99 || obis.d !== 97 || !count || !code || values.length % 2 !== 0) return undefined;
  const quantity = describeObis(wholeText(code)).quantity;
  const source = { start: set.start, end: code.end };
  const entries: Reading[] = [reading({ label, text: count.value, unit: '', source }, context)];
  for (let i = 2; i < values.length; i += 2) {
    const [at, duration] = values.slice(i, i + 2);
    if (!at || !duration) break;
    const time = parseTimeStamp(at.value);
    entries.push(
      reading(
        {
          label,
          text: duration.value,
          unit: duration.unit ?? '',
          source: { start: at.start, end: duration.end },
          ...(time ? { time } : { notes: [`time stamp ${at.value} is not valid`] }),
          kind: 'stored',
          quantity,
        },
        context,
      ),
    );
  }
  return entries;
}

/**
 * Belgian meters, `0-0:98.1.0(n)(code)(code)` and n times `(end of the month)(time of the peak)(value)`: the past months'
 * maxima, named like the code, at the time they were reached.
 */
function decodePeaks(
  { values, start }: DataSet,
  label: string,
  context: DecodeContext,
): readonly Reading[] | undefined {
  const [count, code, same] = values;
  const obis = parseObis(label);
  if (obis?.c !== 98 || !count || !code || !same || wholeText(code) !== wholeText(same)) return undefined;
  const rows = values.length / 3 - 1;
  if (!/^\d{1,2}$/.test(count.value) || Number(count.value) !== rows || !parseObis(wholeText(code))) return undefined;
  return Array.from({ length: rows }, (_, row) => {
    const [month, at, value] = values.slice(3 + 3 * row, 6 + 3 * row);
    const end = month ? parseTimeStamp(month.value) : undefined;
    const time = at ? parseTimeStamp(at.value) : undefined;
    return reading(
      {
        label: wholeText(code),
        text: value?.value ?? '',
        unit: value?.unit ?? '',
        source: { start: row === 0 ? start : (month?.start ?? start), end: value?.end ?? start },
        ...(time ? { time } : {}),
        notes: [end ? `month ending ${end.iso.slice(0, 10)}` : `month ${month?.value ?? ''}`],
      },
      context,
    );
  });
}

/**
 * Hungarian meters, `0-0:98.1.0(end of the month)(value)(value)…`: the counters above in their order. Which is which has
 * to be borne out by number, units and the sum of the tariffs; else no register is named.
 */
function decodeMonthEnd(
  sets: readonly DataSet[],
  index: number,
  label: string,
  context: DecodeContext,
): readonly Reading[] | undefined {
  const set = sets[index];
  const [first, ...cells] = set?.values ?? [];
  const time = first && /^\d{12}[SW]$/.test(wholeText(first)) ? parseTimeStamp(first.value) : undefined;
  if (!set || !time || parseObis(label)?.c !== 98 || cells.some(({ unit = '' }) => !isCounter(unit))) return undefined;
  const counters = sets.slice(0, index).filter(({ values }) => values.length === 1 && isCounter(values[0]?.unit ?? ''));
  const named =
    counters.length === cells.length &&
    counters.every(({ values }, i) => values[0]?.unit === cells[i]?.unit) &&
    tariffsAddUp(
      counters.map(({ address }) => address),
      cells,
    );
  return cells.map((cell, i) =>
    reading(
      {
        label: (named ? counters[i]?.address : undefined) ?? label,
        text: cell.value,
        unit: cell.unit ?? '',
        source: { start: i === 0 ? set.start : cell.start, end: cell.end },
        time,
        kind: 'stored',
        ...(named ? {} : { quantity: 'Last month, register unknown' }),
      },
      context,
    ),
  );
}

const isCounter = (unit: string) => dimensionOf(unit)?.counts === true;

/** Does each total equal the sum of its tariffs? At least one has to. */
function tariffsAddUp(addresses: readonly string[], cells: readonly DataValue[]): boolean {
  const value = (i: number) => Number(cells[i]?.value ?? Number.NaN);
  let proofs = 0;
  for (const [at, address] of addresses.entries()) {
    const total = /^(.*\.8)\.0(?:\*255)?$/.exec(address)?.[1];
    if (total === undefined) continue;
    const parts = addresses.flatMap((other, i) =>
      other !== address && other.startsWith(`${total}.`) ? [value(i)] : [],
    );
    if (parts.length === 0) continue;
    if (Math.abs(parts.reduce((sum, part) => sum + part, 0) - value(at)) > 0.0015 * parts.length) return false;
    proofs++;
  }
  return proofs > 0;
}
