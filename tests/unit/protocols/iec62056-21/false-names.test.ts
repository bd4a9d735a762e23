import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decimalToNumber, formatDecimal } from '../../../../src/common/decimal.ts';
import { plateText } from '../../../../src/common/meter-identity.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import { isCounted, mainReading, serialNumberOf } from '../../../../src/common/telling-readings.ts';
import { dimensionOf, spelledUnit } from '../../../../src/common/units.ts';
import { decodeIec } from '../../../../src/protocols/iec62056-21/decode.ts';

const decode = (data: string, receivedAt?: string): Reading[] =>
  decodeIec({
    identification: '',
    data,
    ...(receivedAt === undefined ? {} : { time: Date.parse(receivedAt) / 1000 }),
  });

function shown({ value, unit }: Reading): string {
  const text =
    value.type === 'number'
      ? formatDecimal(value.decimal)
      : value.type === 'time'
        ? value.time.iso
        : value.type === 'text'
          ? value.text
          : '';
  return unit === '' ? text : `${text} ${unit}`;
}

const of = (readings: readonly Reading[], label: string) => readings.filter((reading) => reading.label === label);
const numberOf = (reading: Reading | undefined) =>
  reading?.value.type === 'number' ? decimalToNumber(reading.value.decimal) : undefined;

describe('no name where the unit contradicts it', () => {
  it.each([
    ['3.8.1(1*kWh)', 'the unit does not fit the code'],
    ['1.7.0(1*V)', 'the unit does not fit the code'],
    ['32.7.0(1*A)', 'the unit does not fit the code'],
  ])('%s', (data, note) => {
    expect(decode(data)[0]).toMatchObject({ quantity: '', note });
    expect(decode(data)[0]).not.toHaveProperty('tariff');
  });

  it.each([
    '1.8.0(1*kWh)',
    '3.8.0(1*kvarh)',
    '9.7.0(1*VA)',
    '32.7(233*V)',
    '14.7.0(50*Hz)',
    '31.7.4(3*%)',
    '1.8.0(1*imp)',
  ])('%s keeps its name', (data) => expect(decode(data)[0]?.quantity).not.toBe(''));

  it('the short codes of old electricity meters are what they count', () => {
    const data =
      '8.1(012345.6*kWh)\r\n8.2(002345.6*kWh)\r\n6.1(03.25*kW)\r\n2.1(123.45*kW)\r\n8.1*11(012000.0*kWh)\r\n';
    expect(decode(data).map(({ quantity, tariff, kind }) => [quantity, tariff, kind])).toEqual([
      ['Active energy', 1, 'instantaneous'],
      ['Active energy', 2, 'instantaneous'],
      ['Active power, maximum', 1, 'maximum'],
      ['Active power, cumulated maximum', 1, 'maximum'],
      ['Active energy', 1, 'stored'],
    ]);
  });

  it('F.8 is no error register; F, FF and F.F are', () => {
    const readings = decode('F.F(00)\r\nF.8.0*00(000001.32)\r\nF(0)\r\nFF(00)\r\n');
    expect(readings.map(({ quantity }) => quantity)).toEqual([
      'Error register',
      '',
      'Error register',
      'Error register',
    ]);
    expect(numberOf(mainReading(readings)?.reading)).toBe(1.32);
  });

  it('sums over the last day, week, month and year are no stored readings', () => {
    const [day, year] = decode('1.8.0*96(000008.352*kWh)\r\n1.8.0*99(000812.1*kWh)\r\n');
    expect(day).toMatchObject({ quantity: 'Active energy import, last day', kind: 'stored' });
    expect(day).not.toHaveProperty('storage');
    expect(year?.quantity).toBe('Active energy import, last year');
    expect(decode('1.8.0*95(1*kWh)')[0]).toMatchObject({ storage: 95 });
  });
});

