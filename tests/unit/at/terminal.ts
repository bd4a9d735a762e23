import { protocols } from '../../../src/protocols/registry.ts';
import { addMeter, type MeterList, removeMeter, setMeterInterval } from '../../../src/ams/meter-list.ts';
import type { Checked } from '../../../src/ams/meter.ts';
import { portEntry, type PortsTable, restartPort, savePort, stagePortValue } from '../../../src/ams/ports-table.ts';
import { AtError } from '../../../src/at/at-error.ts';
import type { AtHost, Detection, DirectRead } from '../../../src/at/host.ts';
import { type AtInterpreterOptions, createAtInterpreter } from '../../../src/at/interpreter.ts';
import { registry } from '../ams/fixtures.ts';

function take<T>(checked: Checked<T> | T | undefined): T {
  if (checked === undefined) throw new AtError(50);
  if (typeof checked === 'object' && checked !== null && 'ok' in checked) {
    if (!checked.ok) throw new AtError(50, checked.fault.message);
    return checked.value;
  }
  return checked;
}

async function* batches(lines: readonly string[]): AsyncIterable<readonly string[]> {
  for (let i = 0; i < lines.length; i += 2) yield await Promise.resolve(lines.slice(i, i + 2));
}

/** A host in memory over the real meter list and ports table; readings, search and records are what a test puts in. */
export function memoryHost() {
  let ids = 0;
  const state = {
    enabled: false,
    retries: 0,
    meters: [] as MeterList,
    ports: [] as PortsTable,
    records: [] as string[],
    freeSpace: 7008089,
    readout: { errorCode: 0, identification: '', data: '' },
    found: { errorCode: 0, found: [] as { primaryAddress: number; secondaryAddress: string }[] },
    directReads: [] as DirectRead[],
    detections: [] as Detection[],
    filters: [] as string[],
    deleted: [] as (number | 'all')[],
  };
  const done = async (change: () => void) => {
    await Promise.resolve();
    change();
  };
  const host: AtHost = {
    identity: () =>
      Promise.resolve({ manufacturer: 'OpenHHU', model: 'Hand-held unit', revision: '1.2.3', serialNumber: '0001' }),
    isEnabled: () => Promise.resolve(state.enabled),
    setEnabled: (on) => done(() => (state.enabled = on)),
    retryCount: () => Promise.resolve(state.retries),
    setRetryCount: (count) => done(() => (state.retries = count)),
    listMeters: () => Promise.resolve(state.meters),
    addMeter: (meter) =>
      done(() => (state.meters = take(addMeter(state.meters, meter, registry, { id: `m${++ids}`, now: 0 })))),
    removeMeter: (index) => done(() => (state.meters = take(removeMeter(state.meters, index)))),
    clearMeters: () => done(() => (state.meters = [])),
    changeInterval: (which, interval) =>
      done(() => (state.meters = take(setMeterInterval(state.meters, which, interval, 0)))),
    findProtocol: protocols.find,
    directRead: (request) => {
      state.directReads.push(request);
      return Promise.resolve(state.readout);
    },
    detect: (request) => {
      state.detections.push(request);
      return Promise.resolve(state.found);
    },
    recordCount: () => Promise.resolve(state.records.length),
    freeSpace: () => Promise.resolve(state.freeSpace),
    oldestRecords: (count) => batches(state.records.slice(0, count)),
    filteredRecords: (filter) => {
      state.filters.push(filter);
      return batches(state.records);
    },
    deleteOldestRecords: (count) =>
      done(() => {
        state.deleted.push(count);
        state.records.splice(0, count);
      }),
    deleteAllRecords: () =>
      done(() => {
        state.deleted.push('all');
        state.records = [];
      }),
    portSettings: (port) => Promise.resolve(portEntry(state.ports, port)?.staged),
    stagePortValue: (port, key, value) =>
      done(() => (state.ports = take(stagePortValue(state.ports, port, key, value)))),
    savePort: (port) => done(() => (state.ports = savePort(state.ports, port))),
    restartPort: (port) => done(() => (state.ports = restartPort(state.ports, port))),
  };
  return { state, host };
}

export function openTerminal(options: AtInterpreterOptions = {}, change: Partial<AtHost> = {}) {
  const { state, host } = memoryHost();
  let output = '';
  const chunks: string[] = [];
  const interpreter = createAtInterpreter(
    { ...host, ...change },
    (text) => {
      output += text;
      chunks.push(text);
    },
    options,
  );
  /** What comes back for characters exactly as given. */
  const send = async (text: string) => {
    output = '';
    await interpreter.input(text);
    return output;
  };
  return {
    state,
    interpreter,
    chunks,
    send,
    /** Types a line and gives the answer without the echo, which must be the line itself. */
    type: async (line: string) => {
      const answer = await send(`${line}\r`);
      if (!answer.startsWith(`${line}\r`)) throw new Error(`no echo: ${JSON.stringify(answer)}`);
      return answer.slice(line.length + 1);
    },
  };
}

export const OK = '\r\nOK\r\n';
export const ERROR = '\r\nERROR\r\n';
/** Information text and OK. */
export const answer = (...lines: readonly string[]) => `\r\n${lines.join('\r\n')}\r\n${OK}`;
