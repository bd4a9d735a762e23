import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveHandlers } from '../../../../../src/archive/handlers.ts';
import type { AmsRecord } from '../../../../../src/log/record.ts';
import { decodeIec } from '../../../../../src/protocols/iec62056-21/decode.ts';
import { protocols } from '../../../../../src/protocols/registry.ts';
import { turns } from '../../../engine/turns.ts';
import { openHouse, type House } from '../../house.ts';

/** Chosen registers and load profiles through list, schedule, log, AT and export. */

const signal = new AbortController().signal;
let house: House;

beforeEach(async () => {
  house = await openHouse(protocols);
  await house.station.bindPort(1, 'simulated:load-profile');
  await house.station.bindPort(2, 'simulated:single-registers');
});

afterEach(() => house.close());

async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    await house.clock.run(house.clock.sleep(1000));
    house.station.tick();
    await turns(second % 10 === 0 ? 300 : 20);
  }
}

test('a load profile is read by the schedule, kept, decoded and exported', async () => {
  await house.station.add({
    port: 1,
    protocol: 'IEC62056-21',
    address: '',
    interval: '1M',
    settings: { read: 'profile', days: 1 },
  });
  await house.station.setSchedule({ enabled: true });
  await seconds(130);
  await house.station.setSchedule({ enabled: false });
  const kept = (await house.log.oldest(100)).filter((one): one is AmsRecord => one.type === 'AMS');
  expect(kept.length).toBeGreaterThanOrEqual(2);
  for (const record of kept) {
    expect(record).toMatchObject({ errorCode: 0, identification: '\\@SIMLZQ', meter: 1 });
    const readings = decodeIec(record).filter(({ label }) => label === '1-1:1.5');
    expect(readings.length).toBeGreaterThanOrEqual(90);
    expect(readings.every(({ state, time }) => state === 'whole' && time !== undefined)).toBe(true);
  }
  expect(await house.at('AT^SCDATA="GET_FILTERED","TABLE_ID==1;ERROR_CODE==0"')).toContain('P.01(0261119');
  await house.reader.load();
  const archive = archiveHandlers({
    reader: house.reader,
    clock: house.clock,
    name: house.name,
    openFiles: () => Promise.reject(new Error('no second copy here')),
  });
  const { files } = await archive.export({ format: 'valuereport' }, { signal, emit: () => undefined });
  expect(await files[0]?.content.text()).toContain('P.01(0261119');
});

test('registers are chosen in the list, and AT reads as the list says', async () => {
  await house.station.add({
    port: 2,
    protocol: 'IEC62056-21',
    address: '',
    interval: '1M',
    settings: { read: 'registers', registers: '0.0.0 1.8.0' },
  });
  const byHand = await house.clock.run(house.station.readNow('1', { signal }));
  expect((byHand.kept ? byHand : byHand.unkept).record).toMatchObject({
    errorCode: 0,
    data: expect.stringMatching(/^0\.0\.0\(00815002\)\r\n1\.8\.0\(\d{6}\.\d{3}\*kWh\)\r\n$/) as string,
  });
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,"IEC62056-21",""')).toMatch(
    /\^SCAMS: 0,"SIMT174","0\.0\.0\(00815002\)\s+1\.8\.0\(\d{6}\.\d{3}\*kWh\)/,
  );
});
