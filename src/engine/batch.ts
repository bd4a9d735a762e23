import type { Milliseconds } from '../common/kinds.ts';
import type { TraceEntry } from '../line/trace.ts';

const TRACE_BATCH_MS = 50;

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

/** What is on the wire, as events of a call. */
export const traceBatch = (
  emit: (event: { readonly kind: 'trace'; readonly entries: readonly TraceEntry[] }) => void,
) => batch<TraceEntry>(TRACE_BATCH_MS, (entries) => emit({ kind: 'trace', entries }));
