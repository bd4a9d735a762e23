import type { Page } from '@playwright/test';
import type { EngineApi } from '../../../src/engine/api.ts';
import type { LogRecord } from '../../../src/log/record.ts';

/** Calls the engine as another window would: over the channel between windows, past every view. */
export async function callEngine<K extends keyof EngineApi>(
  page: Page,
  method: K,
  input: EngineApi[K]['input'],
): Promise<EngineApi[K]['result']> {
  return await page.evaluate(
    ([name, argument]) =>
      new Promise<EngineApi[K]['result']>((resolve, reject) => {
        const channel = new BroadcastChannel('openhhu-engine');
        const from = crypto.randomUUID();
        const send = (id: number, method: string, input: unknown) =>
          channel.postMessage({ to: 'owner', from, message: { rpc: 'call', id, method, input } });
        // An owner that is only starting hears nothing yet. It is asked for nothing until it answers, and then once.
        const greet = () => send(1, 'trace', { seq: -1 });
        const again = setInterval(greet, 1000);
        let isAsked = false;
        channel.onmessage = ({ data }: MessageEvent) => {
          const { to, message } = data as {
            to?: string;
            message?: { rpc: string; id: number; result: unknown; error: unknown };
          };
          if (to !== from || !message || message.rpc === 'event') return;
          if (message.id === 1) {
            clearInterval(again);
            if (!isAsked) send(2, name, argument);
            isAsked = true;
            return;
          }
          channel.close();
          if (message.rpc === 'result') resolve(message.result as EngineApi[K]['result']);
          else reject(new Error(JSON.stringify(message.error)));
        };
        greet();
      }),
    [method, input] as const,
  );
}

/** Binds port 1 to a simulated meter that answers at once, and puts the meter into the list. */
export async function addSimulatedMeter(page: Page, id: string, interval = '1H'): Promise<void> {
  await callEngine(page, 'bindPort', { number: 1, portId: `simulated:${id}` });
  await callEngine(page, 'addMeter', { draft: { port: 1, protocol: 'IEC62056-21', address: '', interval } });
}

/** Every row of a store of the database. Works on any page of the app's origin. */
async function rowsOf(page: Page, store: 'records' | 'settings'): Promise<readonly unknown[]> {
  return await page.evaluate(async (name) => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('openhhu');
      request.onupgradeneeded = () => request.transaction?.abort();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no database'));
    });
    const rows = await new Promise<unknown[]>((resolve, reject) => {
      const request = database.transaction(name).objectStore(name).getAll() as IDBRequest<unknown[]>;
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('not read'));
    });
    database.close();
    return rows;
  }, store);
}

/** Every record there is, oldest first, as the database has it. */
export async function storedRecords(page: Page): Promise<readonly LogRecord[]> {
  return (await rowsOf(page, 'records')) as readonly LogRecord[];
}

/** A setting as the database has it; undefined where it has none. */
export async function storedSetting(page: Page, key: string): Promise<unknown> {
  const rows = (await rowsOf(page, 'settings')) as readonly { readonly key: string; readonly value: unknown }[];
  return rows.find((row) => row.key === key)?.value;
}
