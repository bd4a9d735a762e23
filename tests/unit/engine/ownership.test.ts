import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { claimOwnership, type OwnershipParts, type Predecessor } from '../../../src/engine/ownership.ts';
import type { Method } from '../../../src/rpc/rpc.ts';
import { fakeBrowser, type FakeBrowser } from './windows.ts';

interface TestApi {
  /** The name of the window that answers. */
  who: Method<undefined, string>;
  hang: Method<undefined, never>;
  /** Something that must not be done by two. */
  act: Method<string, string>;
  /** Adds up what it hears until it hears 0, and tells each sum. */
  sum: Method<undefined, number, number, number>;
}

let browser: FakeBrowser;
/** What happened, in order. */
let told: string[];

beforeEach(() => {
  browser = fakeBrowser();
  told = [];
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function openWindow(name: string, start: (before: Predecessor) => Promise<void> = () => Promise.resolve()) {
  const parts: OwnershipParts<TestApi> = {
    async start(before) {
      await start(before);
      told.push(`${name} starts: ${before}`);
      return {
        who: () => name,
        hang: (_input, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              told.push(`${name} gives up`);
              reject(new DOMException('stopped', 'AbortError'));
            });
          }),
        act: (what) => {
          told.push(`${name} does ${what}`);
          return what;
        },
        sum: (_input, { emit, hear }) =>
          new Promise((resolve) => {
            let total = 0;
            hear((number) => (number === 0 ? resolve(total) : emit((total += number))));
          }),
      };
    },
    resign() {
      told.push(`${name} resigns`);
      window.close();
    },
  };
  const window = browser.open(name, () => claimOwnership<TestApi>('app', parts));
  const { client } = window.program;
  /** How a call ends, in words, once it has. */
  const outcome = (call: () => Promise<unknown>) => {
    const state = { text: 'under way' };
    window.run(() => {
      call().then(
        (value) => (state.text = String(value)),
        (error: unknown) => (state.text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
      );
    });
    return state;
  };
  return {
    ...window,
    owns: () => window.program.isOwner,
    ask: () => outcome(() => client.call('who', undefined)),
    act: (what: string) => outcome(() => client.call('act', what)),
    hang: (signal?: AbortSignal) => outcome(() => client.call('hang', undefined, signal ? { signal } : {})),
    outcome,
    client,
  };
}

describe('among several windows', () => {
  test('the first owns, and all ask it; calls wait until it is known who that is, in their order', async () => {
    let ready: () => void = () => undefined;
    const first = openWindow('first', () => new Promise((resolve) => (ready = resolve)));
    const early = [first.act('one'), first.act('two')];
    await browser.pass(2);
    const second = openWindow('second');
    const asked = second.ask();
    await browser.pass(1);
    expect([...early, asked].map(({ text }) => text)).toEqual(['under way', 'under way', 'under way']);
    expect([first.owns(), second.owns()]).toEqual([false, false]);
    ready();
    await browser.pass(1);
    const answers = [first.ask(), second.ask()];
    await browser.pass(1);
    expect(answers.map(({ text }) => text)).toEqual(['first', 'first']);
    expect(told).toEqual(['first starts: closed', 'first does one', 'first does two']);
    expect([first.owns(), second.owns()]).toEqual([true, false]);
    await first.program.owned;
  });

  test('calls carry events and messages, in the owner’s own window and from others', async () => {
    const [first, second] = [openWindow('first'), openWindow('second')];
    await browser.pass(1);
    for (const { client, run } of [first, second]) {
      const heard: number[] = [];
      const sum = run(() => {
        const call = client.open('sum', undefined, { onEvent: (total) => heard.push(total) });
        for (const number of [1, 2, 0]) call.send(number);
        return call;
      });
      await browser.pass(1);
      expect([await sum.result, heard]).toEqual([3, [1, 3]]);
    }
  });

  test('Stop goes to whoever works on the call', async () => {
    const [first, second] = [openWindow('first'), openWindow('second')];
    await browser.pass(1);
    for (const window of [first, second]) {
      const stop = new AbortController();
      const call = window.hang(stop.signal);
      await browser.pass(1);
      window.run(() => stop.abort());
      await browser.pass(1);
      expect(call.text).toBe('AbortError: stopped');
    }
    expect(told.filter((line) => line.endsWith('gives up'))).toHaveLength(2);
  });

  test('what a window asked for ends when it is closed, and nothing else does', async () => {
    const [, second, third] = [openWindow('first'), openWindow('second'), openWindow('third')];
    await browser.pass(1);
    second.hang();
    const other = third.hang();
    await browser.pass(1);
    second.close();
    await browser.pass(1);
    expect(told).toEqual(['first starts: closed', 'first gives up']);
    expect(other.text).toBe('under way');
  });

  test('that of the owner closed, the next takes over, and whoever waited for it hears so', async () => {
    const [first, second, third] = [openWindow('first'), openWindow('second'), openWindow('third')];
    await browser.pass(1);
    const calls = [second.hang(), third.hang()];
    await browser.pass(1);
    first.close();
    await browser.pass(1);
    expect(calls.map(({ text }) => text)).toEqual([
      'OwnerChanged: The window that was reading has been closed; this window has taken over.',
      'OwnerChanged: The window that was reading has been closed; another window has taken over.',
    ]);
    await second.program.owned;
    const answers = [second.ask(), third.ask()];
    await browser.pass(1);
    expect(answers.map(({ text }) => text)).toEqual(['second', 'second']);
    expect(told).toEqual(['first starts: closed', 'second starts: closed']);
  });

  test('one that cannot start says why', async () => {
    const first = openWindow('first', () => Promise.reject(new Error('no storage')));
    first.program.owned.catch(() => undefined);
    await browser.pass(1);
    await expect(first.program.owned).rejects.toThrow('no storage');
    expect(first.owns()).toBe(false);
  });
});

