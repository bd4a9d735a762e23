import type { PortId } from '../common/kinds.ts';
import { listenAt, type Listens } from '../ams/ports-table.ts';
import type { HeardTelegram, ListenAnswer, ListeningState, ListenRequest } from './ams-api.ts';
import type { Listeners, ListenersParts } from './listeners.ts';
import type { StartParts } from './start-listening.ts';

export type ListeningParts = ListenersParts & StartParts;

/** Listening as the ports table has it. */
export interface Listening {
  /** Rejects with a MeterError for an address that cannot be right. */
  start(request: ListenRequest): Promise<ListenAnswer>;
  stop(portId: PortId): Promise<void>;
  follow(portId: PortId, emit: (heard: HeardTelegram) => void, signal: AbortSignal): Promise<undefined>;
  states(): readonly ListeningState[];
  /** The table may have changed. */
  heed(): void;
}

export function createListening(parts: ListeningParts): Listening {
  const { configuration } = parts;
  let listeners: Listeners | undefined;
  let loading: Promise<Listeners> | undefined;
  const wanted = () =>
    new Map(
      configuration().ports.flatMap(({ portId, listens }): [string, Listens][] =>
        portId !== undefined && listens ? [[portId, listens]] : [],
      ),
    );

  /** Comes with the first port that is listened on: most are not. */
  function load(): Promise<Listeners> {
    loading ??= import('./listeners.ts').then(({ createListeners }) => {
      listeners = createListeners(parts);
      return listeners;
    });
    loading.catch(() => (loading = undefined)); // the next look tries again
    return loading;
  }

  function heed(): void {
    if (listeners) listeners.heed(wanted());
    else if (wanted().size > 0) load().then(heed).catch(parts.onError);
  }

  return {
    heed,
    states: () => listeners?.states() ?? [],
    start: async (request) => (await import('./start-listening.ts')).startListening(parts, request),
    async stop(portId) {
      await parts.changePorts((ports) => {
        const number = ports.find((entry) => entry.portId === portId)?.number;
        return number === undefined ? ports : listenAt(ports, number, undefined);
      });
    },
    follow: async (portId, emit, signal) => await (await load()).follow(portId, emit, signal),
  };
}
