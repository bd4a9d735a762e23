import type { Field, Value } from '../common/form.ts';
import { type Interval, parseInterval } from '../ams/intervals.ts';
import { protocolName } from '../protocols/names.ts';
import { AtError } from './at-error.ts';
import type { AtHost } from './host.ts';
import type { AtValue } from './command-line.ts';

/** Reading a command's values. Numbers may be quoted and names unquoted (`2,mbus,"2400"`); what is wrong throws. */

/** A whole number from `min` to `max`; leading zeros are ignored (V.250 5.4.2.1). */
export function numberOf(value: AtValue, min: number, max: number): number {
  const number = value && /^0*\d{1,15}$/.test(value.text) ? Number(value.text) : Number.NaN;
  if (!(number >= min && number <= max)) throw new AtError(50, `A number from ${min} to ${max} is expected.`);
  return number;
}

export function textOf(value: AtValue): string {
  if (!value) throw new AtError(50, 'A value is missing.');
  return value.text;
}

/** The name of a protocol, also of one that is not built in: what becomes of that the answer says. */
export function protocolOf(value: AtValue, host: Pick<AtHost, 'findProtocol'>): string {
  const text = textOf(value);
  const name = host.findProtocol(text)?.name ?? protocolName(text);
  if (!name) throw new AtError(50, 'This is no protocol.');
  return name;
}

/** The value of a setting: yes and no are 1 and 0. */
export function settingOf({ kind, least = 0, most = Number.MAX_SAFE_INTEGER }: Field, value: AtValue): Value {
  if (kind === 'yes/no') return numberOf(value, 0, 1) === 1;
  return kind === 'whole' ? numberOf(value, least, most) : textOf(value);
}

export function intervalOf(value: AtValue): Interval {
  const interval = parseInterval(textOf(value));
  if (!interval) throw new AtError(50, 'This is no interval.');
  return interval;
}

/** Nothing may follow the values a command has. */
export function endOf(values: readonly AtValue[], count: number): void {
  if (values.length > count) throw new AtError(50, 'There are too many values.');
}
