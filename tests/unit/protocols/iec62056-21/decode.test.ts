import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import type { StoredData } from '../../../../src/protocols/stored-data.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import { decodeIec } from '../../../../src/protocols/iec62056-21/decode.ts';

const decode = (data: string): Reading[] => decodeIec({ identification: '', data });

/** Value as text with unit: "1.50 kW", "t:2022-11-12", "\"0012\"". */
function shown({ value, unit }: Reading): string {
  const text =
    value.type === 'number'
      ? formatDecimal(value.decimal)
      : value.type === 'time'
        ? `t:${value.time.iso}`
        : value.type === 'text'
          ? JSON.stringify(value.text)
          : 'bytes';
  return unit === '' ? text : `${text} ${unit}`;
}

const one = (data: string): Reading => {
  const readings = decode(data);
  if (readings.length !== 1 || !readings[0]) throw new Error(`${String(readings.length)} readings`);
  return readings[0];
};

describe('single values', () => {
  it.each([
    ['1-0:1.8.0*255(0008048.375*kWh)', '8048.375 kWh'],
    ['1.8.0(00000504.9023619*kWh)', '504.9023619 kWh'],
    ['1.8.0(123456789012345678901*Wh)', '123456789012345678901 Wh'],
    ['1.8.1*255(032942.0231)', '32942.0231'],
    ['1.8.0(024562 kWh)', '24562 kWh'],
    ['16.7.0(-000458.90*W)', '-458.90 W'],
    ['6.26(03329.67*m3)', '3329.67 m³'],
    ['6.33(000.744*m3ph)', '0.744 m³/h'],
    ['81.7.4(-80.7*Deg)', '-80.7 °'],
    ['81.7.4(-80.7)', '-80.7 °'],
    ['0.3.3(00250*imp/kWh)', '250 imp/kWh'],
    ['13.25(0.83*P/S)', '0.83 P/S'],
    ['3.7.0(0000.135*kVAr)', '0.135 kvar'],
    ['6.8(032A.871*GJ)', '"032A.871" GJ'],
    ['0.0.0(00012345)', '"00012345"'],
    ['0.0(        12345)', '"        12345"'],
    ['C.1.0*255(00012345)', '"00012345"'],
    ['0-0:96.1.255*255(0000012345)', '"0000012345"'],
    ['F.F(00000000)', '"00000000"'],
    ['1-0:96.5.5*255(80)', '"80"'],
    ['1-0:96.50.0*2(16)', '"16"'],
    ['0-0:96.8.0*255(00104443)', '"00104443"'],
    ['C.8.1(024616.21*h)', '24616.21 h'],
    ['C.7.1(00003)', '3'],
    ['82.8.1(0000001)', '"0000001"'],
    ['1.8.0(?12?4*m3)', '"?12?4" m³'],
    ['1.6.2*01()', '""'],
    ['X.Y(12)', '12'],
    ['X.Y(012)', '"012"'],
    ['0.9.1(201455)', 't:20:14:55'],
    ['0.9.1(1185411)', 't:18:54:11'],
    ['1-0:0.9.1*255(105644)', 't:10:56:44'],
    ['0.9.2(221113)', 't:2022-11-13'],
    ['0.9.2(0220127)', 't:2022-01-27'],
    ['0.9.2(24-03-21)', '"24-03-21"'],
    ['0-0:1.0.0(190816125118S)', 't:2019-08-16T12:51:18'],
    ['0-0:1.0.0(2021-07-12 22:20:17)', 't:2021-07-12T22:20:17'],
    ['0.1.2*12(2211010000)', 't:2022-11-01T00:00'],
    ['52.6.0,5(202601270620)', 't:2026-01-27T06:20'],
    ['9.36(2022-05-19&19:41:17)', 't:2022-05-19T19:41:17'],
    ['9.6(000&12345678&0)', '"000&12345678&0"'],
  ])('%s', (data, value) => {
    expect(shown(one(data))).toBe(value);
  });

  it('says that the decimal mark was a comma', () => {
    expect(one('1.6(000007,4*kW)')).toMatchObject({
      note: 'decimal comma',
      kind: 'maximum',
      label: '1.6',
      obis: '1.6',
    });
    expect(one('1.8.0(1.5*kWh)')).not.toHaveProperty('note');
  });

  it('keeps the label as sent beside the code', () => {
    expect(one('0-0:F.F.0*255(0)')).toMatchObject({ label: '0-0:F.F.0*255', obis: '0-0:97.97.0*255', kind: 'error' });
    expect(one('1-1:30D(1*kWh)')).toMatchObject({ label: '1-1:30D', quantity: '' });
    expect(one('1-1:30D(1*kWh)')).not.toHaveProperty('obis');
  });

  it('marks what stands where', () => {
    const data = '0.0.0(7)\r\n1.8.1*03(5*kWh)\r\n';
    const [, reading] = decode(data);
    expect(reading).toMatchObject({ tariff: 1, storage: 3, kind: 'stored' });
    expect(data.slice(reading?.source.start, reading?.source.end)).toBe('1.8.1*03(5*kWh)');
  });

  it('reads the identification number with a bracket missing', () => {
    expect(decode('C.1(12345678.0(22:48 18-11-13)').map(shown)).toEqual(['"12345678.0"', '"22:48 18-11-13"']);
  });

  it('tells of a missing opening bracket', () => {
    expect(one('1-0:1.8.100001.001*kWh)')).toMatchObject({ label: '1-0:1.8.1', note: 'opening bracket missing' });
  });
});

