import type { Status } from './status.ts';

/** A figure as it was sent. */
export interface Sent {
  /** `1-0:16.7.0*255` */
  readonly code: string;
  readonly value: bigint;
  /** Bytes that it was sent in. */
  readonly size: number;
}

export interface Repaired {
  readonly value: bigint;
  readonly why: string;
}

const SUM = 16;
const ABSOLUTE = 15;
const PHASES: readonly number[] = [36, 56, 76];

/**
 * What a power means whose sign was lost on its way out of the meter: by its maker and its status word, never by its serial
 * number. Undefined where nothing speaks against it.
 */
export function repaired({ code, value, size }: Sent, maker: string, status: Status | undefined): Repaired | undefined {
  const quantity = Number(/^1-\d+:(\d+)\.7\.0(?:\*255)?$/.exec(code)?.[1] ?? NaN);
  const phase = PHASES.indexOf(quantity);
  if (!status) return undefined;
  if (quantity === ABSOLUTE && status.isExport && value > 0n)
    return { value: -value, why: 'this meter sends power without a sign, and its status says export' };
  const isExport = quantity === SUM ? status.isExport : status.phases?.[phase];
  if (isExport === undefined) return undefined;
  if (maker === 'HLY' && isExport && value > 0n)
    return { value: -value, why: 'this maker sends power without a sign, and its status says export' };
  if (maker !== 'DZG') return undefined;
  const bits = 8n * BigInt(size);
  if (!isExport && value < 0n && size <= 2)
    return { value: value + (1n << bits), why: 'the meter sent it in too few bytes, and its status says import' };
  // A negative one loses its sign where it needs a byte more.
  if (isExport && value > 0n && size >= 2 && value >> (bits - 8n) === 0n)
    return { value: value - (1n << (bits - 8n)), why: 'the meter lost its sign, and its status says export' };
  return undefined;
}
