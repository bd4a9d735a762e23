import { openLine } from '../../../../src/line/open-line.ts';
import type { TraceEntry } from '../../../../src/line/trace.ts';
import { systemClock } from '../../../../src/common/clock.ts';
import type { ReadProgress } from '../../../../src/protocols/protocol.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import { iecDialogue } from '../../../../src/protocols/iec62056-21/ask.ts';
import type { IecSettings } from '../../../../src/protocols/iec62056-21/settings.ts';
import { grantedPort } from './granted-port.ts';

export interface ReadRequest {
  readonly address?: string;
  readonly settings?: Partial<IecSettings>;
}

export interface ReadReport {
  readonly readout: Readout;
  readonly trace: readonly TraceEntry[];
  readonly progress: readonly ReadProgress[];
  /** Milliseconds from the call of the session's read to its readout, the port being open before and after. */
  readonly tookMs: number;
}

async function read({ address = '', settings = {} }: ReadRequest): Promise<ReadReport> {
  const target = { address, settings: { ...settings } };
  const line = await openLine(await grantedPort(), { ...iecDialogue.lineOf(target), clock: systemClock });
  const progress: ReadProgress[] = [];
  const began = performance.now();
  const readout = await iecDialogue.read(line, target, { onProgress: (step) => void progress.push(step) });
  const tookMs = performance.now() - began;
  await line.close();
  return { readout, trace: [...line.trace.entries], progress, tookMs };
}

self.onmessage = ({ data }: MessageEvent<ReadRequest>) => {
  read(data).then(
    (report) => self.postMessage(report),
    (error: unknown) => self.reportError(error),
  );
};
