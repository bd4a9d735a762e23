import { addMinutes } from '../meter-time.ts';
import { isCutOff, parseDataBlock, type DataSet } from '../data-set.ts';
import { minutesOf, profileHeader, type ProfileHeader } from '../profile-header.ts';
import { wholeText } from '../read-value.ts';

/**
 * The rows of a load profile from one answer after another, each row once: what was asked for twice, or lies before what
 * was asked for, is left out. Times are in minutes as `minutesOf` has them.
 */
export interface ProfileBook {
  /** The rows of one answer, of one that broke off only those that came whole. */
  add(text: string): Added;
  /** End of the last row's period; undefined as long as there is none. */
  readonly lastAt: number | undefined;
  /** Of the first row. */
  readonly firstAt: number | undefined;
  readonly rows: number;
  /** Header and rows as received, line by line; a header whose first rows are left out has the time of its new first one. */
  readonly data: string;
}

export interface Added {
  readonly rows: number;
  /** Of the last header. */
  readonly periodMinutes: number | undefined;
  /** The meter says whether it is summer time: no hour comes twice. */
  readonly hasSeason: boolean;
  /** Nothing stands in the answer but whole rows. */
  readonly isWhole: boolean;
}

interface Part {
  readonly header: ProfileHeader;
  readonly set: DataSet;
  /** As received. */
  readonly rows: string[];
}

export function profileBook(from: number): ProfileBook {
  let lastAt: number | undefined;
  let firstAt: number | undefined;
  let rows = 0;
  let data = '';
  /** Of the answer before. */
  let earlier: readonly string[] = [];

  function take(text: string, { header, set, rows }: Part, start: number, end: number): void {
    firstAt ??= timeOfRow(header, start);
    lastAt = timeOfRow(header, end - 1);
    data += headerText(text, set, header, start) + rows.slice(start, end).join(LINE) + LINE;
  }

  return {
    /**
     * What is not later than the last row stands at the beginning of an answer, behind that every row is new, whatever its
     * time. Where the clock was set back times say nothing: then what the answer before held, in that order, is known.
     */
    add(text) {
      const { parts, isWhole } = partsOf(text);
      const isEarlier = inOrder(earlier);
      let limit = lastAt ?? from;
      let previous = -Infinity;
      let added = 0;
      for (const part of parts) {
        const { header } = part;
        let start: number | undefined;
        for (const [i, row] of part.rows.entries()) {
          const at = timeOfRow(header, i);
          if (at <= previous) limit = Math.min(limit, from);
          previous = at;
          const isKnown = isEarlier(keyOf(at, row)) || at <= limit;
          if (!isKnown) {
            start ??= i;
            limit = -Infinity;
            added++;
          } else if (start !== undefined) {
            take(text, part, start, i);
            start = undefined;
          }
        }
        if (start !== undefined) take(text, part, start, part.rows.length);
      }
      rows += added;
      const keys = parts.flatMap(({ header, rows }) => rows.map((row, i) => keyOf(timeOfRow(header, i), row)));
      if (keys.length > 0) earlier = keys;
      const last = parts.at(-1)?.header;
      return {
        rows: added,
        periodMinutes: last?.periodMinutes,
        hasSeason: last?.time.season !== undefined,
        isWhole,
      };
    },
    get lastAt() {
      return lastAt;
    },
    get firstAt() {
      return firstAt;
    },
    get rows() {
      return rows;
    },
    get data() {
      return data;
    },
  };
}

const LINE = '\r\n';

const timeOfRow = ({ time, periodMinutes }: ProfileHeader, row: number) => minutesOf(time) + row * periodMinutes;

const keyOf = (at: number, row: string) => `${at} ${row}`;

/** Tells of one after another whether it stands in the list, behind the last one that did. */
function inOrder(list: readonly string[]): (key: string) => boolean {
  const places = new Map<string, number[]>();
  for (const [place, key] of [...list.entries()].reverse()) {
    const own = places.get(key);
    if (own) own.push(place);
    else places.set(key, [place]);
  }
  let next = 0;
  return (key) => {
    const own = places.get(key) ?? [];
    let place = own.pop();
    while (place !== undefined && place < next) place = own.pop();
    if (place === undefined) return false;
    next = place + 1;
    return true;
  };
}

/**
 * Everything up to what broke off, or is no profile. A line with a cell too few or too many is no row: taken for one, it
 * would put every later cell in another column.
 */
function partsOf(text: string): { readonly parts: readonly Part[]; readonly isWhole: boolean } {
  const parts: Part[] = [];
  const items = parseDataBlock(text);
  for (const item of items) {
    if (item.kind === 'literal') {
      if (item.text.trim() === '') continue;
      // An empty profile may be its address alone.
      return { parts, isWhole: items.length === 1 && ADDRESS.test(item.text.trim()) };
    }
    const { values } = item;
    const cut = values.findIndex((value, i) => isCutOff(value, values[i + 1]));
    const header = cut >= 0 || item.address === '' ? undefined : profileHeader(item);
    if (header) parts.push({ header, set: item, rows: [] });
    const part = parts.at(-1);
    if (!header && cut < 0 && isEmpty(item) && (item.address !== '' || !part)) continue;
    if (!part || (!header && item.address !== '')) return { parts, isWhole: false };
    const cells = header?.rest ?? (cut < 0 ? values : values.slice(0, cut));
    const width = part.header.columns.length;
    if (cut < 0 && cells.length % width !== 0) return { parts, isWhole: false };
    for (let end = width; end <= cells.length; end += width) {
      const row = cells.slice(end - width, end);
      part.rows.push(row.map(({ start, end }) => text.slice(start, end)).join(''));
    }
    if (cut >= 0) return { parts, isWhole: false };
  }
  return { parts, isWhole: true };
}

const ADDRESS = /^(?:\d+-\d+:)?[A-Z\d]+(?:\.\d+)+(?:\*\d+)?$/i;

/** `P.01()`: the meter has nothing of that time. */
const isEmpty = ({ values }: DataSet) => values.length === 1 && values[0]?.value === '';

/** The header as received; its time is moved by the rows that are left out. */
function headerText(text: string, { start, values }: DataSet, header: ProfileHeader, skipped: number): string {
  const [first] = values;
  if (!first || skipped === 0) return text.slice(start, header.end) + LINE;
  const moved = stampLike(wholeText(first), addMinutes(header.time, skipped * header.periodMinutes).iso);
  return `${text.slice(start, first.start)}(${moved})${text.slice(first.end, header.end)}${LINE}`;
}

/** The time in the form of another stamp: with a season digit where the number of digits is odd, the year as long. */
function stampLike(stamp: string, iso: string): string {
  const [, digits = '', letter = ''] = /^(\d+)(\D*)$/.exec(stamp) ?? [];
  const season = digits.length % 2 === 1 ? digits.slice(0, 1) : '';
  const isLong = digits.length === 14;
  return season + iso.replace(/\D/g, '').slice(isLong ? 0 : 2) + letter;
}
