import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';
import type { Readout } from '../common/readout.ts';

/** The same bytes of a meter within this are one telegram that was heard twice; later it is a new reading. */
const SAME_MS = 10_000;
/** Damaged numbers make many meters of one. */
const MAX_METERS = 4000;
/** Telegrams that overtake each other on their way. */
const MAX_RECENT = 8;

interface Known {
  /** The last ones, by what they say. */
  readonly recent: readonly { readonly bytes: string; readonly heardAt: number }[];
  readonly kept?: { readonly monotonic: number; readonly now: Milliseconds; readonly isVouched: boolean };
}

/** Of what meters say by themselves, what becomes a record. */
export interface Thinning {
  /** 'keep' counts as kept from then on; take it back with `notKept`. */
  judge(meter: string, readout: Readout, everyMs: Milliseconds, essence?: string): 'keep' | 'heard' | 'same';
  notKept(meter: string): void;
}

export function createThinning(clock: Pick<Clock, 'now' | 'monotonic'>): Thinning {
  const known = new Map<string, Known>();

  /** By the clock that says more: one may have slept, the other may have been set back. */
  function isDue({ kept }: Known, isVouched: boolean, everyMs: Milliseconds): boolean {
    if (!kept || (isVouched && !kept.isVouched)) return true;
    return Math.max(clock.monotonic() - kept.monotonic, clock.now() - kept.now) >= everyMs;
  }

  return {
    judge(meter, readout, everyMs, essence = readout.data) {
      const monotonic = clock.monotonic();
      const bytes = `${readout.identification}\n${essence}`;
      const before = known.get(meter);
      const recent = before?.recent.filter(({ heardAt }) => monotonic - heardAt < SAME_MS) ?? [];
      if (recent.some((one) => one.bytes === bytes)) return 'same';
      const isVouched = readout.circumstances?.borneOut !== false;
      const keeps = !before || isDue(before, isVouched, everyMs);
      const kept = keeps ? { monotonic, now: clock.now(), isVouched } : before.kept;
      known.delete(meter);
      const now = { bytes, heardAt: monotonic };
      known.set(meter, { recent: [...recent, now].slice(-MAX_RECENT), ...(kept ? { kept } : {}) });
      const [oldest] = known.keys();
      if (known.size > MAX_METERS && oldest !== undefined) known.delete(oldest);
      return keeps ? 'keep' : 'heard';
    },
    notKept(meter) {
      const { kept: _kept, ...heard } = known.get(meter) ?? { recent: [] };
      known.set(meter, heard);
    },
  };
}
