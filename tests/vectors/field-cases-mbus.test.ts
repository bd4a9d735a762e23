import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/common/bytes.ts';
import { parseMbusAddress } from '../../src/protocols/mbus/address.ts';
import { configure } from '../../src/protocols/mbus/configure.ts';
import { parseTelegrams } from '../../src/protocols/mbus/telegram.ts';
import { searchSecondary } from '../../src/protocols/mbus/search-secondary.ts';
import { readMbus } from '../../src/protocols/mbus/session.ts';
import { defaultMbusSettings } from '../../src/protocols/mbus/settings.ts';
import { endOf, eventsOf } from '../unit/protocols/mbus/bus-search.ts';
import { onIndependentBus, recordsOf, type Slave } from '../unit/protocols/mbus/independent-bus.ts';
import { inputOf, numbers, paste, present } from './field-cases.ts';

const framesOf = (data: string) => parseTelegrams(fromHex(data) ?? new Uint8Array(0)).length;

const read = (slaves: readonly Slave[], address: string) =>
  onIndependentBus(slaves, ({ line }) => readMbus(line, parseMbusAddress(address), defaultMbusSettings, {}));

describe.skipIf(!present)('M-Bus telegrams of the field (skipped where ../shared/vectors is absent)', () => {
  it('FM01, FM02: what was never set has no value and no date', async () => {
    const [shown] = await paste(inputOf('FM02').hex);
    const readings = shown?.readings ?? [];
    const stored = (storage: number) => readings.filter((reading) => reading.storage === storage);
    for (const storage of [1, 3])
      expect(stored(storage).map(({ state }) => state)).toEqual(['not available', 'not available']);
    expect(numbers(readings, '0413')).toEqual([0.063]);
    expect(numbers(readings, '840113')).toEqual([0.034]);
    expect(numbers(readings, '840213')).toEqual([0.054]);
    expect(stored(2).find(({ label }) => label === '840113')?.time?.iso).toBe('2022-09-01');
    expect(stored(4).find(({ label }) => label === '840213')?.time?.iso).toBe('2022-09-02');
    expect(numbers(readings, '0422')).toEqual([12320]);
    const [small] = await paste(inputOf('FM01').small);
    expect(small?.readings.find(({ label }) => label === '426C')).toMatchObject({
      state: 'not available',
      note: 'no date',
    });
  });

  it('FM03: a compact profile is values at their times', async () => {
    const [shown] = await paste(inputOf('FM03').hex);
    const history = (shown?.readings ?? []).filter(({ storage = 0 }) => storage >= 30 && storage <= 33);
    const values = history.filter(({ quantity }) => quantity === 'Volume');
    expect(values.map(({ storage, time, state }) => [storage, time?.iso, state])).toEqual([
      [30, '2025-06-30', 'whole'],
      [31, '2025-05-31', 'whole'],
      [32, '2025-04-30', 'whole'],
      [33, '2025-03-31', 'not available'],
    ]);
    expect(values.slice(0, 3).flatMap((reading) => numbers([reading], reading.label))).toEqual([4.112, 3.84, 3.584]);
  });

  it('FM04, FM13: a stamp of BCD digits, and what the maker means by a subunit', async () => {
    const [shown] = await paste(inputOf('FM04').hex);
    const energies = (shown?.readings ?? []).filter(({ quantity }) => /energy$/i.test(quantity));
    expect(new Set(energies.map(({ time }) => time?.iso))).toEqual(new Set(['2006-06-01T00:00:00']));
    const of = (unit: string) =>
      energies.filter((one) => one.unit === unit).flatMap((one) => numbers([one], one.label));
    expect(of('kWh')).toEqual([5.17, 1.55, 2.27, 0.31, 1.04]);
    expect(of('kvarh')).toEqual([1.26, 0.38, 0.55, 0.07, 0.25]);
  });

  it('FM11: the beginning of a DLMS message is named', async () => {
    // What the case gives of it: the header of the first segment.
    const [head = ''] = (inputOf('FM11').hex ?? '').split('<');
    const [shown] = await paste(head);
    expect(shown?.readings.some(({ note = '' }) => note.includes('DLMS over M-Bus'))).toBe(true);
    expect(shown?.readings.every(({ state }) => state !== 'whole')).toBe(true);
  });

  it('FM43: each value of a series has the time before it', async () => {
    const [shown] = await paste(inputOf('FM43').hex);
    const values = (shown?.readings ?? []).filter(({ label }) => label === '4413');
    expect(numbers(values, '4413')).toEqual([0.001, 0.002, 0.003]);
    expect(values.map(({ time }) => time?.iso.slice(-5))).toEqual(['10:00', '11:00', '12:00']);
  });
});

