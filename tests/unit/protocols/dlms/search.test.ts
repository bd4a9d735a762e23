import { describe, expect, test } from 'vitest';
import type { Values } from '../../../../src/common/form.ts';
import { settingsOf } from '../../../../src/common/form.ts';
import { serverAddress } from '../../../../src/protocols/dlms/hdlc/address.ts';
import { dlmsSearcher } from '../../../../src/protocols/dlms/search/searcher.ts';
import { dlmsSearches } from '../../../../src/protocols/dlms/search/tasks.ts';
import { dlmsDialogue } from '../../../../src/protocols/dlms/ask.ts';
import '../../../../src/protocols/dlms/session.ts';
import '../../../../src/protocols/dlms/access.ts';
import { headMeter } from '../../../../src/protocols/dlms/simulated/head-meter.ts';
import { household } from '../../../../src/protocols/dlms/simulated/household.ts';
import { pushingMeter } from '../../../../src/protocols/dlms/simulated/pushing.ts';
import { meterAt } from '../../../../src/protocols/dlms/simulated/secondary.ts';
import { searchControl, type SearchEvent } from '../../../../src/protocols/search.ts';
import type { FarEnd } from '../../../../src/simulator/far-end.ts';
import { onLine, type OnLine } from '../on-line.ts';

const fields = dlmsSearches[0]?.fields ?? [];
const at = (baudRate: number, parity: 'none' | 'even' = 'none') =>
  ({ baudRate, dataBits: 8, stopBits: 1, parity }) as const;

async function find(farEnd: FarEnd, set: Values = {}, during: (on: OnLine) => void = () => undefined) {
  const task = { id: 'one meter', values: settingsOf(fields, { set }), settings: {} };
  const opened = dlmsSearcher.lineOf(task);
  return await onLine(
    farEnd,
    async (on) => {
      during(on);
      const events: SearchEvent[] = [];
      for await (const event of dlmsSearcher.search(on.line, task, { control: searchControl() })) events.push(event);
      const end = events.at(-1);
      if (end?.kind !== 'ended') throw new Error('no end');
      const notes = events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));
      return { end, notes, tookMs: on.clock.monotonic() };
    },
    opened,
  );
}

/** The meter is read with what was found. */
async function readWith(farEnd: FarEnd, address: string, settings: Values) {
  const target = { address: `${address}|8:0-0:1.0.0`, settings };
  return await onLine(farEnd, ({ line }) => dlmsDialogue.read(line, target, {}), dlmsDialogue.lineOf(target));
}

describe('finds a meter of which nothing is known', () => {
  test.each([
    ['1/17 at 9600', meterAt(household, at(9600)), '1/17@9600', { opening: 'direct', client: 16, framing: '8N1' }],
    [
      '1 at 2400',
      meterAt({ ...household, address: serverAddress(1) }, at(2400)),
      '1@2400',
      { opening: 'direct', client: 16, framing: '8N1' },
    ],
    [
      '1/16 on four bytes, at 19200 with parity',
      meterAt({ ...household, address: serverAddress(1, 16, true), isStrict: true }, at(19_200, 'even')),
      '1/16/4@19200',
      { opening: 'direct', client: 16, framing: '8E1' },
    ],
    [
      'an optical head',
      headMeter({ ...household, identification: 'OHU5\\2DLMS-1', baudRate: 9600 }),
      '1/17@9600',
      { opening: 'mode E', client: 16 },
    ],
    [
      'an address of its own, which it tells when all are called',
      meterAt({ ...household, address: serverAddress(1, 99) }, at(9600)),
      '1/99@9600',
      { opening: 'direct', client: 16, framing: '8N1' },
    ],
  ])('%s', async (_name, meter, address, settings) => {
    const { end } = await find(meter);
    expect(end).toMatchObject({ outcome: 'complete', meters: [{ address, settings, number: '00081402' }] });
    expect(await readWith(meter, address, settings)).toMatchObject({ errorCode: 0 });
  });

  test('makes its address of its number', async () => {
    const meter = meterAt({ ...household, address: serverAddress(1, 2402, true), isStrict: true }, at(9600));
    const { end } = await find(meter, { number: '00081402', ways: 'direct' });
    expect(end.meters).toMatchObject([{ address: '1/2402@9600' }]);
  });

  test('and says which client is let in, and what the others want', async () => {
    const meter = meterAt({ ...household, password: '12345678', isShut: true }, at(9600));
    const { end } = await find(meter, { ways: 'direct' });
    expect(end.meters).toMatchObject([{ settings: { client: 16 } }]);
    expect(end.meters[0]?.facts[0]).toBe('wants a password or keys as client 16');
    expect(end.meters[0]?.facts).toContain('client 1: it wants authentication');
  });
});

test('a meter that sends by itself is found as one', async () => {
  const meter = pushingMeter(household, at(2400), 10_000);
  const { end } = await find(meter);
  expect(end.meters).toMatchObject([
    {
      address: '1@2400',
      settings: { opening: 'push', framing: '8N1' },
      facts: ['sends by itself, and is listened to'],
    },
  ]);
});

describe('explains every silence', () => {
  test('where nobody is there, within its budget', async () => {
    const { end, notes, tookMs } = await find(meterAt({ ...household, address: serverAddress(5, 5) }, at(9600)), {
      minutes: 1,
    });
    expect(end).toMatchObject({ outcome: 'complete', meters: [] });
    expect(notes[0]).toMatch(/^300 Bd 7E1: silence to the sign-on/);
    expect(notes.join('\n')).toMatch(/Silence at 9600.* Bd to every address/);
    expect(notes.at(-1)).toMatch(/^The 1 min are over/);
    expect(tookMs).toBeLessThan(70_000);
  });
  test('where it is stopped', async () => {
    const { end } = await find(
      meterAt(household, at(115_200)),
      {},
      ({ clock, stop }) => void clock.sleep(5000).then(stop),
    );
    expect(end).toMatchObject({ outcome: 'stopped', error: { code: 4325377 } });
  });
});
