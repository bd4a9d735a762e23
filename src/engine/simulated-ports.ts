import { iec62056 } from '../protocols/iec62056-21/index.ts';
import { mbus } from '../protocols/mbus/index.ts';
import type { Clock } from '../common/clock.ts';
import { acceleratedClock, createSimulatedBuses, createSimulatedPorts } from '../simulator/index.ts';
import type { SimulationSettings } from './api.ts';
import type { EnginePort } from './port-registry.ts';

/** Single meters and whole buses, each behind a port of its own, by a clock that runs as fast as the settings say. */
export function simulatedPorts(realClock: Clock, settings: () => SimulationSettings): readonly EnginePort[] {
  const clock = acceleratedClock(realClock, () => settings().speed);
  return [
    ...createSimulatedPorts(clock, settings).map(({ port, entry }): EnginePort => ({
      port,
      clock,
      description: entry.description,
      suggested: { protocol: iec62056.name, address: entry.address, settings: entry.settings },
    })),
    ...createSimulatedBuses(clock, settings).map(({ port, entry }): EnginePort => ({
      port,
      clock,
      description: entry.description,
      suggested: { protocol: mbus.name, address: entry.address, settings: entry.settings },
    })),
  ];
}
