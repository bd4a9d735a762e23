import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AmsRecord } from '../../../../src/log/record.ts';
import { parseFilter } from '../../../../src/log/filter/parse.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { turns } from '../../engine/turns.ts';
import { openHouse, type House } from '../house.ts';

/** The protocol in the house: AT, listening, log and filter, with the simulated meters. */

let house: House;

beforeEach(async () => {
  house = await openHouse(protocols);
  await house.station.bindPort(2, 'simulated:sml-solar');
});

afterEach(() => house.close());

test('answers DIRECT_READ by name and by number', async () => {
  const form = /\^SCAMS: 0,"","1B1B1B1B01010101[0-9A-F]+1B1B1B1B1A0[0-3][0-9A-F]{4}"/;
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,"SML",""')).toMatch(form);
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,67,"1OHU0010020030@9600"')).toMatch(form);
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,67,"1OHU0010020047"')).toContain('^SCAMS: 4390919,"",""');
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,67,"1-OHU"')).toContain('^SCAMS: 4390914,"",""');
});

test('an hour of pushes makes the records that were asked for, and a read by hand costs none', async () => {
  const locked = 'simulated:sml-locked';
  await house.station.bindPort(3, locked);
  await house.station.listening.start({ portId: locked, protocol: 'SML', address: '', settings: {}, everyMs: 60_000 });
  let answer: Promise<string> | undefined;
  for (let second = 0; second < 3600; second += 10) {
    await house.clock.run(house.clock.sleep(10_000));
    await turns(20);
    if (second === 1800) answer = house.at('AT^SCAMS="DIRECT_READ",3,"SML",""');
  }
  expect(await answer).toContain('^SCAMS: 0,"","1B1B1B1B');
  const [state] = house.station.listening.states();
  expect(state).toMatchObject({ state: 'listening', dropped: 0 });
  expect(state?.heard).toBeGreaterThan(1750);
  const heard = (await house.log.oldest(1000)).filter((one): one is AmsRecord => one.type === 'AMS');
  expect(heard.length).toBeGreaterThanOrEqual(59);
  expect(heard.length).toBeLessThanOrEqual(62);
  for (const record of heard) expect(record).toMatchObject({ protocol: 'SML', errorCode: 0 });
  const { filter } = parseFilter('PROTOCOL==SML;ERROR_CODE==0');
  await house.reader.load();
  expect(filter && (await house.reader.count(filter))).toBe(heard.length);
});
