import { describe, expect, it } from 'vitest';
import { exactForm } from '../../../../src/common/csv.ts';
import { decodeIec } from '../../../../src/protocols/iec62056-21/decode.ts';
import { chartOf, profileCsv, profileOf } from '../../../../src/views/log/profile-rows.ts';
import { decodeDlms } from '../../../../src/protocols/dlms/decode.ts';
import { dlmsDialogue } from '../../../../src/protocols/dlms/ask.ts';
import '../../../../src/protocols/dlms/session.ts';
import { household } from '../../../../src/protocols/dlms/simulated/household.ts';
import { meterAt } from '../../../../src/protocols/dlms/simulated/secondary.ts';
import { onLine } from '../../protocols/on-line.ts';
import { lineRuns } from '../../../../src/views/meters/chart-paths.ts';

const profileIn = (data: string, circumstances = {}) =>
  profileOf(decodeIec({ identification: '', data, circumstances }));
const head = (stamp: string, status = '00000000') => `P.01(${stamp})(${status})(15)(2)(1-1:1.5)(kW)(1-1:2.5)(kW)\r\n`;
const rows = (...values: readonly number[]) => values.map((value) => `(${value}.25)(0.00)\r\n`).join('');

describe('a load profile of a record', () => {
  const data = head('0261130001500') + rows(1, 2, 3) + head('0261130013000', '00000040') + rows(4, 5);

  it('has the times of the meter, its gaps and what it says of a row', () => {
    const profile = profileIn(data);
    expect(profile?.columns.map(({ label, unit }) => `${label} ${unit}`)).toEqual(['1-1:1.5 kW', '1-1:2.5 kW']);
    expect(profile?.stepS).toBe(900);
    expect(profile?.rows.map(({ time, missing }) => [time.iso.slice(11, 16), missing])).toEqual([
      ['00:15', 0],
      ['00:30', 0],
      ['00:45', 0],
      ['01:30', 2],
      ['01:45', 0],
    ]);
    expect(profile?.rows[2]?.status).toBe('');
    expect(profile?.rows[3]?.status).toContain('status 00000040');
  });

  it('is a chart whose lines break at a gap', () => {
    const profile = profileIn(data);
    const chart = profile && chartOf(profile, ['1-1:2.5']);
    expect(chart?.columns.map(({ code }) => code)).toEqual(['1-1:1.5']);
    const [column] = chart?.columns ?? [];
    expect(column?.values).toEqual([1.25, 2.25, 3.25, 4.25, 5.25]);
    expect(column && lineRuns(column)).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(chart?.times[3]).toBe(Date.UTC(2026, 10, 30, 1, 30) / 1000);
  });

  it('is CSV with every digit, the status and the gap', () => {
    const profile = profileIn(data);
    expect(profile && profileCsv(profile, exactForm).split('\r\n').slice(0, 5)).toEqual([
      'Time of the meter,Season,1-1:1.5 (kW),1-1:2.5 (kW),State,Status,Rows missing before',
      '2026-11-30 00:15:00,winter,1.25,0.00,,,',
      '2026-11-30 00:30:00,winter,2.25,0.00,,,',
      '2026-11-30 00:45:00,winter,3.25,0.00,,,',
      expect.stringMatching(/^2026-11-30 01:30:00,winter,4\.25,0\.00,,status 00000040.*,2$/),
    ]);
  });

  it('whose clock was put to normal time has the doubled hour twice, one behind the other', () => {
    const profile = profileIn(head('1261025024500') + rows(1, 2) + head('0261025021500') + rows(3, 4));
    expect(profile?.rows.map(({ at }) => at - (profile.rows[0]?.at ?? 0))).toEqual([0, 900, 1800, 2700]);
    expect(profile?.rows.every(({ isBack, missing }) => !isBack && missing === 0)).toBe(true);
    expect(profile?.rows.map(({ time }) => time.iso.slice(11, 16))).toEqual(['02:45', '03:00', '02:15', '02:30']);
  });

  it('whose clock was set back has those rows in the table and not in the chart', () => {
    const profile = profileIn(head('0261130101500') + rows(1, 2, 3) + head('0261130101500', '00000020') + rows(4, 5));
    expect(profile?.rows.filter(({ isBack }) => isBack)).toHaveLength(2);
    expect(profile && chartOf(profile, []).times).toHaveLength(3);
    expect(profile && profileCsv(profile, exactForm).split('\r\n')).toHaveLength(7);
  });

  it('with one time that is wrong has that row in the table only, and counts nothing as missing for it', () => {
    const profile = profileIn(head('0451231000000') + rows(1) + head('0261130001500') + rows(2, 3, 4, 5));
    expect(profile?.rows.map(({ isBack, missing }) => [isBack, missing])).toEqual([
      [true, 0],
      ...Array.from({ length: 4 }, () => [false, 0]),
    ]);
    expect(profile && chartOf(profile, []).times).toHaveLength(4);
  });

  it('that has the newest row first is a chart of all rows, the oldest first', () => {
    const one = (hour: number) => head(`02611300${hour}0000`) + rows(hour);
    const profile = profileIn([5, 4, 3, 2, 1].map(one).join(''));
    expect(profile?.stepS).toBe(3600);
    expect(profile && chartOf(profile, []).columns[0]?.values).toEqual([1.25, 2.25, 3.25, 4.25, 5.25]);
  });

  it('whose register changes its unit on the way has a column for each', () => {
    const inWatts = (head('0261130011500') + rows(5, 6)).replaceAll('kW', 'W');
    const profile = profileIn(head('0261130001500') + rows(1, 2, 3, 4) + inWatts);
    const chart = profile && chartOf(profile, ['1-1:2.5', '1-1:2.5 in W']);
    expect(chart?.columns.map(({ code, unit }) => [code, unit])).toEqual([
      ['1-1:1.5', 'kW'],
      ['1-1:1.5 in W', 'W'],
    ]);
    expect(chart?.columns[0]?.values).toEqual([1.25, 2.25, 3.25, 4.25, null, null]);
    expect(chart?.columns[1]?.values).toEqual([null, null, null, null, 5.25, 6.25]);
  });

  it('of which nothing vouches for a figure says so, and draws no line through it', () => {
    const profile = profileIn(head('0261130001500') + rows(1, 2, 3, 4), { blockCheck: 'bad' });
    const chart = profile && chartOf(profile, []);
    expect(chart?.columns[0]?.values).toEqual([null, null, null, null]);
    expect(chart?.columns[0]?.doubtful).toEqual([1.25, 2.25, 3.25, 4.25]);
    expect(profile && profileCsv(profile, exactForm)).toContain('unchecked: 1-1:1.5');
  });

  it('is none where months or a table of registers stand', () => {
    expect(
      profileIn('1.8.0(1.5*kWh)\r\n1.8.0*01(1.4*kWh)(2610010000)\r\n1.8.0*02(1.3*kWh)(2609010000)\r\n'),
    ).toBeUndefined();
    expect(profileIn(head('0261130001500') + rows(1, 2))).toBeUndefined();
  });
});

it('of a DLMS meter has the times of its rows too', async () => {
  const meter = meterAt(household, { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' });
  const target = { address: '1/17@9600|7:1-0:99.1.0', settings: {} };
  const readout = await onLine(meter, ({ line }) => dlmsDialogue.read(line, target, {}));
  const profile = profileOf(decodeDlms(readout));
  expect(profile?.stepS).toBe(900);
  expect(profile?.rows.length).toBeGreaterThanOrEqual(90);
  expect(profile?.columns.map(({ unit }) => unit)).toEqual(['Wh']);
  expect(profile?.rows.some(({ missing, isBack }) => missing > 0 || isBack)).toBe(false);
});
