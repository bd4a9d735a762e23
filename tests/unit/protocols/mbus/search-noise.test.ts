import { describe, expect, it } from 'vitest';
import { frameByMajority } from '../../../../src/protocols/mbus/broken-answer.ts';
import type { SearchEvent } from '../../../../src/protocols/mbus/search.ts';
import { scanPrimary } from '../../../../src/protocols/mbus/search-primary.ts';
import { searchSecondary } from '../../../../src/protocols/mbus/search-secondary.ts';
import { endOf, eventsOf, numbers } from './bus-search.ts';
import { onIndependentBus, recordsOf, type BusOptions, type Slave } from './independent-bus.ts';

async function search(slaves: readonly Slave[], options: BusOptions = {}) {
  return await onIndependentBus(
    slaves,
    async ({ line, sent }) => {
      const events = await eventsOf(searchSecondary(line, { baudRates: [2400] }));
      return { events, sent, ...endOf(events) };
    },
    options,
  );
}

const MAKERS = ['KAM', 'LUG', 'SEN', 'ZRI', 'HYD'];

const meters = (count: number, seed: number): readonly Slave[] =>
  numbers('random', count, seed).map((id, n) => ({
    id,
    maker: MAKERS[n % 5] ?? 'OHU',
    primary: n + 1,
    reactionMs: 10 + ((13 * n) % 60),
    telegrams: [recordsOf(seed * 100 + n)],
  }));

const said = (events: readonly SearchEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'problem' ? [event.error.message] : event.kind === 'note' ? [event.text] : [],
  );
const codes = (events: readonly SearchEvent[]) =>
  events.flatMap((event) => (event.kind === 'problem' ? [event.error.code] : []));
const idsOf = (slaves: readonly Slave[]) => slaves.map(({ id }) => id).sort();
const found = (end: { readonly meters: readonly { readonly secondaryAddress: string }[] }) =>
  end.meters.map(({ secondaryAddress }) => secondaryAddress).sort();

/** Two characters damaged so that the check sum fits, in the first answer of all: the number of another meter. */
function makesAnotherOnce(): (frame: Uint8Array) => Uint8Array {
  let answers = 0;
  return (frame) => {
    if (answers++ > 0) return frame;
    const other = frame.slice();
    other[9] = (other[9] ?? 0) ^ 0x01;
    other[30] = ((other[30] ?? 0) + (frame[9] ?? 0) - other[9]) & 0xff;
    return other;
  };
}

function isDamagedOnce(): (frame: Uint8Array) => Uint8Array {
  let answers = 0;
  return (frame) => {
    if (answers++ > 0) return frame;
    const damaged = frame.slice();
    damaged[40] = (damaged[40] ?? 0) ^ 0x04;
    return damaged;
  };
}

