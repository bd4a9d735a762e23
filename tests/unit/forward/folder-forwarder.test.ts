import { expect, test } from 'vitest';
import type { FolderState } from '../../../src/forward/api.ts';
import { folderForwarder, type ForwardParts } from '../../../src/forward/folder-forwarder.ts';
import { EMPTY_LOG } from '../../../src/log/log-state.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { eventually } from '../eventually.ts';

/** So long no test waits for records that come together. */
const GATHERING = 2000;

/** A browser with one log and one place for settings, which any number of windows share. */
class World {
  readonly values = new Map<string, unknown>();
  readonly files = new Map<string, string>();
  records: LogRecord[] = [];
  brokenSettings = false;
  permission: PermissionState = 'granted';
  /** What longer waits are for, until somebody ends them. */
  readonly waits: { readonly ms: number; readonly end: () => void; isOver: boolean }[] = [];
  /** Called before a file is changed. */
  beforeWrite: () => void | Promise<void> = () => undefined;
  readonly #settingsListeners = new Set<() => void>();
  readonly #logListeners = new Set<() => void>();
  #lock: Promise<unknown> = Promise.resolve();

  readonly folder = {
    kind: 'directory',
    name: 'records',
    queryPermission: () => Promise.resolve(this.permission),
    getFileHandle: (name: string, { create = false } = {}) =>
      create || this.files.has(name)
        ? Promise.resolve({
            getFile: () => Promise.resolve(new Blob([this.files.get(name) ?? ''])),
            createWritable: () => this.#writable(name),
          })
        : Promise.reject(new DOMException('not there', 'NotFoundError')),
  } as unknown as FileSystemDirectoryHandle;

  append(...seqs: number[]): void {
    this.records.push(...seqs.map((seq): LogRecord => ({ type: 'SYSTART', time: seq, seq })));
    for (const listener of this.#logListeners) listener();
  }

  get written(): readonly number[] {
    const lines = [...this.files.values()].join('').split('\n').filter(Boolean);
    return lines.map((line) => (JSON.parse(line) as LogRecord).seq);
  }

  /** A window; its calls go on until they are aborted. */
  window() {
    const forwarder = folderForwarder(this.#parts());
    const abort = new AbortController();
    const context = { signal: abort.signal, emit: (state: FolderState | undefined) => states.push(state) };
    const states: (FolderState | undefined)[] = [];
    const silent = { signal: new AbortController().signal, emit: () => undefined };
    return {
      states,
      done: Promise.resolve(forwarder.followFolder({ meters: [] }, context)),
      choose: (after = 0) => forwarder.setFolder({ folder: this.folder, format: 'jsonl', after }, silent),
      stop: () => forwarder.setFolder(undefined, silent),
      close: () => abort.abort(),
    };
  }

  #parts(): ForwardParts {
    const select = (filter: string) => {
      const [low = 0, high = Infinity] = [...filter.matchAll(/\d+/g)].map(Number);
      return this.records.filter(({ seq }) => seq > low && seq <= high);
    };
    return {
      settings: {
        get: (key) =>
          this.brokenSettings
            ? Promise.reject(new Error('The database is gone.'))
            : Promise.resolve(this.values.get(key)),
        put: () => Promise.reject(new Error('not used')),
        change: (key, next) => {
          const value = next(this.values.get(key));
          this.values.set(key, value);
          for (const listener of this.#settingsListeners) listener();
          return Promise.resolve(value);
        },
      },
      clock: { sleep: (ms, signal) => (ms <= GATHERING ? Promise.resolve() : this.#wait(ms, signal)) },
      locks: { request: this.#request.bind(this) as unknown as LockManager['request'] },
      page: (filter, limit) => {
        const nextSeq = (this.records.at(-1)?.seq ?? 0) + 1;
        const state = { ...EMPTY_LOG, firstSeq: 1, nextSeq };
        return Promise.resolve({ records: select(filter).toReversed().slice(0, limit), state });
      },
      piece: (filter) => Promise.resolve(new Blob(select(filter).map((record) => `${JSON.stringify(record)}\n`))),
      onRecords: (listener) => this.#listen(this.#logListeners, listener),
      onSettings: (listener) => this.#listen(this.#settingsListeners, listener),
    };
  }

  #wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wait = { ms, isOver: false, end: () => ((wait.isOver = true), resolve()) };
      signal?.addEventListener('abort', () => {
        wait.isOver = true;
        reject(signal.reason as Error);
      });
      this.waits.push(wait);
    });
  }

  #listen(listeners: Set<() => void>, listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  #request(_name: string, { signal }: { signal: AbortSignal }, work: () => Promise<void>): Promise<void> {
    const turn = this.#lock.then(() => (signal.aborted ? Promise.reject(signal.reason as Error) : work()));
    this.#lock = turn.catch(() => undefined);
    return turn;
  }

  #writable(name: string) {
    let text = this.files.get(name) ?? '';
    return Promise.resolve({
      write: async ({ position, data }: { position: number; data: Blob }) => {
        await this.beforeWrite();
        text = text.slice(0, position) + (await data.text());
      },
      close: () => {
        this.files.set(name, text);
        return Promise.resolve();
      },
    });
  }
}

test('nothing is chosen: nothing is written, and that is what is shown', async () => {
  const world = new World();
  world.append(1, 2);
  const window = world.window();
  await eventually(() => expect(window.states).toEqual([undefined]));
  window.close();
  await window.done;
  expect(world.files.size).toBe(0);
});

