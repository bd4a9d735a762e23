import { severalOf } from '../../../common/form.ts';
import { MeterError } from '../../../common/meter-error.ts';
import { createTries } from '../../../common/tries.ts';
import type { Line } from '../../../line/line.ts';
import { PortError } from '../../../line/port.ts';
import type { Found, SearchCircumstances, SearchEvent, Searcher, SearchTask } from '../../search.ts';
import { formatDlmsAddress } from '../address.ts';
import { asDlmsError, dlmsErrors } from '../errors.ts';
import { addressText, type HdlcAddress } from '../hdlc/address.ts';
import { hdlcLink, type HdlcLink } from '../hdlc/link.ts';
import { signOn } from '../sign-on.ts';
import { call, overhears } from './call.ts';
import { enter, namesOf, type Entrance } from './enter.ts';
import { safePoint } from './safe-point.ts';
import { CALLERS, CLIENTS, servers } from './ladder.ts';

/** Meters answer within 300 ms; some adapters hold bytes back for as long. */
const WAIT_MS = 600;
const LINK_MS = 1500;
/** Most meters that send by themselves do so every ten seconds. */
const TELEGRAM_MS = 11_000;
const ANYBODY: HdlcAddress = { upper: 1, size: 1 };

interface Search {
  line: Line;
  readonly number: string;
  readonly circumstances: SearchCircumstances;
  /** On the line's clock. */
  readonly began: number;
  readonly until: number;
  readonly meters: Found[];
  asked: number;
}

/** Where a meter answers. */
interface Place {
  readonly opening: 'mode E' | 'direct' | 'push';
  readonly baudRate: number;
  readonly framing: '8N1' | '8E1';
  readonly server: HdlcAddress;
  readonly client: number;
  readonly names?: 'logical' | 'short';
  /** What it said at the sign-on. */
  readonly identification: string;
}

/** Looks for the one meter on a line of which nothing is known: how it opens, at which rate, its address, who is let in. */
export const dlmsSearcher: Searcher = {
  lineOf: (task) =>
    waysOf(task).includes('mode E')
      ? { baudRate: 300, framing: '7E1' }
      : { baudRate: ratesOf(task)[0] ?? 9600, framing: '8N1' },
  search: (line, task, circumstances) => search(line, task, circumstances),
};

const waysOf = ({ values }: SearchTask) => severalOf(values['ways'] ?? '');
const ratesOf = ({ values }: SearchTask) => severalOf(values['rates'] ?? '').map(Number);
const isOver = ({ line, until }: Search) => line.clock.monotonic() > until;
const effort = ({ asked }: Search) => `${asked} ${asked === 1 ? 'call' : 'calls'}`;

async function* search(line: Line, task: SearchTask, circumstances: SearchCircumstances): AsyncGenerator<SearchEvent> {
  const began = line.clock.monotonic();
  const minutes = Number(task.values['minutes'] ?? 4);
  const state: Search = {
    line,
    number: String(task.values['number'] ?? ''),
    circumstances,
    began,
    until: began + minutes * 60_000,
    meters: [],
    asked: 0,
  };
  const ended = (outcome: 'complete' | 'stopped' | 'failed', error?: MeterError): SearchEvent => ({
    kind: 'ended',
    outcome,
    meters: state.meters,
    effort: effort(state),
    ...(error ? { error } : {}),
  });
  try {
    const place =
      (waysOf(task).includes('mode E') ? yield* optical(state) : undefined) ??
      (waysOf(task).includes('direct') ? yield* direct(state, ratesOf(task)) : undefined);
    if (place?.opening === 'push') yield* found(state, place, { number: '', device: '' }, new Map(), false);
    else if (place) yield* getIn(state, place);
    else if (isOver(state))
      yield { kind: 'note', text: `The ${minutes} min are over: not everything was tried. Give it more time.` };
  } catch (cause) {
    if (!(cause instanceof MeterError || cause instanceof PortError || state.line.signal.aborted)) throw cause;
    yield ended(state.line.signal.aborted ? 'stopped' : 'failed', asDlmsError(cause, state.line.signal));
    return;
  }
  yield ended('complete');
}

