import { alarm } from '../../../simulator/alarm.ts';
import { eightBits, type Device, type DeviceWire } from '../../../simulator/device.ts';
import type { Faults } from '../../../simulator/faults.ts';

/** A radio stick: what it answers, and how it hands on what it hears. */
export interface StickSpec {
  readonly baudRate: number;
  /** What it says to what came so far; undefined while that is not whole. */
  answer(received: Uint8Array): Uint8Array | undefined;
  /** A telegram from its C field on, as the stick gives it. */
  given(body: Uint8Array, dBm: number): Uint8Array;
}

export interface RadioMeter {
  /** Its telegram, from the C field on. */
  telegramAt(at: number): Uint8Array;
  readonly everyMs: number;
  readonly dBm: number;
}

const REACTION_MS = 5;
const LONGEST = 300;

/** Meters that speak by themselves around a stick that is asked. */
export const stick =
  (spec: StickSpec, meters: readonly RadioMeter[]) =>
  (faults: Faults): Device =>
  (wire: DeviceWire) => {
    const settings = eightBits(spec.baudRate);
    const alarms = meters.map(() => alarm(wire.clock));
    let received = new Uint8Array(0);
    let isSetUp = false;
    wire.listen(settings);

    const hears = (meter: RadioMeter, n: number, at: number) => {
      alarms[n]?.set(at + meter.everyMs, () => hears(meter, n, at + meter.everyMs));
      if (isSetUp && !faults().has('silent')) wire.send(spec.given(meter.telegramAt(at), meter.dBm), settings, at);
    };

    return {
      received(byte, end) {
        received = Uint8Array.of(...received.subarray(-LONGEST), byte);
        const answer = faults().has('silent') ? undefined : spec.answer(received);
        if (!answer) return;
        received = new Uint8Array(0);
        isSetUp = true;
        wire.send(answer, settings, end + REACTION_MS);
      },
      hostListens(listens) {
        for (const [n, meter] of meters.entries()) {
          if (listens) hears(meter, n, Math.ceil(wire.clock.monotonic() / meter.everyMs) * meter.everyMs);
          else alarms[n]?.cancel();
        }
      },
    };
  };