test('what is there and what comes is written once, and how far it came is shown', async () => {
  const world = new World();
  world.append(1, 2, 3);
  const window = world.window();
  await window.choose(1);
  await eventually(() => expect(world.written).toEqual([2, 3]));
  world.append(4);
  await eventually(() => expect(window.states.at(-1)).toMatchObject({ format: 'jsonl', lastSeq: 4 }));
  expect(world.written).toEqual([2, 3, 4]);
  window.close();
  await window.done;
});

test('of two windows one writes and both show it; the second goes on when the first is gone', async () => {
  const world = new World();
  const [first, second] = [world.window(), world.window()];
  await first.choose();
  world.append(1, 2);
  await eventually(() => expect(second.states.at(-1)).toMatchObject({ lastSeq: 2 }));
  first.close();
  await first.done;
  world.append(3);
  await eventually(() => expect(second.states.at(-1)).toMatchObject({ lastSeq: 3 }));
  expect(world.written).toEqual([1, 2, 3]);
  second.close();
  await second.done;
});

test('stopped by another window in the middle of a piece, it stays stopped', async () => {
  const world = new World();
  const [writer, other] = [world.window(), world.window()];
  world.beforeWrite = async () => {
    await other.stop();
  };
  await writer.choose();
  world.append(1);
  await eventually(() => expect(world.written).toEqual([1]));
  world.beforeWrite = () => undefined;
  world.append(2);
  await eventually(() => expect(writer.states.at(-1)).toBeUndefined());
  expect(world.values.get('folder export')).toBeUndefined();
  expect(world.written).toEqual([1]);
  for (const window of [writer, other]) window.close();
  await Promise.all([writer.done, other.done]);
});

test('without the permission of the browser nothing is written until it is there', async () => {
  const world = new World();
  world.permission = 'prompt';
  world.append(1);
  const before = world.window();
  await before.choose();
  await eventually(() => expect(before.states.at(-1)).toMatchObject({ permission: 'prompt', lastSeq: 0 }));
  before.close(); // the page asks, and follows anew
  await before.done;
  expect(world.written).toEqual([]);
  world.permission = 'granted';
  const window = world.window();
  await eventually(() => expect(window.states.at(-1)).toMatchObject({ permission: 'granted', lastSeq: 1 }));
  window.close();
  await window.done;
});

test('a folder that fails is told, and tried again with the next record', async () => {
  const world = new World();
  world.beforeWrite = () => Promise.reject(new Error('The disk is full.'));
  const window = world.window();
  await window.choose();
  world.append(1);
  await eventually(() => expect(window.states.at(-1)).toMatchObject({ fault: 'The disk is full.' }));
  world.beforeWrite = () => undefined;
  world.append(2);
  await eventually(() => expect(window.states.at(-1)).toMatchObject({ lastSeq: 2 }));
  expect(window.states.at(-1)).not.toHaveProperty('fault');
  expect(world.written).toEqual([1, 2]);
  window.close();
  await window.done;
});

test('a file that is locked is tried again after a while, without a new record', async () => {
  const world = new World();
  const window = world.window();
  world.append(1);
  await window.choose();
  await eventually(() => expect(world.written).toEqual([1]));
  world.beforeWrite = () => Promise.reject(new Error('The file is locked.'));
  world.append(2);
  for (const [n, ms] of [10_000, 60_000, 600_000, 600_000].entries()) {
    await eventually(() => expect(world.waits).toHaveLength(n + 1));
    expect(world.waits[n]?.ms).toBe(ms);
    // Said wherever one looks once it did not pass by itself.
    await eventually(() => expect(window.states.at(-1)?.fault).toBe('The file is locked.'));
    if (n > 0) await eventually(() => expect(window.states.at(-1)?.isStuck).toBe(true));
    else expect(window.states.at(-1)).not.toHaveProperty('isStuck');
    if (n === 3) world.beforeWrite = () => undefined;
    world.waits[n]?.end();
  }
  await eventually(() => expect(window.states.at(-1)).toMatchObject({ lastSeq: 2 }));
  expect(window.states.at(-1)).not.toHaveProperty('fault');
  expect(window.states.at(-1)).not.toHaveProperty('isStuck');
  expect(world.written).toEqual([1, 2]);
  // The next failure begins with the short wait again.
  world.beforeWrite = () => Promise.reject(new Error('The file is locked.'));
  world.append(3);
  await eventually(() => expect(world.waits.at(-1)?.ms).toBe(10_000));
  // However many records come in vain, one wait is on.
  for (const seq of [4, 5, 6]) {
    const before = world.waits.length;
    world.append(seq);
    await eventually(() => expect(world.waits.length).toBeGreaterThan(before));
  }
  expect(world.waits.filter(({ isOver }) => !isOver)).toHaveLength(1);
  window.close();
  await window.done;
});

test('settings that cannot be read end the call, and the turn is free again', async () => {
  const world = new World();
  world.brokenSettings = true;
  await expect(world.window().done).rejects.toThrow('The database is gone.');
  world.brokenSettings = false;
  world.append(1);
  const window = world.window();
  await window.choose();
  await eventually(() => expect(world.written).toEqual([1]));
  window.close();
  await window.done;
});
