import { severalOf } from '../../common/form.ts';
import type { Found, SearchEvent, Searcher, SearchTask } from '../search.ts';
import { DEFAULT_BAUD_RATE, MBUS_BAUD_RATES, parseMbusAddress, type SecondaryMask } from './address.ts';
import { MEDIUM_NAMES } from './medium.ts';
import { scanPrimary } from './search-primary.ts';
import { searchSecondary } from './search-secondary.ts';
import type { FoundMeter, SearchEvent as OwnEvent } from './search.ts';
import { mbusSettings } from './settings.ts';

/** Two meters of one secondary address. */
const COLLISION = 131094;

/** The searches of a bus, by number and by address, as the house knows searches. */
export const mbusSearcher: Searcher = {
  lineOf: (task) => ({ baudRate: ratesOf(task)[0] ?? DEFAULT_BAUD_RATE, framing: mbusSettings(task.settings).framing }),
  async *search(line, task, circumstances) {
    const { timeoutMs } = mbusSettings(task.settings);
    const options = {
      baudRates: ratesOf(task),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...circumstances,
    };
    const mask = maskOf(task);
    const events =
      task.id === 'primary'
        ? scanPrimary(line, { ...options, askSilent: task.values['askSilent'] === true })
        : searchSecondary(line, { ...options, ...(mask ? { mask } : {}) });
    const asked =
      task.id === 'primary' ? (['address asked', 'addresses asked'] as const) : (['selection', 'selections'] as const);
    const effort = (count: number) => `${count} ${asked[count === 1 ? 0 : 1]}`;
    for await (const event of events) yield toldOf(event, effort);
  },
};

function ratesOf({ values: { rates = '' } }: SearchTask) {
  return MBUS_BAUD_RATES.filter((rate) => severalOf(rates).includes(String(rate)));
}

/** `015794FF`, `*015794FF` or narrowed `*FFFFFFFF/LUG.04.07`; empty: every meter. */
function maskOf({ values: { mask = '' } }: SearchTask): SecondaryMask | undefined {
  const text = String(mask).trim().toUpperCase();
  if (text === '') return undefined;
  const address = parseMbusAddress(text.startsWith('*') ? text : `*${text}`);
  if (address.kind === 'primary') return undefined;
  const { kind: _kind, baudRate: _rate, ...rest } = address;
  return rest;
}

function toldOf(event: OwnEvent, effort: (count: number) => string): SearchEvent {
  switch (event.kind) {
    case 'progress':
      return {
        kind: 'progress',
        text: event.text,
        done: event.done,
        effort: `${effort(event.questions)} · ${event.baudRate} Bd`,
      };
    case 'found':
    case 'withdrawn':
      return { kind: event.kind, meter: foundOf(event.meter) };
    case 'problem':
      return { ...event, isCollision: event.error.code === COLLISION };
    case 'ended':
      return {
        kind: 'ended',
        outcome: event.outcome,
        meters: event.meters.map(foundOf),
        effort: effort(event.questions),
        ...(event.error ? { error: event.error } : {}),
      };
    default:
      return event;
  }
}

function foundOf({
  address,
  primaryAddress,
  secondaryAddress,
  manufacturer,
  medium,
  baudRate,
  fault,
}: FoundMeter): Found {
  const kind = medium === undefined ? '' : (MEDIUM_NAMES[medium] ?? '');
  const number = secondaryAddress === '' ? `at ${primaryAddress}` : secondaryAddress;
  return {
    address,
    number: secondaryAddress,
    name: [kind || 'Meter', number, manufacturer].filter((word) => word !== '').join(' '),
    facts: [manufacturer, kind],
    place: `primary ${primaryAddress} · ${baudRate} Bd`,
    listed: { primaryAddress, secondaryAddress, address: address.includes('@') ? address : `${address}@${baudRate}` },
    ...(fault === undefined ? {} : { fault }),
  };
}
