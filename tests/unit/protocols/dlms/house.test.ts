import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveHandlers } from '../../../../src/archive/handlers.ts';
import { parseFilter } from '../../../../src/log/filter/parse.ts';
import type { AmsRecord } from '../../../../src/log/record.ts';
// The session loads it with the first profile, which virtual time would run ahead of.
import '../../../../src/protocols/dlms/profile/read-profile.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { turns } from '../../engine/turns.ts';
import { openHouse, type House } from '../house.ts';

/** The protocol in the house: AT, list, schedule, log, archive, with the simulated meter. */

const signal = new AbortController().signal;
let house: House;

beforeEach(async () => {
  house = await openHouse(protocols);
  await house.station.bindPort(2, 'simulated:dlms-household');
});

afterEach(() => house.close());

const address = '1/17@9600|1-0:1.8.0,1-0:32.7.0,8:0-0:1.0.0';

test('answers DIRECT_READ by name and by number', async () => {
  const form = /\^SCAMS: 0,"","3:1-0:1\.8\.0\*255:2=06[0-9A-F]{8},3:1-0:1\.8\.0\*255:3=02020F00161E,/;
  expect(await house.at(`AT^SCAMS="DIRECT_READ",2,"DLMS","${address}"`)).toMatch(form);
  expect(await house.at(`AT^SCAMS="DIRECT_READ",2,66,"${address}"`)).toMatch(form);
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,66,"1/18|1.8.0"')).toContain('^SCAMS: 4325380,"",""');
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,66,"1/18|meter"')).toContain('^SCAMS: 4325378,"",""');
});

test('is listed by AT, read by the schedule, filtered, charted and exported', async () => {
  expect(await house.at(`AT^SCAMS="DEV_ADD",2,66,"${address}","1M"`)).toContain('OK');
  expect(await house.at('AT^SCAMS?')).toContain(`^SCAMS: 1> 2,"DLMS","${address}","1M"`);
  await house.station.setSchedule({ enabled: true });
  for (let second = 0; second < 130; second++) {
    await house.clock.run(house.clock.sleep(1000));
    house.station.tick();
    await turns(second % 10 === 0 ? 300 : 20);
  }
  await house.station.setSchedule({ enabled: false });
  const kept = (await house.log.oldest(1000)).filter((one): one is AmsRecord => one.type === 'AMS');
  expect(kept.length).toBeGreaterThanOrEqual(2);
  for (const record of kept) expect(record).toMatchObject({ protocol: 'DLMS', errorCode: 0, meter: 1 });
  const { filter } = parseFilter('PROTOCOL==DLMS;ERROR_CODE==0');
  await house.reader.load();
  expect(filter && (await house.reader.count(filter))).toBe(kept.length);
  const archive = archiveHandlers({
    reader: house.reader,
    clock: house.clock,
    name: house.name,
    openFiles: () => Promise.reject(new Error('no second copy here')),
  });
  const context = { signal, emit: () => undefined };
  const series = await archive.series(
    { meter: 1, codes: ['1-0:1.8.0'], maxPoints: 100, thinning: 'extremes' },
    context,
  );
  expect(series.total).toBe(kept.length);
  const { files } = await archive.export({ format: 'valuereport' }, context);
  const [head = '', ...rows] = ((await files[0]?.content.text()) ?? '').trimEnd().split('\r\n');
  expect(head.split(';')).toEqual(expect.arrayContaining([expect.stringContaining('1-0:1.8.0')]));
  expect(rows).toHaveLength(kept.length);
});

test('a profile is read by the schedule as the meter is set', async () => {
  const draft = { port: 2, protocol: 'DLMS', address: '1/17@9600', interval: '1M' } as const;
  await house.station.add({ ...draft, settings: { read: 'profile', days: 1 } });
  await house.station.setSchedule({ enabled: true });
  for (let second = 0; second < 70; second++) {
    await house.clock.run(house.clock.sleep(1000));
    house.station.tick();
    await turns(second % 10 === 0 ? 300 : 20);
  }
  await house.station.setSchedule({ enabled: false });
  const [record] = (await house.log.oldest(10)).filter((one): one is AmsRecord => one.type === 'AMS');
  expect(record).toMatchObject({ errorCode: 0, meter: 1 });
  expect(record?.data).toMatch(/^7:1-0:99\.1\.0\*255:3=01.*,7:1-0:99\.1\.0\*255:2=01/);
});

test('what a meter pushes is listened to, and a record of the meter of the list', async () => {
  const port = 'simulated:dlms-push';
  await house.station.bindPort(3, port);
  const settings = { opening: 'push' };
  await house.station.add({
    port: 3,
    protocol: 'DLMS',
    address: '1@2400',
    interval: '1H',
    settings,
    serialNumber: '00081402',
  });
  const listens = { portId: port, protocol: 'DLMS', address: '1@2400', settings, everyMs: 0 };
  expect(await house.station.listening.start(listens)).toEqual({ ok: true });
  for (let second = 0; second < 40; second++) {
    await house.clock.run(house.clock.sleep(1000));
    await turns(20);
  }
  await house.station.listening.stop(port);
  const kept = (await house.log.oldest(1000)).filter((one): one is AmsRecord => one.type === 'AMS');
  expect(kept.length).toBeGreaterThanOrEqual(2);
  for (const record of kept) expect(record).toMatchObject({ protocol: 'DLMS', errorCode: 0, meter: 1 });
  expect(kept[0]?.data).toMatch(/^PUSH=0F40000000/);
});