describe('a value belongs to the address in front of it', () => {
  it('though blanks stand between', () => {
    const data = '1.8.1(000100.0*kWh)\r\n1.8.2 (000200.0*kWh)\r\n2.8.0\t (000300.0*kWh)\r\n';
    expect(decode(data).map((reading) => [reading.label, shown(reading)])).toEqual([
      ['1.8.1', '100.0 kWh'],
      ['1.8.2', '200.0 kWh'],
      ['2.8.0', '300.0 kWh'],
    ]);
  });

  it.each([
    '1.6.1(00.502*kW)(2211120730)',
    '1.6.1(2211120730)(00.502*kW)',
    '1.6.1(00.502)(kW)(2211120730)',
    '1.6.1(00.502*kW)\r\n(2211120730)',
    '1.6.1(00.502)\r\n(kW)(2211120730)',
    '1.6.1(00.502*kW) (2022-11-12 07:30)',
    '1.6.1(00.502*kW)(07:30)(2022-11-12)',
  ])('so do time and unit of a maximum: %j', (data) => {
    const readings = decode(data);
    expect(readings).toHaveLength(1);
    expect(shown(readings[0] as Reading)).toBe('0.502 kW');
    expect(readings[0]).toMatchObject({ label: '1.6.1', time: { iso: '2022-11-12T07:30' }, kind: 'maximum' });
    expect(data.slice(readings[0]?.source.start, readings[0]?.source.end)).toBe(data);
  });

  it.each(['1.6.1(00.000*kW)(0000000000)', '1.6.1(00.000*kW)(00-00-00,00:00)', 'F.6.0*00(00.0)(00:00:00,00-00-00)'])(
    'zeros behind a maximum are its time that never was: %s',
    (data) => {
      const readings = decode(data);
      expect(readings).toHaveLength(1);
      expect(readings[0]).not.toHaveProperty('time');
    },
  );
});

describe('dates', () => {
  it.each([
    ['2024-11-14T10:00Z', '24-11-13', '24-11-05,17:00', '2024-11-13', '2024-11-05T17:00'],
    ['2013-11-25T10:00Z', '24-11-13', '05-11-13,17:00', '2013-11-24', '2013-11-05T17:00'],
    ['2019-08-28T10:00Z', '19-08-28', '17:00,19-08-01', '2019-08-28', '2019-08-01T17:00'],
  ])('received %s: %s', (receivedAt, clock, at, date, time) => {
    const readings = decode(`0.9.2(${clock})\r\n1.6.0(002.612*kW)(${at})\r\n`, receivedAt);
    expect(readings.map(shown)).toEqual([date, '2.612 kW']);
    expect(readings[1]).toMatchObject({ time: { iso: time } });
  });

  it('stay text where their order cannot be told', () => {
    expect(decode('0.9.2(10-11-12)\r\n').map(shown)).toEqual(['10-11-12']);
    expect(decode('0.9.2(10-11-12)\r\n', '2024-01-01T00:00Z').map(shown)).toEqual(['10-11-12']);
  });

  const doubted = 'a date, but which number is day and which is year is not known';

  it('are marked where their order cannot be told, and no fact', () => {
    const readings = decode('0.9.2(24-11-13)\r\n1.6.0(002.612*kW)(24-11-05,17:00)\r\nC.50.3(24-11-05)\r\n');
    expect(readings.map(shown)).toEqual(['24-11-13', '2.612 kW', '24-11-05']);
    expect(readings.map(({ state }) => state)).toEqual(['unchecked', 'whole', 'unchecked']);
    expect(readings.map(({ note }) => note)).toEqual([doubted, `taken at 24-11-05,17:00: ${doubted}`, doubted]);
    expect(readings.every(({ time }) => time === undefined)).toBe(true);
  });

  it.each([
    ['a billing period that ended before', '0.1.2(2411010000)'],
    ['a stamp of another form', '1-0:1.6.0(241101170000W)(2.4*kW)'],
    ['a maximum before', '1.6.0(2.4*kW)(24-11-05,17:00)\r\n1.6.0*01(2.4*kW)(24-10-21,09:00)'],
  ])('are settled by %s', (_, line) => {
    const [first] = decode(`0.9.2(24-11-13)\r\n${line}\r\n`);
    expect(first && shown(first)).toBe('2024-11-13');
    expect(first).not.toHaveProperty('note');
  });

  it('are settled by a clock of another form, not by one they are later than in any order', () => {
    const at = (clock: string) => decode(`0.9.2(${clock})\r\n1.6.0(2.6*kW)(13-10-25,17:00)\r\n`)[1]?.time?.iso;
    expect(at('2014-11-13')).toBe('2013-10-25T17:00');
    expect(at('2004-11-13')).toBeUndefined();
    expect(at('2026-11-13')).toBeUndefined();
  });

  it('are not settled by a clock that fits no receipt, nor by numbers that look like dates', () => {
    const first = (data: string, receivedAt?: string) => decode(`0.9.2(10-11-12)\r\n${data}`, receivedAt)[0];
    expect(first('0.1.2(1201010000)\r\n', '2024-01-01T00:00Z')).toMatchObject({ note: doubted });
    expect(first('0.0.0(1201010000)\r\n0.2.0(31.02.99)\r\n')).toMatchObject({ note: doubted });
    expect(decode('0.2.0(01.02.03)\r\n')[0]).toMatchObject({ state: 'whole' });
  });

  it('have one order where only one makes dates of them all', () => {
    expect(decode('0.9.2(99-12-24)\r\n').map(shown)).toEqual(['1999-12-24']);
  });

  it('of 1970 and later than the meter’s own clock are no facts', () => {
    const data =
      '0-0:1.0.0(191108145519W)\r\n0-1:24.1.0(003)\r\n0-1:96.1.0(4730303339303031383430303030303031)\r\n0-1:24.2.1(700101010000W)(00012.000*m3)\r\n' +
      '0-2:24.1.0(003)\r\n0-2:24.2.1(251108145505W)(00241.773*m3)\r\n';
    const readings = decode(data);
    const [first] = of(readings, '0-1:24.2.1');
    expect(first).not.toHaveProperty('time');
    expect(first?.note).toContain('clock was not set');
    expect(of(readings, '0-2:24.2.1')[0]).toMatchObject({ state: 'impossible' });
  });
});