function progress(state: Search, text: string): SearchEvent {
  const { line, began, until } = state;
  const done = Math.min(1, (line.clock.monotonic() - began) / (until - began));
  return { kind: 'progress', text, done, effort: `${effort(state)} · ${line.baudRate} Bd ${line.framing}` };
}

/** A sign-on at 300 Bd, and then HDLC at the rate that the meter says. */
async function* optical(state: Search): AsyncGenerator<SearchEvent, Place | undefined> {
  yield* safePoint(state);
  const { line } = state;
  yield progress(state, 'signing on at 300 Bd');
  const tries = createTries(1, dlmsErrors);
  const endEarlier = async () => {
    await line.change({ baudRate: 9600, framing: '8N1' });
    await linkTo(state, { server: { upper: 1, lower: 17, size: 2 }, client: 16 }).disconnect();
  };
  state.asked++;
  const opened = await attempted(signOn({ line, tries, onStep: () => undefined, endEarlier }));
  if (opened instanceof MeterError) {
    yield {
      kind: 'note',
      text: '300 Bd 7E1: silence to the sign-on. Either the head is not on the eye, or the meter has no sign-on (then it is in HDLC at once), or it is still in an earlier session.',
    };
    return undefined;
  }
  const { identification, refusal, baudRate } = opened;
  if (refusal !== undefined) {
    yield { kind: 'note', text: `${refusal} Its table can be read with IEC 62056-21.` };
    return undefined;
  }
  yield { kind: 'note', text: `“${identification}” offers HDLC at ${baudRate} Bd.` };
  return yield* servedAt(state, { opening: 'mode E', baudRate, framing: '8N1', identification }, CALLERS);
}

/** At every rate as one client, then as another: one that hears another parity, or does not know a client, is silent. */
const PASSES = [
  { framing: '8N1', client: 16 },
  { framing: '8N1', client: 1 },
  { framing: '8E1', client: 16 },
  { framing: '8N1', client: 32 },
  { framing: '8N1', client: 4 },
  { framing: '8E1', client: 1 },
] as const;

async function* direct(state: Search, rates: readonly number[]): AsyncGenerator<SearchEvent, Place | undefined> {
  const silent = new Set<number>();
  const opening = { opening: 'direct', identification: '' } as const;
  for (const { framing, client } of PASSES) {
    for (const baudRate of rates) {
      if (isOver(state)) break;
      await state.line.change({ baudRate, framing });
      const heard = { bytes: 0 };
      const place = yield* servedAt(state, { ...opening, baudRate, framing }, [client], heard);
      if (place) return place;
      if (heard.bytes === 0) {
        silent.add(baudRate);
        continue;
      }
      yield progress(state, 'somebody is there: listening whether it sends by itself');
      if (await overhears(state.line, TELEGRAM_MS))
        return { ...opening, opening: 'push', baudRate, framing, server: ANYBODY, client };
      yield {
        kind: 'note',
        text: `${baudRate} Bd ${framing}: ${heard.bytes} bytes came, and no frame. Somebody is there; rate or parity are others.`,
      };
    }
  }
  if (silent.size > 0)
    yield {
      kind: 'note',
      text: `Silence at ${new Intl.ListFormat('en').format([...silent].map(String))} Bd to every address that was called. A meter that hears a wrong rate or a wrong address is silent, and so is a line with A and B exchanged.`,
    };
  return undefined;
}

/** Calls server after server, as one client after another. */
async function* servedAt(
  state: Search,
  at: Omit<Place, 'server' | 'client'>,
  clients: readonly number[],
  heard = { bytes: 0 },
): AsyncGenerator<SearchEvent, Place | undefined> {
  const { line } = state;
  for (const client of clients) {
    for (const server of servers(state.number)) {
      if (isOver(state)) return undefined;
      yield* safePoint(state);
      yield progress(state, `calling server ${addressText(server)} (${server.size} bytes) as client ${client}`);
      state.asked++;
      const { frame, bytes, isPushing } = await call(line, server, client, WAIT_MS + (400 * 1000) / line.baudRate);
      heard.bytes += bytes;
      if (isPushing) return { ...at, opening: 'push', server: ANYBODY, client };
      if (!frame) continue;
      const { upper, lower } = frame.source;
      const isAll = server.lower === 0x7f || server.lower === 0x3fff;
      const own = isAll && lower !== undefined ? frame.source : server;
      yield {
        kind: 'note',
        text: `${line.baudRate} Bd ${line.framing}: server ${upper}${lower === undefined ? '' : `/${lower}`} answers with ${frame.control.kind}.`,
      };
      return { ...at, server: own, client };
    }
  }
  return undefined;
}

