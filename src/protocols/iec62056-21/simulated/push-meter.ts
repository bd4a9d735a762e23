import { alarm } from '../../../simulator/alarm.ts';
import type { Device } from '../../../simulator/device.ts';
import type { Faults } from '../../../simulator/faults.ts';
import { sendWithFaults } from './faulty-sender.ts';
import type { SentParity } from './messages.ts';

export interface PushMeterSpec {
  /** The whole message from `/` to `!` CR LF at this wall clock time. */
  readonly message: (time: number) => string;
  readonly baudRate: number;
  readonly parity: SentParity;
  readonly everyMs: number;
}

/** Mode D: speaks unasked at every multiple of `everyMs`, and hears nothing. */
export function pushMeter(spec: PushMeterSpec, faults: Faults): Device {
  return (wire) => {
    const { clock } = wire;
    const next = alarm(clock);
    let startedAt = -Infinity;
    let busyUntil = -Infinity;

    function push(at: number): void {
      next.set(at + spec.everyMs, () => push(at + spec.everyMs));
      if (at <= startedAt || at < busyUntil || faults().has('silent')) return;
      startedAt = at;
      const text = spec.message(clock.now() + at - clock.monotonic());
      const { baudRate, parity } = spec;
      busyUntil = sendWithFaults(wire, faults(), { text, baudRate, parity, isData: true }, at);
    }

    return {
      received: () => undefined,
      hostListens(listens) {
        // Pushes that nobody hears need not be made. One that is under way when the port opens is joined in the middle.
        if (listens) push(Math.floor(clock.monotonic() / spec.everyMs) * spec.everyMs);
        else next.cancel();
      },
    };
  };
}
