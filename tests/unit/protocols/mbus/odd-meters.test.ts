import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalToNumber } from '../../../../src/common/decimal.ts';
import { parseMbusAddress } from '../../../../src/protocols/mbus/address.ts';
import { decodeMbus } from '../../../../src/protocols/mbus/decode.ts';
import { readReal64 } from '../../../../src/protocols/mbus/numbers.ts';
import { isSameTelegram } from '../../../../src/protocols/mbus/repetition.ts';
import { mbusSearcher } from '../../../../src/protocols/mbus/searcher.ts';
import type { SearchEvent } from '../../../../src/protocols/search.ts';
import { scanPrimary } from '../../../../src/protocols/mbus/search-primary.ts';
import { searchSecondary } from '../../../../src/protocols/mbus/search-secondary.ts';
import { readMbus } from '../../../../src/protocols/mbus/session.ts';
import { defaultMbusSettings } from '../../../../src/protocols/mbus/settings.ts';
import { parseTelegrams } from '../../../../src/protocols/mbus/telegram.ts';
import { endOf, eventsOf } from './bus-search.ts';
import { onIndependentBus, recordsOf, type Slave } from './independent-bus.ts';
import { bytesOf } from './samples.ts';

const read = (slaves: readonly Slave[], address: string) =>
  onIndependentBus(slaves, ({ line }) => readMbus(line, parseMbusAddress(address), defaultMbusSettings, {}));
const frames = (data: string) => parseTelegrams(bytesOf(data)).length;

/** A data frame around records, as a meter sends it. */
function frameOf(records: string): string {
  const body = bytesOf(`080072785634122D2C010700000000${records}`);
  const size = body.length.toString(16).padStart(2, '0');
  const sum = body.reduce((total, byte) => (total + byte) & 0xff, 0);
  return `68${size}${size}68${Buffer.from(body).toString('hex')}${sum.toString(16).padStart(2, '0')}16`.toUpperCase();
}

describe('a meter that does not mind the frame count bit', () => {
  const telegrams = [recordsOf(1), `046D0B0C8A210C1345230100`];

  it.each([
    ['its first telegram again and again', { frameCount: 'stuck' }, 1],
    ['its telegrams in turn', { frameCount: 'ignored' }, 2],
  ] as const)('sends %s: each is kept once, and the read ends', async (_, trait, count) => {
    // The last one promises more as well, as it must for the master to go on.
    const readout = await read(
      [{ id: '12345678', primary: 5, telegrams: telegrams.map((t) => `${t}1F`), ...trait }],
      '5',
    );
    expect(readout.errorCode).toBe(0);
    expect(frames(readout.data)).toBe(count);
    expect(readout.circumstances).toMatchObject({ partial: true });
    expect(readout.circumstances?.notes?.[0]).toMatch(/same telegram again/);
    expect(readout.circumstances?.durationMs).toBeLessThan(3000);
  });

  it('counts access number, status and clock for nothing, and every other difference', () => {
    const one = bytesOf(frameOf('046D0B0C8A210C1345230100'));
    const other = (records: string) => bytesOf(frameOf(records));
    expect(isSameTelegram(one, other('046D0C0C8A210C1345230100'))).toBe(true);
    expect(isSameTelegram(one, other('046D0B0C8A210C1346230100'))).toBe(false);
    // A stored time is no clock: a load profile has one telegram for each.
    expect(isSameTelegram(other('446D0B0C8A21'), other('446D0C0C8A21'))).toBe(false);
  });
});

