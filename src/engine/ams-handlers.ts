import type { Handlers } from '../rpc/rpc.ts';
import type { AmsApi } from './ams-api.ts';
import type { AtSessions } from './at-sessions.ts';
import type { Station } from './station.ts';

export interface AmsParts {
  readonly station: Station;
  readonly sessions: AtSessions;
  serveAt(portId: string | undefined, baudRate: number): Promise<void>;
}

/** The engine's answers to what views ask of device list, schedule, ports table and terminal. */
export function createAmsHandlers({ station, sessions, serveAt }: AmsParts): Handlers<AmsApi> {
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
    exportMeters: ({ format }) => ({ text: station.exportMeters(format) }),
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
    atOpen: ({ session, confirm }, { signal, emit }) => sessions.open(session, confirm, emit, signal),
    atInput: ({ session, text }) => sessions.input(session, text),
    atCancel: ({ session }) => {
      sessions.cancel(session);
      return undefined;
    },
    atConfirm: ({ session, question, yes }) => {
      sessions.confirm(session, question, yes);
      return undefined;
    },
    serveAt: async ({ portId, baudRate }) => {
      await serveAt(portId, baudRate);
      return undefined;
    },
  };
}
