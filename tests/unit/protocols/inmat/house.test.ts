import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveHandlers } from '../../../../src/archive/handlers.ts';
import type { AmsRecord } from '../../../../src/log/record.ts';
import { parseFilter } from '../../../../src/log/filter/parse.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { turns } from '../../engine/turns.ts';
import { openHouse, type House } from '../house.ts';

/** The protocol in the house: AT, list, schedule, log, archive, with the simulated stations. */

const signal = new AbortController().signal;
let house: House;

beforeEach(async () => {
  house = await openHouse(protocols);
  await house.station.bindPort(2, 'simulated:inmat-heat');
  await house.station.bindPort(3, 'simulated:inmat-gas');
});

afterEach(() => house.close());

/** Lets the schedule look once a second for so long. */
async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    await house.clock.run(house.clock.sleep(1000));
    house.station.tick();
    await turns(second % 10 === 0 ? 300 : 20);
  }
}

const records = async () => (await house.log.oldest(1000)).filter((one): one is AmsRecord => one.type === 'AMS');

test('answers DIRECT_READ in the form of the manual, by name and by number', async () => {
  const form = /\^SCAMS: 0,"","5\|S:F:12=[0-9A-F]{8},S:I:10=ERR,M:0:0:10=[0-9A-F]{32}"/;
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,"INMAT","5@9600|S:F:12,S:I:10,M:0:0:10"')).toMatch(form);
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,64,"5|S:F:12,S:I:10,M:0:0:10"')).toMatch(form);
  // What its port suggests holds for AT as well: I is asked with the code of the simulated station.
  expect(await house.at('AT^SCAMS="DIRECT_READ",3,64,"12|I,S:F:82"')).toMatch(
    /\^SCAMS: 0,"","12\|I=494E4D4154203531[0-9A-F]*,S:F:82=66660640"/,
  );
  for (const [address, code] of [
    ['', 4194306],
    ['64|I', 4194307],
    ['5@9600', 4194307],
    ['5|X:1', 4194308],
    ['6|S:F:12', 4194312],
  ] as const)
    expect(await house.at(`AT^SCAMS="DIRECT_READ",2,64,"${address}"`)).toContain(`^SCAMS: ${code},"",""`);
});

test('is listed by AT, read now and by the schedule, filtered, charted and exported', async () => {
  const address = '5@9600|S:F:10,S:F:12,S:F:77,B:F:30:0:0:2:2,S:S:20';
  expect(await house.at(`AT^SCAMS="DEV_ADD",2,64,"${address}","1M"`)).toContain('OK');
  expect(await house.at('AT^SCAMS="DEV_ADD",2,"INMAT","5|S:Q:10","1M"')).toContain('ERROR');
  expect(await house.at('AT^SCAMS?')).toContain(`^SCAMS: 1> 2,"INMAT","${address}","1M"`);
  const byHand = await house.clock.run(house.station.readNow('1', { signal }));
  const good =
    /^5\|S:F:10=[0-9A-F]{8},S:F:12=[0-9A-F]{8},S:F:77=ERR,B:F:30:0:0:2:2=[0-9A-F]{32},S:S:20=426F696C657220686F75736500$/;
  expect(byHand).toMatchObject({
    kept: true,
    record: { protocol: 'INMAT', errorCode: 0, identification: '', meter: 1 },
  });
  expect((byHand.kept ? byHand : byHand.unkept).record.data).toMatch(good);
  await house.station.setSchedule({ enabled: true });
  await seconds(130);
  house.setFaults({ 'inmat-heat': ['wrong-bcc'] });
  await seconds(70);
  await house.station.setSchedule({ enabled: false });
  const kept = await records();
  const whole = kept.filter(({ errorCode }) => errorCode === 0);
  expect(whole.length).toBeGreaterThanOrEqual(3);
  for (const { data } of whole) expect(data).toMatch(good);
  expect(kept.at(-1)).toMatchObject({ errorCode: 4194564, data: '', circumstances: { blockCheck: 'bad' } });

  expect(await house.at('AT^SCDATA="GET_FILTERED","TABLE_ID==1;ERROR_CODE==0"')).toMatch(
    /\^SCDATA: "AMS",\d+,\d+,"INMAT",1,0,"","5\|S:F:10=/,
  );
  const { filter } = parseFilter('PROTOCOL==INMAT;ERROR_CODE!=0');
  await house.reader.load();
  expect(filter && (await house.reader.count(filter))).toBe(kept.length - whole.length);
  const archive = archiveHandlers({
    reader: house.reader,
    clock: house.clock,
    name: house.name,
    openFiles: () => Promise.reject(new Error('no second copy here')),
  });
  const context = { signal, emit: () => undefined };
  const series = await archive.series({ meter: 1, codes: ['S:F:10'], maxPoints: 100, thinning: 'extremes' }, context);
  expect(series.total).toBe(whole.length);
  const { files } = await archive.export({ format: 'valuereport' }, context);
  const [head = '', ...rows] = ((await files[0]?.content.text()) ?? '').trimEnd().split('\r\n');
  expect(head.split(';')).toEqual(expect.arrayContaining(['S:F:10', 'S:F:12', 'B:F:30:0:0:2:2 [3]', 'S:S:20']));
  expect(rows).toHaveLength(kept.length);
  expect(rows.at(0)).toContain('Boiler house');
});

test('a record says which way of summing and which order of bytes it was read with, and is read by that', async () => {
  const settings = { byteOrder: 'big', functionS: '01' };
  await house.station.add({ port: 3, protocol: 'INMAT', address: '12|S:F:82,S:S:01', interval: '1M', settings });
  const result = await house.clock.run(house.station.readNow('1', { signal }));
  // The station takes the lowest byte first, and knows no variable of this index.
  expect((result.kept ? result : result.unkept).record).toMatchObject({ data: '12|S:F:82=ERR,S:S:01=ERR' });
  await house.station.change('1', { settings: {} });
  const again = await house.clock.run(house.station.readNow('1', { signal }));
  expect((again.kept ? again : again.unkept).record).toMatchObject({
    errorCode: 0,
    data: '12|S:F:82=66660640,S:S:01=4761732C206C696E65203100',
    circumstances: {
      meaning: { byteOrder: 'little' },
      notes: ['Check sums seen: with the carry added (AMiT DB-Net).'],
    },
  });
});