describe('a noisy line hides no meter', () => {
  it.each([
    ['8E1', 0.002],
    ['8N1', 0.002],
    ['8E1', 0.01],
    ['8N1', 0.01],
  ] as const)(
    '%s, %f of the characters damaged in both directions: all five found',
    { timeout: 60_000 },
    async (framing, noise) => {
      for (let seed = 1; seed <= 12; seed++) {
        const five = meters(5, seed);
        const end = await search(five, { framing, noise, seed });
        const unsure = said(end.events).some((text) => text.includes('some meters may be missing'));
        // What is not found is at least named.
        if (noise > 0.005 && unsure) continue;
        expect(found(end), `seed ${seed}`).toEqual(idsOf(five));
      }
    },
  );

  it.each([601, 637])('invents no meter where two errors leave the check sum right (8N1, seed %i)', async (seed) => {
    const five = meters(5, seed);
    const end = await search(five, { framing: '8N1', noise: 0.01, seed });
    expect(found(end).filter((id) => !idsOf(five).includes(id))).toEqual([]);
  });

  it.each([7, 62])('invents no meter of characters that nobody could read (8E1, seed %i)', async (seed) => {
    const three: readonly Slave[] = numbers('random', 3, seed).map((id, n) => ({
      id,
      maker: 'OHU',
      primary: n + 1,
      telegrams: [recordsOf(seed * 100 + n)],
    }));
    const { meters: all } = await search(three, { noise: 0.03, seed });
    expect(all).not.toEqual([]);
    for (const { secondaryAddress, frame } of all) {
      const at = three.findIndex(({ id }) => id === secondaryAddress);
      expect(frame).toContain(recordsOf(seed * 100 + at).toUpperCase());
    }
  });

  it('knows no character that was damaged in every copy, whatever the check sum says', () => {
    const bytes = Uint8Array.of(0x68, 0x03, 0x03, 0x68, 0x08, 0x01, 0x72, 0x7b, 0x16);
    expect(frameByMajority([{ bytes, badParity: [5] }])).toBeUndefined();
    expect(
      frameByMajority([
        { bytes, badParity: [5] },
        { bytes, badParity: [6] },
      ]),
    ).toEqual(bytes);
  });

  it('says how noisy it was, and names what it could not be sure of', { timeout: 60_000 }, async () => {
    const { events } = await search(meters(5, 3), { noise: 0.01, seed: 3 });
    expect(said(events).join()).toMatch(/The line is noisy: \d+ of \d+ characters came damaged/);
    const worse = await search(meters(5, 4), { noise: 0.06, seed: 4 });
    expect(said(worse.events).join()).toMatch(/some meters may be missing. Not sure of \*[0-9F]{8}/);
  });

  it(
    'asks no silence twice on a clean line with enough to trust, and says nothing of noise',
    { timeout: 60_000 },
    async () => {
      const { events, sent } = await search(meters(20, 1));
      expect(said(events)).toEqual([]);
      const silent = sent.filter((hex, at) => hex.startsWith('68') && sent[at + 1]?.startsWith('107B') !== true);
      expect(new Set(silent).size).toBe(silent.length);
    },
  );

  it('finds slow meters among fast ones, and waits for them from then on', { timeout: 60_000 }, async () => {
    for (const reactionMs of [300, 600, 1000]) {
      const five = meters(5, 2).map((slave, n) => (n === 2 ? { ...slave, reactionMs } : slave));
      const end = await search(five);
      expect(found(end), `${reactionMs} ms`).toEqual(idsOf(five));
      expect(said(end.events).join()).toMatch(/answers late: waiting \d+ ms/);
    }
  });

  it.each([180, 300, 400])('a meter that takes %i ms is no noise, and is waited for once', async (reactionMs) => {
    for (const seed of [950, 951]) {
      const five = meters(5, seed).map((slave, n) => (n === 2 ? { ...slave, reactionMs } : slave));
      const { events, meters: all, durationMs } = await search(five);
      expect(all).toHaveLength(5);
      expect(said(events)).toEqual([expect.stringMatching(/answers late: waiting 500 ms/)]);
      // All silences of the usual wait, and once more with the longer one; letters at one digit.
      expect(durationMs).toBeLessThan(50_000);
    }
  });

  it.each([300, 600, 1000])(
    'a scan takes no late acknowledgment (%i ms) for that of another address',
    async (reactionMs) => {
      const slow: Slave = { id: '12345678', primary: 1, reactionMs, telegrams: [recordsOf(1)] };
      const fast: Slave = { id: '99887766', primary: 12, telegrams: [recordsOf(2)] };
      const events = await onIndependentBus([slow, fast], ({ line }) =>
        eventsOf(scanPrimary(line, { baudRates: [2400], addresses: Array.from({ length: 15 }, (_, n) => n) })),
      );
      expect(endOf(events).meters.map(({ primaryAddress }) => primaryAddress)).toEqual([1, 12]);
      expect(codes(events)).toEqual([]);
    },
  );

  it.each([250, 300, 500])(
    'a scan hears a late acknowledgment (%i ms) among those of the next address',
    async (reactionMs) => {
      const three = [1, 2, 3].map((primary): Slave => ({
        id: `1111111${primary}`,
        primary,
        telegrams: [recordsOf(primary)],
        ...(primary === 1 ? { reactionMs } : {}),
      }));
      const events = await onIndependentBus(three, ({ line }) =>
        eventsOf(scanPrimary(line, { baudRates: [2400], addresses: [0, 1, 2, 3, 4, 5] })),
      );
      expect(found(endOf(events))).toEqual(idsOf(three));
      expect(said(events).join()).not.toMatch(/noisy|gives no data|Two or more/);
    },
  );

  it('a meter that noise made before it was known is taken back, and the one it was made of is found', async () => {
    const { events, ...end } = await search(
      [
        { id: '12345678', telegrams: [recordsOf(1)], spoils: makesAnotherOnce() },
        { id: '87654321', reactionMs: 33, telegrams: [recordsOf(2)], spoils: isDamagedOnce() },
      ],
      { framing: '8N1' },
    );
    expect(events.filter(({ kind }) => kind === 'withdrawn')).toMatchObject([
      { meter: { secondaryAddress: '12355678' } },
    ]);
    expect(said(events).join()).toMatch(/12355678: noise had made it/);
    expect(found(end)).toEqual(['12345678', '87654321']);
  });

  it('a scan takes back a number that noise made, too', async () => {
    const two: readonly Slave[] = [
      { id: '12345678', primary: 1, telegrams: [recordsOf(1)], spoils: makesAnotherOnce(), frameCount: 'ignored' },
      { id: '87654321', primary: 2, telegrams: [recordsOf(2)], spoils: isDamagedOnce(), frameCount: 'ignored' },
    ];
    const events = await onIndependentBus(
      two,
      ({ line }) => eventsOf(scanPrimary(line, { baudRates: [2400], addresses: [0, 1, 2] })),
      { framing: '8N1' },
    );
    expect(events.filter(({ kind }) => kind === 'withdrawn')).toMatchObject([
      { meter: { secondaryAddress: '12355678' } },
    ]);
    expect(found(endOf(events))).toEqual(['12345678', '87654321']);
  });

  it('asks addresses again in a scan, too', { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const five = meters(5, seed);
      const end = await onIndependentBus(
        five,
        async ({ line }) =>
          endOf(
            await eventsOf(
              scanPrimary(line, { baudRates: [2400], addresses: Array.from({ length: 30 }, (_, n) => n) }),
            ),
          ),
        { noise: 0.01, seed },
      );
      expect(found(end), `seed ${seed}`).toEqual(idsOf(five));
    }
  });
});

