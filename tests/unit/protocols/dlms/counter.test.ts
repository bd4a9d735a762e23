import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import type { KeptCounter } from '../../../../src/common/kept-counter.ts';
import { associationAnswerBytes } from '../../../../src/protocols/dlms/apdu/association.ts';
import { initiateResponseBytes } from '../../../../src/protocols/dlms/apdu/initiate.ts';
import type { HdlcLink } from '../../../../src/protocols/dlms/hdlc/link.ts';
import { learnCounter } from '../../../../src/protocols/dlms/meter-counter.ts';
import { invocationCounter } from '../../../../src/protocols/dlms/security/counter.ts';

/** What a hostile or damaged meter may do to the number of our messages. */

const END = 0xffff_fff0;
const TITLES = [0, 1].map((at) => new Uint8Array(8).fill(at));

/** A meter whose public client reads this value, in hex, as every counter. */
function linkTo(value: string): HdlcLink {
  const accepted = { context: 1, result: 0, source: 'user', diagnostic: 0, mechanism: 0 } as const;
  const none = new Uint8Array(0);
  const information = initiateResponseBytes({ conformance: 0x00121d, mostBytes: 512, name: 7 });
  const exchange = ([tag, , id = 0]: Uint8Array) =>
    Promise.resolve(
      tag === 0x60
        ? associationAnswerBytes({ ...accepted, systemTitle: none, challenge: none, information })
        : (fromHex(`C401${toHex(Uint8Array.of(id))}00${value}`) ?? none),
    );
  const done = () => Promise.resolve();
  return { connect: done, disconnect: done, exchange } as unknown as HdlcLink;
}

function disk(last?: number) {
  const state: { last: number | undefined; titles: number } = { last, titles: 0 };
  const counter = (): KeptCounter => ({
    title: TITLES[state.titles] ?? new Uint8Array(8),
    last: state.last,
    next: (after) => Promise.resolve((state.last = Math.max(state.last ?? 0, after) + 1)),
    renew(behind) {
      state.last = behind;
      state.titles++;
      return Promise.resolve(counter());
    },
  });
  return { state, counter };
}

test('a meter that was never read moves it nearly everywhere, and not to the end, where no message is left', async () => {
  const clock = invocationCounter(disk().counter());
  clock.expect(1_790_000_000);
  expect(await clock.next()).toBe(1_790_000_000);

  for (const say of ['expect', 'seen'] as const) {
    const { state, counter } = disk();
    const fresh = invocationCounter(counter());
    await expect((async () => await fresh[say](END))()).rejects.toThrow(`${say === 'seen' ? END + 1 : END}, yours 0`);
    expect(await fresh.next()).toBe(1);
    expect(state.last).toBe(1);
  }
  const agreed = invocationCounter(disk().counter(), END);
  agreed.expect(END);
  expect(await agreed.next()).toBe(END);
});

test('a meter that says a low number first has it no further', async () => {
  const { state, counter } = disk(100);
  const one = invocationCounter(counter());
  await one.seen(5);
  expect(one.title).toEqual(TITLES[1]);
  expect(() => one.expect(END)).toThrow('yours 5');
  // What it had taken before is near.
  one.expect(101);
  expect(await one.next()).toBe(101);
  expect(state.last).toBe(101);
});

test('a meter gets no further by many steps', async () => {
  const one = invocationCounter(disk(10).counter());
  one.expect(60_000);
  expect(await one.next()).toBe(60_000);
  expect(() => one.expect(120_000)).toThrow('yours 60000');
  // What we send ourselves is none of its steps.
  for (let n = 1; n <= 10; n++) await one.next();
  one.expect(10 + 65_536 + 10);
  expect(await one.next()).toBe(65_556);
});

test('at the end no number is given out, nor after another window had the last one', async () => {
  const last = disk(0xffff_ffff);
  await expect(invocationCounter(last.counter()).next()).rejects.toThrow('come to its end');
  const taken = disk(5);
  const stale = invocationCounter(taken.counter());
  taken.state.last = 0xffff_ffff;
  await expect(stale.next()).rejects.toThrow('come to its end');
  await expect(stale.next()).rejects.toThrow('come to its end');
});

test.each([
  ['below zero', '05FFFFFFFB'],
  ['with a fraction', '173F000000'],
  ['that is none', '177FC00000'],
] as const)('a counter %s is not told', async (_name, value) => {
  for (const last of [undefined, 100]) {
    const { counter } = disk(last);
    const [own, notes] = [invocationCounter(counter()), [] as string[]];
    await learnCounter(own, linkTo(value), 1, notes);
    expect(notes).toEqual(['The meter does not tell its message counter to the public client (16).']);
    expect(await own.next()).toBe((last ?? 0) + 1);
  }
});

test('a counter that is one is told', async () => {
  const own = invocationCounter(disk().counter());
  await learnCounter(own, linkTo('0600000100'), 1, []);
  expect(await own.next()).toBe(257);
});
