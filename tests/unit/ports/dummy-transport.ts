import { portOver } from '../../../src/line/port-over.ts';
import type { Port } from '../../../src/line/port.ts';
import type { Transport } from '../../../src/ports/transport.ts';
import { eightBits } from '../../../src/simulator/device.ts';
import { deviceAt } from '../../../src/simulator/far-end.ts';
import { simulatedDriver } from '../../../src/simulator/simulated-driver.ts';
import { answerer } from '../protocols/dummy/index.ts';

/**
 * A way to an adapter that there is not, whole in one file: with one line in the list it has to be everywhere that a
 * transport can be. Page and worker tell each other of the permission, which a browser would keep.
 */
type Word = 'connect' | 'forget' | 'done';

const CHANNEL = 'dummy-transport';

/** Resolves when the worker has done it. */
function tell(word: Word): Promise<void> {
  const channel = new BroadcastChannel(CHANNEL);
  return new Promise((resolve) => {
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data !== 'done') return;
      channel.close();
      resolve();
    };
    channel.postMessage(word);
  });
}

export const dummyTransport: Transport = {
  name: 'dummy',
  title: 'Dummy transport',
  action: 'Connect a dummy…',
  isHere: () => true,
  missing: () => Promise.resolve([]),
  async connect() {
    await tell('connect');
    return ({ transport }) => transport === 'dummy';
  },
  forget: () => tell('forget'),
  watch(clock, onChange) {
    const info = { id: 'dummy:1', label: 'Dummy adapter', transport: 'dummy' };
    const fixed = eightBits(1200);
    const farEnd = deviceAt(() => answerer('EF'));
    const driver = simulatedDriver(farEnd, { id: 'dummy' }, clock, () => new Set());
    const capabilities = { reconfigure: 'unavailable', fixed, signals: false, lineErrors: false } as const;
    const port = portOver(() => Promise.resolve(driver), { info, capabilities, clock });
    let present: readonly Port[] = [];
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data === 'done') return;
      present = data === 'connect' ? [port] : [];
      onChange();
      channel.postMessage('done');
    };
    return Promise.resolve({
      get present() {
        return present;
      },
      lost: [],
      refresh: () => Promise.resolve(),
    });
  },
};