describe('values with a time', () => {
  it('a maximum and when it was', () => {
    const reading = one('1.6.1*12(0.39912*kW)(2210130900)');
    expect(reading).toMatchObject({ time: { iso: '2022-10-13T09:00' }, tariff: 1, storage: 12, kind: 'maximum' });
    expect(shown(reading)).toBe('0.39912 kW');
  });

  it('a meter behind a DSMR meter, by its type', () => {
    const [, gas] = decode('0-1:24.1.0(003)\r\n0-1:24.2.1(160315190000W)(00426.101*m3)\r\n');
    expect(gas).toMatchObject({
      quantity: 'Gas meter reading',
      time: { iso: '2016-03-15T19:00:00', season: 'winter' },
      subunit: 1,
      unit: 'm³',
    });
    expect(one('0-2:24.2.1(160315190000W)(1*m3)').quantity).toBe('M-Bus meter reading');
  });

  it('an impossible time is not made up', () => {
    const reading = one('0-1:24.2.1(632525252525S)(00000.000)');
    expect(reading).not.toHaveProperty('time');
    expect(reading.note).toContain('632525252525S');
  });

  it('a second value that is no time stays a value', () => {
    expect(decode('0.9.2(1030617)(00000000)').map(shown)).toEqual(['t:2003-06-17', '"00000000"']);
  });
});

describe('heat meters', () => {
  it('are recognized by their codes', () => {
    const readings = decode('6.8(0328.871*GJ)6.26(03329.67*m3)6.8*01(0314.658*GJ)9.4(098.5*C&096.1*C)6.31(0107988*h)');
    expect(readings.map(({ quantity, storage }) => [quantity, storage])).toEqual([
      ['Heat energy', undefined],
      ['Volume', undefined],
      ['Heat energy', 1],
      ['Maximum flow temperature', undefined],
      ['Maximum return temperature', undefined],
      ['Operating time', undefined],
    ]);
    expect(readings.slice(3, 5).map(shown)).toEqual(['98.5 °C', '96.1 °C']);
  });

  it('an electricity meter with 6.8 in kvarh is none', () => {
    expect(one('6.8.0(1*kvarh)').quantity).toBe('Reactive energy quadrant II');
  });
});

