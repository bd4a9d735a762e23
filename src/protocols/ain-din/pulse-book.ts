import type { Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/kinds.ts';
import type { KeptState } from '../collector.ts';
import { INPUTS, type InputNumber } from './inputs.ts';
import {
  counted,
  counterFrom,
  newCounter,
  pulsesSince,
  setTo,
  storedCounter,
  taken,
  type PulseCounter,
} from './counter.ts';

/** Written at most so often: flash does not like every pulse, and a crash costs no more than these. */
const SAVE_MS = 1000;
/** So long may a quiet book be silent: what came before is known to have been heard. */
const ALIVE_MS = 60_000;

/** The counters of all inputs, on disk. */
export interface PulseBook {
  count(inputs: readonly InputNumber[]): void;
  /** Pulses of `ms` may be missing: nobody heard the inputs, or not often enough. */
  miss(ms: Milliseconds): void;
  /** The inputs are heard from now on, or no longer. */
  setHeard(isHeard: boolean): void;
  /** Called while they are heard, as often as one likes. */
  alive(): void;
  /** Undefined where what was stored cannot be read: until it is set. */
  countOf(input: InputNumber): bigint | undefined;
  /**
   * Reads a counter, and begins anew what is relative. Resolves when that is on disk; where it can't be the read fails and
   * nothing was taken.
   */
  take(input: InputNumber, as: 'ABS' | 'REL'): Promise<{ readonly pulses: bigint; readonly missedMs: Milliseconds }>;
  /**
   * Goes on from another count; pulses that came since it showed `from` are added, and what is relative begins anew. Resolves
   * when that is on disk; where it can't be, nothing was changed.
   */
  set(input: InputNumber, count: bigint, from: bigint | undefined): Promise<void>;
  /** Resolves when all is on disk. */
  settle(): Promise<void>;
}

interface Page {
  readonly counter: PulseCounter;
  /** Since the last reading of this counter. */
  readonly missedMs: Milliseconds;
  /** Instead of a counter, where this was stored and is none: it is kept as it is until a person says how to go on. */
  readonly unreadable?: unknown;
}

type Pages = Readonly<Record<InputNumber, Page>>;

/** Opens the book where the program left it. Rejects where the disk does not give it. */
export async function openPulseBook(
  kept: KeptState,
  clock: Clock,
  onError: (error: unknown) => void,
): Promise<PulseBook> {
  let { pages, aliveAt } = pagesFrom(await kept.load());
  let isHeard = false;
  let isChanged = false;
  let isSavingSoon = false;
  let writing: Promise<void> = Promise.resolve();
  let savedAt = -Infinity;

  const edit = (input: InputNumber, change: (page: Page) => Partial<Page>) => {
    pages = { ...pages, [input]: { ...pages[input], ...change(pages[input]) } };
  };

  async function save(): Promise<void> {
    isChanged = false;
    savedAt = clock.monotonic();
    try {
      await kept.save(stored(pages, aliveAt));
    } catch (error) {
      isChanged = true;
      throw error;
    }
  }

  /** In order behind what is being written. */
  function saveNow(): Promise<void> {
    const mine = writing.then(save);
    writing = mine.catch(() => undefined); // whoever asked for it hears of it
    return mine;
  }

  /** Not more often than it should. */
  function saveSoon(): void {
    isChanged = true;
    if (isSavingSoon) return;
    isSavingSoon = true;
    saveWhileChanged()
      .catch(onError)
      .finally(() => (isSavingSoon = false));
  }

  async function saveWhileChanged(): Promise<void> {
    while (isChanged) {
      const early = savedAt + SAVE_MS - clock.monotonic();
      if (early > 0) await clock.sleep(early);
      if (isChanged) await saveNow();
    }
  }

  function miss(ms: Milliseconds): void {
    if (ms <= 0) return;
    for (const input of INPUTS) edit(input, ({ missedMs }) => ({ missedMs: missedMs + ms }));
    saveSoon();
  }

  function missSince(): void {
    const now = clock.now();
    // A clock that was set back says nothing of how long it was, but that it was.
    if (aliveAt !== undefined) miss(now < aliveAt ? SAVE_MS : now - aliveAt);
    aliveAt = now;
  }

  return {
    count(inputs) {
      for (const input of inputs) edit(input, ({ counter }) => ({ counter: counted(counter) }));
      aliveAt = clock.now();
      if (inputs.length > 0) saveSoon();
    },
    miss,
    setHeard(heard) {
      if (heard && !isHeard) missSince();
      isHeard = heard;
      aliveAt ??= clock.now();
    },
    alive() {
      aliveAt = clock.now();
      if (clock.monotonic() - savedAt > ALIVE_MS) saveSoon();
    },
    countOf: (input) => (isReadable(pages[input]) ? pages[input].counter.count : undefined),
    async take(input, as) {
      const { counter, missedMs } = pages[input];
      if (!isReadable(pages[input])) throw new Error(`The stored pulse counter of input ${input} cannot be read.`);
      const pulses = as === 'ABS' ? counter.count : pulsesSince(counter);
      if (as === 'REL') edit(input, (page) => ({ counter: taken(page.counter, pulses) }));
      edit(input, (page) => ({ missedMs: page.missedMs - missedMs }));
      try {
        await saveNow();
      } catch (error) {
        const giveBack = as === 'REL' ? -pulses : 0n;
        edit(input, (page) => ({ counter: taken(page.counter, giveBack), missedMs: page.missedMs + missedMs }));
        saveSoon();
        throw error;
      }
      return { pulses, missedMs };
    },
    async set(input, count, from) {
      const before = pages[input];
      const since = from === undefined ? before.counter.count : BigInt.asUintN(64, before.counter.count - from);
      const next = setTo(count, since);
      pages = { ...pages, [input]: { counter: next, missedMs: 0 } };
      try {
        await saveNow();
      } catch (error) {
        // With the pulses that came while it was tried.
        const { counter } = pages[input];
        const came = BigInt.asUintN(64, counter.count - next.count);
        pages = { ...pages, [input]: { ...before, counter: counted(before.counter, came) } };
        throw error;
      }
    },
    async settle() {
      await (isChanged ? saveNow() : writing);
    },
  };
}

const isReadable = (page: Page) => !('unreadable' in page);

const stored = (pages: Pages, aliveAt: Milliseconds | undefined) => ({
  aliveAt,
  inputs: INPUTS.map((input) =>
    isReadable(pages[input])
      ? { ...storedCounter(pages[input].counter), missedMs: pages[input].missedMs }
      : pages[input].unreadable,
  ),
});

/** What no counter was stored as is none: a count from 0 would be a wrong one. */
function pagesFrom(kept: unknown): { pages: Pages; aliveAt: Milliseconds | undefined } {
  const { aliveAt, inputs } = (kept ?? {}) as { readonly aliveAt?: unknown; readonly inputs?: unknown };
  const pageOf = (input: InputNumber): Page => {
    if (kept === undefined) return { counter: newCounter, missedMs: 0 };
    const page: unknown = Array.isArray(inputs) ? inputs[input - 1] : undefined;
    const counter = counterFrom(page);
    if (!counter) return { counter: newCounter, missedMs: 0, unreadable: page ?? null };
    const { missedMs } = page as Partial<Page>;
    return { counter, missedMs: typeof missedMs === 'number' && missedMs >= 0 ? missedMs : 0 };
  };
  return {
    pages: { 1: pageOf(1), 2: pageOf(2), 3: pageOf(3) },
    aliveAt: typeof aliveAt === 'number' ? aliveAt : undefined,
  };
}
