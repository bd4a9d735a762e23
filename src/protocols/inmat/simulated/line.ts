import type { PortSettings } from '../../../line/port.ts';
import { answerer } from '../../../simulator/answerer.ts';
import type { Device } from '../../../simulator/device.ts';
import { deviceAt, type FarEnd } from '../../../simulator/far-end.ts';
import type { Faults } from '../../../simulator/faults.ts';
import { AROUND, SD1, SD1_LENGTH, SD2 } from '../frame.ts';
import { answerOf, type StationSpec } from './station.ts';

const REACTION_MS = 8;
/** A pause within a request ends it. */
const MOST_GAP_MS = 50;

/** A station on its line. */
export const stationAt = (spec: StationSpec, settings: PortSettings): FarEnd =>
  deviceAt((faults) => deviceOf(spec, settings, faults));

const deviceOf =
  (spec: StationSpec, settings: PortSettings, faults: Faults): Device =>
  (wire) => {
    const answers = answerer(wire, settings, faults);
    let bytes: number[] = [];
    let lastEnd = -Infinity;
    wire.listen(settings);
    return {
      received(character, end) {
        if (end - lastEnd > MOST_GAP_MS) bytes = [];
        lastEnd = end;
        const isStart = character === SD1 || character === SD2;
        if (bytes.length > 0 || isStart) bytes.push(character);
        const length = bytes[0] === SD1 ? SD1_LENGTH : (bytes[1] ?? Infinity) + AROUND;
        if (bytes.length < length) return;
        const answer = faults().has('silent') ? undefined : answerOf(spec, Uint8Array.from(bytes), wire.clock.now());
        bytes = [];
        if (answer) answers.send(answer, answer.length - 2, end + REACTION_MS);
      },
    };
  };
