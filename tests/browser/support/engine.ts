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
        const ask = () =>
          channel.postMessage({ to: 'owner', from, message: { rpc: 'call', id: 1, method: name, input: argument } });
        // An owner that is only starting hears nothing yet.
        const again = setInterval(ask, 1000);
        channel.onmessage = ({ data }: MessageEvent) => {
          const { to, message } = data as { to?: string; message?: { rpc: string; result: unknown; error: unknown } };
          if (to !== from || !message || message.rpc === 'event') return;
          clearInterval(again);
          channel.close();
          if (message.rpc === 'result') resolve(message.result as EngineApi[K]['result']);
          else reject(new Error(JSON.stringify(message.error)));
        };
        ask();
      }),
    [method, input] as const,
  );
}

/** Binds port 1 to a simulated meter that answers at once, and puts the meter into the list. */
export async function addSimulatedMeter(page: Page, id: string, interval = '1M'): Promise<void> {
  await callEngine(page, 'bindPort', { number: 1, portId: `simulated:${id}` });
  await callEngine(page, 'addMeter', { draft: { port: 1, protocol: 'IEC62056-21', address: '', interval } });
}

/** Every record there is, oldest first, as the database has it. Works on any page of the app's origin. */
export async function storedRecords(page: Page): Promise<readonly LogRecord[]> {
  return await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('openhhu');
      request.onupgradeneeded = () => request.transaction?.abort();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no database'));
    });
    const rows = await new Promise<LogRecord[]>((resolve, reject) => {
      const request = database.transaction('records').objectStore('records').getAll() as IDBRequest<LogRecord[]>;
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('not read'));
    });
    database.close();
    return rows;
  });
}