describe.skipIf(!present)('M-Bus situations of the field (skipped where ../shared/vectors is absent)', () => {
  const heat: Slave = { id: '20110045', maker: 'BMT', medium: 4, telegrams: [recordsOf(1)] };
  const cooling: Slave = { ...heat, medium: 0x0a, telegrams: [recordsOf(2)] };

  it.each([
    ['two at 0', '0', [heat, { ...cooling, id: '20110046' }]],
    ['two of one number', '*20110045', [heat, cooling]],
    ['an address that is taken', '0', [heat, { ...cooling, id: '20110046', primary: 5 }]],
  ] as const)('FM07: %s, and the command of the case is never sent', async (_, address, slaves) => {
    const command = (inputOf('FM07').hex ?? '').replaceAll(' ', '');
    const { result, sent } = await onIndependentBus(slaves, async ({ line, sent }) => ({
      result: await configure(
        line,
        parseMbusAddress(address),
        { kind: 'primary address', newAddress: 5 },
        defaultMbusSettings,
      ),
      sent: [...sent],
    }));
    expect(result.errorCode).toBe(131094);
    expect(sent).not.toContain(command);
    expect(sent.filter((frame) => frame.includes('51017A'))).toEqual([]);
  });

  it.each([60, 80, 120, 200, 300, 500])('FM08: an answer of 81 bytes that pauses for %i ms is read', async (ms) => {
    // 20 bytes around the records, 15 of which the header has.
    const records = `0C1378563412${'2F'.repeat(81 - 21 - 6)}`;
    const slave: Slave = { id: '12345678', primary: 5, telegrams: [records], pause: { after: 62, ms } };
    const readout = await read([slave], '5');
    expect(readout.data).toHaveLength(2 * 81);
    expect(readout.errorCode).toBe(0);
  });

  it.each(['meter alone', 'beside another'])('FM39: twins of one housing are both found, %s', async (which) => {
    const others = which === 'meter alone' ? [] : [{ id: '33333333', telegrams: [recordsOf(3)] }];
    const end = await onIndependentBus([heat, cooling, ...others], async ({ line }) =>
      endOf(await eventsOf(searchSecondary(line, { baudRates: [2400] }))),
    );
    expect(
      end.meters
        .filter(({ secondaryAddress }) => secondaryAddress.startsWith('20110045'))
        .map(({ medium }) => medium)
        .sort((a = 0, b = 0) => a - b),
    ).toEqual([4, 10]);
    expect(end.durationMs).toBeLessThan(40_000);
  });

  it('FM40: acknowledgments over each other are several meters', async () => {
    const request = (inputOf('FM40').hex ?? '').replaceAll(' ', '');
    const { readout, sent } = await onIndependentBus(
      [
        { ...heat, reactionMs: 30 },
        { ...cooling, id: '20110046', reactionMs: 33 },
      ],
      async ({ line, sent }) => ({
        readout: await readMbus(line, parseMbusAddress('0'), defaultMbusSettings, {}),
        sent: [...sent],
      }),
    );
    expect(sent[0]).toBe(request);
    expect(readout.errorCode).toBe(131094);
    expect(readout.data).toBe('');
  });

  it('FM41: a meter that says the same for ever is read once', async () => {
    const slave: Slave = {
      id: '12345678',
      primary: 5,
      telegrams: [recordsOf(1), `${recordsOf(2)}1F`],
      frameCount: 'ignored',
    };
    const readout = await read([slave], '5');
    expect(framesOf(readout.data)).toBe(2);
    expect(readout.circumstances?.durationMs).toBeLessThan(5000);
  });

  it.each([
    ['a wrong check sum', { spoils: (frame: Uint8Array) => frame.with(-2, (frame.at(-2) ?? 0) ^ 0x55) }],
    ['an answer that stops', { spoils: (frame: Uint8Array) => frame.slice(0, 62) }],
    ['a pause of 300 ms', { pause: { after: 62, ms: 300 } }],
  ])('FM44: one meter with %s is one meter, within seconds', async (_, trait) => {
    const end = await onIndependentBus(
      [{ id: '68907025', maker: 'KAM', version: 0x1d, medium: 0x16, telegrams: [recordsOf(4)], ...trait }],
      async ({ line }) => endOf(await eventsOf(searchSecondary(line, { baudRates: [2400] }))),
    );
    expect(
      end.meters.map(({ secondaryAddress, manufacturer, version, medium }) => [
        secondaryAddress.slice(0, 8),
        manufacturer,
        version,
        medium,
      ]),
    ).toEqual([['68907025', 'KAM', 0x1d, 0x16]]);
    expect(end.durationMs).toBeLessThan(40_000);
  });
});

describe.skipIf(!present)('M-Bus notations of the field (skipped where ../shared/vectors is absent)', () => {
  const frame = (inputOf('FM02').hex ?? '').toUpperCase();
  const one = async (text: string) => (await paste(text)).map(({ item }) => item.data);

  it('FM34: the frame in a link', async () => {
    expect(await one(`https://wmbusmeters.org/analyze/${frame}`)).toEqual([frame]);
    expect(await one(`see https://example.org/?telegram=${frame.toLowerCase()}&x=1#top`)).toEqual([frame]);
  });

  it('FM36: records alone are taken for no frame: what they are nobody has said', async () => {
    expect((await paste(inputOf('FM36').hex)).flatMap(({ readings }) => readings)).toEqual([]);
  });

  it('FM32: a few bytes a line behind a prefix of letters', async () => {
    const bytes = fromHex(frame) ?? new Uint8Array(0);
    const rows: string[] = [];
    for (let at = 0, n = 1; at < bytes.length; at += n, n = (n % 4) + 1) {
      const row = toHex(bytes.slice(at, at + n)).match(/../g) ?? [];
      rows.push(`0|node-red | ${row.join(' ')}`);
    }
    expect(await one(rows.join('\n'))).toEqual([frame]);
  });
});