describe('link resets', () => {
  const stubborn: Slave = { id: '12345678', primary: 5, deafUntilResets: 2, telegrams: [recordsOf(1)] };
  const fine: Slave = { id: '87654321', primary: 6, reactionMs: 33, telegrams: [recordsOf(2)] };
  const search = (slaves: readonly Slave[]) =>
    onIndependentBus(slaves, async ({ line }) => endOf(await eventsOf(searchSecondary(line, { baudRates: [2400] }))));
  const scan = (slaves: readonly Slave[]) =>
    onIndependentBus(slaves, async ({ line }) =>
      endOf(await eventsOf(scanPrimary(line, { baudRates: [2400], addresses: [4, 5, 6] }))),
    );

  it('a meter that wants two is found, alone and among others', async () => {
    expect((await search([stubborn])).meters).toHaveLength(1);
    expect((await search([stubborn, fine])).meters).toHaveLength(2);
    expect((await scan([stubborn])).meters).toHaveLength(1);
    expect((await read([stubborn], '5')).errorCode).toBe(0);
    expect((await read([stubborn], '*12345678')).errorCode).toBe(0);
  });

  it('a meter that answers none is asked for its data all the same', async () => {
    const mute: Slave = { id: '12345678', primary: 5, muteToReset: true, telegrams: [recordsOf(1)] };
    const readout = await read([mute, fine], '5');
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { notes: ['The meter does not answer SND_NKE.'] } });
    expect((await search([mute])).meters).toHaveLength(1);
  });

  it.each([
    ['at a likely address, among others', [3, 5, 6], 3],
    ['alone', [77], 77],
    ['beside one other', [5, 99], 99],
  ])('a meter that answers none is found by a scan: %s', async (_, addresses, mute) => {
    const slaves = addresses.map((primary): Slave => ({
      id: `123456${String(primary).padStart(2, '0')}`,
      primary,
      muteToReset: primary === mute,
      telegrams: [recordsOf(primary)],
    }));
    const { end, sent } = await onIndependentBus(slaves, async ({ line, sent }) => {
      const events = await eventsOf(scanPrimary(line, { baudRates: [2400] }));
      return { end: endOf(events), sent };
    });
    expect(end.meters.map(({ primaryAddress }) => primaryAddress).sort((a, b) => a - b)).toEqual(addresses);
    // As many questions again only where somebody is known to hide.
    expect(sent.length).toBeLessThan(mute > 10 ? 540 : 290);
  });

  it('and one that hides behind several is looked for on request; without it that is said', async () => {
    const slaves = [5, 6, 77].map((primary): Slave => ({
      id: `123456${String(primary).padStart(2, '0')}`,
      primary,
      muteToReset: primary === 77,
      telegrams: [recordsOf(primary)],
    }));
    const scan = (askSilent: boolean) =>
      onIndependentBus(slaves, async ({ line }) => {
        const events: SearchEvent[] = [];
        const task = { id: 'primary', values: { rates: '2400', askSilent }, settings: {} };
        for await (const event of mbusSearcher.search(line, task, {})) events.push(event);
        return events;
      });
    const found = (events: readonly SearchEvent[]) =>
      events.flatMap((event) => (event.kind === 'found' ? event.meter.listed.primaryAddress : []));
    const events = await scan(true);
    expect(found(events)).toEqual([5, 6, 77]);
    expect(events.filter(({ kind }) => kind === 'note')).toEqual([]);
    const usual = await scan(false);
    expect(found(usual)).toEqual([5, 6]);
    expect(usual).toContainEqual({ kind: 'note', text: expect.stringMatching(/“Ask silent addresses/) as string });
  });

  it('a scan of a bus where nobody hides asks hardly anything twice', async () => {
    const sent = await onIndependentBus([fine], async ({ line, sent }) => {
      expect(endOf(await eventsOf(scanPrimary(line, { baudRates: [2400] }))).meters).toHaveLength(1);
      return sent;
    });
    expect(sent.length).toBeLessThan(275);
  });

  it('nobody at an address is still 131078', async () => {
    expect((await read([fine], '5')).errorCode).toBe(131078);
  });
});

it('acknowledgments over each other are called several meters (emonMbus#1)', async () => {
  for (const reactionMs of [30.5, 33]) {
    const readout = await read(
      [
        { id: '11111111', reactionMs: 30 },
        { id: '22222222', reactionMs },
      ],
      '0',
    );
    expect(readout.errorCode).toBe(131094);
    expect(readout.circumstances?.message).toMatch(/Two or more meters/);
  }
});

