import type { Handlers } from '../rpc/rpc.ts';
import type { AmsApi } from './ams-api.ts';
import type { At } from './at.ts';
import type { Station } from './station.ts';

export interface AmsParts {
  readonly station: Station;
  openAt(): Promise<At>;
}

/** The engine's answers to what views ask of device list, schedule, ports table and terminal. */
export function createAmsHandlers({ station, openAt }: AmsParts): Handlers<AmsApi> {
  return {
    addMeter: ({ draft }) => station.add(draft),
    changeMeter: ({ id, change }) => station.change(id, change),
    removeMeter: ({ id }) => station.remove(id),
    moveMeter: ({ id, to }) => station.move(id, to),
    clearMeters: async () => {
      await station.clear();
      return undefined;
    },
    setAllIntervals: ({ interval }) => station.setInterval('ALL', interval),
    importMeters: ({ text }) => station.importMeters(text),
    exportMeters: async ({ format }) => ({ text: await station.exportMeters(format) }),
    setSchedule: async (change) => {
      await station.setSchedule(change);
      return undefined;
    },
    bindPort: async ({ number, portId }) => ({ ok: await station.bindPort(number, portId) }),
    setPortValue: async ({ number, key, value }) => {
      const ok = await station.stagePortValue(number, key, value);
      if (ok) await station.restartPort(number);
      return { ok };
    },
    readNow: async ({ id }, { signal }) => ({ record: await station.readNow(id, signal) }),
    tick: () => {
      station.tick();
      return undefined;
    },
    atOpen: async ({ session, confirm }, { signal, emit }) =>
      (await openAt()).sessions.open(session, confirm, emit, signal),
    atInput: async ({ session, text }) => (await openAt()).sessions.input(session, text),
    atCancel: async ({ session }) => {
      (await openAt()).sessions.cancel(session);
      return undefined;
    },
    atConfirm: async ({ session, question, yes }) => {
      (await openAt()).sessions.confirm(session, question, yes);
      return undefined;
    },
    serveAt: async ({ portId, baudRate }) => {
      await (await openAt()).port.serve(portId, baudRate);
      return undefined;
    },
  };
}
