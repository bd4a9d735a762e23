import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppUpdate } from '../../../src/views/app-update.svelte.ts';
import { eventually } from '../eventually.ts';

/** The browser's side, as far as AppUpdate sees it. */
class FakeWorker extends EventTarget {
  readonly scriptURL = 'https://example.test/app/service-worker.js';
  state: ServiceWorkerState = 'installing';
  /** What it was told, without the question for the files. */
  readonly postMessage = vi.fn();
  missing: readonly string[] = [];

  constructor() {
    super();
    this.postMessage.mockImplementation((message: { type: string }, [port]: MessagePort[] = []) => {
      if (message.type === 'CHECK_FILES') port?.postMessage({ missing: this.missing });
    });
  }

  get told(): readonly unknown[] {
    return this.postMessage.mock.calls.map(([message]) => message as unknown).filter((message) => !isCheck(message));
  }

  become(state: ServiceWorkerState): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

const isCheck = (message: unknown) => (message as { type: string }).type === 'CHECK_FILES';

class FakeRegistration extends EventTarget {
  installing: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  active: FakeWorker | null = null;
  readonly update = vi.fn(() => Promise.resolve());

  /** A new version is found, fetched and waits. */
  offer(): FakeWorker {
    const worker = new FakeWorker();
    this.installing = worker;
    this.dispatchEvent(new Event('updatefound'));
    [this.installing, this.waiting] = [null, worker];
    worker.become('installed');
    return worker;
  }
}

class FakeContainer extends EventTarget {
  controller: FakeWorker | null = null;
  readonly registration = new FakeRegistration();
  ready = Promise.resolve(this.registration);
  readonly register = vi.fn((_url: string) => Promise.resolve(this.registration));

