import { addMinutes } from '../meter-time.ts';
import { isCutOff, parseDataBlock, type DataSet, type DataValue } from '../data-set.ts';
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
  readonly cells: DataValue[];
}

export function profileBook(from: number): ProfileBook {
  let lastAt: number | undefined;
  let firstAt: number | undefined;
  let rows = 0;
  let data = '';

  /** What is known already stands at the beginning of an answer; behind that every row is new, whatever its time. */
  function take(text: string, { header, set, cells }: Part, known: number): number {
    const width = header.columns.length;
    const count = Math.floor(cells.length / width);
    const first = minutesOf(header.time);
    const skip = Math.min(count, Math.max(0, Math.floor((known - first) / header.periodMinutes) + 1));
    if (count === skip) return 0;
    firstAt ??= first + skip * header.periodMinutes;
    lastAt = first + (count - 1) * header.periodMinutes;
    data += headerText(text, set, header, skip);
    for (let row = skip; row < count; row++) {
      const values = cells.slice(row * width, (row + 1) * width);
      data += values.map(({ start, end }) => text.slice(start, end)).join('') + LINE;
    }
    return count - skip;
  }

  return {
    add(text) {
      const { parts, isWhole } = partsOf(text);
      let known = lastAt ?? from;
      let added = 0;
      for (const part of parts) {
        const taken = take(text, part, known);
        if (taken > 0) known = -Infinity;
        added += taken;
      }
      rows += added;
      const last = parts.at(-1)?.header;
      return {
        rows: added,
        periodMinutes: last?.periodMinutes,
        hasSeason: last?.time.season !== undefined,
        isWhole: isWhole && parts.every(({ header, cells }) => cells.length % header.columns.length === 0),
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

/** Everything up to what broke off, or is no profile. */
function partsOf(text: string): { readonly parts: readonly Part[]; readonly isWhole: boolean } {
  const parts: Part[] = [];
  const items = parseDataBlock(text);
  for (const item of items) {
    if (item.kind === 'literal') {
      if (item.text.trim() === '') continue;
      // An empty profile may be its address alone.
      return { parts, isWhole: items.length === 1 };
    }
    const { values } = item;
    const isCut = values.some((value, i) => isCutOff(value, values[i + 1]));
    const header = isCut || item.address === '' ? undefined : profileHeader(item);
    const part = parts.at(-1);
    if (header) parts.push({ header, set: item, cells: [...header.rest] });
    else if (item.address === '' && part) {
      for (const [i, value] of values.entries()) if (!isCutOff(value, values[i + 1])) part.cells.push(value);
    }
    if (isCut || (!header && (item.address !== '' || !part))) return { parts, isWhole: !isCut && isEmpty(item) };
  }
  return { parts, isWhole: true };
}

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