describe('lists', () => {
  it('a load profile: one reading per cell, its time by the period, a new header for a gap', () => {
    const data =
      'P.01(1220823234500)(08)(15)(2)(1-0:1.5.0)(kW)(1-0:2.5.0)(kW)\r\n(0.1)(0.2)\r\n(0.3)(0.4)\r\n' +
      'P.01(1220824010000)(00)(15)(1)(1-0:1.5.0)(kW)\r\n(0.5)\r\n';
    const readings = decode(data);
    const missing = 'then 3 periods are missing, up to 2022-08-24 01:00:00';
    expect(readings.map((reading) => [reading.label, shown(reading), reading.time?.iso, reading.note])).toEqual([
      ['1-0:1.5.0', '0.1 kW', '2022-08-23T23:45:00', 'status 08: summer time'],
      ['1-0:2.5.0', '0.2 kW', '2022-08-23T23:45:00', 'status 08: summer time'],
      ['1-0:1.5.0', '0.3 kW', '2022-08-24T00:00:00', `status 08: summer time, ${missing}`],
      ['1-0:2.5.0', '0.4 kW', '2022-08-24T00:00:00', `status 08: summer time, ${missing}`],
      ['1-0:1.5.0', '0.5 kW', '2022-08-24T01:00:00', undefined],
    ]);
    expect(readings.every(({ kind, time }) => kind === 'stored' && time?.season === 'summer')).toBe(true);
    expect(readings.map(({ source }) => data.slice(source.start, source.end))).toEqual([
      '(0.1)',
      '(0.2)',
      '(0.3)',
      '(0.4)',
      '(0.5)',
    ]);
  });

  it('a header without rows is shown field by field', () => {
    const readings = decode('P.01(1220823234500)(08)(15)(1)(1-0:1.5.0)(kW)\r\n');
    expect(readings.map(shown)).toEqual(['"1220823234500"', '"08"', '"15"', '"1"', '"1-0:1.5.0"', '"kW"']);
  });

  it("DSMR 3's hourly gas reading has the same shape", () => {
    const [, reading] = decode(
      '0-1:24.1.0(3)\r\n0-1:24.3.0(121106150000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00054.386)\r\n',
    );
    expect(reading).toMatchObject({ label: '0-1:24.2.1', quantity: 'Gas meter reading', unit: 'm³', subunit: 1 });
    expect(reading?.time).toEqual({ iso: '2012-11-06T15:00:00' });
  });

  it('a log book: the event, then what was written down with it', () => {
    const readings = decode('P.98(1220826235646)(00008020)()(2)(0.9.1)()(0.9.2)()(1235703)(1220826)\r\n');
    expect(readings.map((reading) => [reading.label, shown(reading), reading.time?.iso])).toEqual([
      ['P.98', '"00008020"', '2022-08-26T23:56:46'],
      ['0.9.1', 't:23:57:03', '2022-08-26T23:56:46'],
      ['0.9.2', 't:2022-08-26', '2022-08-26T23:56:46'],
    ]);
    expect(readings[0]?.note).toBe('clock set, from before the clock was last set');
    expect(decode('P.98(1220901000000)(00000010)()(0)\r\n')).toHaveLength(1);
  });

  it("DSMR's power failures", () => {
    const readings = decode('1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)');
    expect(readings.map((reading) => [reading.quantity, shown(reading), reading.time?.iso])).toEqual([
      ['Power failure log', '2', undefined],
      ['Duration of long power failure', '240 s', '2010-12-08T15:24:15'],
      ['Duration of long power failure', '301 s', '2010-12-08T15:10:04'],
    ]);
  });

  it('an address left out repeats the one before', () => {
    expect(decode('1.8.0(1*kWh)\r\n(2*kWh)').map(({ label }) => label)).toEqual(['1.8.0', '1.8.0']);
  });
});

