import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveHandlers } from '../../../../src/archive/handlers.ts';
import { parseFilter } from '../../../../src/log/filter/parse.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { turns } from '../../engine/turns.ts';
import { openHouse, type House } from '../house.ts';

/** Port 128 in the house: AT, list, schedule, log, archive, with a simulated board. */

const signal = new AbortController().signal;
let house: House;

beforeEach(async () => {
  house = await openHouse(protocols);
  const settings = { constant3: 1000 };
  await house.clock.run(house.station.setInputs({ portId: 'simulated:inputs-board', settings }));
});

afterEach(async () => {
  await house.clock.run(house.station.setInputs(undefined));
  await house.clock.run(house.clock.sleep(2000));
  await house.close();
});

test('AT lists and reads inputs on port 128 as the manual shows it', async () => {
  for (const command of [
    'AT^SCAMS="DEV_ADD",128,"AIN_DIN","1/ADC/CAL","1H"',
    'AT^SCAMS="DEV_ADD",128,128,"2/DIN","2H"',
    'AT^SCAMS="DEV_ADD",128,"AIN_DIN","1/PULSE/ABS","2H"',
  ])
    expect(await house.at(command)).toContain('OK');
  const list = await house.at('AT^SCAMS?');
  expect(list).toContain('^SCAMS: 1> 128,"AIN_DIN","1/ADC/CAL","1H"');
  expect(list).toContain('^SCAMS: 2> 128,"AIN_DIN","2/DIN","2H"');
  expect(list).toContain('^SCAMS: 3> 128,"AIN_DIN","1/PULSE/ABS","2H"');
  expect(await house.at('AT^SCAMS="DIRECT_READ",128,"AIN_DIN","1/ADC/CAL"')).toMatch(
    /\^SCAMS: 0,"1\/ADC\/CAL","\d{1,3}"/,
  );
  expect(await house.at('AT^SCAMS="DIRECT_READ",128,128,"2/DIN"')).toMatch(/\^SCAMS: 0,"2\/DIN","[01]"/);
  expect(await house.at('AT^SCAMS="DIRECT_READ",128,"AIN_DIN","1/PULSE/ABS"')).toMatch(
    /\^SCAMS: 0,"1\/PULSE\/ABS","\d+"/,
  );
  expect(await house.at('AT^SCAMS="DIRECT_READ",128,"AIN_DIN","4/DIN"')).toContain('^SCAMS: 8388610,"",""');
});

test('an input is read by hand and by schedule, filtered, charted and exported', async () => {
  const added = await house.station.add({ port: 128, protocol: 'AIN_DIN', address: '3/pulse/abs', interval: '1M' });
  expect(added).toMatchObject({ ok: true });
  const byHand = await house.clock.run(house.station.readNow('1', { signal }));
  expect(byHand).toMatchObject({
    kept: true,
    record: { protocol: 'AIN_DIN', errorCode: 0, identification: '3/PULSE/ABS', meter: 1 },
  });
  await house.station.setSchedule({ enabled: true });
  for (let second = 0; second < 125; second++) {
    await house.clock.run(house.clock.sleep(1000));
    house.station.tick();
  }
  while (house.station.state().due > 0) await house.clock.run(house.clock.sleep(1000));
  await turns();
  expect(house.log.count).toBeGreaterThanOrEqual(3);

  await house.reader.load();
  const { filter } = parseFilter('PROTOCOL==AIN_DIN;ERROR_CODE==0;IDENT==3/PULSE/ABS');
  expect(filter && (await house.reader.count(filter))).toBe(house.log.count);
  const archive = archiveHandlers({
    reader: house.reader,
    clock: house.clock,
    name: house.name,
    openFiles: () => Promise.reject(new Error('no second copy here')),
  });
  const context = { signal, emit: () => undefined };
  const { files } = await archive.export({ format: 'valuereport' }, context);
  const lines = ((await files[0]?.content.text()) ?? '').trimEnd().split('\r\n');
  expect(lines).toHaveLength(house.log.count + 1);
  expect(lines[0]).toContain('kWh');
});
