import { openLine } from '../../../../src/line/open-line.ts';
import { systemClock } from '../../../../src/common/clock.ts';
import type { Values } from '../../../../src/common/form.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import { DEFAULT_BAUD_RATE, type MbusBaudRate } from '../../../../src/protocols/mbus/address.ts';
import { mbusDialogue } from '../../../../src/protocols/mbus/ask.ts';
import { searchSecondary } from '../../../../src/protocols/mbus/search-secondary.ts';
import type { FoundMeter } from '../../../../src/protocols/mbus/search.ts';
import { grantedPort } from './granted-port.ts';

export interface MbusReadRequest {
  readonly address: string;
  /** 8N1 unless told: a pty knows no parity. */
  readonly knobs?: Values;
}

export interface MbusSearchRequest {
  readonly baudRate?: MbusBaudRate;
}

export interface MbusSearchReport {
  readonly outcome: 'complete' | 'stopped' | 'failed';
  /** As told one by one, in the order they were found. */
  readonly found: readonly FoundMeter[];
  /** Codes of what was told as a problem, and of what ended the search. */
  readonly problems: readonly number[];
  readonly notes: readonly string[];
  readonly questions: number;
  readonly durationMs: number;
}

export type MbusRequest =
  | { readonly kind: 'read'; readonly request: MbusReadRequest }
  | { readonly kind: 'search'; readonly request: MbusSearchRequest };

async function read({ address, knobs }: MbusReadRequest): Promise<Readout> {
  const target = { address, settings: { framing: '8N1', ...knobs } };
  const line = await openLine(await grantedPort(), { ...mbusDialogue.lineOf(target), clock: systemClock });
  try {
    return await mbusDialogue.read(line, target, {});
  } finally {
    await line.close();
  }
}

async function search({ baudRate = DEFAULT_BAUD_RATE }: MbusSearchRequest): Promise<MbusSearchReport> {
  const line = await openLine(await grantedPort(), { baudRate, framing: '8N1', clock: systemClock });
  const found: FoundMeter[] = [];
  const problems: number[] = [];
  const notes: string[] = [];
  try {
    for await (const event of searchSecondary(line, { baudRates: [baudRate] })) {
      if (event.kind === 'found') found.push(event.meter);
      else if (event.kind === 'problem') problems.push(event.error.code);
      else if (event.kind === 'note') notes.push(event.text);
      else if (event.kind === 'ended') {
        const { outcome, questions, durationMs, error } = event;
        return { outcome, found, problems: error ? [...problems, error.code] : problems, notes, questions, durationMs };
      }
    }
  } finally {
    await line.close();
  }
  throw new Error('The search did not tell its end.');
}

self.onmessage = ({ data }: MessageEvent<MbusRequest>) => {
  const report = data.kind === 'read' ? read(data.request) : search(data.request);
  report.then(
    (told) => self.postMessage(told),
    (error: unknown) => self.reportError(error),
  );
};
