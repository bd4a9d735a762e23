import type { Milliseconds } from '../common/kinds.ts';

/** Collects items and hands them over together, at most every `ms`: one message to the page instead of hundreds. */
export function batch<T>(
  ms: Milliseconds,
  deliver: (items: readonly T[]) => void,
): { add(item: T): void; flush(): void } {
  let items: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (items.length === 0) return;
    const full = items;
    items = [];
    deliver(full);
  };
  return {
    add(item) {
      items.push(item);
      timer ??= setTimeout(flush, ms);
    },
    flush,
  };
}
