import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/common/bytes.ts';
import { readFrame } from '../../src/protocols/wmbus/frame.ts';
import { openTelegram } from '../../src/protocols/wmbus/open.ts';
import { shown } from '../unit/protocols/mbus/samples.ts';
import { thirdParty } from './third-party.ts';
import { agreementOf, readingsOf, type DriverRow } from './wmbus-agreement.ts';

/** Radio telegrams of wmbusmeters, OMS, ioBroker and m-bus-parser, with what their programs make of them. */

const driverRows = (thirdParty<readonly DriverRow[]>('wmbusmeters-telegrams.json')?.content ?? []).filter(
  ({ bus }) => bus === 'wireless',
);

/** What their drivers compute, or read otherwise than the standard says: no part of what the telegram says. */
const COMPUTED: readonly (readonly [driver: RegExp, field: RegExp, why: string])[] = [
  [/^em24$/, /apparent/, 'computed from active and reactive energy'],
  [/^em24$/, /reactive/, 'taken for tenfold'],
  [/^(evo868|waterstarm)$/, /^history_\d+_date/, 'counted back from the storage interval'],
  [/^microclima$/, /^set_date_\d+_date/, 'counted back from the storage interval'],
  [/^(supercal|sontex868|kaden)$/, /date/, 'a due date that comes again every year, taken for 2127'],
  [/^(emerlin868|hcae2)$/, /date/, 'a date of zeros'],
  [/^gwfgas$/, /target_date/, 'a date of zeros'],
  [/^c5isf$/, /kwh/, 'the mark for "no value", taken for a figure'],
  [/^c5isf$/, /max_power/, 'a power by month, without its unit'],
  [/^(uiws)$/, /meter_datetime/, 'without the hundreds of the year'],
  [/^qwater$/, /volume_flow/, 'a duration, taken for a flow'],
  [/^supercom587$/, /total_m3 6.548/, 'a corrected value of a test'],
  [/^(gwfwater|q400|ei6500)$/, /battery|dust/, 'cut out of a word of flags'],
  [/^aquastream$/, /battery/, 'with years of 365 days'],
  [/^hydrodigit$/, /^(June|July)_total_m3 0/, 'the mark for "none yet", taken for a figure'],
  [/^qwaterv2$/, /-32.768/, 'the mark for "none yet", taken for a figure'],
  [/^fhkvdataiii$/, /date \d+-\d\d-\d\dT02/, 'a day, with an hour that the meter does not send'],
];

const isComputed = (driver: string, field: string) =>
  COMPUTED.some(([drivers, fields]) => drivers.test(driver) && fields.test(field));

/** What is missing today, and no more. */
const MISSING: Readonly<Record<string, number>> = {
  // In which unit it counts is not known for sure: our reading is a thousandth of theirs, and says so.
  apator172: 1,
  // Fields behind a date of unknown length are left as bytes.
  hydrodigit: 1,
};

