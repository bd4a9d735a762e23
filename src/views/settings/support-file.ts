import type { EngineState } from '../../engine/api.ts';
import type { Fault } from '../../engine/faults.ts';
import type { NamedTrace } from '../../engine/traces.ts';
import { toHex } from '../../common/bytes.ts';
import type { TraceEntry } from '../../line/trace.ts';

export interface SupportFacts {
  readonly app: { readonly version: string; readonly commit: string };
  readonly device: { readonly browser: string; readonly online: boolean; readonly screen: string };
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly state: EngineState | undefined;
  readonly traces: readonly NamedTrace[];
  readonly faults: readonly Fault[];
}

/**
 * JSON for somebody who helps: what this is, how it is set up, and what was on the wire. Without what people wrote of
 * their meters, which helps nobody: names, places and notes.
 */
export function supportFile({ app, device, at, state, traces, faults }: SupportFacts): string {
  const file = {
    app,
    device,
    time: isoOf(at),
    state: state && { ...state, ams: { ...state.ams, meters: state.ams.meters.map(withoutNames) } },
    faults: faults.map((fault) => ({ time: isoOf(fault.at), text: fault.text })),
    jobs: traces.map(({ name, startedAt, entries }) => ({
      name,
      time: isoOf(startedAt),
      wire: entries.map((entry) => wireLine(entry)),
    })),
  };
  return `${JSON.stringify(file, undefined, 1)}\n`;
}

type MeterState = EngineState['ams']['meters'][number];

function withoutNames(state: MeterState) {
  const { name, place, notes, ...meter } = state.meter;
  return { ...state, meter: { ...meter, named: [name, place, notes].some((text) => text !== undefined) } };
}

/** "12.3 ms 300 Bd sent 2F 3F 21 0D 0A"; dots in place of a secret. */
function wireLine({ time, direction, baudRate, bytes, text, hidden = [], parityErrors = [] }: TraceEntry): string {
  const hex = Array.from(bytes, (byte, i) => (hidden.includes(i) ? '••' : toHex(Uint8Array.of(byte)))).join(' ');
  const wrong = parityErrors.length > 0 ? `parity wrong at ${parityErrors.join(', ')}` : '';
  return [`${time.toFixed(1)} ms`, `${baudRate} Bd`, direction, hex, text, wrong]
    .filter((part) => part !== '')
    .join(' ');
}

/** A clock may be where no date is. */
function isoOf(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}
