import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Progress, Series } from '../../../src/archive/api.ts';
import type { ArchiveClient } from '../../../src/archive/client.ts';
import { createRecordDecoder } from '../../../src/archive/decoded-records.ts';
import { evenRows, thinRows } from '../../../src/archive/thin.ts';
import type { AmsRecord } from '../../../src/log/record.ts';
import type { LogReader } from '../../../src/log/reader.ts';
import type { RecordDraft, RecordLog } from '../../../src/log/ring.ts';
import { amsRecord } from '../log/records.ts';
import { openArchive } from './rig.ts';

let log: RecordLog;
let reader: LogReader;
let archive: ArchiveClient;
let close: () => void;

beforeEach(async () => {
  ({ log, reader, archive, close } = await openArchive());
});

afterEach(() => close());

function reading(meter: number, time: number, data: string, change: Partial<AmsRecord> = {}): RecordDraft {
  const record = { type: 'AMS' as const, protocol: 'IEC62056-21', index: 1, errorCode: 0, identification: 'OHU5' };
  return { ...record, meter, time, data, ...change };
}

describe('series', () => {
  test('leaves out what another meter said: it joins neither chart nor figure', async () => {
    await log.appendMany([
      reading(7, 100, '1.8.0(100*kWh)\r\n'),
      reading(7, 200, '1.8.0(900*kWh)\r\n', { circumstances: { otherMeter: '04710899' } }),
      reading(7, 300, '1.8.0(102*kWh)\r\n'),
      reading(7, 400, '1.8.0(901*kWh)\r\n', { circumstances: { otherMeter: '04710899' } }),
    ]);
    const request = { meter: 7, codes: ['1.8.0'], maxPoints: 10, thinning: 'even' } as const;
    const series = await archive.call('series', request);
    expect(series.registers[0]?.texts).toEqual(['100', '102']);
    const [recent] = await archive.call('recent', { meters: [7], points: 4 });
    expect(recent?.main?.points.map(({ text }) => text)).toEqual(['100', '102']);
    expect(recent?.last?.circumstances?.otherMeter).toBe('04710899');
  });

  test('tells where the number in the data became another meter’s, also where a readout lacks it', async () => {
    await log.appendMany([
      reading(7, 100, '0.0.0(04710815)\r\n1.8.0(100*kWh)\r\n'),
      reading(7, 200, 'C.1.0(ABC4710815)\r\n0.0.0(4710815)\r\n1.8.0(101*kWh)\r\n'),
      reading(7, 300, '0.0.0(22223333)\r\n1.8.0(5000*kWh)\r\n', { circumstances: { otherMeter: '22223333' } }),
      reading(7, 400, '1.8.0(5001*kWh)\r\n'),
      reading(7, 500, '0.0.0(22223333)\r\n1.8.0(5002*kWh)\r\n'),
      reading(7, 600, '0.0.0(22223333)\r\n1.8.0(5003*kWh)\r\n'),
    ]);
    const request = { meter: 7, codes: ['1.8.0'], maxPoints: 10, thinning: 'even' } as const;
    const exchangedIn = ({ registers }: Series) => [...(registers[0]?.exchanged ?? [])];
    expect(exchangedIn(await archive.call('series', request))).toEqual([0, 0, 0, 1, 0]);
    const thinned = await archive.call('series', { ...request, maxPoints: 2 });
    expect(exchangedIn(thinned)).toEqual([0, 1]);
    const [recent] = await archive.call('recent', { meters: [7], points: 9 });
    expect(recent?.main?.points.map((point) => point.exchanged ?? false)).toEqual([false, false, false, true, false]);
  });

  test('a meter behind this one is exchanged by itself, and this one by itself', async () => {
    const dsmr = (own: string, gas: string, energy: number, volume: number) =>
      `0-0:96.1.1(${own})\r\n1-0:1.8.0(${energy}*kWh)\r\n0-1:24.1.0(003)\r\n0-1:96.1.0(${gas})\r\n` +
      `0-1:24.2.1(101209110000W)(${volume}*m3)\r\n`;
    await log.appendMany([
      reading(7, 100, dsmr('E0030123', 'G0047303', 1, 10)),
      reading(7, 200, dsmr('E0030123', 'G0099999', 2, 900)),
      reading(7, 300, dsmr('E0055555', 'G0099999', 500, 901)),
    ]);
    const series = await archive.call('series', {
      meter: 7,
      codes: ['1-0:1.8.0', '0-1:24.2.1'],
      maxPoints: 9,
      thinning: 'even',
    });
    expect(series.registers.map(({ exchanged }) => [...exchanged])).toEqual([
      [0, 0, 1],
      [0, 1, 0],
    ]);
    expect(series.registers.map(({ of }) => of)).toEqual([
      undefined,
      { number: 'G0099999', medium: 'Gas', channel: 1 },
    ]);
    const [recent] = await archive.call('recent', { meters: [7], points: 9 });
    expect(recent?.main?.register.code).toBe('1-0:1.8.0');
    expect(recent?.main?.points.map(({ exchanged = false }) => exchanged)).toEqual([false, false, true]);
  });

  test('gives the registers asked for, digit for digit, and says which others there are', async () => {
    await log.appendMany([
      reading(7, 100, 'C.1(4711)\r\n1.8.0(123456789012.345*kWh)\r\n32.7.0(230.1*V)\r\n'),
      reading(8, 150, '1.8.0(5*kWh)\r\n'),
      reading(7, 200, '1.8.0(123456789012.350*kWh)\r\n'),
      reading(7, 300, '1.8.0(1', { errorCode: 65_545 }),
    ]);
    const series = await archive.call('series', {
      meter: 7,
      codes: ['1.8.0', '32.7.0', 'nowhere'],
      maxPoints: 10,
      thinning: 'extremes',
    });
    expect(series).toEqual({
      total: 2,
      times: Float64Array.of(100, 200),
      seqs: Float64Array.of(1, 3),
      failed: Uint32Array.of(0, 0),
      gaps: Uint8Array.of(0, 0),
      registers: [
        {
          code: '1.8.0',
          quantity: 'Active energy import',
          unit: 'kWh',
          values: Float64Array.of(123456789012.345, 123456789012.35),
          texts: ['123456789012.345', '123456789012.350'],
          states: ['whole', 'whole'],
          exchanged: Uint8Array.of(0, 0),
        },
        {
          code: '32.7.0',
          quantity: 'Voltage L1',
          unit: 'V',
          values: Float64Array.of(230.1, Number.NaN),
          texts: ['230.1', ''],
          states: ['whole', 'not available'],
          exchanged: Uint8Array.of(0, 0),
        },
        {
          code: 'nowhere',
          quantity: '',
          unit: '',
          values: Float64Array.of(NaN, NaN),
          texts: ['', ''],
          states: ['not available', 'not available'],
          exchanged: Uint8Array.of(0, 0),
        },
      ],
      found: [
        { code: '1.8.0', quantity: 'Active energy import', unit: 'kWh' },
        { code: '32.7.0', quantity: 'Voltage L1', unit: 'V' },
      ],
    });
  });

  test('keeps to the span, ends included, and puts records of a clock that was set back in order', async () => {
    await log.appendMany([300, 100, 200, 400].map((time) => reading(1, time, `1.8.0(${time}*kWh)`)));
    const { times, seqs } = await archive.call('series', {
      meter: 1,
      codes: ['1.8.0'],
      from: 100,
      to: 300,
      maxPoints: 9,
      thinning: 'extremes',
    });
    expect([...times]).toEqual([100, 200, 300]);
    expect([...seqs]).toEqual([2, 3, 1]);
  });

  test('tells where reads failed, and where they left a gap', async () => {
    const failed = { errorCode: 65_541 };
    await log.appendMany([
      reading(1, 50, '', failed),
      ...[100, 200, 300].map((time) => reading(1, time, `1.8.0(${time}*kWh)`)),
      // By hand between two reads of the schedule: nothing is missing.
      reading(1, 350, '', failed),
      reading(1, 400, '1.8.0(400*kWh)'),
      reading(1, 500, '1.8.0(5', failed),
      reading(1, 600, '', failed),
      reading(1, 700, '1.8.0(700*kWh)'),
      reading(1, 800, '', failed),
    ]);
    const request = { meter: 1, codes: ['1.8.0'], thinning: 'even' as const };
    const all = await archive.call('series', { ...request, maxPoints: 10 });
    expect([...all.times]).toEqual([100, 200, 300, 400, 700]);
    expect([...all.failed]).toEqual([0, 0, 0, 1, 2]);
    expect([...all.gaps]).toEqual([0, 0, 0, 0, 1]);
    const thinned = await archive.call('series', { ...request, maxPoints: 3 });
    expect([...thinned.times]).toEqual([100, 300, 700]);
    expect([...thinned.failed]).toEqual([0, 0, 3]);
    expect([...thinned.gaps]).toEqual([0, 0, 1]);
  });

  test('what nothing vouches for carries that, what is cut off is no number', async () => {
    await log.appendMany([
      reading(1, 100, '1.8.0(1*kWh)', { circumstances: { blockCheck: 'ok' } }),
      reading(1, 200, '1.8.0(2*kWh)', { circumstances: { blockCheck: 'bad' } }),
      reading(1, 300, '1.7.0(1*kW)\r\n1.8.0(3', { circumstances: { blockCheck: 'absent' } }),
    ]);
    const { registers } = await archive.call('series', {
      meter: 1,
      codes: ['1.8.0'],
      maxPoints: 9,
      thinning: 'extremes',
    });
    expect(registers[0]?.states).toEqual(['whole', 'unchecked', 'not available']);
    expect(registers[0]?.texts).toEqual(['1', '2', '']);
    const [recent] = await archive.call('recent', { meters: [1], points: 5 });
    expect(recent?.main?.points.map(({ state }) => state) ?? []).not.toContain('partial');
  });

  test('a code that comes again in one readout is a register of its own', async () => {
    await log.append(reading(1, 1, '9.4(88*C&62*C)\r\n9.4(1*C)'));
    const { registers } = await archive.call('series', {
      meter: 1,
      codes: ['9.4 #2'],
      maxPoints: 9,
      thinning: 'extremes',
    });
    expect(registers[0]?.texts).toEqual(['62']);
  });

  test('many readings are thinned to those that shape the chart', async () => {
    await log.appendMany(
      Array.from({ length: 3000 }, (_, i) => reading(1, i, `1.7.0(${i === 1234 ? 9999 : i % 10}*kW)`)),
    );
    const progress: Progress[] = [];
    const series = await archive.call(
      'series',
      { meter: 1, codes: ['1.7.0'], maxPoints: 100, thinning: 'extremes' },
      { onEvent: (event) => progress.push(event) },
    );
    expect(series.total).toBe(3000);
    expect(series.times.length).toBeLessThanOrEqual(100);
    expect([series.times[0], series.times.at(-1)]).toEqual([0, 2999]);
    expect(series.registers[0]?.texts[series.times.indexOf(1234)]).toBe('9999');
    expect(progress).toEqual([1000, 2000, 3000].map((done) => ({ done, total: 3000 })));
  });

  test('can be cancelled between chunks', async () => {
    await log.appendMany(Array.from({ length: 2500 }, (_, i) => reading(1, i, `1.7.0(${i}*kW)`)));
    const controller = new AbortController();
    let told = 0;
    const reading1 = archive.call(
      'series',
      { meter: 1, codes: [], maxPoints: 9, thinning: 'extremes' },
      {
        signal: controller.signal,
        onEvent: () => {
          told++;
          controller.abort();
        },
      },
    );
    await expect(reading1).rejects.toMatchObject({ name: 'AbortError' });
    expect(told).toBeLessThan(3);
  });
});

