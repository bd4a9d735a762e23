import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { archiveHandlers } from '../../../../src/archive/handlers.ts';
import { modbusProfiles as book } from '../../../../src/protocols/modbus/own/book.ts';
import type { ProfileDraft } from '../../../../src/protocols/profile-book.ts';
import { readSettings } from '../../../../src/log/journal/settings.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { openHouse, type House } from '../house.ts';

const context = { signal: new AbortController().signal, emit: () => undefined };
const archiveOf = ({ reader, clock, name }: House) =>
  archiveHandlers({ reader, clock, name, openFiles: () => Promise.reject(new Error('no second copy here')) });

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
  const archive = archiveOf(house);
  const { files } = await archive.export({ format: 'valuereport' }, context);
  const text = (await files[0]?.content.text()) ?? '';
  // Voltages first, then what was imported: by the profile that the record names.
  expect(text).toContain('04:0000 [V];04:0002 [V];');
  expect(text).toContain('04:0048 [kWh');
});

describe('a profile of one’s own', () => {
  const draft = (name: string, changes: Partial<ProfileDraft['values']> = {}, register = {}): ProfileDraft => ({
    values: { name, ...changes },
    lists: {
      registers: [{ address: '0000', function: 4, name: 'Mains', type: 'f32', unit: 'V', ...register }],
      signs: [],
      tests: [],
    },
  });
  const protocol = 'MODBUS';
  const textOf = (...of: Parameters<typeof draft>) => book.write(draft(...of));

  async function readWith(model: string) {
    const settings = { model };
    const adding = house.station.add({ port: 2, protocol, address: '1@9600', interval: '1M', settings });
    expect(await adding).toMatchObject({ ok: true });
    const result = await house.clock.run(house.station.readNow('1', { signal }));
    return result.kept ? result.record : result.unkept;
  }

  test('reads a meter, and what its records mean neither changes nor goes with it', async () => {
    await house.reader.load();
    const archive = archiveOf(house);
    const first = await archive.keepProfile({ protocol, text: textOf('My meter') }, context);
    expect(await archive.profiles({ protocol }, context)).toEqual([first]);
    // What is put back after a damage of the database.
    const copied = await house.log.database.use(readSettings);
    expect([...copied.keys()]).toEqual(
      expect.arrayContaining([`profile MODBUS ${first?.digest ?? ''}`, 'profiles MODBUS']),
    );
    const record = await readWith('My meter');
    expect(record).toMatchObject({
      errorCode: 0,
      circumstances: { meaning: { model: 'My meter', revision: first?.digest } },
    });
    const meaning = async () => {
      const stored = await archive.get({ seq: 'seq' in record ? record.seq : 0 }, context);
      if (stored?.type !== 'AMS') throw new Error('no such record');
      const [reading] = await archive.readings({ protocol, stored }, context);
      return [reading?.quantity, reading?.unit, reading?.state];
    };
    expect(await meaning()).toEqual(['Mains', 'V', 'whole']);

    const text = textOf('My meter', {}, { name: 'Tension', unit: 'kV', scale: -3 });
    const second = await archive.keepProfile({ protocol, text, inPlaceOf: first?.digest ?? '' }, context);
    expect(await archive.profiles({ protocol }, context)).toEqual([second]);
    expect(await meaning()).toEqual(['Mains', 'V', 'whole']);

    await archive.dropProfile({ protocol, digest: second?.digest ?? '' }, context);
    expect(await archive.profiles({ protocol }, context)).toEqual([]);
    expect(await meaning()).toEqual(['Mains', 'V', 'whole']);
    // Files are made of it as it was, too.
    const { files } = await archive.export({ format: 'valuereport' }, context);
    expect(await files[0]?.content.text()).toContain('04:0000 [V]');
  });

  test('never takes the place of another one unasked, nor of one that was changed meanwhile', async () => {
    const archive = archiveOf(house);
    const first = await archive.keepProfile({ protocol, text: textOf('My meter') }, context);
    const other = textOf('MY METER', { baudRate: 1200 });
    expect(await archive.keepProfile({ protocol, text: other }, context)).toBeUndefined();
    expect(await archive.profiles({ protocol }, context)).toEqual([first]);
    const changed = await archive.keepProfile({ protocol, text: other, inPlaceOf: first?.digest ?? '' }, context);
    expect(await archive.profiles({ protocol }, context)).toEqual([changed]);
    // From a window that still shows the first one.
    const late = { protocol, text: textOf('My meter', { baudRate: 300 }), inPlaceOf: first?.digest ?? '' };
    expect(await archive.keepProfile(late, context)).toBeUndefined();
    expect(await archive.profiles({ protocol }, context)).toEqual([changed]);
    expect(await archive.profileText({ protocol, digest: first?.digest ?? '' }, context)).toBe(textOf('My meter'));
  });

  test('is looked through once more before it is kept', async () => {
    const archive = archiveOf(house);
    await expect(archive.keepProfile({ protocol, text: '{}' }, context)).rejects.toThrow('“format” has to be');
    await expect(archive.keepProfile({ protocol: 'MBUS', text: textOf('x') }, context)).rejects.toThrow(
      'has no profiles',
    );
    expect(await archive.profiles({ protocol }, context)).toEqual([]);
  });
});