describe.skipIf(driverRows.length === 0)('wmbusmeters (skipped where ../shared/vectors is absent)', () => {
  it('agrees with its drivers', () => {
    const drivers = new Map<string, { telegrams: number; asked: number; missing: string[]; computed: number }>();
    for (const row of driverRows) {
      const { asked, missing } = agreementOf(row);
      const of = drivers.get(row.driver) ?? { telegrams: 0, asked: 0, missing: [], computed: 0 };
      const wrong = missing.filter((field) => !isComputed(row.driver, field));
      of.telegrams++;
      of.asked += asked;
      of.computed += missing.length - wrong.length;
      of.missing.push(...wrong);
      drivers.set(row.driver, of);
    }
    const rows = [...drivers].toSorted(([a], [b]) => a.localeCompare(b));
    const table = rows.map(([driver, { telegrams, asked, missing, computed }]) => {
      const agreed = asked - missing.length - computed;
      const rest = missing.length > 0 ? `  without ${missing.slice(0, 3).join(', ')}` : '';
      return `${driver.padEnd(16)} ${String(telegrams).padStart(3)} telegrams ${String(agreed).padStart(4)} of ${String(asked).padStart(4)}${computed > 0 ? `, ${computed} computed` : ''}${rest}`;
    });
    const all = rows.reduce((sum, [, { asked }]) => sum + asked, 0);
    const lost = rows.reduce((sum, [, { missing }]) => sum + missing.length, 0);
    const computed = rows.reduce((sum, [, one]) => sum + one.computed, 0);
    console.info(`${table.join('\n')}\n${all - lost - computed} of ${all}, ${computed} computed by the drivers`);
    for (const [driver, { missing }] of rows)
      expect([driver, missing.length <= (MISSING[driver] ?? 0), missing]).toEqual([driver, true, missing]);
  });

  it.each(driverRows.filter(({ key }) => key !== undefined).map((row) => [`${row.driver} ${row.id}`, row] as const))(
    'opens %s with its key and with no other',
    (_, { hex, key = '' }) => {
      const body = readFrame(fromHex(hex) ?? new Uint8Array(0))?.body ?? new Uint8Array(0);
      const right = fromHex(key) ?? new Uint8Array(0);
      const { security } = openTelegram(body, [right]);
      expect(['opened', 'plain', 'taken off before']).toContain(security);
      if (security !== 'opened') return;
      expect(openTelegram(body, []).security).toBe('no key');
      expect(openTelegram(body, [right.map((byte) => byte ^ 0x55)]).security).toBe('wrong key');
    },
  );
});

interface OmsRow {
  readonly name: string;
  readonly hex: string;
  readonly key?: string;
}

const oms = thirdParty<readonly OmsRow[]>('oms-and-iobroker-vectors.json')?.content ?? [];
const keyed = thirdParty<readonly OmsRow[]>('wmbusmeters-keyed-extra.json')?.content ?? [];

describe.skipIf(oms.length === 0)('OMS and ioBroker (skipped where ../shared/vectors is absent)', () => {
  const values = (name: string, rows = oms) => {
    const { hex = '', key } = rows.find((row) => row.name === name) ?? {};
    return readingsOf(hex, key).map((reading) => `${reading.label} ${shown(reading)}`);
  };

  it.each([
    ['Decode negative temperature', ['0B5E -4.0 °C']],
    ['Decryption Test - Good Key', ['0413 474.240 m³', '4413 473.247 m³']],
    ['General Test #2', ['0C06 0 kWh', '0B5A 21.7 °C']],
    ['Magnetic Sensor Test #1', ['0E6E 110 HCA']],
    ['Short Telegram Test #2', ['025D 24.07 °C']],
    ['wM-Bus Meter with Security profile A', ['ID 12345678', '0C14 28504.27 m³']],
    ['wM-Bus Meter with integrated radio and Security profile B', ['ID 12345678', '0C14 28504.27 m³']],
    ['wM-Bus Example with partial encryption', ['ID 55667788', '0B6E 1234 HCA', '0CFD10 12345678']],
    ['DIF 64bit integer with calc', ['0713 1234605616436508.552 m³']],
    ['DIF 64bit integer as manufacturer specific', ['077F 1234605616436508552']],
  ])('%s', (name, expected) => {
    const have = values(name);
    for (const one of expected) expect(have).toContain(one);
  });

  it('says that a wrong key is wrong', () => {
    const { hex = '', key } = oms.find(({ name }) => name.includes('Wrong Key')) ?? {};
    expect(readingsOf(hex, key).at(-1)).toMatchObject({
      label: 'encrypted',
      note: 'encrypted, AES-CTR of the link layer: the key does not fit',
    });
  });

  it('opens a long frame B with check sums inside, MAC and mode 7', () => {
    const [name = ''] = keyed.map((row) => row.name);
    expect(values(name, keyed)).toContain('0406 9341 kWh');
    expect(values(name, keyed)).toContain('0413 1348.631 m³');
    expect(values(name, keyed)).toContain('SECURITY mode 7, opened and proved');
  });
});
