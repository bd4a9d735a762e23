import type { PortSettings } from '../../../line/port.ts';
import type { Device, DeviceWire } from '../../../simulator/device.ts';
import { deviceAt, type FarEnd } from '../../../simulator/far-end.ts';
import type { Faults } from '../../../simulator/faults.ts';
import { requestLength } from '../frame.ts';
import { modbusSlave, type ModbusSlave, type SlaveSpec } from './slave.ts';

const SLOW_REACTION = 1400;
const LONG_GAP = 2000;
const STRAY_CHARACTERS = Uint8Array.of(0x00, 0xff);
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
    let spoiled = 0;
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
          if (answer) spoiled = send(wire, settings, answer, end + Math.max(restMs, slave.reactionMs), faults, spoiled);
        }
      },
    };
  };

/** Returns how many answers in a row had a wrong check. */
function send(
  wire: DeviceWire,
  settings: PortSettings,
  answer: Uint8Array,
  due: number,
  faults: Faults,
  spoiled: number,
): number {
  const active = faults();
  const at = due + (active.has('slow-reaction') ? SLOW_REACTION : 0);
  const isSpoiled = active.has('wrong-bcc') || (active.has('wrong-bcc-once') && spoiled === 0);
  const bytes = answer.map((byte, index) => (isSpoiled && index === answer.length - 1 ? byte ^ 1 : byte));
  const parity = active.has('no-parity') ? 'none' : active.has('wrong-parity') ? 'odd' : settings.parity;
  const sent = { ...settings, parity };
  if (active.has('garbage-before-answer')) wire.send(STRAY_CHARACTERS, sent, at);
  const half = bytes.length >> 1;
  if (active.has('stops-in-mid-readout')) wire.send(bytes.subarray(0, half), sent, at);
  else if (active.has('long-gap')) {
    const paused = wire.send(bytes.subarray(0, half), sent, at);
    wire.send(bytes.subarray(half), sent, paused + LONG_GAP);
  } else wire.send(bytes, sent, at);
  return isSpoiled ? spoiled + 1 : 0;
}
