import { expect, it } from 'vitest';
import type { LogRecord } from '../../../../src/log/record.ts';
import { recordSummary } from '../../../../src/views/log/record-words.ts';

it('of a radio record has its strength, and no zero where the stick did not tell it', () => {
  const heard = (rssi: number): LogRecord => ({ type: 'WMBUS', seq: 1, time: 0, rssi, length: 10, data: '', index: 0 });
  expect(recordSummary(heard(-67))).toContain('-67 dBm');
  expect(recordSummary(heard(0))).not.toContain('dBm');
});
