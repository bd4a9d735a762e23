import { formatDecimal } from '../../../../src/common/decimal.ts';
import type { Reading } from '../../../../src/common/reading.ts';

/** "Voltage L1 230.5 V" */
export function shown({ quantity, value, unit }: Reading): string {
  const text = value.type === 'number' ? formatDecimal(value.decimal) : value.type === 'text' ? value.text : '–';
  return `${quantity} ${text} ${unit}`.trimEnd();
}