/** Who is let in: client after client, without a password. */
async function* getIn(state: Search, place: Place): AsyncGenerator<SearchEvent, void> {
  const words = new Map<number, string>();
  let wants: number | undefined;
  for (const client of [place.client, ...CLIENTS.filter((one) => one !== place.client)]) {
    if (isOver(state)) break;
    yield* safePoint(state);
    yield progress(state, `asking server ${addressText(place.server)} to let client ${client} in`);
    state.asked++;
    const link = linkTo(state, { ...place, client });
    const entrance = await attempted(entranceOf(state, link, place));
    if (!(entrance instanceof MeterError) && entrance.kind === 'open') {
      const { association } = entrance;
      const names = await namesOf(association);
      await attempted(association.release());
      await attempted(link.disconnect());
      return yield* found(state, { ...place, client, names: entrance.names }, names, words, false);
    }
    if (!(entrance instanceof MeterError) && entrance.kind === 'password') wants ??= client;
    words.set(client, entrance instanceof MeterError ? 'does not answer' : 'words' in entrance ? entrance.words : '');
    if (!(entrance instanceof MeterError)) continue;
    await attempted(link.disconnect());
  }
  yield* found(state, { ...place, client: wants ?? place.client }, { number: '', device: '' }, words, true);
}

/** SNRM may come twice; an optical head that is silent to it is opened from the beginning. */
async function entranceOf({ line }: Search, link: HdlcLink, { opening, baudRate }: Place): Promise<Entrance> {
  const refused = await attempted(link.connect());
  if (refused instanceof MeterError) {
    await attempted(link.disconnect());
    if (opening === 'mode E') {
      const endEarlier = () => Promise.resolve();
      await signOn({ line, tries: createTries(0, dlmsErrors), onStep: () => undefined, endEarlier });
    } else await line.change({ baudRate });
    await link.connect();
  }
  return await enter(link);
}

function* found(
  state: Search,
  place: Place,
  { number, device }: { readonly number: string; readonly device: string },
  words: ReadonlyMap<number, string>,
  isShut: boolean,
): Generator<SearchEvent, void> {
  const { opening, baudRate, framing, server, client, identification } = place;
  const address = formatDlmsAddress({ server, baudRate, objects: [] });
  const others = [...words].map(([one, why]) => `client ${one}: ${why}`);
  const meter: Found = {
    address,
    number: number.replace(/\D/g, '') === '' ? '' : number,
    name: ['DLMS meter', number === '' ? device : number].filter((word) => word !== '').join(' '),
    facts: [
      opening === 'push'
        ? 'sends by itself, and is listened to'
        : isShut
          ? `wants a password or keys as client ${client}`
          : `lets client ${client} in without a password`,
      ...(identification === '' ? [] : [`“${identification}”`]),
      ...(device === '' ? [] : [`logical device “${device}”`]),
      ...others,
    ],
    place: `server ${addressText(server)} · ${server.size} bytes · ${baudRate} Bd ${framing}`,
    settings: {
      opening,
      client,
      ...(opening === 'mode E' ? {} : { framing }),
      ...(place.names === 'short' ? { names: place.names } : {}),
    },
    listed: { primaryAddress: server.lower ?? server.upper, secondaryAddress: '', address },
  };
  state.meters.push(meter);
  yield { kind: 'found', meter };
}

const linkTo = ({ line }: Search, { server, client }: Pick<Place, 'server' | 'client'>) =>
  hdlcLink(line, { client, server, timeoutMs: LINK_MS, tries: createTries(0, dlmsErrors) });

/** What a meter refuses, or is silent to, is no end of a search. */
async function attempted<T>(attempt: Promise<T>): Promise<T | MeterError> {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof MeterError) return error;
    throw error;
  }
}
