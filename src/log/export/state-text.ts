import type { Reading } from '../../common/reading.ts';
import { otherMeterOf } from '../meter-record.ts';
import type { LogRecord } from '../record.ts';

/**
 * How far the readings of a record can be trusted: "whole"; one word where all are alike; else each that is not whole with
 * its code: "partial: 1.8.0". Empty without any.
 */
export function stateText(record: LogRecord, readings: readonly Reading[]): string {
  if (otherMeterOf(record) !== undefined) return 'another meter';
  const states = [...new Set(readings.map(({ state }) => state))];
  if (states.length <= 1) return states[0] ?? '';
  return states
    .filter((state) => state !== 'whole')
    .map((state) => `${state}: ${codesIn(readings, state)}`)
    .join('; ');
}

const MOST_CODES = 20;

function codesIn(readings: readonly Reading[], wanted: Reading['state']): string {
  const codes = [...new Set(readings.filter(({ state }) => state === wanted).map(({ label }) => label))];
  return codes.slice(0, MOST_CODES).join(' ') + (codes.length > MOST_CODES ? ' …' : '');
}
