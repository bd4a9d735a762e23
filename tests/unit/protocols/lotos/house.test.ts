import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveHandlers } from '../../../../src/archive/handlers.ts';
import type { AmsRecord } from '../../../../src/log/record.ts';
import { parseFilter } from '../../../../src/log/filter/parse.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { turns } from '../../engine/turns.ts';
import { openHouse, type House } from '../house.ts';

/** The protocol in the house: AT, list, schedule, listening, log, archive, with the simulated meter. */

const PORT = 'simulated:lotos-heat';
const CYCLE = /^1=\d+\.\d{3},2=\d+\.\d\d,10=\d+\.\d\d,20=\d+\.\d,21=\d+\.\d,30=\d+,101=-?\d+\.\d$/;
const signal = new AbortController().signal;
let house: House;

beforeEach(async () => {
  house = await openHouse(protocols);
  await house.station.bindPort(2, PORT);
});

afterEach(async () => {
  await house.station.setSchedule({ enabled: false });
  await house.station.listening.stop(PORT);
  await seconds(2);
  await house.close();
});

const settled = () => turns();

/** Lets the schedule look once a second for so long. */
async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    await house.clock.run(house.clock.sleep(1000));
    house.station.tick();
    // What goes to the disk takes real time.
    if (second % 10 === 0) await settled();
  }
  await settled();
}

const records = async () => (await house.log.oldest(1000)).filter((one): one is AmsRecord => one.type === 'AMS');
const meter = { port: 2, protocol: 'LOTOS', address: '', interval: '1M' } as const;

test('answers DIRECT_READ in the form of the manual, by name and by number, and refuses an address', async () => {
  const form = /\^SCAMS: 0,"","1=\d+\.\d{3},2=[^"]*,101=-?\d+\.\d"/;
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,"LOTOS",""')).toMatch(form);
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,65,""')).toMatch(form);
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,65,"12"')).toContain('^SCAMS: 4259842,"",""');
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,65,"@9600"')).toContain('^SCAMS: 4259843,"",""');
  house.setFaults({ 'lotos-heat': ['silent'] });
  // What was under way has ended.
  await seconds(2);
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,65,""')).toContain('^SCAMS: 4259847,"",""');
});

test('is listed by AT, read now and by the schedule, filtered, charted and exported', async () => {
  expect(await house.at('AT^SCAMS="DEV_ADD",2,65,"","1M"')).toContain('OK');
  expect(await house.at('AT^SCAMS="DEV_ADD",2,"LOTOS","5","1M"')).toContain('ERROR');
  expect(await house.at('AT^SCAMS?')).toContain('^SCAMS: 1> 2,"LOTOS","","1M"');
  const byHand = await house.clock.run(house.station.readNow('1', { signal }));
  expect(byHand).toMatchObject({
    kept: true,
    record: { protocol: 'LOTOS', errorCode: 0, identification: '', meter: 1 },
  });
  await house.station.setSchedule({ enabled: true });
  await seconds(130);
  house.setFaults({ 'lotos-heat': ['stops-in-mid-readout'] });
  // A minute of listening, several times.
  await seconds(400);
  await house.station.setSchedule({ enabled: false });
  const kept = await records();
  const good = kept.filter(({ errorCode }) => errorCode === 0);
  expect(good.length).toBeGreaterThanOrEqual(3);
  for (const { data } of good) expect(data).toMatch(CYCLE);
  expect(kept.some(({ errorCode }) => errorCode === 4259845)).toBe(true);

  expect(await house.at('AT^SCDATA="GET_FILTERED","RECORD_TYPE==AMS;ERROR_CODE==0"')).toMatch(
    /\^SCDATA: "AMS",\d+,\d+,"LOTOS",1,0,"","1=/,
  );
  const { filter } = parseFilter('PROTOCOL==LOTOS;ERROR_CODE==0');
  await house.reader.load();
  expect(filter && (await house.reader.count(filter))).toBe(good.length);
  const archive = archiveHandlers({
    reader: house.reader,
    clock: house.clock,
    name: house.name,
    openFiles: () => Promise.reject(new Error('no second copy here')),
  });
  const context = { signal, emit: () => undefined };
  const series = await archive.series({ meter: 1, codes: ['1'], maxPoints: 100, thinning: 'extremes' }, context);
  expect(series.total).toBeGreaterThanOrEqual(good.length);
  const { files } = await archive.export({ format: 'valuereport' }, context);
  const [head = '', ...rows] = ((await files[0]?.content.text()) ?? '').trimEnd().split('\r\n');
  for (const id of ['1', '2', '10', '20', '21', '30', '101']) expect(head.split(';')).toContain(id);
  expect(rows).toHaveLength(kept.length);
});

test('what is heard settles the slots of the schedule, and a slot without a cycle is missed with a word', async () => {
  await house.station.add(meter);
  const listens = { portId: PORT, protocol: 'LOTOS', address: '', settings: {}, everyMs: 3_600_000 };
  expect(await house.station.listening.start(listens)).toEqual({ ok: true });
  await seconds(1);
  await house.station.setSchedule({ enabled: true });
  await seconds(61);
  expect(house.station.state().meters[0]).toMatchObject({ heard: { isListening: true } });
  await seconds(4 * 60);
  const all = await records();
  // The first cycle of all came before the schedule began.
  const heard = all.filter(({ slots }) => slots);
  expect(heard.length).toBeGreaterThanOrEqual(4);
  for (const { errorCode, data, meter: id, index, circumstances } of heard) {
    expect({ errorCode, id, index, borneOut: circumstances?.borneOut }).toEqual({
      errorCode: 0,
      id: 1,
      index: 1,
      borneOut: true,
    });
    expect(data).toMatch(CYCLE);
    // Nobody asked.
    expect(circumstances?.attempts).toBeUndefined();
  }
  expect(new Set(heard.map(({ slots }) => slots?.first)).size).toBe(heard.length);

  house.setFaults({ 'lotos-heat': ['silent'] });
  await seconds(3 * 60);
  const missed = (await records()).slice(all.length).filter(({ errorCode }) => errorCode !== 0);
  expect(missed.length).toBeGreaterThanOrEqual(1);
  expect(missed[0]).toMatchObject({ protocol: 'LOTOS', data: '', meter: 1 });
  expect(missed[0]?.slots).toBeDefined();
  expect(missed[0]?.circumstances?.message).toContain('Nothing was heard of this meter.');
});

test('of two meters on one line nobody can tell which was heard: both slots are missed, and say so', async () => {
  await house.station.add(meter);
  await house.station.add(meter);
  await house.station.listening.start({ portId: PORT, protocol: 'LOTOS', address: '', settings: {}, everyMs: 0 });
  await seconds(1);
  await house.station.setSchedule({ enabled: true });
  await seconds(3 * 60);
  const missed = (await records()).filter(({ errorCode }) => errorCode !== 0);
  expect(new Set(missed.map((one) => one.meter))).toEqual(new Set([1, 2]));
  for (const { circumstances } of missed) expect(circumstances?.message).toContain('or another one');
});
