import { CHANGES_KEY } from '../../../src/engine/bus-api.ts';
import type { ChangeBook } from '../../../src/engine/change-notes.ts';
import { systemClock, type Clock } from '../../../src/common/clock.ts';

export interface TestedBook extends ChangeBook {
  /** What is on disk. */
  readonly disk: Map<string, unknown>;
  readonly errors: unknown[];
  /** What the disk does before it takes something; by default nothing. */
  before: () => Promise<void>;
}

/** Changes over a disk that the test holds in its hand. */
export function changeBook(clock: Clock = systemClock, disk = new Map<string, unknown>()): TestedBook {
  const errors: unknown[] = [];
  const book: TestedBook = {
    disk,
    errors,
    before: () => Promise.resolve(),
    store: {
      async change(key, next) {
        await book.before();
        const value = next(structuredClone(disk.get(key)));
        if (value === undefined) disk.delete(key);
        else disk.set(key, structuredClone(value));
        return value;
      },
    },
    opened: Promise.resolve(),
    unknown: (disk.get(CHANGES_KEY) as ChangeBook['unknown'] | undefined) ?? [],
    clock,
    onChange: () => undefined,
    onError: (error) => void errors.push(error),
  };
  return book;
}
