import { describe, expect, it } from 'vitest';
import { decodeMbus, moreRecordsFollow } from '../../../../src/protocols/mbus/decode.ts';
import { bytesOf, decode, only, recordsOf, response, shown, telegram } from './samples.ts';

describe('M-Bus decoding', () => {
  it('begins with the meter and its status', () => {
    expect(decode(telegram('', { medium: '04', status: '0C' }))).toEqual([
      {
        label: 'ID',
        quantity: 'Identification number',
        value: { type: 'text', text: '12345678' },
        unit: '',
        kind: 'instantaneous',
        state: 'whole',
        source: { start: 7, end: 15 },
        note: 'OHU, version 3, Heat (outlet)',
      },
      {
        label: 'STATUS',
        quantity: 'Status',
        value: { type: 'text', text: 'power low, permanent error' },
        unit: '',
        kind: 'error',
        state: 'whole',
        source: { start: 16, end: 17 },
      },
    ]);
  });

  it('gives a record all that is said of it', () => {
    expect(only('0C 13 21430700')).toEqual({
      obis: '8-0:1.0.0',
      label: '0C13',
      quantity: 'Volume',
      value: { type: 'number', decimal: { coefficient: 74321, exponent: -3 } },
      unit: 'm³',
      tariff: 0,
      storage: 0,
      subunit: 0,
      kind: 'instantaneous',
      state: 'whole',
      source: { start: 19, end: 25 },
    });
  });

  it.each([
    ['01 5B FE', '-2 °C'],
    ['02 5A 7902', '63.3 °C'],
    ['03 13 010000', '0.001 m³'],
    ['04 06 15CD5B07', '123456789 kWh'],
    ['05 5B 0000C841', '25 °C'],
    ['06 03 FFFFFFFFFF7F', '140737488355.327 kWh'],
    ['07 03 FFFFFFFFFFFFFF7F', '9223372036854775.807 kWh'],
    ['09 5B 42', '42 °C'],
    ['0A 5A 5084', '845.0 °C'],
    ['0B 2D 0200F0', '-0.2 kW'],
    ['0E 13 129078563412', '123456789.012 m³'],
    ['0E 13 999999999999', '999999999.999 m³'],
    ['0D 78 05 4535323141', 'A125E'],
    ['0D 13 C3 563412', '123.456 m³'],
    ['0D 13 D3 563412', '-123.456 m³'],
    ['0D 13 E3 FFFFFF', '-0.001 m³'],
    ['0D 13 F8 000000000000F83F', '0.0015 m³'],
    ['0D FD 19 F0 000102030405060708090A0B0C0D0E0F', 'bytes 0F0E0D0C0B0A09080706050403020100'],
    ['0C 78 78563402', '02345678'],
    ['04 78 D2029649', '1234567890'],
    ['02 FD 0A 153D', 'OHU'],
    ['02 FD 17 0080', '32768'],
    ['01 FD 1B 80', '128'],
    ['42 6C 7A3B', '2027-11-26'],
    ['04 6D 2F0B7A3B', '2027-11-26T11:47'],
    ['03 6D 1E2F0B', '11:47:30'],
    ['06 6D 1E2F0B7A3B00', '2027-11-26T11:47:30'],
    ['0D 6D E4 2F0B7A3B', '2027-11-26T11:47'],
    ['04 BE 42 2F0B7A3B', '2027-11-26T11:47'],
    ['00 13', ''],
    ['08 13', ''],
  ])('%s is %s', (record, value) => {
    expect(shown(only(record))).toBe(value);
  });

  it.each([
    ['0C 2B DDEBBDDD', 'DDBDEBDD', 'error digits of the meter'],
    ['0A 5A FFFF', 'FFFF', 'no value'],
    ['04 13 00000080', 'bytes 00000080', 'the meter marks the value as invalid'],
    ['02 6C FFFF', '', 'no date'],
    ['05 5B 0000C07F', 'bytes 0000C07F', 'not a number'],
    ['07 6D 0000000000000000', 'bytes 0000000000000000', 'not a date or time type'],
    ['01 FD 09 04', '4', 'Heat (outlet)'],
  ])('%s is "%s": %s', (record, value, note) => {
    const reading = only(record);
    expect([shown(reading), reading.note]).toEqual([value, note]);
  });

  it('tells current, stored, extreme and error values apart', () => {
    const kinds = recordsOf(telegram('01 13 01  41 13 01  11 13 01  51 13 01  21 13 01  31 13 01')).map(
      ({ kind }) => kind,
    );
    expect(kinds).toEqual(['instantaneous', 'stored', 'maximum', 'maximum', 'minimum', 'error']);
  });

  it('gives stored and extreme values the time stamp of their storage number and function', () => {
    const readings = recordsOf(
      telegram(
        '01 13 01  41 13 02  42 6C 7A3B  82 01 6C 0000  81 01 13 03  11 3B 04  14 6D 2F0B7A3B  C1 10 13 05  42 EC 7E 7B3B',
      ),
    );
    expect(readings.filter(({ value }) => value.type === 'number').map(({ time }) => time?.iso)).toEqual([
      undefined,
      '2027-11-26',
      undefined,
      '2027-11-26T11:47',
      '2027-11-26',
    ]);
  });

  it.each([
    ['02', '04 03 01000000', '1-0:1.8.0'],
    ['02', '84 20 03 01000000', '1-0:1.8.2'],
    ['02', '04 83 3C 01000000', '1-0:2.8.0'],
    ['02', '04 2B 01000000', '1-0:1.7.0'],
    ['02', '02 FD C8 FC 01 0100', '1-0:32.7.0'],
    ['04', '04 06 01000000', '6-0:1.0.0'],
    ['04', '02 5B 0100', '6-0:10.0.0'],
    ['0A', '04 0E 01000000', '5-0:1.0.0'],
    ['03', '04 13 01000000', '7-0:3.0.0'],
    ['06', '04 13 01000000', '9-0:1.0.0'],
    ['08', '02 6E 0100', '4-0:1.0.0'],
    ['00', '04 13 01000000', undefined],
    ['07', '44 13 01000000', undefined],
    ['07', '14 13 01000000', undefined],
    ['07', '84 40 13 01000000', undefined],
    ['07', '04 93 22 01000000', undefined],
  ])('medium %s, record %s has OBIS code %s', (medium, record, obis) => {
    expect(only(record, { medium }).obis).toBe(obis);
  });

  it('keeps what it does not understand, and the neighbours with it', () => {
    const readings = recordsOf(
      telegram(`01 13 05  84 ${'80'.repeat(10)} 00 13 01020304  01 6F 07  01 13 06  04 13 0102`),
    );
    expect(readings.map(shown)).toEqual([
      '0.005 m³',
      `bytes 84${'80'.repeat(10)}001301020304`,
      '7',
      '0.006 m³',
      'bytes 04130102',
    ]);
    expect(readings[1]).toMatchObject({ quantity: 'Volume', note: 'more than 10 DIFEs' });
    expect(readings[2]).toMatchObject({ quantity: '', note: 'reserved VIF 6F' });
    expect(readings[4]).toMatchObject({ quantity: 'Volume', note: 'the telegram ends inside this record' });
  });

  it('keeps manufacturer data and knows whether more follows', () => {
    const last = telegram('01 13 05 0F 1F 02');
    expect(recordsOf(last)[1]).toMatchObject({ label: '0F', quantity: 'Manufacturer-specific data' });
    expect(recordsOf(last).map(shown)[1]).toBe('bytes 1F02');
    expect(moreRecordsFollow(bytesOf(last))).toBe(false);
    const first = telegram('01 13 05 1F');
    expect(recordsOf(first)).toHaveLength(1);
    expect(moreRecordsFollow(bytesOf(first))).toBe(true);
    expect(moreRecordsFollow(bytesOf(response(0x78, '01 13 05 1F')))).toBe(true);
  });

  it('shows the meter of a readout in several telegrams once', () => {
    const readings = decode(telegram('01 13 05 1F') + telegram('01 13 06'));
    expect(readings.map(({ label }) => label)).toEqual(['ID', 'STATUS', '0113', '0113']);
    expect(readings.map(({ source }) => source.start)).toEqual([7, 16, 19, 44]);
  });

  it('reads mode 2, high byte first', () => {
    const readings = decode(
      response(0x76, '12345678 3D15 03 07 2A 00 0000  04 13 00000102  0D 78 03 414243  42 6C 3B7A'),
    );
    expect(readings[0]).toMatchObject({ value: { text: '12345678' }, note: 'OHU, version 3, Water' });
    expect(readings.slice(2).map(shown)).toEqual(['0.258 m³', 'ABC', '2027-11-26']);
  });

  it('reads telegrams with a short header and without one', () => {
    expect(recordsOf(response(0x7a, '2A 00 0000 01 13 05')).map(shown)).toEqual(['0.005 m³']);
    expect(recordsOf(response(0x78, '01 13 05')).map(shown)).toEqual(['0.005 m³']);
  });

  it('reads the fixed structure in BCD and binary', () => {
    const bcd = decode(response(0x73, '78563412 2A 00 E9 7E 21000000 87040000'));
    expect(bcd[0]).toMatchObject({ value: { text: '12345678' }, note: 'Water' });
    expect(bcd.slice(2)).toMatchObject([
      {
        label: 'counter 1',
        quantity: 'Volume',
        unit: 'm³',
        kind: 'instantaneous',
        state: 'whole',
        obis: '8-0:1.0.0',
        value: { decimal: { coefficient: 21, exponent: -3 } },
      },
      {
        label: 'counter 2',
        unit: 'm³',
        kind: 'stored',
        storage: 1,
        value: { decimal: { coefficient: 487, exponent: -3 } },
      },
    ]);
    const binary = decode(response(0x73, '78563412 2A 03 05 45 FFFFFFFF 35010000'));
    expect(binary.slice(2)).toMatchObject([
      { kind: 'stored', unit: 'kWh', value: { decimal: { coefficient: 4294967295 } } },
      { kind: 'stored', value: { decimal: { coefficient: 309 } } },
    ]);
    const mode2 = decode(response(0x77, '12345678 0A 01 05 45 00000102 00000000'));
    expect(mode2[2]).toMatchObject({ value: { decimal: { coefficient: 258 } } });
    expect(decode(response(0x73, '78563412 2A 00 E9 7E 21000000 870400'))).toMatchObject([
      { label: 'CI73', note: 'wrong length for fixed data structure' },
    ]);
  });

  it('shows application errors and alarms', () => {
    expect(decode(response(0x70, '08'))).toMatchObject([
      { kind: 'error', value: { text: 'application too busy for readout' } },
    ]);
    expect(decode(response(0x70, ''))).toMatchObject([{ value: { text: 'unspecified error' } }]);
    expect(decode(response(0x71, '12'))).toMatchObject([{ quantity: 'Alarm', value: { text: '12' } }]);
    expect(decode(response(0xb7, '12'))).toMatchObject([{ label: 'CIB7', quantity: 'Not decoded' }]);
  });

  it('does not read encrypted data, unless it is decrypted already', () => {
    expect(recordsOf(telegram('01 13 05', { configuration: '1005' }))).toMatchObject([
      { note: 'encrypted, security mode 5' },
    ]);
    expect(recordsOf(telegram('2F 2F 01 13 05', { configuration: '1005' })).map(shown)).toEqual(['0.005 m³']);
    // An old signature is none of the security modes.
    expect(recordsOf(telegram('01 13 05', { configuration: '31B6' })).map(shown)).toEqual(['0.005 m³']);
  });

  it('reads damaged and foreign data as far as it goes', () => {
    const whole = telegram('01 13 05 01 13 06');
    const cut = decode(whole.slice(0, -8));
    expect(cut.map(shown).slice(2)).toEqual(['0.005 m³', 'bytes 01', 'cut off: 23 of 27 bytes']);
    expect(cut[3]).toMatchObject({ note: 'the telegram ends before the VIF' });
    expect(decode(`${whole.slice(0, -4)}0016`).at(-1)).toMatchObject({
      label: 'frame',
      kind: 'error',
      value: { text: 'wrong checksum' },
    });
    expect(decode(`AABB${whole}`)[0]).toMatchObject({ label: 'stray', note: 'not a frame' });
    expect(decode(`E5${whole}`)[0]).toMatchObject({ label: 'ID', source: { start: 8 } });
    expect(decode('no hex')).toMatchObject([{ value: { text: 'no hex' }, note: 'not hexadecimal' }]);
    expect(decode('')).toEqual([]);
    expect(decode(whole.toLowerCase().replace(/..(?!$)/g, '$& ')).map(shown)).toEqual(decode(whole).map(shown));
  });

  it('vouches for nothing that no check sum of a frame covers, and for what one covers even in a failed read', () => {
    const whole = telegram('01 13 05');
    const statesOf = (data: string, errorCode = 131332) =>
      decodeMbus({ identification: '', data, errorCode }).map(({ label, state }) => [label, state]);
    const good = [
      ['ID', 'whole'],
      ['STATUS', 'whole'],
      ['0113', 'whole'],
    ];
    expect(statesOf(`AABB${whole}`)).toEqual([['stray', 'unchecked'], ...good]);
    expect(statesOf(`${whole}AABB`, 0)).toEqual([...good, ['stray', 'unchecked']]);
    const damaged = `${whole.slice(0, -4)}0016`;
    const doubtful = [...good, ['frame', '']].map(([label]) => [label, 'unchecked']);
    expect(statesOf(damaged)).toEqual(doubtful);
    expect(statesOf(whole + damaged).filter(([, state]) => state === 'whole')).toEqual(good);
    expect(statesOf('no hex')).toEqual([['data', 'unchecked']]);
  });

  it('keeps nothing of a buffer that is used again', () => {
    const first = decodeMbus({ identification: '', data: telegram('0F 01 02 03') });
    const before = first.map(shown);
    decodeMbus({ identification: '', data: telegram('0F 0A 0B 0C') });
    expect(first.map(shown)).toEqual(before);
  });

  it('says how far each value can be trusted', () => {
    expect(only('0C 13 21430700')).toMatchObject({ state: 'whole' });
    expect(only('0C 2B DDEBBDDD')).toMatchObject({ state: 'not available' });
    expect(only('04 13 00000080')).toMatchObject({ state: 'not available' });
    expect(only('02 6C FFFF')).toMatchObject({ state: 'not available' });
    expect(only('02 6C C186')).toMatchObject({ state: 'impossible', value: { time: { iso: '2070-06-01' } } });
    const frame = telegram('0C 13 21430700');
    const damaged = frame.replace(/..(?=..$)/, (sum) => (sum === '00' ? '01' : '00'));
    const states = (data: string, errorCode = 0) =>
      new Set(
        decodeMbus({ identification: '', data, errorCode })
          .filter(({ label }) => label === '0C13')
          .map(({ state }) => state),
      );
    expect(states(frame)).toEqual(new Set(['whole']));
    expect(states(damaged)).toEqual(new Set(['unchecked']));
    expect(states(frame, 131085)).toEqual(new Set(['unchecked']));
    // Each telegram of a readout has its own check sum: what came before the read broke off is as good as ever.
    expect(states(frame, 131081)).toEqual(new Set(['whole']));
  });
});
