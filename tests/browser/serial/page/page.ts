import type { Readout } from '../../../../src/common/readout.ts';
import type { CommandReport, CommandRequest } from './command-worker.ts';
import type { MbusReadRequest, MbusRequest, MbusSearchReport, MbusSearchRequest } from './mbus-worker.ts';
import type { ModbusReport, ModbusRequest } from './modbus-worker.ts';
import type { ReadReport, ReadRequest } from './read-worker.ts';

/** Each of these goes on in a fresh dedicated worker over the first serial port that is granted. */
declare global {
  interface Window {
    /** One read by IEC 62056-21. */
    readMeter: (request: ReadRequest) => Promise<ReadReport>;
    readMbus: (request: MbusReadRequest) => Promise<Readout>;
    /** Secondary search for all meters. */
    searchMbus: (request: MbusSearchRequest) => Promise<MbusSearchReport>;
    modbus: (request: ModbusRequest) => Promise<ModbusReport>;
    /** A read or a change by IEC 62056-21 or DLMS. */
    command: (request: CommandRequest) => Promise<CommandReport>;
  }
}

/** Puts one request to a worker and ends it with its report. */
function reportOf<Report>(
  worker: Worker,
  request: ReadRequest | MbusRequest | ModbusRequest | CommandRequest,
): Promise<Report> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(request);
  });
}

const readWorker = () => new Worker(new URL('./read-worker.ts', import.meta.url), { type: 'module' });
const mbusWorker = () => new Worker(new URL('./mbus-worker.ts', import.meta.url), { type: 'module' });

const modbusWorker = () => new Worker(new URL('./modbus-worker.ts', import.meta.url), { type: 'module' });

const commandWorker = () => new Worker(new URL('./command-worker.ts', import.meta.url), { type: 'module' });

window.readMeter = (request) => reportOf(readWorker(), request);
window.readMbus = (request) => reportOf(mbusWorker(), { kind: 'read', request });
window.searchMbus = (request) => reportOf(mbusWorker(), { kind: 'search', request });
window.modbus = (request) => reportOf(modbusWorker(), request);
window.command = (request) => reportOf(commandWorker(), request);
