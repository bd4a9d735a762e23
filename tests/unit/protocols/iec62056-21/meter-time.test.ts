import { describe, expect, it } from 'vitest';
import {
  addMinutes,
  parseDsmrTime,
  parseTimeOfDay,
  parseTimeStamp,
} from '../../../../src/protocols/iec62056-21/meter-time.ts';

describe('time stamps', () => {
  it.each([
    ['170318', { iso: '2017-03-18' }],
    ['0170318', { iso: '2017-03-18', season: 'winter' }],
    ['20260130', { iso: '2026-01-30' }],
    ['2211120730', { iso: '2022-11-12T07:30' }],
    ['01301310800', { iso: '2013-01-31T08:00', season: 'winter' }],
    ['202601270620', { iso: '2026-01-27T06:20' }],
    ['090212160000', { iso: '2009-02-12T16:00:00' }],
    ['1220823150000', { iso: '2022-08-23T15:00:00', season: 'summer' }],
    ['2220823150000', { iso: '2022-08-23T15:00:00', season: 'utc' }],
    ['20220823150000', { iso: '2022-08-23T15:00:00' }],
    ['190816125118S', { iso: '2019-08-16T12:51:18', season: 'summer' }],
    ['101209113020W', { iso: '2010-12-09T11:30:20', season: 'winter' }],
    ['2021-07-12 22:20:17', { iso: '2021-07-12T22:20:17' }],
    ['2022-05-19&19:41:17', { iso: '2022-05-19T19:41:17' }],
    ['2018-03-03', { iso: '2018-03-03' }],
    ['991231', { iso: '1999-12-31' }],
    ['240229', { iso: '2024-02-29' }],
  ])('%s', (text, time) => {
    expect(parseTimeStamp(text)).toEqual(time);
  });

  it.each([
    '632525252525S',
    '2000-00-00',
    '230229',
    '221301',
    '2211122430',
    '3220823',
    '24-03-21', // day first or year first?
    '201107190000', // 2011-07-19 00:00 or 2020-11-07 19:00:00?
    '',
    '1',
    'XXXXXX',
    '000000000000',
  ])('%s is none', (text) => {
    expect(parseTimeStamp(text)).toBeUndefined();
  });

  it('twelve digits are certain where DSMR puts them', () => {
    expect(parseDsmrTime('201107190000')).toEqual({ iso: '2020-11-07T19:00:00' });
  });
});

describe('times of day', () => {
  it.each([
    ['201455', { iso: '20:14:55' }],
    ['1185411', { iso: '18:54:11', season: 'summer' }],
    ['0730', { iso: '07:30' }],
    ['21:10:29', { iso: '21:10:29' }],
    ['09:04', { iso: '09:04' }],
  ])('%s', (text, time) => {
    expect(parseTimeOfDay(text)).toEqual(time);
  });

  it.each(['246000', '201460', '9:04', '20260130', ''])('%j is none', (text) => {
    expect(parseTimeOfDay(text)).toBeUndefined();
  });
});

it('adds minutes by the calendar and keeps season and precision', () => {
  expect(addMinutes({ iso: '2024-02-28T23:50', season: 'winter' }, 15)).toEqual({
    iso: '2024-02-29T00:05',
    season: 'winter',
  });
  expect(addMinutes({ iso: '2022-12-31T23:45:00' }, 15)).toEqual({ iso: '2023-01-01T00:00:00' });
});
