import type { AtPortSettings, AtPortState } from './ams-api.ts';
import { createAtPermission } from './at-permission.ts';
import { createServedPort, type ServedPort, type ServedPortParts } from './at-served.ts';

export interface AtPortParts extends Omit<ServedPortParts, 'permission'> {
  /** What is to go on at the next start; undefined: nothing. */
  stored(): Promise<AtPortSettings | undefined>;
  keep(settings: AtPortSettings | undefined): Promise<void>;
}

/** Answers AT commands on a serial port, so that a program that knows the SmartCOM can talk to this device. */
export interface AtPortService {
  /** Undefined while no port is served. */
  readonly state: AtPortState | undefined;
  /**
   * Starts on a port; undefined: stops. Rejects with a PortError when the port can't be used now. Once started it goes on
   * by itself: after a reload, in the window that takes over, and when the adapter is plugged in again.
   */
  serve(settings: AtPortSettings | undefined): Promise<void>;
  /** Goes on with what was kept, if anything, as soon as the port can be used. */
  resume(): Promise<void>;
  /** What somebody at the page says to the question of that number. */
  answer(question: number, yes: boolean): void;
  /** Ports or meter list have changed: looks at once whether it has to stop or can go on. */
  look(): void;
}

export function createAtPortService(parts: AtPortParts): AtPortService {
  const { clock, onChange } = parts;
  let served: ServedPort | undefined;
  let questions = 0;

  async function stop(): Promise<void> {
    const old = served;
    served = undefined;
    await old?.end();
  }

  /** @param onFirst told how the first attempt ended: with an error, or answering. */
  function begin(settings: AtPortSettings, onFirst: (error?: Error) => void): void {
    const newNumber = () => ++questions;
    const permission = createAtPermission({ mode: settings.mode, clock, newNumber, onChange });
    served = createServedPort(settings, { ...parts, permission });
    served.begin(onFirst);
  }

  return {
    get state() {
      return served?.state;
    },
    async serve(settings) {
      const before = served?.settings;
      await stop();
      if (!settings) {
        onChange();
        await parts.keep(undefined);
        return;
      }
      try {
        await new Promise<void>((resolve, reject) => {
          begin(settings, (error) => {
            if (error === undefined) resolve();
            else reject(error);
          });
        });
      } catch (error) {
        await stop();
        if (before) begin(before, () => undefined);
        onChange();
        throw error;
      }
      await parts.keep(settings).catch((error: unknown) => {
        parts.onError(error);
        if (served?.settings === settings) served.noteUnkept();
      });
    },
    async resume() {
      const settings = await parts.stored();
      if (settings && !served) begin(settings, () => undefined);
    },
    answer: (question, yes) => served?.answer(question, yes),
    look: () => served?.look(),
  };
}
