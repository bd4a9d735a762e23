import { fromLatin1 } from '../../../common/bytes.ts';
import type { PortSettings } from '../../../line/port.ts';
import { alarm } from '../../../simulator/alarm.ts';
import { answerer } from '../../../simulator/answerer.ts';
import type { Device } from '../../../simulator/device.ts';
import { deviceAt, type FarEnd } from '../../../simulator/far-end.ts';
import type { Faults } from '../../../simulator/faults.ts';

export interface SenderSpec {
  /** All values at a wall clock time, by identifier, in the order they are sent. */
  readonly values: (time: number) => readonly (readonly [number, string])[];
  readonly everyMs: number;
}

/** Sends all its values at every multiple of `everyMs`, a line each, and hears nothing. Lines are of our own invention. */
export const senderAt = (spec: SenderSpec, settings: PortSettings): FarEnd =>
  deviceAt((faults) => deviceOf(spec, settings, faults));

const deviceOf =
  ({ values, everyMs }: SenderSpec, settings: PortSettings, faults: Faults): Device =>
  (wire) => {
    const { clock } = wire;
    const next = alarm(clock);
    const sender = answerer(wire, settings, faults);
    let startedAt = -Infinity;

    function send(at: number): void {
      next.set(at + everyMs, () => send(at + everyMs));
      if (at <= startedAt || faults().has('silent')) return;
      startedAt = at;
      const lines = values(clock.now() + at - clock.monotonic()).map(([id, value]) => `${pad(id)}=${value}\r\n`);
      // Half of what it has to say ends within a line: whole lines would be all that a smaller meter says.
      const half = lines.slice(0, lines.length >> 1).join('').length + 2;
      sender.send(fromLatin1(lines.join('')), -1, at, half);
    }

    return {
      received: () => undefined,
      hostListens(listens) {
        // One that is under way when the port opens is joined in the middle.
        if (listens) send(Math.floor(clock.monotonic() / everyMs) * everyMs);
        else next.cancel();
      },
    };
  };

const pad = (id: number) => String(id).padStart(3, '0');