describe('pauses within an answer', () => {
  it.each([60, 80, 120, 200, 300, 480])('%i ms are waited out and told', async (ms) => {
    const slave: Slave = { id: '12345678', primary: 5, telegrams: [recordsOf(1)], pause: { after: 62, ms } };
    const readout = await read([slave], '5');
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { attempts: 1 } });
    if (ms > 80) expect(readout.circumstances?.notes?.join()).toMatch(/paused for \d+ ms/);
  });

  it('an answer that stops is asked for again, after the line has come to rest', async () => {
    const slave: Slave = {
      id: '12345678',
      primary: 5,
      telegrams: [recordsOf(1)],
      spoils: (frame) => frame.slice(0, 62),
    };
    const readout = await read([slave], '5');
    expect(readout).toMatchObject({ errorCode: 131082, circumstances: { attempts: 3 } });
    expect(readout.circumstances?.message).toMatch(/stopped after 62 of 116 bytes/);
  });
});

describe('characters known to be bad while the check sum fits', () => {
  // The byte a port hands over in place of a bad character is 0; what was there is 0 as well, as far as the sum knows.
  const slave: Slave = { id: '12345678', primary: 5, telegrams: [`0C1300000000`], accessNumber: 'fixed' };
  const noisy = (seed: number, noise: number) =>
    onIndependentBus([slave], ({ line }) => readMbus(line, parseMbusAddress('5'), defaultMbusSettings, {}), {
      framing: '8E1',
      noise,
      noiseTowardsMeters: false,
      seed,
    });

  it('are asked for again; what stays damaged is kept, with an error, and unchecked', async () => {
    const clean = (await read([slave], '5')).data;
    let kept = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { errorCode, data, circumstances } = await noisy(seed, 0.15);
      if (errorCode === 0) expect(data).toBe(clean);
      if (circumstances?.blockCheck !== 'bad') continue;
      kept++;
      expect(errorCode).not.toBe(0);
      expect(circumstances.partial).toBe(true);
      expect(parseTelegrams(bytesOf(data)).at(-1)?.fault).toBe('');
      const states = decodeMbus({ identification: '', data, errorCode, circumstances }).map(({ state }) => state);
      expect(states).not.toContain('whole');
    }
    expect(kept).toBeGreaterThan(0);
  });
});

describe('dates that come again', () => {
  const text = (records: string) => {
    const [reading] = decodeMbus({ identification: '', data: frameOf(records) }).slice(-1);
    return reading?.value.type === 'text' ? reading.value.text : JSON.stringify(reading?.value);
  };

  it.each([
    ['426CE1F1', 'every 1 January'],
    ['426CFEF6', 'every 30 June'],
    ['426CE0FF', 'every day'],
    ['426CE1FF', 'day 1 of every month'],
    ['446D3F1FE1F1', 'every 1 January'],
    ['446D0000E1F1', 'every 1 January 00:00'],
    ['446D3F17E0FF', 'every day from 23:00 to 23:59'],
  ])('%s: %s', (records, words) => {
    expect(text(records)).toBe(words);
  });

  it.each(['426CFFFF', '426C0000', '446DFFFFFFFF', '426CE1F0', '426CE1FD'])('%s is no date', (records) => {
    expect(text(records)).toContain('"iso":""');
  });
});

describe('hostile numbers', () => {
  it('a double is exact, or no number', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        const value = readReal64(bytes, 0);
        if (value === undefined) return;
        expect(typeof value.coefficient === 'bigint' || Number.isSafeInteger(value.coefficient)).toBe(true);
        expect(decimalToNumber(value)).toBe(new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true) + 0);
      }),
      { numRuns: 2000 },
    );
    expect(readReal64(bytesOf('0000000000000072'), 0)).toBeUndefined();
  });
});
