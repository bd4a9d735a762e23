import { afterEach, expect, test, vi } from 'vitest';
import { announceLife, connectRenewed } from '../../../src/rpc/renewed-client.ts';
import { serve, type Method } from '../../../src/rpc/rpc.ts';
import { eventually } from '../eventually.ts';

interface TestApi {
  ask: Method<undefined, number>;
  hang: Method<undefined, never>;
  /** Adds up what it hears until it hears 0, and tells each sum. */
  sum: Method<undefined, number, number, number>;
}

const open: MessagePort[] = [];
afterEach(() => {
  vi.unstubAllGlobals();
  for (const port of open.splice(0)) port.close();
});

/** Web Locks of which the holders die when the test says so. */
function fakeLocks() {
  const queues = new Map<string, (() => void)[]>();
  vi.stubGlobal('navigator', {
    locks: {
      request(name: string, job: () => unknown) {
        const queue = queues.get(name);
        if (queue) return new Promise((resolve) => queue.push(() => resolve(job())));
        queues.set(name, []);
        return Promise.resolve(job());
      },
    },
  });
  return {
    names: () => [...queues.keys()],
    die() {
      const dead = [...queues.values()];
      queues.clear();
      for (const next of dead.flat()) next();
    },
  };
}

/** Workers that answer with their number; each says that it lives when the test says so. */
function workers() {
  const faults: string[] = [];
  const scopes: MessagePort[] = [];
  const started: MessagePort[] = [];
  let terminated = 0;
  const client = connectRenewed<TestApi>({
    async start() {
      const { port1, port2 } = new MessageChannel();
      open.push(port1, port2);
      const number = scopes.push(port2);
      started.push(port1);
      serve<TestApi>(port2, {
        ask: () => number,
        hang: () => new Promise(() => undefined),
        sum: (_input, { emit, hear }) =>
          new Promise((resolve) => {
            let total = 0;
            hear((heard) => (heard === 0 ? resolve(total) : emit((total += heard))));
          }),
      });
      port1.start();
      port2.start();
      return Object.assign(port1, { terminate: () => terminated++ }) as unknown as Worker;
    },
    onFault: (reason) => faults.push(reason),
  });
  return {
    client,
    faults,
    started,
    ask: () => client.call('ask', undefined),
    live: () => scopes.forEach((scope) => announceLife(scope)),
    terminated: () => terminated,
    /** As a browser tells of what was thrown in the newest, or of a script that is not there. */
    fail: (message: string) => started.at(-1)?.dispatchEvent(Object.assign(new Event('error'), { message })),
  };
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

test('a start that fails is tried anew by the next call', async () => {
  fakeLocks();
  let tries = 0;
  const client = connectRenewed<TestApi>({
    start: () => {
      if (++tries === 1) return Promise.reject(new Error('no such chunk'));
      const { port1, port2 } = new MessageChannel();
      open.push(port1, port2);
      serve<TestApi>(port2, { ask: () => 7 } as never);
      port1.start();
      port2.start();
      return Promise.resolve(Object.assign(port1, { terminate: () => undefined }) as unknown as Worker);
    },
    onFault: () => undefined,
  });
  await expect(client.call('ask', undefined)).rejects.toThrow('no such chunk');
  expect([await client.call('ask', undefined), tries]).toEqual([7, 2]);
});

test('what nobody can read ends what waited for it; the third time it is given up in words', async () => {
  fakeLocks();
  const { client, ask, started, live, faults, terminated } = workers();
  const unread = () => started.at(-1)?.dispatchEvent(new MessageEvent('messageerror'));
  for (let time = 1; time <= 2; time++) {
    expect(await ask()).toBe(time);
    live();
    await ask();
    const hanging = client.call('hang', undefined);
    // Sent on its way before the message that is lost.
    await Promise.resolve();
    unread();
    await expect(hanging).rejects.toMatchObject({ name: 'WorkerGone', message: 'what it told could not be read' });
    expect(terminated()).toBe(time);
  }
  expect(await ask()).toBe(3);
  unread();
  await expect(ask()).rejects.toThrow('could not be started: what it told could not be read');
  expect(faults).toEqual(['what it told could not be read']);
});

test('a worker that was ended is not ended again by its life, with the next one at work', async () => {
  const locks = fakeLocks();
  const { ask, started, live, terminated } = workers();
  expect(await ask()).toBe(1);
  live();
  await ask();
  started[0]?.dispatchEvent(new MessageEvent('messageerror'));
  expect(await ask()).toBe(2);
  locks.die();
  expect([await ask(), terminated()]).toEqual([2, 1]);
});

test('one worker serves all calls, with events and with messages sent before it was there', async () => {
  fakeLocks();
  const { client, ask, started } = workers();
  const heard: number[] = [];
  const sum = client.open('sum', undefined, { onEvent: (total) => heard.push(total) });
  for (const number of [1, 2, 0]) sum.send(number);
  expect([await sum.result, heard, await ask(), await ask()]).toEqual([3, [1, 3], 1, 1]);
  expect(started).toHaveLength(1);
});

test('what a worker worked on when it died says so, and the next call goes to a new one', async () => {
  const locks = fakeLocks();
  const { client, ask, live, terminated, faults } = workers();
  expect(await ask()).toBe(1);
  live();
  const hanging = client.call('hang', undefined);
  await eventually(() => expect(locks.names()).toHaveLength(1));
  // Not before the page has heard that it lives.
  expect(await ask()).toBe(1);
  locks.die();
  await expect(hanging).rejects.toMatchObject({
    name: 'WorkerGone',
    message: expect.stringMatching(/ended/) as string,
  });
  expect([await ask(), terminated(), faults]).toEqual([2, 1, []]);
});

test('an error in a worker that lives is told, and it goes on', async () => {
  fakeLocks();
  const { ask, live, fail, faults, terminated } = workers();
  await ask();
  live();
  await ask();
  for (let i = 0; i < 4; i++) fail('x is undefined');
  expect([await ask(), terminated(), faults]).toEqual([1, 0, Array(4).fill('x is undefined')]);
});

test('only those that end one after the other without a sign of life are counted', async () => {
  const locks = fakeLocks();
  const { ask, live, fail, faults } = workers();
  for (let round = 1; round <= 3; round++) {
    for (let i = 0; i < 2; i++) {
      await ask();
      fail('no such file');
    }
    expect(await ask()).toBe(3 * round);
    live();
    await ask();
    locks.die();
    await Promise.resolve();
  }
  expect(faults).toEqual([]);
});

test('what is no sign of life is none', async () => {
  fakeLocks();
  const { ask, started, fail, terminated } = workers();
  await ask();
  for (const data of ['life', { rpc: 'result', id: 99 }])
    started[0]?.dispatchEvent(new MessageEvent('message', { data }));
  fail('no such file');
  expect([await ask(), terminated()]).toEqual([2, 1]);
});
