import { describe, expect, test } from 'vitest';
import { goodReading, meterRecord, otherMeterOf } from '../../../src/log/meter-record.ts';
import { createBlock, decodeBlock, encodeBlock, enterRecord } from '../../../src/log/packed-index.ts';
import { amsRecord, wmbusRecord } from './records.ts';

describe('the record of a meter', () => {
  test('that was asked is what it is', () => {
    const record = amsRecord({ errorCode: 65_541, circumstances: { otherMeter: '04710899' } });
    expect(meterRecord(record)).toBe(record);
    expect(otherMeterOf(record)).toBe('04710899');
    expect(goodReading(record)).toBeUndefined();
    expect(goodReading(amsRecord({ circumstances: { otherMeter: '04710899' } }))).toBeUndefined();
  });

  test('that was heard tells its number by the link header, and is a good reading', () => {
    const heard = wmbusRecord({ meter: 4, port: 'Radio' });
    expect(meterRecord(heard)).toMatchObject({
      protocol: 'WMBUS',
      identification: '54001477',
      errorCode: 0,
      index: 0,
      meter: 4,
      port: 'Radio',
    });
    expect(goodReading(heard)?.meter).toBe(4);
    expect(goodReading(wmbusRecord({ circumstances: { otherMeter: '1' } }))).toBeUndefined();
  });

  test.each(['', '44A20577', '44A20577140054'])(
    'a telegram cut off in its header (%s) has the number it has',
    (data) => {
      expect(meterRecord(wmbusRecord({ data }))?.identification).toBe(data.length < 14 ? '' : '54001477');
    },
  );

  test('a start of the program is of no meter', () => {
    expect(meterRecord({ type: 'SYSTART', time: 1, seq: 1 })).toBeUndefined();
    expect(otherMeterOf({ type: 'SYSTART', time: 1, seq: 1 })).toBeUndefined();
  });
});

test('a sealed block of an earlier version, which kept no source of what was heard, is made anew', () => {
  const block = createBlock(0);
  enterRecord(block, wmbusRecord({ seq: 1 }), 100);
  expect(decodeBlock(encodeBlock(block))?.sources).toEqual([{ protocol: 'WMBUS', identification: '54001477' }]);
  expect(decodeBlock({ ...encodeBlock(block), sources: [] })).toBeUndefined();
  const asked = createBlock(0);
  enterRecord(asked, amsRecord({ seq: 1 }), 100);
  expect(decodeBlock(encodeBlock(asked))).toBeDefined();
});
