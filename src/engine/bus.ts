import type { LineClock } from '../line/line.ts';
import type { MeterError } from '../common/meter-error.ts';
import type { MeterAccess } from '../protocols/meter-access.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Protocols } from '../protocols/registry.ts';
import { searchControl, type Found, type SearchEvent } from '../protocols/search.ts';
import type { Handlers } from '../rpc/rpc.ts';
import { changeWithNote, forget, type ChangeBook } from './change-notes.ts';
import type { BusApi, FindEvent, FindProblem, FindResult } from './bus-api.ts';
import type { KeyValueStore } from './memory.ts';
import { ownProfiles } from './own-profiles.ts';
import type { PortRegistry } from './port-registry.ts';
import type { Turn } from './seat.ts';
import { traceOfSearch } from './trace-names.ts';
import type { TraceBook } from './traces.ts';
import { waitTeller, type WaitEvent } from './wait-event.ts';
import { withLine } from './with-line.ts';

export interface BusParts {
  readonly registry: Pick<PortRegistry, 'use'>;
  readonly protocols: Protocols;
  readonly traces: Pick<TraceBook, 'record'>;
  /** Where what people have written is kept. */
  readonly settings: Pick<KeyValueStore, 'get'>;
  /** Changes of meters that are being made. */
  readonly changes: ChangeBook;
}

/** Search and configuration on the ports of this device. */
export function createBusHandlers({ registry, protocols, traces, settings, changes }: BusParts): Handlers<BusApi> {
  function protocolOf(name: string): Protocol {
    const protocol = protocols.find(name);
    if (!protocol) throw new Error(`${name} is not built in.`);
    return protocol;
  }

  return {
    findMeters: async ({ portId, protocol, ...task }, { signal, emit, hear }) => {
      const control = searchControl();
      hear(({ paused }) => (paused ? control.pause() : control.resume()));
      const searcher = await protocolOf(protocol).parts.searcher?.();
      if (!searcher) throw new Error(`${protocol} has no search.`);
      const recorder = traces.record();
      const profiles = ownProfiles(settings, protocol);
      return await registry.use(portId, turnOf('searching the bus', signal, emit), (seat) => {
        recorder.keepAs(traceOfSearch(portId));
        return withLine(seat, { ...searcher.lineOf(task), onTrace: recorder.add }, async (line, lend) => {
          const lender = { isWanted: seat.isWanted, wanted: seat.wanted, lend };
          return await follow(line.clock, searcher.search(line, task, { control, lender, profiles }), (event) => {
            emit(event);
            if (event.kind === 'paused') seat.say('search paused');
            else if (event.kind === 'progress') seat.say(`searching the bus: ${event.progress.text}`);
          });
        });
      });
    },
    async changeMeterItself({ portId, protocol, plan, ...task }, { signal, emit }) {
      const whole = protocolOf(protocol);
      const changer = await whole.parts.changer?.();
      if (!changer) throw new Error(`Nothing can be changed over ${protocol}.`);
      // Ends the waiting at once; a change that has begun says itself how far it came.
      const waiting = new AbortController();
      const giveUp = () => waiting.abort(signal.reason);
      signal.throwIfAborted();
      signal.addEventListener('abort', giveUp, { once: true });
      const begun = () => signal.removeEventListener('abort', giveUp);
      const changing = registry.use(portId, turnOf('changing a meter', waiting.signal, emit), (seat) => {
        begun();
        return withLine(seat, { ...changer.lineOf(task), signal }, async (line) => {
          const access = await accessTo(whole, task.address);
          if (!plan) return await changer.prove(line, task, access);
          const { label } = seat.port.info;
          const note = {
            id: crypto.randomUUID(),
            at: changes.clock.now(),
            title: changer.title(task),
            meter: plan.meter,
            port: label,
            protocol,
            address: task.address,
          };
          return await changeWithNote(changes, note, async () => {
            const result = await changer.change(line, task, plan, access);
            // Whoever asked has given up, or is gone.
            const isUntold = signal.aborted && result.frames.some(({ isCommand }) => isCommand);
            return { result, ...(isUntold ? { untold: result.headline } : {}) };
          });
        });
      });
      return await changing.finally(begun);
    },
    async forgetChange({ id }) {
      await forget(changes, id);
      return undefined;
    },
  };
}

/** A person stands by: what the meter refused before is sent again where it is asked for. */
async function accessTo(protocol: Protocol, address: string): Promise<MeterAccess> {
  if (!protocol.parts.secrets) return {};
  const [{ secretsOf }, { numbersOf }] = await Promise.all([import('./secrets.ts'), import('./read-meter.ts')]);
  return secretsOf({ numbers: numbersOf(protocol, { address }), byItself: false });
}

function turnOf(text: string, signal: AbortSignal, emit: (event: WaitEvent) => void): Turn {
  return { rank: 'person', text, signal, onWait: waitTeller(emit) };
}

/** Passes on what a search tells, in a form that survives the way between workers. */
async function follow(
  clock: LineClock,
  events: AsyncIterable<SearchEvent>,
  emit: (event: FindEvent) => void,
): Promise<FindResult> {
  const began = clock.monotonic();
  const problems: FindProblem[] = [];
  let pausedSince: number | undefined;
  let pausedMs = 0;
  let effort = '';
  let outcome: FindResult['outcome'] = 'complete';
  let meters: readonly Found[] = [];
  const endPause = () => {
    if (pausedSince !== undefined) pausedMs += clock.monotonic() - pausedSince;
    pausedSince = undefined;
  };
  const wireMs = () => clock.monotonic() - began - pausedMs;

  for await (const event of events) {
    switch (event.kind) {
      case 'progress': {
        const { text, done } = event;
        effort = event.effort;
        emit({ kind: 'progress', progress: { text, done, effort, wireMs: wireMs() } });
        break;
      }
      case 'problem': {
        const problem = problemOf(event.address, event.error);
        problems.push(problem);
        emit({ kind: 'problem', problem });
        break;
      }
      case 'paused':
      case 'lent':
        pausedSince = clock.monotonic();
        emit(event);
        break;
      case 'resumed':
      case 'back':
        endPause();
        emit(event);
        break;
      case 'found':
      case 'withdrawn':
      case 'note':
        emit(event);
        break;
      case 'ended':
        // It may have been stopped while it was held.
        endPause();
        ({ outcome, meters, effort } = event);
        if (event.error && outcome === 'failed') problems.push(problemOf('', event.error));
        break;
    }
  }
  return { outcome, meters, problems, effort, wireMs: wireMs() };
}

const problemOf = (address: string, { code, message, hint }: MeterError): FindProblem => ({
  address,
  code,
  message,
  hint,
});
