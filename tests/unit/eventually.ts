import { vi } from 'vitest';

/** Waits until `check` passes, however slow the machine is. The limit ends hangs; it measures nothing. */
export function eventually(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 60_000 });
}