describe('refusals and numbers', () => {
  it('ER23 and ((ER11)) are not available, and no values', () => {
    const readings = decode('0-2:25.6.0(ER23)\r\n1-0:0.2.0((ER11))\r\n1-0:96.1.0(ER23)\r\n1.8.0(ER02)\r\n');
    expect(readings).toHaveLength(4);
    for (const reading of readings) expect(reading).toMatchObject({ kind: 'error', state: 'not available' });
    expect(serialNumberOf(readings)).toBeUndefined();
  });

  it.each(['0', '0000', '00000000', '1', 'ER23', '----'])('%s is no meter number', (text) => {
    expect(serialNumberOf(decode(`0-0:96.1.1(${text})\r\n`))).toBeUndefined();
  });

  it('hexadecimal characters read as on the plate', () => {
    expect(plateText('4530303632373030303030303030303031')).toBe('E0062700000000001');
    expect(plateText('3030303132333435')).toBe('3030303132333435');
    expect(serialNumberOf(decode('0-0:96.1.1(4530303632373030303030303030303031)\r\n'))).toBe('E0062700000000001');
  });

  it('1-1:0.0.0 is a number of the meter itself, and 1-1:1.8.1 its own energy', () => {
    const readings = decode('1-1:0.0.0(12345678)\r\n1-1:1.6.1(0.5*kW)\r\n1-1:1.8.1(000123.4*kWh)\r\n');
    expect(serialNumberOf(readings)).toBe('12345678');
    expect(mainReading(readings)?.reading.label).toBe('1-1:1.8.1');
  });

  it('a gateway goes by the only meter behind it', () => {
    const behind = '0-0:96.1.1(0)\r\n0-1:96.1.0(123456789A1B234C)\r\n';
    expect(serialNumberOf(decode(behind))).toBe('123456789A1B234C');
    expect(serialNumberOf(decode(`${behind}0-2:96.1.0(123456789A1B234D)\r\n`))).toBeUndefined();
  });
});

describe('units', () => {
  it.each([
    ['KWh', 'kWh'],
    ['kwh', 'kWh'],
    ['KW', 'kW'],
    ['kVArh', 'kvarh'],
    ['m^3', 'm³'],
    ['mW', 'mW'],
    ['MW', 'MW'],
    ['imp/kWh', 'imp/kWh'],
    ['a', 'a'],
    ['constructor', 'constructor'],
  ])('%s is written %s', (sent, written) => expect(spelledUnit(sent)).toBe(written));

  it('are counted whatever their spelling', () => {
    for (const unit of ['KWh', 'kwh', 'kVArh', 'm3', 'GJ']) expect(isCounted(unit)).toBe(true);
    for (const unit of ['kW', 'A', 'h', '']) expect(isCounted(unit)).toBe(false);
    expect(dimensionOf('MWh')?.scale).toBe(1000);
  });

  it.each([
    ['31.7(00.00A)', '0.00 A'],
    ['C.8.0(00088h)', '88 h'],
    ['C.1.0(00088A)', '00088A'],
    ['1.8.0(000012.3KWh)', '12.3 kWh'],
  ])('behind the digits are units where the code is of their kind: %s', (data, text) => {
    expect(decode(data).map(shown)).toEqual([text]);
  });
});

const path = new URL('../../../../../shared/vectors/field-cases.json', import.meta.url);
const present = existsSync(path);
const cases = present
  ? (JSON.parse(readFileSync(path, 'utf8')) as { cases: { id: string; input: { text?: string } }[] }).cases
  : [];
