import type { PortSettings } from '../../../line/port.ts';
import { answerer } from '../../../simulator/answerer.ts';
import type { Device } from '../../../simulator/device.ts';
import { deviceAt, type FarEnd } from '../../../simulator/far-end.ts';
import type { Faults } from '../../../simulator/faults.ts';
import { requestLength } from '../frame.ts';
import { modbusSlave, type ModbusSlave, type SlaveSpec } from './slave.ts';

/** A pause of so many characters between two begins a new request. */
const REST_CHARACTERS = 3.5;

/** Devices on one pair of wires, all at one rate and framing. */
export function modbusBus(specs: readonly SlaveSpec[], settings: PortSettings): FarEnd {
  return deviceAt((faults) => busOf(specs.map(modbusSlave), settings, faults));
}

const busOf =
  (slaves: readonly ModbusSlave[], settings: PortSettings, faults: Faults): Device =>
  (wire) => {
    const restMs = (REST_CHARACTERS * 11 * 1000) / settings.baudRate;
    let bytes: number[] = [];
    let lastEnd = -Infinity;
    const answers = answerer(wire, settings, faults);
    wire.listen(settings);
    return {
      received(character, end) {
        if (end - lastEnd > 2 * restMs) bytes = [];
        lastEnd = end;
        bytes.push(character);
        const request = Uint8Array.from(bytes);
        const length = requestLength(request, 0, request.length);
        if (length === undefined || length > request.length) return;
        bytes = [];
        for (const slave of slaves) {
          const answer = faults().has('silent') ? undefined : slave.hear(request, wire.clock.now());
          if (answer) answers.send(answer, answer.length - 1, end + Math.max(restMs, slave.reactionMs));
        }
      },
    };
  };
