import { expect, test } from 'vitest';
import { createUnlocked, type Unlocked } from '../../../src/keys/unlocked.ts';

interface Window {
  readonly unlocked: Unlocked;
  /** What is told to it waits until it thaws. */
  freeze(): void;
  thaw(): void;
}

/** Windows that hear each other, of which some sleep. */
function windows(): () => Window {
  const all: { frozen: unknown[] | undefined; onmessage?: (event: { data: unknown }) => void }[] = [];
  return () => {
    const own: (typeof all)[number] = { frozen: undefined };
    all.push(own);
    const channel = {
      set onmessage(listener: (event: { data: unknown }) => void) {
        own.onmessage = listener;
      },
      postMessage(data: unknown) {
        for (const other of all.filter((one) => one !== own)) {
          if (other.frozen) other.frozen.push(data);
          else other.onmessage?.({ data });
        }
      },
      close: () => undefined,
    };
    return {
      unlocked: createUnlocked(channel as unknown as BroadcastChannel),
      freeze: () => (own.frozen = []),
      thaw() {
        const missed = own.frozen ?? [];
        own.frozen = undefined;
        for (const data of missed) own.onmessage?.({ data });
      },
    };
  };
}

const key = (name: string) => ({ name }) as unknown as CryptoKey;

test('a key that one window has all have, until one forgets it', async () => {
  const open = windows();
  const [a, b] = [open(), open()];
  a.unlocked.set('1', key('one'));
  const late = open();
  expect([await b.unlocked.get('1'), await late.unlocked.get('1')]).toEqual([key('one'), key('one')]);
  expect(await late.unlocked.get('2')).toBeUndefined();
  late.unlocked.forget();
  expect([await a.unlocked.get('1'), await b.unlocked.get('1')]).toEqual([undefined, undefined]);
});

test('an answer that comes after the word to forget is none', async () => {
  const said: { readonly ask: string; readonly number: string }[] = [];
  const channel = { postMessage: (word: (typeof said)[number]) => said.push(word), close: () => undefined };
  const unlocked = createUnlocked(channel as unknown as BroadcastChannel);
  const hear = (data: unknown) => void (channel as unknown as BroadcastChannel).onmessage?.({ data } as MessageEvent);
  const asked = unlocked.get('1');
  hear({ forget: true });
  hear({ answer: { id: '1', key: key('one') }, to: said[0]?.number });
  expect(await asked).toBeUndefined();
  expect(said).toHaveLength(1);
});

test('a window that thaws brings back no key that was locked away meanwhile', async () => {
  const open = windows();
  const [asleep, awake] = [open(), open()];
  asleep.unlocked.set('1', key('one'));
  asleep.freeze();
  const other = open();
  expect(await other.unlocked.get('1')).toEqual(key('one'));
  other.unlocked.forget();
  expect(await awake.unlocked.get('1')).toBeUndefined();
  asleep.thaw();
  expect(await Promise.all([other, awake, asleep].map(({ unlocked }) => unlocked.get('1')))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
