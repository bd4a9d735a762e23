import { findPort, freePortNumber, bindPort, listenAt, type Listens, type PortsTable } from '../ams/ports-table.ts';
import type { AmsConfiguration } from '../ams/ams-store.ts';
import { indexOfMeter } from '../ams/meter-list.ts';
import type { Meter } from '../ams/meter.ts';
import { fittingValues, settingsOf } from '../common/form.ts';
import { framingOf } from '../line/framing.ts';
import { listensWith } from '../protocols/listens.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { HeardTelegram, ListenAnswer, ListeningState, ListenRequest } from './ams-api.ts';
import type { Attribution, Listeners, ListenersParts } from './listeners.ts';
import { meterHeard } from './meter-heard.ts';

export interface ListeningParts extends Omit<ListenersParts, 'attribute'> {
  configuration(): AmsConfiguration;
  /** On disk when it resolves. */
  changePorts(edit: (ports: PortsTable) => PortsTable | undefined): Promise<boolean>;
}

/** Listening as the ports table has it. */
export interface Listening {
  /** Rejects with a MeterError for an address that cannot be right. */
  start(request: ListenRequest): Promise<ListenAnswer>;
  stop(portId: string): Promise<void>;
  follow(portId: string, emit: (heard: HeardTelegram) => void, signal: AbortSignal): Promise<undefined>;
  states(): readonly ListeningState[];
  /** The table may have changed. */
  heed(): void;
}

export function createListening(parts: ListeningParts): Listening {
  const { protocols, registry, configuration } = parts;
  let listeners: Listeners | undefined;
  let loading: Promise<Listeners> | undefined;
  /** Numbers under which meters of the list were heard that have none there, by their id. */
  const heardAs = new Map<string, string>();

  const wanted = () =>
    new Map(
      configuration().ports.flatMap(({ portId, listens }): [string, Listens][] =>
        portId !== undefined && listens ? [[portId, listens]] : [],
      ),
    );

  /** Comes with the first port that is listened on: most are not. */
  function load(): Promise<Listeners> {
    loading ??= import('./listeners.ts').then(({ createListeners }) => {
      listeners = createListeners({ ...parts, attribute });
      return listeners;
    });
    loading.catch(() => (loading = undefined)); // the next look tries again
    return loading;
  }

  function heed(): void {
    if (listeners) listeners.heed(wanted());
    else if (wanted().size > 0) load().then(heed).catch(parts.onError);
  }

  /** Does the list read this meter by listening? */
  function isHeard(protocol: Protocol, { port: number, settings, learnt }: Meter): boolean {
    const entry = findPort(configuration().ports, number);
    const suggested = entry?.portId === undefined ? undefined : registry.find(entry.portId)?.suggested;
    const holding = settingsOf(protocol.settings, {
      set: fittingValues(protocol.settings, settings),
      learnt,
      suggested: suggested?.protocol === protocol.name ? suggested.settings : undefined,
      port: entry && { baudRate: entry.active.baudRate, framing: framingOf(entry.active) },
    });
    return listensWith(protocol, holding);
  }

  function attribute(portId: string, protocol: Protocol, from: readonly string[]): Attribution {
    const { meters, ports } = configuration();
    const here = meters.filter(
      ({ port, protocol: name }) => name === protocol.name && findPort(ports, port)?.portId === portId,
    );
    const candidates = here.map((meter) => ({
      meter,
      isHeard: isHeard(protocol, meter),
      heardAs: heardAs.get(meter.id),
    }));
    const [number] = from;
    const meter = meterHeard(protocol.address, candidates, from);
    // Read by nobody, as one by hand.
    if (!meter) return { index: 0, ...(number === undefined ? {} : { address: number }) };
    if (number !== undefined && !heardAs.has(meter.id)) heardAs.set(meter.id, number);
    return { index: indexOfMeter(meters, meter.id), meter: Number(meter.id), address: meter.address };
  }

  return {
    heed,
    states: () => listeners?.states() ?? [],
    async start({ portId, protocol: name, ...how }) {
      const protocol = protocols.find(name);
      if (!protocol?.parts.listener) return refused(`${name} has no meters that speak by themselves.`);
      if (!Number.isSafeInteger(how.everyMs) || how.everyMs < 0)
        return refused('The time between two records has to be 0 or more.');
      const address = (await protocol.parts.dialogue()).normal(how.address);
      const listens = { ...how, address, protocol: protocol.name };
      let answer: ListenAnswer = { ok: true };
      await parts.changePorts((ports) => {
        const before = ports.find((entry) => entry.portId === portId);
        if (before?.listens && before.listens.protocol !== listens.protocol) {
          answer = refused(`This port listens for ${before.listens.protocol} already. Stop that first.`);
          return undefined;
        }
        const number = before?.number ?? freePortNumber(ports);
        const bound = number === undefined ? undefined : bindPort(ports, number, portId);
        if (number !== undefined && bound) return listenAt(bound, number, listens);
        answer = refused('All port numbers are taken. Free one in the settings.');
        return undefined;
      });
      return answer;
    },
    async stop(portId) {
      await parts.changePorts((ports) => {
        const number = ports.find((entry) => entry.portId === portId)?.number;
        return number === undefined ? ports : listenAt(ports, number, undefined);
      });
    },
    follow: async (portId, emit, signal) => await (await load()).follow(portId, emit, signal),
  };
}

const refused = (message: string): ListenAnswer => ({ ok: false, message });
