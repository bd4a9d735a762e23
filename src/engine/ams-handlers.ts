import type { Handlers } from '../rpc/rpc.ts';
import type { AmsApi } from './ams-api.ts';
import type { At } from './at.ts';
import type { Station } from './station.ts';

export interface AmsParts {
  /** Waits until the storage was read. */
  station(): Promise<Station>;
  openAt(): Promise<At>;
}

/** The engine's answers to what views ask of device list, schedule, ports table and terminal. */
export function createAmsHandlers({ station, openAt }: AmsParts): Handlers<AmsApi> {
  return {
    addMeter: async ({ draft }) => (await station()).add(draft),
    changeMeter: async ({ id, change }) => (await station()).change(id, change),
    removeMeter: async ({ id }) => (await station()).remove(id),
    noteNumber: async ({ id, seq, serialNumber }) => {
      await (await station()).noteNumber(id, seq, serialNumber);
      return undefined;
    },
    moveMeter: async ({ id, to }) => (await station()).move(id, to),
    clearMeters: async () => {
      await (await station()).clear();
      return undefined;
    },
    setAllIntervals: async ({ interval }) => (await station()).setInterval('ALL', interval),
    importMeters: async ({ meters }) => (await station()).importMeters(meters),
    exportMeters: async ({ format }) => ({ text: await (await station()).exportMeters(format) }),
    setSchedule: async (change) => {
      await (await station()).setSchedule(change);
      return undefined;
    },
    bindPort: async ({ number, portId }) => ({ ok: await (await station()).bindPort(number, portId) }),
    setPortValue: async ({ number, key, value }) => {
      const ready = await station();
      const ok = await ready.stagePortValue(number, key, value);
      if (ok) await ready.restartPort(number);
      return { ok };
    },
    readNow: async ({ id }, { signal }) => (await station()).readNow(id, { signal }),
    startListening: async (request) => (await station()).listening.start(request),
    stopListening: async ({ portId }) => {
      await (await station()).listening.stop(portId);
      return undefined;
    },
    followHeard: async ({ portId }, { signal, emit }) => (await station()).listening.follow(portId, emit, signal),
    setInputs: async ({ source }) => {
      await (await station()).setInputs(source);
      return undefined;
    },
    retryInputs: async () => {
      (await station()).inputs.retry();
      return undefined;
    },
    followInputs: async (_input, { signal, emit }) => (await station()).inputs.follow(emit, signal),
    setInputCounter: async (wanted) => {
      await (await station()).inputs.setCounter(wanted);
      return undefined;
    },
    tick: async () => {
      (await station()).tick();
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
    serveAt: async ({ settings }) => {
      await (await openAt()).port.serve(settings);
      return undefined;
    },
    answerAtPort: async ({ question, yes }) => {
      (await openAt()).port.answer(question, yes);
      return undefined;
    },
  };
}
