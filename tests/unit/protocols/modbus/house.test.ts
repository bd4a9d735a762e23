import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveHandlers } from '../../../../src/archive/handlers.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { openHouse, type House } from '../house.ts';

/** The protocol in the house: AT, list, log, archive, with a simulated bus. */

const signal = new AbortController().signal;
let house: House;

beforeEach(async () => {
  house = await openHouse(protocols);
  await house.station.bindPort(2, 'simulated:modbus-cabinet');
});

afterEach(() => house.close());

test('answers DIRECT_READ in the form of the manual, by name and by number', async () => {
  const form = /\^SCAMS: 0,"","1:04:0000:010404[0-9A-F]{12},1:04:0046:010404[0-9A-F]{12}"/;
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,"MODBUS","1@9600[2,04:0000:2,04:0046:2]"')).toMatch(form);
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,3,"1@9600[2,4:0:2,4:46:2]"')).toMatch(form);
  expect(await house.at('AT^SCAMS="DIRECT_READ",2,3,"1@9600[2,06:0000:2]"')).toContain('^SCAMS: 196610,"",""');
});

test('a record keeps whose registers it has, and is read by that', async () => {
  const settings = { model: 'Eastron SDM630' };
  const added = await house.station.add({ port: 2, protocol: 'MODBUS', address: '1@9600', interval: '1M', settings });
  expect(added).toMatchObject({ ok: true });
  expect(await house.at('AT^SCAMS?')).toContain('^SCAMS: 1> 2,"MODBUS","1@9600","1M"');
  const result = await house.clock.run(house.station.readNow('1', { signal }));
  const { record } = result.kept ? result : result.unkept;
  expect(result.kept).toBe(true);
  const meaning = { model: 'Eastron SDM630', revision: 1 };
  expect(record).toMatchObject({ protocol: 'MODBUS', errorCode: 0, identification: '', circumstances: { meaning } });

  await house.reader.load();
  const archive = archiveHandlers({
    reader: house.reader,
    clock: house.clock,
    name: house.name,
    openFiles: () => Promise.reject(new Error('no second copy here')),
  });
  const context = { signal, emit: () => undefined };
  const { files } = await archive.export({ format: 'valuereport' }, context);
  const text = (await files[0]?.content.text()) ?? '';
  // Voltages first, then what was imported: by the profile that the record names.
  expect(text).toContain('04:0000 [V];04:0002 [V];');
  expect(text).toContain('04:0048 [kWh');
});