  control(worker: FakeWorker): void {
    this.controller = worker;
    this.dispatchEvent(new Event('controllerchange'));
  }
}

let container: FakeContainer;
let reload: ReturnType<typeof vi.fn>;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv('PROD', true);
  container = new FakeContainer();
  reload = vi.fn();
  vi.stubGlobal('self', globalThis);
  vi.stubGlobal('navigator', { serviceWorker: container });
  vi.stubGlobal('location', { href: 'https://example.test/app/', origin: 'https://example.test', reload });
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** A later visit: an older version of the app runs and controls the page. */
async function laterVisit(isBusy = () => false): Promise<AppUpdate> {
  container.controller = new FakeWorker();
  container.registration.active = container.controller;
  const update = new AppUpdate(isBusy);
  await update.register();
  return update;
}

test('the first visit ends ready for offline use and offers no update', async () => {
  const update = new AppUpdate(() => false);
  let settle: (registration: FakeRegistration) => void = () => undefined;
  container.ready = new Promise((resolve) => (settle = resolve));
  await update.register();
  const first = container.registration.offer();
  container.registration.waiting = null;
  container.registration.active = first;
  container.control(first);
  settle(container.registration);
  await eventually(() => expect(update).toMatchObject({ ready: false, offlineReady: true, fault: '' }));
  expect(reload).not.toHaveBeenCalled();
});

test('an update is offered and changes nothing until it is accepted', async () => {
  const update = await laterVisit();
  const worker = container.registration.offer();
  expect(update.ready).toBe(true);
  expect(worker.told).toEqual([]);
  expect(update.apply()).toBe(true);
  expect(worker.told).toEqual([{ type: 'SKIP_WAITING' }]);
  expect(reload).not.toHaveBeenCalled();
  container.control(worker);
  container.control(worker);
  expect(reload).toHaveBeenCalledOnce();
});

test('an update that already waited at the start is offered', async () => {
  container.registration.waiting = new FakeWorker();
  expect((await laterVisit()).ready).toBe(true);
});

test('no update is applied while a reading runs', async () => {
  let busy = true;
  const update = await laterVisit(() => busy);
  const worker = container.registration.offer();
  expect(update.apply()).toBe(false);
  expect(worker.postMessage).not.toHaveBeenCalled();
  busy = false;
  expect(update.apply()).toBe(true);
  busy = true; // a reading began before the new worker took over
  container.control(worker);
  expect(reload).not.toHaveBeenCalled();
  expect(update.ready).toBe(true);
});

test('what another window accepted is offered here, not done', async () => {
  const update = await laterVisit();
  container.control(new FakeWorker());
  expect(reload).not.toHaveBeenCalled();
  expect(update.ready).toBe(true);
  expect(update.apply()).toBe(true);
  expect(reload).toHaveBeenCalledOnce();
});

test('nothing to apply, nothing happens', async () => {
  const update = await laterVisit();
  expect(update.apply()).toBe(false);
  expect(reload).not.toHaveBeenCalled();
});

test('a window that stays open asks for a new version every hour and when it is looked at', async () => {
  await laterVisit();
  const { update: check } = container.registration;
  vi.advanceTimersByTime(2 * 60 * 60 * 1000);
  expect(check).toHaveBeenCalledTimes(2);
  document.dispatchEvent(new Event('visibilitychange'));
  expect(check).toHaveBeenCalledTimes(3);
});

test('an update that came after one that failed to install is offered too', async () => {
  const update = await laterVisit();
  const { registration } = container;
  for (let failures = 0; failures < 2; failures++) {
    registration.installing = new FakeWorker();
    const failing = registration.installing;
    registration.dispatchEvent(new Event('updatefound'));
    registration.installing = null;
    failing.become('redundant');
  }
  expect(update).toMatchObject({ ready: false, fault: '' });
  registration.offer();
  document.dispatchEvent(new Event('visibilitychange'));
  expect(update.ready).toBe(true);
});

test('an update that another window had begun to install is offered too', async () => {
  const worker = new FakeWorker();
  container.registration.installing = worker;
  const update = await laterVisit();
  expect(update.ready).toBe(false);
  worker.become('installed');
  expect(update.ready).toBe(true);
});

test('a browser that refuses the service worker is quoted', async () => {
  container.register.mockRejectedValueOnce(new Error('The operation is insecure.'));
  const update = new AppUpdate(() => false);
  await update.register();
  expect(update).toMatchObject({ offlineReady: false, fault: 'The operation is insecure.' });
});

test('a page that the worker missed when it took over asks to be taken over too', async () => {
  const active = new FakeWorker();
  container.registration.active = active;
  await new AppUpdate(() => false).register();
  await eventually(() => expect(active.told).toEqual([{ type: 'CLAIM' }]));

  active.postMessage.mockClear();
  container.control(active);
  await new AppUpdate(() => false).register();
  await eventually(() => expect(active.postMessage).toHaveBeenCalled());
  expect(active.told).toEqual([]);
});

test('an installation that fails is told with the file that was the cause', async () => {
  container.ready = new Promise(() => undefined);
  const update = new AppUpdate(() => false);
  await update.register();
  const worker = container.registration.offer();
  container.dispatchEvent(
    Object.assign(new Event('message'), {
      data: { type: 'INSTALL_FAILED', reason: 'assets/x.js: the host answered 500' },
    }),
  );
  worker.become('redundant');
  expect(update).toMatchObject({ offlineReady: false, fault: 'assets/x.js: the host answered 500' });
});

test('what is missing in the storage of the service worker is no readiness', async () => {
  const active = new FakeWorker();
  active.missing = ['icons/icon.svg'];
  container.registration.active = active;
  const update = new AppUpdate(() => false);
  await update.register();
  await eventually(() => expect(update).toMatchObject({ offlineReady: false, fault: 'missing: icons/icon.svg' }));
});

test('a window tells which script it began with', async () => {
  await laterVisit();
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  container.dispatchEvent(Object.assign(new Event('message'), { data: { type: 'WHICH_SCRIPT' }, ports: [port2] }));
  expect(await answer).toMatch(/app-update/);
  port1.close();
});
