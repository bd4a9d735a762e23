import { fromLatin1, toLatin1 } from '../../../src/common/bytes.ts';
import type { Clock } from '../../../src/common/clock.ts';
import { portOver, type Driver, type Tell } from '../../../src/line/port-over.ts';
import type { Port } from '../../../src/line/port.ts';
import type { Transport } from '../../../src/ports/transport.ts';
import { eightBits } from '../../../src/simulator/device.ts';

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

/** A meter of the dummy protocol right behind the adapter, which tells how often it was asked. */
function answerer(letters: string, clock: Clock): Driver {
  let tell: Tell = () => undefined;
  let asked = '';
  let count = 41;
  async function answer(): Promise<void> {
    await clock.sleep(100);
    tell({ kind: 'data', bytes: fromLatin1(`${letters}=${++count}\r`) });
  }
  return {
    open(_settings, _signals, newTell) {
      tell = newTell;
      tell({ kind: 'ready' });
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
    write(bytes) {
      asked += toLatin1(bytes);
      const isAsked = asked === `?${letters}\r`;
      if (asked.endsWith('\r')) asked = '';
      if (isAsked) void answer();
      return Promise.resolve();
    },
  };
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
    const capabilities = { reconfigure: 'unavailable', fixed, signals: false, lineErrors: false } as const;
    const port = portOver(() => Promise.resolve(answerer('EF', clock)), { info, capabilities, clock });
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
