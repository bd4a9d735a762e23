import { describeObis, formatObis, parseObis } from '../common/obis.ts';
import type { ObisCode, ObisDescription, ObisMedium } from '../common/obis.ts';
import type { MeterTime, Reading } from '../common/reading.ts';
import { displayUnit, readValue } from './read-value.ts';

/** What the data sets before say about the ones behind. */
export interface DecodeContext {
  readonly medium: ObisMedium;
  /** M-Bus device types behind a DSMR meter by channel, from 0-n:24.1.0. */
  readonly deviceTypes: Map<number, string>;
}

/** One figure before it is a reading. */
export interface Figure {
  readonly label: string;
  readonly text: string;
  readonly unit: string;
  readonly source: Reading['source'];
  readonly time?: MeterTime;
  readonly kind?: Reading['kind'];
  readonly quantity?: string;
  readonly notes?: readonly string[];
}

/** The reading of one figure: what its code means, its value, its unit. */
export function reading(figure: Figure, context: DecodeContext): Reading {
  const code = parseObis(figure.label);
  const description = describeObis(code ?? figure.label, { medium: context.medium });
  const value = readValue(figure.text, figure.unit, description, figure.label);
  const notes = [...(figure.notes ?? [])];
  if (value.type === 'number' && figure.text.includes(',')) notes.push('decimal comma');
  const { tariff, storage, subunit } = description;
  return {
    ...(code ? { obis: formatObis(code) } : {}),
    label: figure.label,
    quantity: figure.quantity ?? quantityOf(code, description, context),
    value,
    unit: displayUnit(figure.unit, context.medium === 'heat') || (value.type === 'number' ? description.unit : ''),
    ...(tariff === undefined ? {} : { tariff }),
    ...(storage === undefined ? {} : { storage }),
    ...(subunit === undefined ? {} : { subunit }),
    ...(figure.time ? { time: figure.time } : {}),
    kind: figure.kind ?? description.kind,
    source: figure.source,
    ...(notes.length > 0 ? { note: notes.join(', ') } : {}),
  };
}

/** "Gas meter reading" once the meter said what hangs on the channel. */
function quantityOf(code: ObisCode | undefined, { quantity }: ObisDescription, { deviceTypes }: DecodeContext): string {
  const type = code?.c === 24 && code.d === 2 ? deviceTypes.get(code.b ?? 0) : undefined;
  return type === undefined ? quantity : `${type} meter reading`;
}
