import type { Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/kinds.ts';
import type { KeptState } from '../collector.ts';
import { INPUTS, type InputNumber } from './address.ts';
import { counted, counterFrom, newCounter, pulsesSince, storedCounter, taken, type PulseCounter } from './counter.ts';

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
  counterOf(input: InputNumber): PulseCounter;
  /**
   * Reads a counter, and begins anew what is relative. Resolves when that is on disk; where it can't be the read fails and
   * nothing was taken.
   */
  take(input: InputNumber, as: 'ABS' | 'REL'): Promise<{ readonly pulses: bigint; readonly missedMs: Milliseconds }>;
  /** Resolves when all is on disk. */
  settle(): Promise<void>;
}

interface Page {
  readonly counter: PulseCounter;
  /** Since the last reading of this counter. */
  readonly missedMs: Milliseconds;
}

type Pages = Readonly<Record<InputNumber, Page>>;

/** Opens the book where the program left it. Rejects where it can't be read. */
export async function openPulseBook(
  kept: KeptState,
  clock: Clock,
  onError: (error: unknown) => void,
): Promise<PulseBook> {
  let { pages, aliveAt } = pagesFrom(await kept.load());
  let isHeard = false;
  let isChanged = false;
  let saving: Promise<void> | undefined;
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

  /** One writing after another, and not more often than they should. */
  function saveSoon(): void {
    isChanged = true;
    saving ??= writeAll()
      .catch(onError)
      .finally(() => (saving = undefined));
  }

  async function writeAll(): Promise<void> {
    while (isChanged) {
      const early = savedAt + SAVE_MS - clock.monotonic();
      if (early > 0) await clock.sleep(early);
      await save();
    }
  }

  /** In order behind what is being written. */
  async function saveNow(): Promise<void> {
    await saving;
    await save();
  }

  function miss(ms: Milliseconds): void {
    if (ms <= 0) return;
    for (const input of INPUTS) edit(input, ({ missedMs }) => ({ missedMs: missedMs + ms }));
    saveSoon();
  }

  function missSince(): void {
    const now = clock.now();
    // A clock that was set back says nothing of how long it was.
    if (aliveAt !== undefined) miss(Math.max(0, now - aliveAt));
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
    counterOf: (input) => pages[input].counter,
    async take(input, as) {
      const { counter, missedMs } = pages[input];
      const pulses = as === 'ABS' ? counter.count : pulsesSince(counter);
      if (as === 'REL') edit(input, (page) => ({ counter: taken(page.counter, pulses) }));
      edit(input, (page) => ({ missedMs: page.missedMs - missedMs }));
      try {
        await saveNow();
      } catch (error) {
        const giveBack = as === 'REL' ? -pulses : 0n;
        edit(input, (page) => ({ counter: taken(page.counter, giveBack), missedMs: page.missedMs + missedMs }));
        throw error;
      }
      return { pulses, missedMs };
    },
    async settle() {
      await saving;
      if (isChanged) await save();
    },
  };
}

const stored = (pages: Pages, aliveAt: Milliseconds | undefined) => ({
  aliveAt,
  inputs: INPUTS.map((input) => ({ ...storedCounter(pages[input].counter), missedMs: pages[input].missedMs })),
});

/** Throws for what no book was stored as: a count from 0 would be a wrong one. */
function pagesFrom(kept: unknown): { pages: Pages; aliveAt: Milliseconds | undefined } {
  const { aliveAt, inputs } = (kept ?? {}) as { readonly aliveAt?: unknown; readonly inputs?: unknown };
  const pageOf = (input: InputNumber): Page => {
    if (kept === undefined) return { counter: newCounter, missedMs: 0 };
    const page: unknown = Array.isArray(inputs) ? inputs[input - 1] : undefined;
    const counter = counterFrom(page);
    if (!counter) throw new Error(`The stored pulse counter of input ${input} cannot be read.`);
    const { missedMs } = page as Partial<Page>;
    return { counter, missedMs: typeof missedMs === 'number' && missedMs >= 0 ? missedMs : 0 };
  };
  return {
    pages: { 1: pageOf(1), 2: pageOf(2), 3: pageOf(3) },
    aliveAt: typeof aliveAt === 'number' ? aliveAt : undefined,
  };
}