describe('recent', () => {
  test('the newest record and the newest figures of the register that tells most, for each meter', async () => {
    await log.appendMany([
      reading(1, 10, '1.7.0(1*kW)\r\n1.8.0(10.00*kWh)'),
      reading(1, 20, '1.7.0(1*kW)\r\n1.8.0(10.50*kWh)'),
      reading(2, 25, '6.8(3*MWh)'),
      reading(1, 30, '', { errorCode: 65_541 }),
    ]);
    const recent = await archive.call('recent', { meters: [1, 2, 3], points: 5 });
    expect(recent).toMatchObject([
      {
        meter: 1,
        last: { seq: 4, errorCode: 65_541 },
        good: { seq: 2 },
        main: {
          register: { code: '1.8.0', unit: 'kWh' },
          counts: true,
          points: [
            { time: 10, text: '10.00' },
            { time: 20, text: '10.50' },
          ],
        },
      },
      { meter: 2, main: { register: { code: '6.8', unit: 'MWh' } } },
      { meter: 3 },
    ]);
    expect(recent[2]).toEqual({ meter: 3, seqs: [] });
    expect(recent[0]?.seqs.toSorted()).toEqual([1, 2, 4]);
  });

  test('the reading of another meter is the last one, and no good one', async () => {
    await log.append(reading(1, 10, '1.8.0(10.00*kWh)'));
    await log.append(reading(1, 20, '1.8.0(99.00*kWh)', { circumstances: { otherMeter: '47110815' } }));
    const [recent] = await archive.call('recent', { meters: [1], points: 5 });
    expect(recent).toMatchObject({ last: { seq: 2 }, good: { seq: 1 } });
    expect(recent?.main?.points.map(({ text }) => text)).toEqual(['10.00']);
  });

  test('nothing of a log that is gone, though the numbers of its records come again', async () => {
    const ask = async () =>
      (await archive.call('recent', { meters: [1], points: 5 }))[0]?.main?.points.map(({ text }) => text);
    await log.appendMany([reading(1, 10, '1.8.0(10*kWh)'), reading(1, 20, '1.8.0(20*kWh)')]);
    expect(await ask()).toEqual(['10', '20']);
    const { name } = await log.database.use((db) => Promise.resolve(db));
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = resolve;
      request.onerror = reject;
    });
    await log.appendMany([reading(1, 10, '1.8.0(70*kWh)'), reading(1, 20, '1.8.0(80*kWh)')]);
    expect(await ask()).toEqual(['70', '80']);
  });

  test('after a reading no record of other meters is read again, after a deletion those of its meter are', async () => {
    const meters = [1, 2, 3];
    for (let i = 0; i < 30; i++) await log.append(reading(1 + (i % 3), i, `1.8.0(${i}*kWh)`));
    const read: (readonly number[])[] = [];
    const rows = reader.rows;
    reader.rows = (seqs, life) => {
      read.push(seqs.toSorted((a, b) => a - b));
      return rows(seqs, life);
    };
    const ask = () => archive.call('recent', { meters, points: 2 });
    const first = await ask();
    expect(read).toEqual([[25, 26, 27, 28, 29, 30]]);
    await log.append(reading(2, 30, '1.8.0(30*kWh)'));
    const second = await ask();
    expect(read.slice(1)).toEqual([[29, 31]]);
    expect([second[0], second[2]]).toEqual([first[0], first[2]]);
    expect(second[1]?.main?.points.map(({ text }) => text)).toEqual(['28', '30']);
    await log.delete([30]);
    const third = await ask();
    expect(read.slice(2)).toEqual([[24, 27]]);
    expect(third[2]?.main?.points.map(({ text }) => text)).toEqual(['23', '26']);
    expect(await ask()).toEqual(third);
    expect(read).toHaveLength(3);
  });

  test('finds the same as going through all records, however they came and went', async () => {
    const draft = fc.record({
      meter: fc.integer({ min: 1, max: 4 }),
      failed: fc.boolean(),
      many: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(draft, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(40), { maxLength: 6 }),
        fc.nat(10),
        async (drafts, deleted, oldest) => {
          await log.deleteAll();
          await log.appendMany(
            drafts.flatMap(({ meter, failed, many }) =>
              Array.from({ length: many }, (_, i) =>
                reading(meter, i, failed ? '' : `1.8.0(${i}*kWh)`, { errorCode: failed ? 1 : 0 }),
              ),
            ),
          );
          const end = log.newestSeq;
          await log.delete(deleted.map((back) => end - back));
          await log.deleteOldest(oldest);
          const all = (await log.page({ limit: 1000 })).filter((record) => record.type === 'AMS');
          const recent = await archive.call('recent', { meters: [1, 2, 3, 4], points: 3 });
          for (const { meter, last, main } of recent) {
            const own = all.filter((record) => record.meter === meter);
            const good = own.filter(({ errorCode }) => errorCode === 0).slice(0, 3);
            expect(last).toEqual(own[0]);
            expect(main?.points.map(({ time }) => time) ?? []).toEqual(good.map(({ time }) => time).reverse());
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

test('a value report can be kept to registers by their codes', async () => {
  await log.append(reading(1, 1, '9.4(88*C&62*C)\r\n6.8(3*MWh)'));
  const { files } = await archive.call('export', { format: 'valuereport', filter: 'METER==1', codes: ['6.8'] });
  expect((await files[0]?.content.text())?.split('\r\n')[0]).toBe(
    'serial-number;name;place;device-identification;address;created;value-data-count;error-code;state;log;6.8 [MWh];raw',
  );
});

describe('decoded records', () => {
  test('are kept, and the oldest forgotten when they are too many', async () => {
    const decoder = createRecordDecoder(undefined, 2);
    const record = (seq: number) => amsRecord({ seq, data: `1.8.0(${seq}*kWh)` });
    const first = await decoder.decode(record(1));
    expect(await decoder.decode(record(1))).toBe(first);
    await decoder.decode(record(2));
    await decoder.decode(record(3));
    expect(await decoder.decode(record(1))).not.toBe(first);
    expect(await decoder.decode(record(1))).toEqual(first);
  });

  test('another record under a known number, in a log that began anew, is decoded itself', async () => {
    const decoder = createRecordDecoder();
    await decoder.decode(amsRecord({ seq: 1, data: '1.8.0(5*kWh)' }));
    const other = await decoder.decode(amsRecord({ seq: 1, data: '1.8.0(6*kWh)' }));
    expect(other?.values).toEqual([{ coefficient: 6, exponent: 0 }]);
    expect(await decoder.decode(amsRecord({ seq: 1, data: '1.8.0(6*kWh)' }))).toBe(other);
  });

  test('share what is the same from readout to readout', async () => {
    const decoder = createRecordDecoder();
    const [one, two] = await Promise.all(
      [1, 2].map((seq) => decoder.decode(amsRecord({ seq, data: `1.8.0(${seq}*kWh)` }))),
    );
    expect(two?.layout).toBe(one?.layout);
    expect(await decoder.decode(amsRecord({ seq: 3, data: 'C.1(abc)' }))).toBeUndefined();
  });
});

test('thinned rows ascend, keep the ends and the extremes, and are no more than allowed', () => {
  const column = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.NaN)), {
    minLength: 3,
    maxLength: 400,
  });
  fc.assert(
    fc.property(column, fc.integer({ min: 4, max: 500 }), (values, most) => {
      const rows = [...thinRows([Float64Array.from(values)], values.length, most)];
      expect(rows.length).toBeLessThanOrEqual(most);
      expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
      expect([rows[0], rows.at(-1)]).toEqual([0, values.length - 1]);
      const numbers = (of: readonly number[]) => of.filter((value) => !Number.isNaN(value));
      const kept = numbers(rows.map((row) => values[row] ?? Number.NaN));
      expect([Math.min(...kept), Math.max(...kept)]).toEqual([
        Math.min(...numbers(values)),
        Math.max(...numbers(values)),
      ]);
    }),
  );
});

test('evenly thinned rows are as far apart as they can be', () => {
  expect([...evenRows(11, 3)]).toEqual([0, 5, 10]);
  expect([...evenRows(3, 9)]).toEqual([0, 1, 2]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 2, max: 600 }), (rows, most) => {
      const kept = [...evenRows(rows, most)];
      expect(kept.length).toBe(Math.min(rows, most));
      const steps = kept.slice(1).map((row, i) => row - (kept[i] ?? 0));
      if (steps.length > 0) expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
    }),
  );
});
