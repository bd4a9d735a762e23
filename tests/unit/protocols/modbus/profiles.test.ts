import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatModbusAddress, parseModbusAddress, requestsOf } from '../../../../src/protocols/modbus/address.ts';
import { decodeModbus } from '../../../../src/protocols/modbus/decode.ts';
import { framingOfModel } from '../../../../src/protocols/modbus/models.ts';
import { profiles } from '../../../../src/protocols/modbus/profiles/catalogue.ts';
import { addressFor, blocksOf, figuresOf, halves } from '../../../../src/protocols/modbus/profiles/plan.ts';
import { SUNSPEC } from '../../../../src/protocols/modbus/sunspec.ts';
import { shown } from './shown.ts';

test('no model is there twice', () => {
  const models = [...profiles.map(({ model }) => model), SUNSPEC];
  expect(new Set(models).size).toBe(models.length);
});

describe.each(profiles.map((profile) => [profile.model, profile] as const))('%s', (_model, profile) => {
  const meaning = { model: profile.model, revision: profile.revision };

  test('reads its own frames', () => {
    expect(profile.tests.length).toBeGreaterThan(0);
    for (const { data, shows } of profile.tests) {
      const readings = decodeModbus({ identification: '', data, circumstances: { meaning } });
      expect(readings.map(shown)).toEqual(shows);
      expect(readings.map(({ state }) => state)).toEqual(shows.map(() => 'whole'));
    }
  });

  test('has an address that reads each register once and splits no figure', () => {
    const address = addressFor(profile, 7, profile.baudRate);
    expect(parseModbusAddress(formatModbusAddress(address))).toEqual(address);
    // The meter list takes no longer one.
    expect(formatModbusAddress(address).length).toBeLessThanOrEqual(1000);
    const requests = requestsOf(address);
    for (const { command, address: at, words } of figuresOf(profile)) {
      const holding = requests.filter(
        (one) => one.command === command && at >= one.address && at + words <= one.address + one.count,
      );
      expect(holding).toHaveLength(1);
    }
    expect(requests).toEqual(blocksOf(profile));
  });

  test('comes down to single figures where blocks are refused', () => {
    let blocks = blocksOf(profile);
    for (let round = 0; round < 10; round++) {
      blocks = blocks.flatMap((block) => {
        const parts = halves(profile, block);
        return parts.length === 0 ? [block] : parts;
      });
    }
    const starts = new Set(figuresOf(profile).map(({ command, address }) => `${command}:${address}`));
    expect(new Set(blocks.map(({ command, address }) => `${command}:${address}`))).toEqual(starts);
  });
});

const FILES = ['modbus-maps.json', 'modbus-maps-extra.json'].map((name) => `../shared/vectors/${name}`);

interface Row {
  readonly address: number;
  readonly function: number;
  readonly type: string;
  readonly factor: number;
}

/** The maps that the profiles are from, register by register; the doubtful frequency of the PAC2200 was moved. */
test.skipIf(!FILES.every(existsSync))('no register of the collected maps is missing', () => {
  const meters = FILES.flatMap(
    (file) => (JSON.parse(readFileSync(file, 'utf8')) as { meters: { model: string; registers: Row[] }[] }).meters,
  );
  const rows = meters.filter(({ model }) => !/SunSpec/.test(model)).flatMap(({ registers }) => registers);
  const key = (command: number, address: number, type: string, scale: number) =>
    `${command}:${address}:${type}:${scale}`;
  const short = (type: string) => type.replace(/^(.)\D*(\d+)$/, '$1$2');
  const wanted = rows.map((row) => key(row.function, row.address, short(row.type), Math.round(Math.log10(row.factor))));
  const built = profiles.flatMap((profile) =>
    figuresOf(profile).map(({ command, address, type, scale }) => key(command, address, type, scale)),
  );
  const left = new Map<string, number>();
  for (const one of built) left.set(one, (left.get(one) ?? 0) + 1);
  for (const one of wanted) left.set(one, (left.get(one) ?? 0) - 1);
  expect([...left].filter(([, count]) => count !== 0).map(([one]) => one)).toEqual(['4:55:f32:0', '4:46:f32:0']);
});

test('the format of the characters belongs to the model', () => {
  expect([framingOfModel('Orno WE-516/517'), framingOfModel('Orno WE-504'), framingOfModel(undefined)]).toEqual([
    '8E1',
    '8N1',
    '8N1',
  ]);
});
