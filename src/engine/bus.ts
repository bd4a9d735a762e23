import type { Line } from '../line/line.ts';
import { openLine } from '../line/open-line.ts';
import type { MeterError } from '../common/meter-error.ts';
import { DEFAULT_BAUD_RATE } from '../protocols/mbus/address.ts';
import { configure, prove } from '../protocols/mbus/configure.ts';
import { scanPrimary } from '../protocols/mbus/search-primary.ts';
import { searchSecondary } from '../protocols/mbus/search-secondary.ts';
import { searchControl, type FoundMeter, type SearchControl, type SearchEvent } from '../protocols/mbus/search.ts';
import type { Handlers } from '../rpc/rpc.ts';
import type { BusApi, FindEvent, FindProblem, FindRequest, FindResult } from './bus-api.ts';
import type { PortRegistry } from './port-registry.ts';

/** Search and configuration on the ports of this device. */
export function createBusHandlers(registry: PortRegistry): Handlers<BusApi> {
  return {
    findMeters: (request, { signal, emit, hear }) =>
      registry.withPort(
        request.portId,
        'searching the bus',
        async ({ port, clock }, tell) => {
          const control = searchControl();
          const { framing } = request.settings;
          const baudRate = request.baudRates[0] ?? DEFAULT_BAUD_RATE;
          const line = await openLine(port, { baudRate, framing, clock });
          hear(({ paused }) => (paused ? control.pause() : control.resume()));
          try {
            return await follow(line, searchOf(line, request, control, signal), (event) => {
              emit(event);
              if (event.kind === 'paused') tell('search paused');
              else if (event.kind === 'progress') tell(`searching the bus: ${event.progress.text}`);
            });
          } finally {
            await line.close();
          }
        },
        signal,
      ),
    configureMeter: ({ portId, address, change, settings, extent, expected }, { signal }) =>
      registry.withPort(
        portId,
        'changing a meter',
        async ({ port, clock }) => {
          const line = await openLine(port, { baudRate: address.baudRate, framing: settings.framing, clock });
          try {
            return extent === 'proof'
              ? await prove(line, address, change, settings, signal)
              : await configure(line, address, change, settings, signal, expected);
          } finally {
            await line.close();
          }
        },
        signal,
      ),
  };
}

function searchOf(
  line: Line,
  request: FindRequest,
  control: SearchControl,
  signal: AbortSignal,
): AsyncIterable<SearchEvent> {
  const { baudRates, settings } = request;
  const { timeoutMs } = settings;
  const options = { baudRates, ...(timeoutMs === undefined ? {} : { timeoutMs }), control, signal };
  if (request.kind === 'primary') return scanPrimary(line, options);
  return searchSecondary(line, { ...options, ...(request.mask ? { mask: request.mask } : {}) });
}

/** Passes on what a search tells, in a form that survives the way between workers. */
async function follow(
  line: Line,
  events: AsyncIterable<SearchEvent>,
  emit: (event: FindEvent) => void,
): Promise<FindResult> {
  const began = line.clock.monotonic();
  const problems: FindProblem[] = [];
  let pausedSince: number | undefined;
  let pausedMs = 0;
  let questions = 0;
  let outcome: FindResult['outcome'] = 'complete';
  let meters: readonly FoundMeter[] = [];
  const endPause = () => {
    if (pausedSince !== undefined) pausedMs += line.clock.monotonic() - pausedSince;
    pausedSince = undefined;
  };
  const wireMs = () => line.clock.monotonic() - began - pausedMs;

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
        pausedSince = line.clock.monotonic();
        emit(event);
        break;
      case 'resumed':
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
