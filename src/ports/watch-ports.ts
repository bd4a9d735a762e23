import type { Clock } from '../common/clock.ts';
import type { KnownPorts, Transport } from './transport.ts';

/** The ports of several transports as one list, for the engine's worker. What fails to load is tried anew with each refresh. */
export function watchPorts(transports: readonly Transport[], clock: Clock, onChange: () => void): KnownPorts {
  const known = new Map<Transport, KnownPorts>();
  const loading = new Map<Transport, Promise<KnownPorts>>();

  function watch(transport: Transport): Promise<KnownPorts> {
    let ports = loading.get(transport);
    if (!ports) {
      ports = transport.watch(clock, onChange);
      loading.set(transport, ports);
      ports.then(
        (loaded) => known.set(transport, loaded),
        () => loading.delete(transport),
      );
    }
    return ports;
  }

  const all = <T>(of: (ports: KnownPorts) => readonly T[]) =>
    transports.flatMap((transport) => {
      const ports = known.get(transport);
      return ports ? of(ports) : [];
    });

  return {
    get present() {
      return all(({ present }) => present);
    },
    get lost() {
      return all(({ lost }) => lost);
    },
    async refresh() {
      // One that fails does not keep the others from being asked.
      const outcomes = await Promise.allSettled(
        transports.map(async (transport) => (await watch(transport)).refresh()),
      );
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}
