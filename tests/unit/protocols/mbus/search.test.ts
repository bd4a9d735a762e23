import { describe, expect, it } from 'vitest';
import { parseMbusAddress } from '../../../../src/protocols/mbus/address.ts';
import type { SearchEvent } from '../../../../src/protocols/mbus/search.ts';
import { searchControl } from '../../../../src/protocols/search.ts';
import { scanPrimary, type PrimaryScan } from '../../../../src/protocols/mbus/search-primary.ts';
import { searchSecondary } from '../../../../src/protocols/mbus/search-secondary.ts';
import type { SecondarySearch } from '../../../../src/protocols/mbus/search-run.ts';
import { readMbus } from '../../../../src/protocols/mbus/session.ts';
import { defaultMbusSettings } from '../../../../src/protocols/mbus/settings.ts';
import { parseTelegrams } from '../../../../src/protocols/mbus/telegram.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import type { MbusMeterSpec } from '../../../../src/protocols/mbus/simulated/slave.ts';
import { house } from '../../../../src/protocols/mbus/simulated/meters.ts';
import { meter, onBus } from './bus.ts';
import type { OnBus } from './bus.ts';
import { endOf, eventsOf, metersOf, numbers } from './bus-search.ts';
import { bytesOf } from './samples.ts';

async function secondary(
  meters: readonly MbusMeterSpec[],
  options: Partial<SecondarySearch> = {},
  faults: readonly Fault[] = [],
) {
  return await onBus(
    meters,
    async ({ line }) => {
      const events = await eventsOf(searchSecondary(line, { baudRates: [2400], ...options }));
      return { events, ...endOf(events) };
    },
    { faults },
  );
}

async function primary(meters: readonly MbusMeterSpec[], options: Partial<PrimaryScan> = {}) {
  return await onBus(meters, async ({ line, sent }) => {
    const events = await eventsOf(scanPrimary(line, { baudRates: [2400], ...options }));
    return { events, sent: sent(), ...endOf(events) };
  });
}

const problems = (events: readonly SearchEvent[]) => events.flatMap((e) => (e.kind === 'problem' ? [e] : []));
const notes = (events: readonly SearchEvent[]) => events.flatMap((e) => (e.kind === 'note' ? [e.text] : []));

