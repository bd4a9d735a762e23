import type { Milliseconds } from '../common/kinds.ts';
import type { Port } from './port.ts';

/** One slow switch, when the machine was busy, says nothing of the adapter: the middle one of the last few counts. */
const KEPT = 5;

/** By adapter, for as long as it stays plugged in: a line lasts one read, the adapter's habits outlast it. */
const times = new WeakMap<Port, readonly number[]>();

export function noteSwitch(port: Port, ms: Milliseconds): void {
  times.set(port, [...(times.get(port) ?? []), ms].slice(-KEPT));
}

/** Milliseconds this port takes to change its rate; undefined before it was seen to do so. */
export function switchTime(port: Port): number | undefined {
  const sorted = [...(times.get(port) ?? [])].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
