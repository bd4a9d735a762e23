import { afterEach, describe, expect, it, vi } from 'vitest';
import { MeterError } from '../../../src/common/meter-error.ts';
import { connect, serve, type Client, type Method } from '../../../src/rpc/rpc.ts';

interface TestApi {
  add: Method<readonly [number, number], number>;
  count: Method<number, 'counted', number>;
  hang: Method<undefined, never>;
  fail: Method<undefined, never>;
  /** Adds up what it hears until it hears 0. */
  sum: Method<undefined, number, number, number>;
}

const open: MessagePort[] = [];

function pair(): {
  client: Client<TestApi>;
  aborted: () => number;
  abortAll: () => void;
  ends: readonly [MessagePort, MessagePort];
} {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  let aborted = 0;
  const abortAll = serve<TestApi>(port2, {
    add: ([a, b]) => a + b,
    count: (to, { emit }) => {
      for (let i = 1; i <= to; i++) emit(i);
      return 'counted';
    },
    hang: (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted++;
          reject(new DOMException('stopped', 'AbortError'));
        });
      }),
    sum: (_input, { emit, hear }) =>
      new Promise((resolve) => {
        let total = 0;
        hear((number) => {
          if (number === 0) resolve(total);
          else emit((total += number));
        });
      }),
    fail: () => {
      throw new MeterError(65541, 'Nothing came.', { hint: 'Try waking.' });
    },
  });
  port1.start();
  port2.start();
  return { client: connect<TestApi>(port1), aborted: () => aborted, abortAll, ends: [port1, port2] };
}

afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

describe('rpc', () => {
  it('answers many calls at once, each its own', async () => {
    const { client } = pair();
    const sums = await Promise.all([1, 2, 3].map((n) => client.call('add', [n, n])));
    expect(sums).toEqual([2, 4, 6]);
  });

  it('gives events in order, before the result', async () => {
    const { client } = pair();
    const seen: number[] = [];
    const result = await client.call('count', 3, { onEvent: (event) => seen.push(event) });
    expect([seen, result]).toEqual([[1, 2, 3], 'counted']);
  });

  it('carries an error with its members', async () => {
    const { client } = pair();
    await expect(client.call('fail', undefined)).rejects.toMatchObject({
      name: 'MeterError',
      code: 65541,
      message: 'Nothing came.',
      hint: 'Try waking.',
    });
  });

  it('passes an abort on to the callee', async () => {
    const { client, aborted } = pair();
    const stop = new AbortController();
    const call = client.call('hang', undefined, { signal: stop.signal });
    stop.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(aborted()).toBe(1);
  });

  it('carries what can be carried of an error, and the text of what is none', async () => {
    const { port1, port2 } = new MessageChannel();
    open.push(port1, port2);
    const odd = Object.assign(new TypeError('one', { cause: open }), { again: () => 1, code: 7, name: 'Odd' });
    serve<TestApi>(port2, {}, vi.fn().mockRejectedValueOnce(odd).mockRejectedValueOnce('two'));
    port1.start();
    port2.start();
    const client = connect<TestApi>(port1);
    const caught = () => client.call('fail', undefined).catch((error: unknown) => error);
    const first = await caught();
    expect(first).toBeInstanceOf(Error);
    expect({ ...(first as Error) }).toEqual({ code: 7, name: 'Odd' });
    expect(first).toMatchObject({ message: 'one' });
    expect(await caught()).toMatchObject({ name: 'Error', message: 'two' });
  });

  it('gives an abort back as the browser’s own', async () => {
    const { client } = pair();
    const stop = new AbortController();
    stop.abort();
    const error = await client.call('hang', undefined, { signal: stop.signal }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: 'AbortError', message: 'stopped' });
  });

  it('lets go of all that runs when its caller is gone', async () => {
    const { client, aborted, abortAll } = pair();
    const calls = [1, 2].map(() => client.call('hang', undefined).catch((error: unknown) => (error as Error).name));
    await client.call('add', [1, 1]);
    abortAll();
    expect(await Promise.all(calls)).toEqual(['AbortError', 'AbortError']);
    expect(aborted()).toBe(2);
  });

  it('leaves alone what has ended', async () => {
    const { port1, port2 } = new MessageChannel();
    open.push(port1, port2);
    const signals: AbortSignal[] = [];
    const abortAll = serve<TestApi>(port2, {}, (_method, _input, { signal }) => {
      signals.push(signal);
      return Promise.resolve(1);
    });
    port1.start();
    port2.start();
    await connect<TestApi>(port1).call('add', [1, 1]);
    abortAll();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it('takes what is not for it for what it is', async () => {
    const { client, ends } = pair();
    const [near, far] = ends;
    const heard: unknown[] = [];
    near.addEventListener('message', ({ data }: MessageEvent) => heard.push(data));
    const counted = client.call('count', 1);
    far.postMessage({ rpc: 'result', id: 99, result: 0 });
    far.postMessage({ rpc: 'life', id: 1 });
    near.postMessage({ rpc: 'abort', id: 99 });
    near.postMessage({ rpc: 'message', id: 99, message: 1 });
    near.postMessage({ rpc: 'life', id: 99, method: 'add', input: [1, 1] });
    expect(await counted).toBe('counted');
    expect(await client.call('add', [2, 2])).toBe(4);
    expect(heard.filter((data) => (data as { id: number }).id === 99)).toHaveLength(1);
  });

  it('rejects a call of a method that is not there', async () => {
    const { client } = pair();
    await expect(client.call('constructor' as 'fail', undefined)).rejects.toThrow('unknown method constructor');
  });

  it('takes messages into a running call, each into its own, and none into one that has ended', async () => {
    const { client } = pair();
    const heard: number[] = [];
    const one = client.open('sum', undefined, { onEvent: (total) => heard.push(total) });
    const other = client.open('sum', undefined);
    for (const number of [1, 2, 3]) one.send(number);
    other.send(10);
    one.send(0);
    other.send(0);
    expect(await Promise.all([one.result, other.result])).toEqual([6, 10]);
    one.send(4);
    expect(await client.call('add', [1, 1])).toBe(2);
    expect(heard).toEqual([1, 3, 6]);
  });

  it('passes on what it has no handler for, whatever its name, with events, messages and abort', async () => {
    const { client: far, aborted } = pair();
    const { port1, port2 } = new MessageChannel();
    open.push(port1, port2);
    serve<TestApi>(port2, { add: () => 42 }, (method, input, { signal, emit, hear }) => {
      const { result, send } = far.open(method as 'sum', input as undefined, { signal, onEvent: emit });
      hear((message) => send(message as number));
      return result;
    });
    port1.start();
    port2.start();
    const near = connect<TestApi>(port1);
    expect(await near.call('add', [1, 1])).toBe(42);
    const heard: number[] = [];
    const sum = near.open('sum', undefined, { onEvent: (total) => heard.push(total) });
    for (const number of [5, 6, 0]) sum.send(number);
    expect([await sum.result, heard]).toEqual([11, [5, 11]]);
    const stop = new AbortController();
    const hanging = near.call('hang', undefined, { signal: stop.signal });
    stop.abort();
    await expect(hanging).rejects.toMatchObject({ name: 'AbortError' });
    expect(aborted()).toBe(1);
    await expect(near.call('toString' as 'fail', undefined)).rejects.toThrow('unknown method toString');
  });
});
