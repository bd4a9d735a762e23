import { parseDecimal } from '../../common/decimal.ts';
import type { Reading, ReadingState } from '../../common/reading.ts';
import type { StoredData } from '../stored-data.ts';

/** The values in a record's data, `<identifier>=<value>,…`; what is none is passed over. Never throws for what it holds. */
export function decodeLotos({ data, circumstances }: StoredData): readonly Reading[] {
  const state: ReadingState = circumstances?.borneOut === false ? 'unchecked' : 'whole';
  const readings: Reading[] = [];
  let start = 0;
  for (const part of data.split(',')) {
    const end = start + part.length;
    const [, id = '', text = ''] = /^(\d{1,3})=(.+)$/.exec(part) ?? [];
    const decimal = parseDecimal(text);
    if (decimal) {
      readings.push({
        label: id,
        quantity: `Value ${Number(id)}`,
        value: { type: 'number', decimal },
        unit: '',
        kind: 'instantaneous',
        state,
        source: { start, end },
      });
    }
    start = end + 1;
  }
  return readings;
}
