import type { Port } from '../line/port.ts';
import type { Clock } from '../common/clock.ts';
import { isFault } from './faults.ts';
import type { Fault } from './faults.ts';
import { mbusBuses } from './mbus-meters.ts';
import type { MbusEntry } from './mbus-meters.ts';
import type { MeterEntry } from './meter-entry.ts';
import { meters } from './meters.ts';

export { acceleratedClock } from './accelerated-clock.ts';
export { deviceAt } from './far-end.ts';
export { faults } from './faults.ts';
export { mbusBuses } from './mbus-meters.ts';
export { mbusBus } from './mbus-bus.ts';
export { meters } from './meters.ts';
export { simulatedPort } from './simulated-port.ts';
export type { Device } from './device.ts';
export type { Fault, Faults } from './faults.ts';
export type { MbusEntry } from './mbus-meters.ts';
export type { MbusMeterSpec } from './mbus-slave.ts';
export type { MeterEntry } from './meter-entry.ts';
export type { SimulatedPortOptions } from './simulated-port.ts';

export interface SimulatedPort {
  readonly port: Port;
  readonly entry: MeterEntry;
}

/** What the simulator reads of the engine's simulation settings; names it does not know are passed over. */
export interface FaultSettings {
  /** Faults switched on per meter id. */
  readonly faults: Readonly<Record<string, readonly string[]>>;
}

export interface SimulatedBus {
  readonly port: Port;
  readonly entry: MbusEntry;
}

const faultsOf = (settings: () => FaultSettings, id: string) => (): ReadonlySet<Fault> =>
  new Set((settings().faults[id] ?? []).filter(isFault));

/** One port for each meter; `settings` is asked whenever it matters, so that changes take hold at once. */
export function createSimulatedPorts(clock: Clock, settings: () => FaultSettings): readonly SimulatedPort[] {
  return meters.map((entry) => ({ entry, port: entry.create(clock, faultsOf(settings, entry.id)) }));
}

/** One port for each M-Bus with its meters, likewise. */
export function createSimulatedBuses(clock: Clock, settings: () => FaultSettings): readonly SimulatedBus[] {
  return mbusBuses.map((entry) => ({ entry, port: entry.create(clock, faultsOf(settings, entry.id)) }));
}