describe('twins and hexadecimal numbers', () => {
  const twins = (one: Partial<Slave>, other: Partial<Slave>): readonly Slave[] => [
    { id: '40404040', telegrams: [recordsOf(1)], ...one },
    { id: '40404040', telegrams: [recordsOf(2)], ...other },
  ];
  const saia = (...ids: readonly string[]): readonly Slave[] =>
    ids.map((id, n) => ({ id, maker: 'SBC', telegrams: [recordsOf(n)] }));
  const others = ['11111111', '22222222', '33333333'].map((id, n) => ({ id, telegrams: [recordsOf(20 + n)] }));

  describe.each([0, 14])('acknowledgments %i ms apart', (apart) => {
    const late = (slaves: readonly Slave[]) =>
      slaves.map((slave, n) => (n === 1 ? { ...slave, reactionMs: 20 + apart } : slave));

    it.each([
      ['digits in the middle', saia('050002E5', '0500023E')],
      ['last digits', saia('050002EA', '050002EB')],
      ['among decimal ones', [...saia('050002EA', '050002EB'), ...others]],
      ['of a maker nobody knows', saia('050002EA', '050002EB').map((one) => ({ ...one, maker: 'QQQ' }))],
      ['makers', twins({ maker: 'SEN' }, { maker: 'ZRI' })],
      ['versions', twins({ version: 4 }, { version: 7 })],
      ['media', twins({ medium: 6 }, { medium: 4 })],
      ['media of one housing', twins({ maker: 'BMT', medium: 0x04 }, { maker: 'BMT', medium: 0x0a })],
      ['fabrication numbers', twins({ fabrication: '00000017' }, { fabrication: '00000071' })],
    ])('%s: everything found in less than 40 s', async (_, slaves) => {
      const end = await search(late(slaves));
      expect(found(end)).toEqual(idsOf(slaves));
      expect(codes(end.events)).toEqual([]);
      expect(new Set(end.meters.map(({ address }) => address)).size).toBe(slaves.length);
      expect(end.durationMs).toBeLessThan(40_000);
    });

    it.each([
      ['nothing to tell apart', twins({}, {})],
      ['makers nobody knows', twins({ maker: 'QZY' }, { maker: 'ABX' })],
      ['versions far apart', twins({ version: 4 }, { version: 200 })],
    ])('%s: found or said (131094) in less than 40 s', async (_, slaves) => {
      const end = await search(late(slaves));
      if (end.meters.length < 2) expect(codes(end.events)).toEqual([131094]);
      expect(end.durationMs).toBeLessThan(40_000);
    });
  });

  it.each([
    ['1234567C', 2],
    ['0A0002EA', 5],
    ['12AB3456', 5],
  ])('%s of a maker nobody knows is found among %i decimal ones', async (id, count) => {
    const all = [{ id, maker: 'QQQ', reactionMs: 25, telegrams: [recordsOf(9)] }, ...meters(count, 31 + count)];
    const end = await search(all);
    expect(found(end)).toEqual(idsOf(all));
    expect(said(end.events)).toEqual([]);
  });

  it.each([
    ['versions far apart', [{ version: 1 }, { version: 2 }, { version: 40 }]],
    ['makers', [{ maker: 'SEN' }, { maker: 'ZRI' }, { maker: 'QZY' }]],
  ])('three of one number, %s: a third one is found, or it is said that there may be one', async (_, traits) => {
    const three = traits.map((trait, n) => ({ id: '40404040', telegrams: [recordsOf(n)], ...trait }));
    const end = await search(three);
    if (end.meters.length < 3) expect(said(end.events).join()).toMatch(/40404040, and there may be more/);
    expect(end.durationMs).toBeLessThan(40_000);
  });

  it.each([
    ['versions', [{ version: 1 }, { version: 2 }, { version: 9 }]],
    ['makers', [{ maker: 'SEN' }, { maker: 'ZRI' }, { maker: 'KAM' }]],
    ['media', [{ medium: 6 }, { medium: 7 }, { medium: 4 }]],
  ])('three of one number whose %s are likely ones are found', async (_, traits) => {
    const three = traits.map((trait, n) => ({ id: '40404040', telegrams: [recordsOf(n)], ...trait }));
    const end = await search(three);
    expect(end.meters).toHaveLength(3);
    expect(end.durationMs).toBeLessThan(40_000);
  });

  it('says which primary addresses are shared', async () => {
    const { events } = await search([
      { id: '11111111', primary: 5 },
      { id: '22222222', primary: 5, reactionMs: 31 },
      { id: '33333333', primary: 6 },
    ]);
    expect(said(events)).toEqual(['2 meters have the primary address 5: read them by number.']);
  });
});