test('where site data is blocked there are no locks: each window answers itself, and goes on to', async () => {
  const denied = () => Promise.reject(new DOMException('The request was denied.', 'SecurityError'));
  vi.stubGlobal('navigator', { locks: { request: denied, query: denied } });
  const [first, second] = [openWindow('first'), openWindow('second')];
  for (const seconds of [1, 20, 1]) {
    await browser.pass(seconds);
    const answers = [first.ask(), second.ask()];
    await browser.pass(1);
    expect(answers.map(({ text }) => text)).toEqual(['first', 'second']);
  }
  expect(told).toEqual(['first starts: closed', 'second starts: closed']);
  await first.program.owned;
});

describe('an owner that the browser has stopped', () => {
  test('loses everything to the window in front after five silent seconds, and resigns when it goes on', async () => {
    const [first, second, third] = [openWindow('first'), openWindow('second'), openWindow('third')];
    await browser.pass(10);
    second.program.inFront(true);
    const [asked, waiting] = [second.hang(), third.hang()];
    await browser.pass(1);
    first.freeze();
    await browser.pass(4);
    expect(second.owns()).toBe(false);
    await browser.pass(1);
    expect(second.owns()).toBe(true);
    expect([asked.text, waiting.text]).toEqual([
      'OwnerChanged: The browser had stopped the window that was reading; this window has taken over.',
      'OwnerChanged: The browser had stopped the window that was reading; another window has taken over.',
    ]);
    first.thaw();
    await browser.pass(1);
    const answer = third.ask();
    await browser.pass(1);
    expect(answer.text).toBe('second');
    expect(told.filter((line) => !line.endsWith('gives up'))).toEqual([
      'first starts: closed',
      'second starts: stopped',
      'first resigns',
    ]);
  });

  test('keeps all while no window is in front, one that is counts from then on, and a beat begins the count anew', async () => {
    const [first, second] = [openWindow('first'), openWindow('second')];
    await browser.pass(1);
    first.freeze();
    await browser.pass(20);
    second.program.inFront(true);
    await browser.pass(4);
    second.program.inFront(false);
    await browser.pass(1);
    second.program.inFront(true);
    await browser.pass(3);
    expect(second.owns()).toBe(false);
    first.thaw();
    await browser.pass(2);
    first.freeze();
    await browser.pass(4);
    expect([second.owns(), first.owns()]).toEqual([false, true]);
    expect(told).toEqual(['first starts: closed']);
  });

  test('does nothing of what it was asked meanwhile, once another has taken over', async () => {
    const [first, second] = [openWindow('first'), openWindow('second')];
    await browser.pass(1);
    second.ask();
    await browser.pass(1);
    second.program.inFront(true);
    first.freeze();
    const call = second.act('something');
    await browser.pass(5);
    expect(call.text).toContain('OwnerChanged');
    const own = first.act('something else');
    first.thaw();
    await browser.pass(2);
    expect(own.text).toBe('under way');
    // As often as it was asked; a worker ends with the first.
    expect([...new Set(told)]).toEqual(['first starts: closed', 'second starts: stopped', 'first resigns']);
  });

  test('does it, late, where nobody has', async () => {
    const [first, second] = [openWindow('first'), openWindow('second')];
    await browser.pass(1);
    first.freeze();
    const call = second.act('something');
    await browser.pass(60);
    expect(call.text).toBe('under way');
    first.thaw();
    await browser.pass(1);
    expect(call.text).toBe('something');
    expect(told).toEqual(['first starts: closed', 'first does something']);
  });
});
