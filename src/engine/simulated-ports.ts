import type { Clock } from '../common/clock.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { isFault, type Fault } from '../simulator/faults.ts';
import { simulatedPort } from '../simulator/simulated-port.ts';
import type { SimulationSettings } from './api.ts';
import type { EnginePort } from './port-registry.ts';

/**
 * What every protocol has to try it with, each behind a port of its own, by a clock that may run fast. `settings` is asked
 * whenever it matters, so that changes take hold at once; faults it does not know are passed over.
 */
export async function simulatedPorts(
  protocols: readonly Protocol[],
  clock: Clock,
  settings: () => Pick<SimulationSettings, 'faults'>,
): Promise<readonly EnginePort[]> {
  const ports = protocols.map(async ({ name, parts }) => {
    const meters = (await parts.simulated?.()) ?? [];
    return meters.map((meter): EnginePort => {
      const faults = () => new Set<Fault>((settings().faults[meter.id] ?? []).filter(isFault));
      const { description, address = '', settings: differing = {} } = meter;
      return {
        port: simulatedPort(meter, clock, faults),
        clock,
        description,
        suggested: { protocol: name, address, settings: differing },
      };
    });
  });
  return (await Promise.all(ports)).flat();
}
