import type { AtHost } from '../at/host.ts';
import { createAtInterpreter } from '../at/interpreter.ts';
import type { Port } from '../line/port.ts';
import { fromLatin1, toLatin1 } from '../protocols/common/bytes.ts';
import type { PortRegistry } from './port-registry.ts';

export interface AtPortService {
  /** Where AT commands are answered now. */
  readonly portId: string | undefined;
  /** Starts on a port, or stops when none is named. Rejects with a PortError when the port can't be opened. */
  serve(portId: string | undefined, baudRate: number): Promise<void>;
}

/** Answers AT commands on a serial port, so that a program that knows the SmartCOM can talk to this device. */
export function createAtPortService(
  registry: PortRegistry,
  host: AtHost,
  onError: (error: unknown) => void,
  onChange: () => void,
): AtPortService {
  let current: { readonly portId: string; readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  async function stop(): Promise<void> {
    current?.stop.abort();
    await current?.ended;
    current = undefined;
    onChange();
  }

  return {
    get portId() {
      return current?.portId;
    },
    async serve(portId, baudRate) {
      await stop();
      if (portId === undefined) return;
      const controller = new AbortController();
      await new Promise<void>((resolve, reject) => {
        const ended = registry
          .withPort(
            portId,
            'answering AT commands',
            async ({ port }) => {
              await port.open({ baudRate, dataBits: 8, stopBits: 1, parity: 'none' });
              resolve();
              await answerOn(port, host, controller.signal, onError);
            },
            controller.signal,
          )
          .catch((error: unknown) => {
            reject(error instanceof Error ? error : new Error(String(error)));
            onError(error);
          })
          .finally(() => {
            current = undefined;
            onChange();
          });
        current = { portId, stop: controller, ended };
      });
      onChange();
    },
  };
}

/** Until aborted or the port is lost; a loss rejects. Closes the port. */
async function answerOn(
  port: Port,
  host: AtHost,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  const interpreter = createAtInterpreter(host, (text) => port.write(fromLatin1(text)), { onError });
  try {
    await new Promise<void>((resolve, reject) => {
      port.listen((event) => {
        if (event.kind === 'data') interpreter.input(toLatin1(event.bytes)).catch(reject);
        else if (event.kind === 'lost') reject(new Error(event.reason));
      });
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    interpreter.cancel();
    await port.close();
  }
}
