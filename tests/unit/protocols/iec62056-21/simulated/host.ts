import '../../../../../src/protocols/iec62056-21/simulated/devices.ts';
import { iecSimulated } from '../../../../../src/protocols/iec62056-21/simulated/index.ts';
import type { SimulatedMeter } from '../../../../../src/protocols/simulated-meter.ts';
import { simulatedPort } from '../../../../../src/simulator/simulated-port.ts';
import { hostOf, type Host } from '../../../simulator/host.ts';

export function simulatedMeter(id: string): SimulatedMeter {
  const meter = iecSimulated.find((candidate) => candidate.id === id);
  if (!meter) throw new Error(`No simulated meter ${id}`);
  return meter;
}

export function hostOfMeter(id: string): Host {
  return hostOf((clock, faults) => simulatedPort(simulatedMeter(id), clock, faults));
}

/** Splits a data message; `sum` and `xor` are computed here, apart from the simulator and the codec. */
export function checked(message: string): { content: string; bcc: number; xor: number; sum: number } {
  const start = message.indexOf('\x02');
  const end = message.indexOf('\x03');
  const codes = Array.from(message.slice(start + 1, end + 1), (character) => character.charCodeAt(0));
  return {
    content: message.slice(start + 1, end),
    bcc: message.charCodeAt(end + 1),
    xor: codes.reduce((a, b) => a ^ b, 0),
    sum: codes.reduce((a, b) => (a + b) & 0x7f, 0),
  };
}
