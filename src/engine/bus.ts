import type { Line, LineClock } from '../line/line.ts';
import type { MeterError } from '../common/meter-error.ts';
import { DEFAULT_BAUD_RATE } from '../protocols/mbus/address.ts';
import { configure, prove } from '../protocols/mbus/configure.ts';
import { scanPrimary } from '../protocols/mbus/search-primary.ts';
import type { SecondarySearch } from '../protocols/mbus/search-run.ts';
import { searchSecondary } from '../protocols/mbus/search-secondary.ts';
import { searchControl, type FoundMeter, type SearchEvent } from '../protocols/mbus/search.ts';
import type { Handlers } from '../rpc/rpc.ts';
import type { BusApi, FindEvent, FindProblem, FindRequest, FindResult } from './bus-api.ts';
import type { PortRegistry } from './port-registry.ts';
import type { Turn } from './seat.ts';
import { waitTeller, type WaitEvent } from './wait-event.ts';
import { withLine } from './with-line.ts';

/** Search and configuration on the ports of this device. */
export function createBusHandlers(registry: Pick<PortRegistry, 'use'>): Handlers<BusApi> {
  return {
    findMeters: async (request, { signal, emit, hear }) => {
      const control = searchControl();
      hear(({ paused }) => (paused ? control.pause() : control.resume()));
      const { framing } = request.settings;
      const baudRate = request.baudRates[0] ?? DEFAULT_BAUD_RATE;
      return await registry.use(request.portId, turnOf('searching the bus', signal, emit), (seat) =>
        withLine(seat, { baudRate, framing }, async (line, lend) => {
          const lender = { isWanted: seat.isWanted, wanted: seat.wanted, lend };
          return await follow(line.clock, searchOf(line, request, { control, lender, signal }), (event) => {
            emit(event);
            if (event.kind === 'paused') seat.say('search paused');
            else if (event.kind === 'progress') seat.say(`searching the bus: ${event.progress.text}`);
          });
        }),
      );
    },
    async configureMeter({ portId, address, change, settings, extent, expected }, { signal, emit }) {
      // Ends the waiting at once; a change that has begun says itself how far it came.
      const waiting = new AbortController();
      const giveUp = () => waiting.abort(signal.reason);
      signal.throwIfAborted();
      signal.addEventListener('abort', giveUp, { once: true });
      return await registry.use(portId, turnOf('changing a meter', waiting.signal, emit), (seat) => {
        signal.removeEventListener('abort', giveUp);
        return withLine(seat, { baudRate: address.baudRate, framing: settings.framing }, (line) =>
          extent === 'proof'
            ? prove(line, address, change, settings, signal)
            : configure(line, address, change, settings, signal, expected),
        );
      });
    },
  };
}

function turnOf(text: string, signal: AbortSignal, emit: (event: WaitEvent) => void): Turn {
  return { rank: 'person', text, signal, onWait: waitTeller(emit) };
}

function searchOf(
  line: Line,
  request: FindRequest,
  circumstances: Pick<SecondarySearch, 'control' | 'lender' | 'signal'>,
): AsyncIterable<SearchEvent> {
  const { baudRates, settings } = request;
  const { timeoutMs } = settings;
  const options = { baudRates, ...(timeoutMs === undefined ? {} : { timeoutMs }), ...circumstances };
  if (request.kind === 'primary') return scanPrimary(line, options);
  return searchSecondary(line, { ...options, ...(request.mask ? { mask: request.mask } : {}) });
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
  let questions = 0;
  let outcome: FindResult['outcome'] = 'complete';
  let meters: readonly FoundMeter[] = [];
  const endPause = () => {
    if (pausedSince !== undefined) pausedMs += clock.monotonic() - pausedSince;
    pausedSince = undefined;
  };
  const wireMs = () => clock.monotonic() - began - pausedMs;

  for await (const event of events) {
    switch (event.kind) {
      case 'progress': {
        const { text, baudRate, done } = event;
        questions = event.questions;
        emit({ kind: 'progress', progress: { text, baudRate, done, questions, wireMs: wireMs() } });
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
        ({ outcome, meters, questions } = event);
        if (event.error && outcome === 'failed') problems.push(problemOf('', event.error));
        break;
    }
  }
  return { outcome, meters, problems, questions, wireMs: wireMs() };
}

const problemOf = (address: string, { code, message, hint }: MeterError): FindProblem => ({
  address,
  code,
  message,
  hint,
});
