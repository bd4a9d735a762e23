import type { PortId } from '../common/kinds.ts';

export const traceOfRecord = (generation: string, seq: number) => `record ${seq} of ${generation}`;
export const traceOfSearch = (portId: PortId) => `search on ${portId}`;

/** Undefined for what is no trace of a record. */
export function recordOfTrace(name: string): { readonly generation: string; readonly seq: number } | undefined {
  const [, seq, generation] = /^record (\d+) of (.*)$/.exec(name) ?? [];
  return generation === undefined ? undefined : { generation, seq: Number(seq) };
}
