import { expect, test } from 'vitest';
import { connectRenewed } from '../../../src/rpc/renewed-client.ts';
import type { Method } from '../../../src/rpc/rpc.ts';

interface TestApi {
  ask: Method<undefined, number>;
}

test('a worker that cannot be started is tried three times; after that every call hears so, and none waits for ever', async () => {
  const faults: string[] = [];
  let started = 0;
  const client = connectRenewed<TestApi>({
    start: () => {
      started++;
      const worker = Object.assign(new EventTarget(), {
        postMessage: () => worker.dispatchEvent(new Event('error')),
        terminate: () => undefined,
      });
      return Promise.resolve(worker as unknown as Worker);
    },
    onFault: (reason) => faults.push(reason),
  });
  const ask = () => client.call('ask', undefined);
  await expect(ask()).rejects.toMatchObject({ name: 'WorkerGone' });
  await expect(ask()).rejects.toMatchObject({ name: 'WorkerGone' });
  for (let i = 0; i < 3; i++) await expect(ask()).rejects.toThrow('could not be started');
  expect(started).toBe(3);
  expect(new Set(faults)).toEqual(new Set(['its script could not be loaded']));
});
