import type { PortSettings } from '../line/port.ts';
import type { DeviceWire } from './device.ts';
import type { Faults } from './faults.ts';

const SLOW_REACTION = 1400;
const LONG_GAP = 2000;
const STRAY_CHARACTERS = Uint8Array.of(0x00, 0xff);

/** Sends answers in binary, with whatever fault is on. */
export interface Answerer {
  /**
   * @param checkAt where its check sum is, for the fault that spoils it
   * @param at monotonic milliseconds
   * @param half where it stops or pauses for the faults that make it do so; absent: in the middle
   */
  send(answer: Uint8Array, checkAt: number, at: number, half?: number): void;
}

export function answerer(wire: DeviceWire, settings: PortSettings, faults: Faults): Answerer {
  /** Answers in a row with a wrong check sum. */
  let spoiled = 0;
  return {
    send(answer, checkAt, due, half = answer.length >> 1) {
      const active = faults();
      const at = due + (active.has('slow-reaction') ? SLOW_REACTION : 0);
      const isSpoiled = active.has('wrong-bcc') || (active.has('wrong-bcc-once') && spoiled === 0);
      const bytes = answer.map((byte, index) => (isSpoiled && index === checkAt ? byte ^ 1 : byte));
      const parity = active.has('no-parity') ? 'none' : active.has('wrong-parity') ? 'odd' : settings.parity;
      const sent = { ...settings, parity };
      if (active.has('garbage-before-answer')) wire.send(STRAY_CHARACTERS, sent, at);
      if (active.has('stops-in-mid-readout')) wire.send(bytes.subarray(0, half), sent, at);
      else if (active.has('long-gap')) {
        const paused = wire.send(bytes.subarray(0, half), sent, at);
        wire.send(bytes.subarray(half), sent, paused + LONG_GAP);
      } else wire.send(bytes, sent, at);
      spoiled = isSpoiled ? spoiled + 1 : 0;
    },
  };
}
