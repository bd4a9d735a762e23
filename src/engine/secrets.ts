import { MeterError } from '../common/meter-error.ts';
import { systemClock } from '../common/clock.ts';
import type { KeptCounter } from '../common/kept-counter.ts';
import type { Refusal } from '../keys/key.ts';
import { openCounterStore, type CounterStore } from '../keys/counter-store.ts';
import { openKeyStore, type FoundKey, type KeyStore } from '../keys/key-store.ts';
import { createUnlocked } from '../keys/unlocked.ts';
import type { ReadOptions } from '../protocols/protocol.ts';
import { soon } from './soon.ts';

/** General code 1 of the SmartCOM: what was to be read could not be handed to the protocol. */
const NOT_FIT = 1;

/** Meters lock after a few wrong ones. The first refusal may have had another cause: a meter that was busy, say. */
const REST_MS = 3_600_000;
const LONG_REST_MS = 24 * REST_MS;

export interface MeterSecretsParts {
  /** Of the meter, its own number first. */
  readonly numbers: readonly string[];
  /** Nobody stands by: what the meter refused is not sent to it again for a while. */
  readonly byItself: boolean;
  readonly store?: Pick<KeyStore, 'find' | 'note'>;
  readonly counters?: CounterStore;
  /** Of the wall: what is kept outlives this worker. */
  readonly now?: () => number;
}

/** Also where the disk does not take it. */
const refusals = new Map<string, Refusal>();

let opened: KeyStore | undefined;
const sharedCounters = openCounterStore();
const sharedStore = () => (opened ??= openKeyStore({ now: systemClock.now, unlocked: createUnlocked() }));

/** Passwords and keys for one read of one meter. */
export function secretsOf({
  numbers,
  byItself,
  store = sharedStore(),
  counters = sharedCounters,
  now = systemClock.now,
}: MeterSecretsParts): Required<Pick<ReadOptions, 'secret' | 'secretSaid' | 'counter'>> {
  const found = new Map<string, FoundKey>();
  const number = numbers[0] ?? '';
  const idOf = ({ entry: { of, name, setAt } }: FoundKey) => JSON.stringify([of, name, setAt, number]);
  const refusalOf = (key: FoundKey) => refusals.get(idOf(key)) ?? key.refusal;

  return {
    async secret(name) {
      const key = await soon(store.find(numbers, name)).catch((cause: unknown) => {
        const seen = cause instanceof Error ? cause.message : String(cause);
        throw new MeterError(NOT_FIT, `The ${name} of this meter could not be had. ${seen}`, {
          hint: 'Look at Settings, Passwords and keys. Nothing was sent to the meter in its place.',
          cause,
        });
      });
      if (!key) return undefined;
      const refusal = refusalOf(key);
      if (byItself && refusal && isFresh(refusal, now())) throw refusedBefore(name, refusal);
      found.set(name, key);
      return key.secret;
    },
    async secretSaid(name, how) {
      const key = found.get(name);
      const before = key && refusalOf(key);
      if (!key || (how === 'taken' && !before)) return;
      const refusal = how === 'refused' ? { number, at: now(), times: (before?.times ?? 0) + 1 } : undefined;
      if (refusal) refusals.set(idOf(key), refusal);
      else refusals.delete(idOf(key));
      // What the meter said is the news of this read; a disk that does not take it costs one more try after a restart.
      await soon(store.note(key.entry, number, refusal)).catch(() => undefined);
    },
    async counter(key, use, ownTitle) {
      const kept = <T>(answer: Promise<T>) => soon(answer).catch(notCounted);
      const guarded = ({ title, last, next, renew }: KeptCounter): KeptCounter => ({
        title,
        last,
        next: (after) => kept(next(after)),
        renew: async (behind) => guarded(await kept(renew(behind))),
      });
      return guarded(
        await kept(counters.open({ meter: number, key: key.bytes, use, ...(ownTitle ? { ownTitle } : {}) })),
      );
    },
  };
}

/** By a clock that was set back further than that, nothing is known. */
const isFresh = ({ at, times }: Refusal, now: number) => Math.abs(now - at) < (times > 1 ? LONG_REST_MS : REST_MS);

/** What is not on disk might be used again after a restart, and two messages with one number give a key away. */
function notCounted(cause: unknown): never {
  const seen = cause instanceof Error ? cause.message : String(cause);
  throw new MeterError(NOT_FIT, `The number of the next message to this meter could not be kept. ${seen}`, {
    hint: 'Messages under a key are counted on disk before they are sent. Nothing was sent: make room on this device, then read again.',
    cause,
  });
}

function refusedBefore(name: string, { at }: Refusal): MeterError {
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return new MeterError(
    NOT_FIT,
    `The meter refused this ${name} (${when} UTC): it is not sent again by itself for now.`,
    {
      hint: 'Many meters lock after a few wrong ones. Put the right one at Settings, Passwords and keys, or read this meter by hand.',
    },
  );
}
