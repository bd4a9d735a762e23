import { systemClock } from '../../../../src/common/clock.ts';
import type { Values } from '../../../../src/common/form.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import type { ChangeResult, ChangeTask } from '../../../../src/protocols/change.ts';
import { modbusDialogue } from '../../../../src/protocols/modbus/ask.ts';
import { modbusChanger } from '../../../../src/protocols/modbus/changer.ts';
import { modbusSearcher } from '../../../../src/protocols/modbus/searcher.ts';
import type { Found } from '../../../../src/protocols/search.ts';
import { grantedPort } from './granted-port.ts';

/** A pty knows no parity: 8N1. */
const FRAMING = { framing: '8N1' };

export interface ModbusRequest {
  /** One read after the other over one opening, so many times; the last readout is told. */
  readonly read?: { readonly address: string; readonly settings: Values; readonly times?: number };
  readonly change?: ChangeTask;
  readonly search?: Values;
}

export interface ModbusReport {
  readonly readout?: Readout;
  /** Milliseconds of each read. */
  readonly took: readonly number[];
  readonly changed?: ChangeResult;
  readonly found: readonly Found[];
}

async function report({ read, change, search }: ModbusRequest): Promise<ModbusReport> {
  const port = await grantedPort();
  const line = await openLine(port, { baudRate: 9600, framing: '8N1', clock: systemClock });
  const took: number[] = [];
  try {
    let readout: Readout | undefined;
    if (read) {
      const target = { address: read.address, settings: { ...FRAMING, ...read.settings } };
      for (let time = 0; time < (read.times ?? 1); time++) {
        const began = performance.now();
        readout = await modbusDialogue.read(line, target, {});
        took.push(performance.now() - began);
        if (readout.errorCode !== 0) break;
      }
    }
    if (change) {
      const task = { ...change, settings: { ...FRAMING, ...change.settings } };
      const proved = await modbusChanger.prove(line, task);
      const changed = proved.plan ? await modbusChanger.change(line, task, proved.plan) : proved;
      return { took, found: [], changed };
    }
    const found: Found[] = [];
    if (search) {
      const task = { id: 'units', values: { rates: '9600', framings: '8N1', ...search }, settings: FRAMING };
      for await (const event of modbusSearcher.search(line, task, {}))
        if (event.kind === 'found') found.push(event.meter);
    }
    return { took, found, ...(readout ? { readout } : {}) };
  } finally {
    await line.close();
  }
}

self.onmessage = ({ data }: MessageEvent<ModbusRequest>) => {
  report(data).then(
    (told) => self.postMessage(told),
    (error: unknown) => self.reportError(error),
  );
};
