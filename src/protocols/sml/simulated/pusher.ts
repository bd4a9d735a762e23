import { alarm } from '../../../simulator/alarm.ts';
import { eightBits, type Device } from '../../../simulator/device.ts';
import type { Faults } from '../../../simulator/faults.ts';
import { transmissionAt, type SmlMeterSpec } from './meters.ts';

const LINE = eightBits(9600);
const STRAY = Uint8Array.of(0xff, 0x00, 0x7f);
const LONG_GAP = 2000;

/** Speaks by itself at every multiple of its interval, and hears nothing. */
export const pusher =
  (spec: SmlMeterSpec) =>
  (faults: Faults): Device =>
  (wire) => {
    const { clock } = wire;
    const { everyMs, losesOneIn } = spec;
    const next = alarm(clock);
    let busyUntil = -Infinity;
    let said = 0;

    function push(at: number): void {
      next.set(at + everyMs, () => push(at + everyMs));
      if (at < busyUntil || faults().has('silent')) return;
      const bytes = transmissionAt(spec, clock.now() + at - clock.monotonic());
      const isLossy = losesOneIn !== undefined && ++said % losesOneIn === 0;
      busyUntil = send(isLossy ? bytes.filter((_, index) => index !== bytes.length >> 1) : bytes, at);
    }

    function send(bytes: Uint8Array, at: number): number {
      const now = faults();
      const half = bytes.length >> 1;
      if (now.has('garbage-before-answer')) wire.send(STRAY, LINE, at);
      if (now.has('wrong-bcc')) bytes = bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
      if (now.has('stops-in-mid-readout')) return wire.send(bytes.subarray(0, half), LINE, at);
      if (!now.has('long-gap')) return wire.send(bytes, LINE, at);
      return wire.send(bytes.subarray(half), LINE, wire.send(bytes.subarray(0, half), LINE, at) + LONG_GAP);
    }

    return {
      received: () => undefined,
      hostListens(listens) {
        // One that is under way when the port opens is joined in the middle.
        if (listens) push(Math.floor(clock.monotonic() / everyMs) * everyMs);
        else next.cancel();
      },
    };
  };