describe('whatever is stored', () => {
  it('never throws and points into the data', () => {
    const part = fc.constantFrom(
      ...[
        '(',
        ')',
        '*',
        '&',
        '!',
        '\r\n',
        '1.8.0',
        'P.01',
        '0.9.1',
        '24.2.1',
        '(1220823150000)',
        '(15)',
        '(1)',
        '()',
        '9',
      ],
      ...['(0-1:24.3.0)', '1-0:99.97.0', '6.26', '9.4', '(99999999999999S)', 'kWh', '\0'],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(part).map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (data) => {
          for (const { source } of decode(data)) {
            expect(source.start).toBeGreaterThanOrEqual(0);
            expect(source.end).toBeLessThanOrEqual(data.length);
            expect(source.start).toBeLessThan(source.end);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  // Quadratic work on the longest block a receiver takes would need minutes.
  it('a hostile block is decoded in linear time', () => {
    const profile = 'P.01(1220823150000)(08)(15)(1)(1.5.0)(kW)';
    for (const filler of ['(', '1.8.0(1)', profile, '(&', '\r\n(1)', `1.8.0(${'9'.repeat(5000)})`]) {
      const data = filler.repeat(Math.ceil((256 * 1024) / filler.length));
      expect(decode(data).length).toBeGreaterThan(0);
    }
  });

  it("a load profile's time goes beyond no calendar", () => {
    const rows = '\r\n(1)'.repeat(50_000);
    expect(decode(`P.01(1220823150000)(08)(1440)(1)(1.5.0)(kW)${rows}`)).toHaveLength(50_000);
  });
});

describe('what cannot be trusted', () => {
  const states = (data: string, around: Omit<StoredData, 'identification' | 'data'> = {}) =>
    decodeIec({ identification: '', data, ...around }).map((reading) => [shown(reading), reading.state]);

  it.each([
    ['1.8.0(02614', '"02614"'],
    ['1.8.0(026143.5*kW', '"026143.5*kW"'],
    ['1.8.0(0261\r\n43.5*kWh)', '"0261"'],
    ['1.8.0(026(143.5*kWh)', '"026"'],
    ['6.8(0001.23*GJ', '"0001.23*GJ"'],
    ['0.9.1(2014', '"2014"'],
    ['0-1:24.2.1(121030140000W)(00016.713*m', '"121030140000W"'],
    ['1.6.1(00.19*kW)(22111', '"00.19*kW"'],
    ['9.4(098.5*C&096.', '"098.5*C"'],
  ])('takes nothing of %j for a reading', (data, text) => {
    expect(states(data)[0]).toEqual([text, 'partial']);
    expect(states(data).every(([, state]) => state === 'partial' || data.includes('(143.5'))).toBe(true);
  });

  it('keeps what came whole before the end, and cuts only the last row of a profile', () => {
    expect(states('1.8.0(000001*kWh)\r\n2.8.0(02').map(([, state]) => state)).toEqual(['whole', 'partial']);
    const profile = 'P.01(1211010000)(00)(15)(2)(1.5)(kW)(2.5)(kW)\r\n(0.1)(0.2)\r\n(0.3)(0.';
    expect(states(profile)).toEqual([
      ['0.1 kW', 'whole'],
      ['0.2 kW', 'whole'],
      ['0.3 kW', 'whole'],
      ['"0."', 'partial'],
    ]);
  });

  it('puts no cell of a profile in another column where one is lost', () => {
    const header = 'P.01(1261024001500)(00)(15)(2)(1.5)(kW)(2.5)(kW)\r\n';
    const readings = decode(`${header}(1.001)(9.001)\r\n(1.002)\r\n(1.003)(9.003)\r\n(1.004)(9.004)\r\n1.8.0(5*kWh)`);
    expect(readings.map(({ label, state, time }) => [label, state, time !== undefined])).toEqual([
      ['1.5', 'whole', true],
      ['2.5', 'whole', true],
      ...Array.from({ length: 5 }, () => ['P.01', 'partial', false]),
      ['1.8.0', 'whole', false],
    ]);
  });

  it('gives no value of a log entry the name of another where one is lost', () => {
    const entry = 'P.98(0261024001500)(00008020)()(2)(0.9.1)()(0.9.2)()';
    expect(decode(`${entry}(0101415)(0261024)\r\n`).map(({ label }) => label)).toEqual(['P.98', '0.9.1', '0.9.2']);
    expect(decode(`${entry}(0261024)\r\n`).map(({ label, state }) => [label, state])).toEqual([
      ['P.98', 'whole'],
      ['P.98', 'partial'],
    ]);
  });

  it('never makes a number of any beginning of a readout that it is not in the whole', () => {
    const whole = '1.8.0(026143.5*kWh)\r\n1.6.1(00.19*kW)(2211120730)\r\n0.9.1(201455)\r\n1.8.1(1)(2)(3)\r\n!';
    const right = new Set(states(whole).map(([text]) => text));
    for (let end = 0; end <= whole.length; end++) {
      for (const [text, state] of states(whole.slice(0, end))) {
        if (state !== 'partial') expect(right, whole.slice(0, end)).toContain(text);
      }
    }
  });

  it.each([
    [{ errorCode: 0, circumstances: { blockCheck: 'ok' } }, 'whole'],
    [{ errorCode: 0, circumstances: { blockCheck: 'absent', parity: 'even' } }, 'whole'],
    [{ errorCode: 0, circumstances: { blockCheck: 'absent', parity: 'none' } }, 'unchecked'],
    [{ errorCode: 0, circumstances: { blockCheck: 'not checked' } }, 'unchecked'],
    [{ errorCode: 0, circumstances: { blockCheck: 'bad' } }, 'unchecked'],
    [{ errorCode: 66053, circumstances: { blockCheck: 'bad' } }, 'unchecked'],
    [{ errorCode: 65545, circumstances: { partial: true } }, 'unchecked'],
    [{ errorCode: 66049 }, 'unchecked'],
    [{ errorCode: 0 }, 'whole'],
    [{}, 'whole'],
  ] as const)('%j makes its readings %s', (around, state) => {
    expect(states('1.8.0(000001*kWh)', around)).toEqual([['1 kWh', state]]);
  });

  it('says what the meter does not have, and what cannot be', () => {
    expect(states('1.8.0(------*kWh)')[0]?.[1]).toBe('not available');
    expect(states('0.9.2(700101)')[0]?.[1]).toBe('impossible');
    expect(states('0-0:1.0.0(20700101000000)')[0]?.[1]).toBe('impossible');
    expect(states('1-0:1.8.100001.001*kWh)')).toEqual([['1.001 kWh', 'unchecked']]);
  });
});

describe('an address that its value does not follow', () => {
  it.each(['\r\n', '\0', '\n \r\n'])('gives the value no name, least of all the one before (%j)', (between) => {
    const [before, lost] = decode(`1.8.1(000100.0*kWh)\r\n1.8.2${between}(000200.0*kWh)\r\n`);
    expect(before?.label).toBe('1.8.1');
    expect(lost?.label).toBe('');
    expect(lost && shown(lost)).toBe('200.0 kWh');
  });

  it('joins no maximum with the time of another', () => {
    const [maximum, time] = decode('1.6.1(00.523*kW)\r\n1.6.2\r\n(9811230945)\r\n');
    expect(maximum?.time).toBeUndefined();
    expect(time?.label).toBe('');
  });

  it.each(['\xa0', '\u200b', ' \xa0'])('is joined with it over blanks of any kind (%j)', (blank) => {
    const readings = decode(`1.8.1(000100.0*kWh)\r\n1.8.2${blank}(000200.0*kWh)\r\n`);
    expect(readings.map(({ label }) => label)).toEqual(['1.8.1', '1.8.2']);
  });
});

describe('data that shows by itself that it is torn', () => {
  const codes = ['1.8.0', '2.8.0', '3.8.0', '4.8.0', '1.8.1', '1.8.2'].map((code) => `1-0:${code}*255`).concat('C.1.0');
  const data = codes.map((code) => `${code}(000012.3)\r\n`).join('');
  const statesOf = (text: string) =>
    new Set(
      decodeIec({ identification: '', data: text, circumstances: { blockCheck: 'ok', parity: 'even' } })
        .filter(({ quantity }) => quantity !== 'Hole in the data')
        .map(({ state }) => state),
    );

  it.each([
    ['whole', data, 'whole'],
    ['a code twice', data.replace('2.8.0', '1.8.0'), 'unchecked'],
    ['a code without its beginning', data.replace('1-0:2.8.0', '.8.0'), 'unchecked'],
    ['a code run into another', data.replace('1-0:2.8.0', '1-0:2.8.01-0:2.8.0'), 'unchecked'],
    ['the unit of another code', data.replace('2.8.0*255(000012.3', '2.8.0*255(000012.3*V'), 'unchecked'],
    ['the end of a set that is not there', `${data}*kW)\r\n`, 'unchecked'],
  ] as const)('%s: no figure is a fact, whatever the check character says', (_, text, state) => {
    expect(statesOf(text)).toEqual(new Set([state]));
  });
});