describe('a meter whose data is broken is one meter', () => {
  const kamstrup: Slave = {
    id: '68907025',
    maker: 'KAM',
    version: 0x1d,
    medium: 0x16,
    telegrams: [recordsOf(9).slice(0, 112)],
  };
  const spoilt = (frame: Uint8Array) => frame.map((byte, at) => (at === frame.length - 2 ? byte ^ 0x5a : byte));
  const cases: readonly [string, Slave, string][] = [
    ['wrong check sum', { ...kamstrup, spoils: spoilt }, 'wrong check sum'],
    ['cut', { ...kamstrup, spoils: (frame) => frame.slice(0, 62) }, 'stops after 62 of 77 bytes'],
  ];

  it.each(cases)('%s: listed with its fault within seconds', async (_, slave, fault) => {
    for (const framing of ['8E1', '8N1'] as const) {
      const alone = await search([slave], { framing });
      expect(alone.meters).toMatchObject([
        { secondaryAddress: '68907025', manufacturer: 'KAM', version: 0x1d, medium: 0x16, fault },
      ]);
      expect(codes(alone.events)).toEqual([]);
      expect(alone.durationMs).toBeLessThan(6000);
      const among = await search([slave, ...meters(5, 3)], { framing });
      expect(found(among)).toEqual(idsOf([slave, ...meters(5, 3)]));
      expect(among.durationMs).toBeLessThan(16_000);
    }
  });

  it.each([80, 150, 300])('a pause of %i ms in its answer is waited out', async (ms) => {
    const slave = { ...kamstrup, pause: { after: 62, ms } };
    const { meters: one, events } = await search([slave]);
    expect(one).toMatchObject([{ secondaryAddress: '68907025' }]);
    expect(one[0]?.fault).toBeUndefined();
    expect(said(events)).toEqual([]);
    expect(found(await search([slave, ...meters(5, 3)]))).toEqual(idsOf([slave, ...meters(5, 3)]));
  });
});
