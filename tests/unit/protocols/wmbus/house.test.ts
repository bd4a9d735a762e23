import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseFilter } from '../../../../src/log/filter/parse.ts';
import type { WmbusRecord } from '../../../../src/log/record.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { turns } from '../../engine/turns.ts';
import { openHouse, type House } from '../house.ts';

/** The protocol in the house: AT, listening, log and filter, with a simulated stick and the meters around it. */

const STICK = 'simulated:wmbus-cellar';

let house: House;

beforeEach(async () => {
  house = await openHouse(protocols);
  await house.station.bindPort(2, STICK);
});

afterEach(() => house.close());

const pass = async (ms: number) => {
  await house.clock.run(house.clock.sleep(ms));
  await turns(20);
};

test('answers DIRECT_READ by name and by number', async () => {
  const form = /\^SCAMS: 0,"26000002","44153D02000026[0-9A-F]+"/;
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,"WMBUS","26000002"')).toMatch(form);
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,68,"2600"')).toContain('^SCAMS: 4456450,"",""');
});

test('what is heard becomes WMBUS records, as often as was asked for, in the form of AT and for the filter', async () => {
  await house.station.listening.start({ portId: STICK, protocol: 'WMBUS', address: '', settings: {}, everyMs: 60_000 });
  for (let second = 0; second < 1800; second += 10) await pass(10_000);
  const [state] = house.station.listening.states();
  expect(state).toMatchObject({ state: 'listening', dropped: 0 });
  expect(state?.heard).toBeGreaterThan(100);
  const records = (await house.log.oldest(1000)).filter((one): one is WmbusRecord => one.type === 'WMBUS');
  const of = (number: string) => records.filter(({ data }) => data.startsWith(number, 6));
  // Every minute at most, of each meter.
  expect(of('01000026').length).toBeGreaterThanOrEqual(25);
  expect(of('01000026').length).toBeLessThanOrEqual(31);
  expect(of('02000026').length).toBeGreaterThanOrEqual(13);
  for (const { data, length, rssi } of of('02000026')) {
    expect([length, rssi]).toEqual([data.length / 2, -77]);
    expect(data).toMatch(/^44153D02000026/);
  }
  const { filter } = parseFilter('RECORD_TYPE==WMBUS');
  await house.reader.load();
  expect(filter && (await house.reader.count(filter))).toBe(records.length);
  const listed = await house.at('AT^SCDATA="GET_FILTERED","RECORD_TYPE==WMBUS"');
  expect(listed).toMatch(/\^SCDATA: "WMBUS",\d+,\d+,-58,\d+,"44153D01000026[0-9A-F]+"/);
});
