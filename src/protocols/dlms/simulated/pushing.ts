import type { PortSettings } from '../../../line/port.ts';
import { alarm } from '../../../simulator/alarm.ts';
import { answerer } from '../../../simulator/answerer.ts';
import { deviceAt, type FarEnd } from '../../../simulator/far-end.ts';
import { concatBytes } from '../../../common/bytes.ts';
import type { Data } from '../axdr/data.ts';
import { dataBytes } from '../axdr/write-data.ts';
import { frameBytes } from '../hdlc/frame.ts';
import { clientAddress } from '../hdlc/address.ts';
import { scalerAttribute } from '../cosem/classes.ts';
import type { MeterSpec, SimulatedObject } from './server.ts';

const LLC = Uint8Array.of(0xe6, 0xe7, 0x00);
/** Data notification, a number of four bytes, no time. */
const HEAD = Uint8Array.of(0x0f, 0x40, 0, 0, 0, 0);
const MOST_INFO = 600;

/** A meter at its customer port: the values of its objects in an unnumbered frame, again and again, whoever listens. */
export const pushingMeter = (spec: MeterSpec, settings: PortSettings, everyMs: number): FarEnd =>
  deviceAt((faults) => (wire) => {
    const answers = answerer(wire, settings, faults);
    const next = alarm(wire.clock);
    const source = clientAddress(1);
    function push(): void {
      const body = dataBytes({ type: 'array', items: spec.objects.flatMap((one) => elementOf(one, wire.clock.now())) });
      const info = concatBytes(LLC, HEAD, body).subarray(0, MOST_INFO);
      const control = { kind: 'UI', poll: true } as const;
      const frame = frameBytes({ isSegment: false, destination: clientAddress(65), source, control, info });
      const at = wire.clock.monotonic();
      if (!faults().has('silent')) answers.send(frame, frame.length - 2, at);
      next.set(at + everyMs, push);
    }
    return {
      received: () => undefined,
      hostListens(listens) {
        if (listens) next.set(wire.clock.monotonic() + everyMs / 2, push);
        else next.cancel();
      },
    };
  });

/** Name, value, and scale and unit where it has one. */
function elementOf({ classId, name, attributes }: SimulatedObject, time: number): readonly Data[] {
  const value = attributes[2]?.(time);
  const scaler = attributes[scalerAttribute(classId) ?? -1]?.(time);
  if (!value || value.type === 'array') return [];
  return [{ type: 'structure', items: [{ type: 'octet-string', bytes: name }, value, ...(scaler ? [scaler] : [])] }];
}