/** The data of a telegram without its identification and end. */
const dataOf = (id: string) =>
  (cases.find((candidate) => candidate.id === id)?.input.text ?? '')
    .replace(/^\/[^\n]*\n[\r\n]*/, '')
    .replace(/![^!]*$/, '');

describe.skipIf(!present)('readouts from the field', () => {
  it('fi-05: the figure of a DSMR meter is its own, and the old gas meter stands still', () => {
    const readings = decode(dataOf('fi-05'));
    expect(mainReading(readings)?.reading).toMatchObject({ label: '1-0:1.8.1', unit: 'kWh' });
    expect(of(readings, '0-1:24.2.1')[0]?.note).toBe('stands still since 2017-01-13');
    expect(of(readings, '0-2:24.2.1')[0]).not.toHaveProperty('note');
    expect(numberOf(of(readings, '0-2:24.2.1')[0])).toBe(6805.499);
  });

  it('fi-06: an unpaired channel has no reading of zero', () => {
    const readings = decode(dataOf('fi-06'));
    expect(of(readings, '0-1:24.2.1')[0]).toMatchObject({ state: 'not available' });
    expect(of(readings, '0-2:24.2.1')[0]).toMatchObject({ state: 'whole', time: { iso: '2019-11-08T14:55:05' } });
    expect(mainReading(readings)?.reading.label).toBe('1-0:1.8.1');
  });

  it('fi-08: the Belgian peaks, each at its time', () => {
    const peaks = of(decode(dataOf('fi-08')), '1-0:1.6.0');
    expect(peaks.map((reading) => [numberOf(reading), reading.time?.iso, reading.kind, reading.note])).toEqual([
      [2.401, '2023-02-01T17:00:00', 'maximum', undefined],
      [2.772, '2022-12-02T16:45:00', 'maximum', 'month ending 2023-01-01'],
      [2.6, '2023-01-25T17:00:00', 'maximum', 'month ending 2023-02-01'],
    ]);
  });

  it('fi-13: refusals are no values; fi-15: heat behind a gateway', () => {
    const refused = decode(dataOf('fi-13')).filter(({ kind }) => kind === 'error');
    expect(refused.map(({ state }) => state)).toEqual(['not available', 'not available', 'partial', 'not available']);
    const heat = decode(dataOf('fi-15'));
    expect(mainReading(heat)).toMatchObject({ counts: true, reading: { label: '0-1:24.2.1', unit: 'GJ' } });
    expect(serialNumberOf(heat)).toBe('123456789A1B234C');
  });

  it('fi-16: KWh is counted', () => {
    const main = mainReading(decode(dataOf('fi-16')));
    expect(main).toMatchObject({ counts: true, reading: { unit: 'kWh' } });
    expect(numberOf(main?.reading)).toBe(18675.062);
  });

  it('fi-19: the energy of a Pafal is no error register', () => {
    const readings = decode(dataOf('fi-19'));
    expect(numberOf(mainReading(readings)?.reading)).toBe(1.32);
    expect(readings.filter(({ quantity }) => quantity === 'Error register')).toHaveLength(1);
  });

  it('fi-21: dates in the order that fits the clock', () => {
    const readings = decode(dataOf('fi-21'), '2024-11-13T15:00Z');
    expect(of(readings, '0.9.2').map(shown)).toEqual(['2024-11-13']);
    expect(of(readings, '1.6.0')[0]).toMatchObject({ time: { iso: '2024-11-05T17:00' } });
  });

  it('a Hungarian month end is named where the sums bear it out', () => {
    const counters =
      '1-0:1.8.0(000402.013*kWh)\r\n1-0:1.8.1(000300.010*kWh)\r\n1-0:1.8.2(000102.003*kWh)\r\n1-0:2.8.0(000001.000*kWh)\r\n';
    const month = (values: string) =>
      decode(`${counters}0-0:98.1.0(230601000000S)${values}\r\n`).filter(({ kind }) => kind === 'stored');
    expect(
      month('(000382.013*kWh)(000290.010*kWh)(000092.003*kWh)(000000.900*kWh)').map(({ label, time }) => [
        label,
        time?.iso,
      ]),
    ).toEqual([
      ['1-0:1.8.0', '2023-06-01T00:00:00'],
      ['1-0:1.8.1', '2023-06-01T00:00:00'],
      ['1-0:1.8.2', '2023-06-01T00:00:00'],
      ['1-0:2.8.0', '2023-06-01T00:00:00'],
    ]);
    const unknown = month('(000382.013*kWh)(000290.010*kWh)(000592.003*kWh)(000000.900*kWh)');
    expect(unknown.every(({ quantity }) => quantity === 'Last month, register unknown')).toBe(true);
  });
});
