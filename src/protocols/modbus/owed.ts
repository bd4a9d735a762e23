import type { Line } from '../../line/line.ts';
import { mostAtOnce, readRequest, REFUSED, wordAt, type ReadFunction } from './frame.ts';
import { expectedData } from './receiver.ts';

/** A request whose answer was not seen. It may still come, and would look like the answer to any other one. */
export interface Owed {
  readonly request: Uint8Array;
  /** Monotonic milliseconds. */
  readonly sentAt: number;
  /** The link that sent it: what answers a request answers its repetitions too. */
  readonly by: object;
  /** It was asked only to be answered behind all that is owed. */
  readonly isFence: boolean;
}

/** What a unit still owes: units and gateways answer in the order they were asked. */
export interface Account {
  /** The oldest first. */
  readonly owed: readonly Owed[];
  /** The read it gave data to last. */
  readonly answered: Uint8Array | undefined;
  /** How long it took for its last answer, at most. */
  readonly delayMs: number;
}

/** Nobody answers later; whoever did not answer until then has not heard the request. */
const OWED_MS = 60_000;

/** By adapter, and by rate, framing and unit: what is owed outlasts the line that asked. */
const accounts = new WeakMap<object, Map<string, Account>>();

const keyOf = ({ baudRate, framing }: Line, unit: number) => `${unit} ${baudRate} ${framing}`;

export function accountOf(line: Line, unit: number): Account {
  const { owed = [], answered, delayMs = 0 } = accounts.get(line.adapter)?.get(keyOf(line, unit)) ?? {};
  const since = line.clock.monotonic() - OWED_MS;
  return { owed: owed.filter(({ sentAt }) => sentAt > since), answered, delayMs };
}

function keep(line: Line, unit: number, account: Account): void {
  const known = accounts.get(line.adapter) ?? new Map<string, Account>();
  accounts.set(line.adapter, known.set(keyOf(line, unit), account));
}

export function noteSent(line: Line, owed: Owed): void {
  const [unit = 0] = owed.request;
  const account = accountOf(line, unit);
  keep(line, unit, { ...account, owed: [...account.owed, owed] });
}

/** With its answer everything has come that was asked before; of several alike it may be the answer to the first. */
export function noteAnswered(line: Line, request: Uint8Array, isData: boolean): void {
  const [unit = 0] = request;
  const account = accountOf(line, unit);
  const at = account.owed.findIndex((one) => isSame(one.request, request));
  const delayMs = line.clock.monotonic() - (account.owed[at]?.sentAt ?? -Infinity);
  const answered = isData && isRead(request) ? request : account.answered;
  if (at >= 0) keep(line, unit, { owed: account.owed.slice(at + 1), answered, delayMs });
}

/** An answer that came while another unit was asked. */
export function noteStranger(line: Line, frame: Uint8Array): void {
  const [unit = 0, command = 0, size] = frame;
  const account = accountOf(line, unit);
  const at = account.owed.findIndex(
    ({ request }) =>
      request[1] === (command & ~REFUSED) && (command >= REFUSED || (expectedData(request) ?? size) === size),
  );
  if (at >= 0) keep(line, unit, { ...account, owed: account.owed.slice(at + 1) });
}

/**
 * Those whose answer could be taken for the one to this request: the data of an answer does not say of which registers
 * it is, a refusal not even of how many.
 * @param by the link that has just sent the very request; undefined where it was not
 */
export function suspects({ owed }: Account, request: Uint8Array, by: object | undefined): readonly Owed[] {
  return owed.filter((one) => one.request[1] === request[1] && !(one.by === by && isSame(one.request, request)));
}

/** Whether a refusal of this function may be one of what is owed. */
export const owesFunction = ({ owed }: Account, request: Uint8Array): boolean =>
  owed.some((one) => one.request[1] === request[1]);

/**
 * A read whose data looks like nothing that is owed and not like that to `request`: once it is there, so is everything
 * else. What the unit has answered before, else something near the request, by turns where it stays silent.
 */
export function fenceFor({ owed, answered }: Account, request: Uint8Array): Uint8Array {
  const taken = new Set([request, ...owed.map((one) => one.request)].map(shapeOf));
  const kinds = [...(answered ? [answered] : []), ...(isRead(request) ? [request] : []), otherRead(request)];
  const fences = kinds.map((kind) => unlike(kind, taken)).filter((fence) => fence !== undefined);
  return fences[owed.filter(({ isFence }) => isFence).length % fences.length] ?? otherRead(request);
}

/** A read of which even the refusal looks like nothing that is owed; undefined where there is none. */
export function sureFence(account: Account, request: Uint8Array): Uint8Array | undefined {
  const [unit = 0] = request;
  const { answered } = account;
  const reads = [4, 3, 2, 1].map((command) => readRequest(unit, command as ReadFunction, 0, 1));
  return [...(answered ? [answered] : []), ...reads].find((read) => !owesFunction(account, read));
}

const otherRead = ([unit = 0, command]: Uint8Array) => readRequest(unit, command === 3 ? 4 : 3, 0, 1);

/** The same with another count, where it has to be another one; undefined where all are taken. */
function unlike(request: Uint8Array, taken: ReadonlySet<string>): Uint8Array | undefined {
  const [unit = 0, command = 0] = request;
  const [address, wanted] = [wordAt(request, 2), wordAt(request, 4)];
  const most = Math.min(mostAtOnce(command as ReadFunction), 0x10000 - address);
  const fewer = Array.from({ length: wanted }, (_, index) => wanted - index);
  const more = Array.from({ length: Math.max(0, most - wanted) }, (_, index) => wanted + 1 + index);
  return [...fewer, ...more]
    .map((count) => readRequest(unit, command as ReadFunction, address, count))
    .find((other) => !taken.has(shapeOf(other)));
}

const isRead = (request: Uint8Array) => expectedData(request) !== undefined;
const shapeOf = (request: Uint8Array) => `${request[1] ?? 0} ${expectedData(request) ?? ''}`;
const isSame = (one: Uint8Array, other: Uint8Array) =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);