describe('searching by secondary address', () => {
  it('an empty bus: everybody is asked twice, the second time for slow meters', async () => {
    expect(await secondary([])).toMatchObject({ outcome: 'complete', meters: [], questions: 2 });
  });

  it('gives what the meter list needs, and the frame that proves it', async () => {
    const { events, meters } = await secondary([meter('00660421', { primaryAddress: 7, version: 3 })]);
    expect(meters).toMatchObject([
      {
        primaryAddress: 7,
        secondaryAddress: '00660421',
        manufacturer: 'OHU',
        version: 3,
        medium: 7,
        baudRate: 2400,
        address: '*00660421',
      },
    ]);
    expect(parseTelegrams(bytesOf(meters[0]?.frame ?? ''))[0]?.header?.identification).toBe('00660421');
    expect(events.filter(({ kind }) => kind === 'found')).toHaveLength(1);
    expect(events.find(({ kind }) => kind === 'progress')).toMatchObject({ baudRate: 2400, done: 0 });
  });

  it.each([
    ['random', 5],
    ['series', 5],
    ['consecutive', 5],
    ['random', 20],
    ['series', 20],
    ['consecutive', 20],
    ['random', 60],
    ['series', 60],
    ['consecutive', 60],
    ['random', 250],
    ['consecutive', 250],
  ] as const)('%s numbers of %i meters: all found, none twice', { timeout: 120_000 }, async (kind, count) => {
    const wanted = numbers(kind, count, 77);
    const { meters, outcome, events } = await secondary(metersOf(wanted));
    expect(outcome).toBe('complete');
    expect(problems(events)).toEqual([]);
    expect(meters.map(({ secondaryAddress }) => secondaryAddress).sort()).toEqual([...wanted].sort());
  });

  it('5 meters of one series take less than 12 s, 20 random ones less than 40 s', async () => {
    expect((await secondary(metersOf(numbers('series', 5, 3)))).durationMs).toBeLessThan(12_000);
    expect((await secondary(metersOf(numbers('random', 20, 3)))).durationMs).toBeLessThan(40_000);
  });

  it('is not fooled by acknowledgments that overlap exactly', async () => {
    const wanted = numbers('random', 12, 5);
    const alike = metersOf(wanted).map((spec) => ({ ...spec, reactionMs: 20 }));
    const { meters } = await secondary(alike);
    expect(meters.map(({ secondaryAddress }) => secondaryAddress).sort()).toEqual([...wanted].sort());
  });

  it.each([
    ['manufacturer', { manufacturer: 'SEN' }, { manufacturer: 'ZRI' }, '*40404040/SEN.01.07'],
    ['version', { version: 4 }, { version: 9 }, '*40404040/OHU.04.07'],
    ['medium', { medium: 6 }, { medium: 4 }, '*40404040/OHU.01.06'],
    [
      'fabrication number',
      { fabrication: '00000017' },
      { fabrication: '00000071', telegrams: () => [Uint8Array.of(0x0b, 0x13, 1, 2, 3)] },
      '*40404040/OHU.01.07/FFFFFFF7',
    ],
  ])('tells equal numbers apart by %s', { timeout: 60_000 }, async (_, one, other, address) => {
    const all = [meter('40404040', one), meter('40404040', other), meter('12121212')];
    const { meters, events } = await secondary(all);
    expect(problems(events)).toEqual([]);
    expect(meters).toHaveLength(3);
    expect(meters.map((found) => found.address)).toContain(address);
    // Every address reads one meter and no other.
    for (const found of meters) {
      const readout = await onBus(all, ({ line }) =>
        readMbus(line, parseMbusAddress(found.address), defaultMbusSettings, {}),
      );
      expect(readout.errorCode).toBe(0);
    }
  });

  it('reports meters that nothing tells apart (131094), and finds the others', { timeout: 60_000 }, async () => {
    const twin = { telegrams: () => [Uint8Array.of(0x0b, 0x13, 1, 2, 3)] };
    const { meters, events } = await secondary([meter('40404040'), meter('40404040', twin), meter('12121212')]);
    expect(problems(events)).toMatchObject([{ address: '*40404040', error: { code: 131094 } }]);
    expect(meters.map(({ secondaryAddress }) => secondaryAddress)).toEqual(['12121212']);
  });

  it('finds the seven meters of the demo bus', { timeout: 60_000 }, async () => {
    const { meters } = await secondary(house);
    expect(meters.map((m) => m.secondaryAddress + m.manufacturer).sort()).toEqual(
      house.map((spec) => spec.identification + spec.manufacturer).sort(),
    );
  });

  it('looks within a mask, and for one manufacturer', async () => {
    const all = ['12345678', '12345699', '99345678'].map((id, n) =>
      meter(id, { manufacturer: n === 1 ? 'KAM' : 'OHU' }),
    );
    const within = await secondary(all, { mask: { identification: '1234FFFF' } });
    expect(within.meters.map(({ address }) => address).sort()).toEqual(['*12345678', '*12345699']);
    const kam = await secondary(all, { mask: { identification: 'FFFFFFFF', manufacturer: 'KAM' } });
    expect(kam.meters.map(({ address }) => address)).toEqual(['*12345699/KAM.01.07']);
  });

  it('takes several rates, and a meter is one meter', async () => {
    const all = [meter('11111111'), meter('22222222', { baudRate: 300 })];
    const { meters, events } = await secondary(all, { baudRates: [2400, 300] });
    expect(meters.map(({ address }) => address)).toEqual(['*11111111', '*22222222@300']);
    const done = events.flatMap((e) => (e.kind === 'progress' ? [e.done] : []));
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it.each([
    ['alone', [meter('11111111', { reactionMs: 300 })]],
    ['very slow and alone', [meter('11111111', { reactionMs: 1000 })]],
    [
      'among others',
      [meter('11111111', { reactionMs: 300 }), meter('11111112', { reactionMs: 420 }), meter('22222222')],
    ],
    ['of many', [meter('31415926', { reactionMs: 250 }), ...metersOf(numbers('random', 10, 9))]],
  ])('waits longer when a meter is slower than the standard allows: %s', { timeout: 60_000 }, async (_, all) => {
    const { meters, events } = await secondary(all);
    expect(notes(events)[0]).toMatch(/answers late/);
    expect(meters.map(({ secondaryAddress }) => secondaryAddress).sort()).toEqual(
      all.map(({ identification }) => identification).sort(),
    );
  });

  it('takes a longer wait from the start', async () => {
    const { meters, events } = await secondary([meter('11111111', { reactionMs: 600 })], { timeoutMs: 700 });
    expect(meters).toHaveLength(1);
    expect(notes(events)).toEqual([]);
  });

  it('finds everything behind an echoing converter', async () => {
    const wanted = numbers('random', 6, 8);
    const { meters } = await secondary(metersOf(wanted), {}, ['echo']);
    expect(meters).toHaveLength(6);
  });

  it('finds everything on a noisy line', { timeout: 60_000 }, async () => {
    const wanted = numbers('random', 6, 8);
    const { meters } = await secondary(metersOf(wanted), {}, ['noise']);
    expect(meters.map(({ secondaryAddress }) => secondaryAddress).sort()).toEqual([...wanted].sort());
  });

  it('leaves no meter selected and every link reset', async () => {
    await onBus(metersOf(numbers('random', 4, 2)), async ({ line }) => {
      await eventsOf(searchSecondary(line, { baudRates: [2400] }));
      expect(await readMbus(line, parseMbusAddress('/253'), defaultMbusSettings, {})).toMatchObject({
        errorCode: 131082,
      });
    });
  });
});

describe('stopping and pausing', () => {
  it('keeps what was found when it is stopped', async () => {
    const end = await onBus(metersOf(numbers('random', 20, 4)), async ({ line, stop }) => {
      const events: SearchEvent[] = [];
      for await (const event of searchSecondary(line, { baudRates: [2400] })) {
        events.push(event);
        if (event.kind === 'found' && events.filter(({ kind }) => kind === 'found').length === 3) stop();
      }
      return endOf(events);
    });
    expect(end).toMatchObject({ outcome: 'stopped', error: { code: 131073 } });
    expect(end.meters).toHaveLength(3);
  });

  it('stands still while paused and goes on where it was', async () => {
    const wanted = numbers('random', 8, 6);
    await onBus(metersOf(wanted), async ({ line, clock, sent }: OnBus) => {
      const control = searchControl();
      const events: SearchEvent[] = [];
      let during = -1;
      for await (const event of searchSecondary(line, { baudRates: [2400], control })) {
        events.push(event);
        if (event.kind === 'found' && !events.some(({ kind }) => kind === 'paused')) control.pause();
        if (event.kind === 'paused') {
          const before = sent().length;
          void clock.sleep(60_000).then(() => {
            during = sent().length - before;
            control.resume();
          });
        }
      }
      expect(during).toBe(0);
      expect(events.map(({ kind }) => kind)).toContain('resumed');
      expect(endOf(events).meters).toHaveLength(8);
      expect(endOf(events).durationMs).toBeGreaterThan(60_000);
    });
  });

  it('leaves no meter selected when it is stopped, while paused too', async () => {
    await onBus(metersOf(numbers('random', 20, 4)), async ({ line, clock, stop, sent }) => {
      const control = searchControl();
      for await (const { kind } of searchSecondary(line, { baudRates: [2400], control })) {
        if (kind === 'found') control.pause();
        if (kind === 'paused') void clock.sleep(1000).then(stop);
      }
      expect(sent().at(-1)).toBe('1040FD3D16');
    });
  });

  it('can be stopped while paused', async () => {
    const end = await onBus([meter('11111111')], async ({ line, clock, stop }) => {
      const control = searchControl();
      control.pause();
      void clock.sleep(5000).then(stop);
      return endOf(await eventsOf(searchSecondary(line, { baudRates: [2400], control })));
    });
    expect(end).toMatchObject({ outcome: 'stopped', meters: [] });
  });

  it('ends with the reason when the port is lost', async () => {
    const { outcome, error } = await secondary(metersOf(numbers('random', 5, 1)), {}, ['port-lost']);
    expect(outcome).toBe('failed');
    expect(error?.code).toBe(131072);
  });
});

describe('primary scan', () => {
  it('finds every address in less than 55 s and takes nobody’s word for it', async () => {
    const { meters, durationMs, questions } = await primary([
      meter('10000001', { primaryAddress: 0 }),
      meter('10000002', { primaryAddress: 250 }),
    ]);
    expect(meters.map(({ primaryAddress }) => primaryAddress)).toEqual([0, 250]);
    expect(meters[1]).toMatchObject({ secondaryAddress: '10000002', address: '250', manufacturer: 'OHU' });
    // Each once, and those of the likely ones that are silent in another way.
    expect(questions).toBe(251 + 3);
    expect(durationMs).toBeLessThan(55_000);
  });

  it('tells two meters at one address as a problem, however well their acknowledgments overlap', async () => {
    const two = ['10000001', '20000002'].map((id) => meter(id, { primaryAddress: 3, reactionMs: 15 }));
    const { meters, events } = await primary(two, { addresses: [2, 3, 4] });
    expect(meters).toEqual([]);
    expect(problems(events)).toMatchObject([{ address: '3', error: { code: 131094 } }]);
  });

  it('asks the addresses of a list only, and ends when enough were found', async () => {
    const all = [1, 2, 3].map((primaryAddress) => meter(`1000000${primaryAddress}`, { primaryAddress }));
    const { sent, meters } = await primary(all, { addresses: [9, 2, 1, 3], stopAfter: 2 });
    expect(meters.map(({ primaryAddress }) => primaryAddress)).toEqual([2, 1]);
    // The first one is to everybody, for meters that want two.
    expect(sent.filter((frame) => frame.startsWith('1040'))).toEqual([
      '1040FF3F16',
      '1040094916',
      '1040024216',
      '1040014116',
    ]);
  });

  it('goes back when a meter answers late', async () => {
    const { meters, events } = await primary([meter('10000001', { primaryAddress: 3, reactionMs: 200 })], {
      addresses: [1, 2, 3, 4, 5],
    });
    expect(meters).toHaveLength(1);
    expect(notes(events)).toHaveLength(1);
  });
});
