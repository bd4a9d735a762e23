import { itemsOf, numberOf, octetsOf, type Element } from './element.ts';
import { LIST_RESPONSE, PROFILE_RESPONSE, type Message } from './message.ts';

/** What a meter says of one of its registers. */
export interface Entry {
  readonly whole: Element;
  readonly name: Uint8Array;
  readonly status?: Extract<Element, { kind: 'integer' }>;
  readonly time?: SmlTime;
  /** As DLMS numbers them; absent where it has none. */
  readonly unit?: number;
  readonly scaler: number;
  /** What stands where the scale should be is none: the figure is as it was sent. */
  readonly isUnscaled?: true;
  readonly value: Element;
}

export interface SmlList {
  readonly serverId?: Uint8Array;
  readonly time?: SmlTime;
  readonly entries: readonly Entry[];
}

/** Seconds of operation are no calendar; the others count from 1970. Offsets are minutes. */
export type SmlTime =
  | { readonly kind: 'operation'; readonly seconds: number }
  | { readonly kind: 'utc'; readonly seconds: number }
  | { readonly kind: 'local'; readonly seconds: number; readonly offset: number; readonly season: number };

const NO_UNIT = 0xff;
const MOST_SCALER = 128;
const ENTRY_ELEMENTS = 7;
const PERIOD_ELEMENTS = 5;

/** The list in a message, of present values or of one period; undefined where it has none. */
export function listOf({ tag, body }: Message): SmlList | undefined {
  const items = itemsOf(body);
  if (tag === LIST_RESPONSE) return listFrom(items[1], items[3], itemsOf(items[4]).map(entryOf));
  if (tag === PROFILE_RESPONSE) return listFrom(items[0], items[4], itemsOf(items[6]).map(periodEntryOf));
  return undefined;
}

function listFrom(
  server: Element | undefined,
  taken: Element | undefined,
  entries: readonly (Entry | undefined)[],
): SmlList {
  const serverId = octetsOf(server);
  const time = timeOf(taken);
  return {
    ...(serverId ? { serverId } : {}),
    ...(time ? { time } : {}),
    entries: entries.filter((entry) => entry !== undefined),
  };
}

/** Undefined for an element that is none. */
export function entryOf(whole: Element): Entry | undefined {
  const items = itemsOf(whole);
  const [nameElement, status, timeElement, unitElement, scaler, value] = items;
  const name = octetsOf(nameElement);
  if (items.length !== ENTRY_ELEMENTS || name?.length !== 6 || !value) return undefined;
  const time = timeOf(timeElement);
  return {
    whole,
    name,
    ...(status?.kind === 'integer' ? { status } : {}),
    ...(time ? { time } : {}),
    ...scaleOf(unitElement, scaler),
    value,
  };
}

/** Of a profile's period. */
function periodEntryOf(whole: Element): Entry | undefined {
  const items = itemsOf(whole);
  const [nameElement, unit, scaler, value] = items;
  const name = octetsOf(nameElement);
  if (items.length !== PERIOD_ELEMENTS || name?.length !== 6 || !value) return undefined;
  return { whole, name, ...scaleOf(unit, scaler), value };
}

function scaleOf(
  unitElement: Element | undefined,
  scalerElement: Element | undefined,
): Pick<Entry, 'unit' | 'scaler' | 'isUnscaled'> {
  const unit = numberOf(unitElement);
  const scaler = scalerElement?.kind === 'absent' ? 0 : numberOf(scalerElement);
  // It is a power of ten in one byte: another one would make a figure of millions of digits.
  const isScale = scaler !== undefined && Math.abs(scaler) <= MOST_SCALER;
  return {
    // DZG says unit 0 of texts.
    ...(unit === undefined || unit === 0 || unit === NO_UNIT ? {} : { unit }),
    scaler: isScale ? scaler : 0,
    ...(isScale ? {} : { isUnscaled: true }),
  };
}

/** Holley leaves the choice out. A time of zero says nothing. */
export function timeOf(element: Element | undefined): SmlTime | undefined {
  if (element?.kind === 'integer') return operation(numberOf(element));
  const [choice, value] = itemsOf(element);
  const seconds = numberOf(value);
  switch (numberOf(choice)) {
    case 1:
      return operation(seconds);
    case 2:
      return seconds === undefined || seconds <= 0 ? undefined : { kind: 'utc', seconds };
    case 3: {
      const [local, offset = 0, season = 0] = itemsOf(value).map(numberOf);
      return local === undefined || local <= 0 ? undefined : { kind: 'local', seconds: local, offset, season };
    }
    default:
      return undefined;
  }
}

const operation = (seconds: number | undefined): SmlTime | undefined =>
  seconds === undefined || seconds <= 0 ? undefined : { kind: 'operation', seconds };

/** `1-0:1.8.0*255` */
export const codeOf = (name: Uint8Array): string => {
  const [a, b, c, d, e, f] = name;
  return `${a}-${b}:${c}.${d}.${e}*${f}`;
};
