import { describe, expect, it } from 'vitest';
import type { LearnedSettings, MeterMemory } from '../../../../src/protocols/meter-access.ts';
import { formOf } from '../../../../src/protocols/iec62056-21/bear-out.ts';
import { decodeIec } from '../../../../src/protocols/iec62056-21/decode.ts';
import { BLOCK, damaging, readBench, readMeterOf, spec, farEnd, READOUT } from './bench.ts';

/** Data without a check character: parity vouches for each character, and nothing for their number. */

/** Characters of the identification message `/ZPA5ZE3BENCH` CR LF. */
const HEAD = 15;
const unchecked = { blockCheck: 'none' } as const;
/** Loses one character of the first copies of the data. */
const losing = (at: number, copies: readonly number[]) =>
  damaging((byte, count) =>
    copies.some((copy) => count === copy * (HEAD + READOUT.length) + HEAD + at) ? undefined : byte,
  );
const states = (readout: Parameters<typeof decodeIec>[0]) => new Set(decodeIec(readout).map(({ state }) => state));

describe('data without a check character, with parity', () => {
  it('is whole only where a second reading has its form', async () => {
    const { readout, steps } = await readMeterOf(unchecked);
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { borneOut: true, attempts: 2 } });
    expect(steps).toContain('the meter sends no check character: reading it again, to compare');
    expect(states(readout)).toEqual(new Set(['whole']));
    expect(readout.circumstances?.notes?.join()).toContain('the same form');
  });

  it('gives no figure that lost a character, wherever it was', async () => {
    const line = READOUT.indexOf('1.8.0');
    for (let at = line; at <= READOUT.indexOf('\n', line); at++) {
      const { readout } = await readMeterOf(unchecked, { wrap: losing(at, [0]) });
      if (states(readout).has('whole')) expect(readout.data, `character ${String(at)} was lost`).toBe(BLOCK);
    }
  });

  it('is kept and doubted where no two readings have one form', async () => {
    let length = 8;
    const readout = () => READOUT.replace('036483.251', '1'.repeat(length++));
    const { readout: kept, sent } = await readMeterOf({ ...unchecked, readout });
    expect(kept).toMatchObject({ errorCode: 0, circumstances: { borneOut: false, attempts: 3 } });
    expect(kept.circumstances?.notes?.join()).toContain('no second reading bears this one out');
    expect(states(kept)).toEqual(new Set(['unchecked']));
    expect(sent.filter((text) => text.includes('/?!'))).toHaveLength(3);
  });

  it('is kept and doubted where the meter does not answer again, or the read is stopped', async () => {
    let isAsked = false;
    const once = farEnd((message, end, meter) => {
      if (!message.endsWith('/?!\r\n') || isAsked) return;
      isAsked = true;
      meter.say(READOUT, 300, meter.say('/ZPAXONCE\r\n', 300, end + 200) + 200);
    });
    const { readout } = await readBench(once, { settings: { retries: 0 } });
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { borneOut: false } });
    expect(readout.circumstances?.notes?.join()).toContain('nothing came back');
    isAsked = false;
    const stopped = await readBench(once, { settings: { retries: 0 }, stopAfterMs: 9000 });
    expect(stopped.readout).toMatchObject({ data: BLOCK, circumstances: { borneOut: false } });
  });

  it('is read once where this meter gave the same form before', async () => {
    let learned: LearnedSettings = {};
    const memory: MeterMemory = {
      recall: () => learned,
      remember: (_key, more) => void (learned = { ...learned, ...more }),
    };
    await readMeterOf(unchecked, { memory });
    expect(learned.form).toBe(formOf(BLOCK));
    const counted = READOUT.replace('036483.251', '036499.008');
    const { readout } = await readMeterOf({ ...unchecked, readout: () => counted }, { memory });
    expect(readout.circumstances).toMatchObject({ borneOut: true, attempts: 1 });
    expect(states(readout)).toEqual(new Set(['whole']));
    const damaged = await readMeterOf(unchecked, { memory, wrap: losing(BLOCK.indexOf('36483'), [0]) });
    expect(damaged.readout).toMatchObject({ data: BLOCK, circumstances: { borneOut: true, attempts: 3 } });
  });

  it('is taken as it is where nobody wants a check', async () => {
    const { readout } = await readMeterOf(unchecked, { settings: { blockCheck: 'none' } });
    expect(readout.circumstances).toMatchObject({ blockCheck: 'absent', attempts: 1 });
    expect(readout.circumstances?.borneOut).toBeUndefined();
  });
});

it('a reading with a check is made once', async () => {
  const { readout } = await readMeterOf({ blockCheck: spec.blockCheck });
  expect(readout.circumstances).toMatchObject({ blockCheck: 'ok', attempts: 1 });
});
