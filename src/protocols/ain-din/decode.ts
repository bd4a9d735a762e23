import { parseDecimal, type Decimal } from '../../common/decimal.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Reading } from '../../common/reading.ts';
import type { StoredData } from '../stored-data.ts';
import { parseInputAddress, type InputAddress } from './address.ts';
import { amountOf, isPulseUnit } from './amount.ts';

/** What the record of an input says: its figure, and for pulses what they amount to where their constant was known. */
export function decodeInputs({ identification, data, errorCode = 0, circumstances }: StoredData): readonly Reading[] {
  const address = addressIn(identification);
  const decimal = /^\d{1,20}$/.test(data) ? parseDecimal(data) : undefined;
  if (!address || !decimal) return [];
  const shape = {
    label: identification,
    kind: 'instantaneous',
    state: errorCode === 0 ? 'whole' : 'unchecked',
    source: { start: 0, end: data.length },
  } as const;
  const reading = (quantity: string, value: Decimal, unit: string, note?: string): Reading => ({
    ...shape,
    quantity,
    value: { type: 'number', decimal: value },
    unit,
    ...(note === undefined ? {} : { note }),
  });
  const { input } = address;
  if (address.what === 'DIN') return [reading(`Input ${input}`, decimal, '')];
  if (address.what === 'ADC')
    return [
      address.as === 'CAL'
        ? reading(`Analog input ${input}`, decimal, '%')
        : reading(`Converter of input ${input}`, decimal, ''),
    ];
  const isRelative = address.as === 'REL';
  const { constant, unit } = circumstances?.meaning ?? {};
  const amount = typeof constant === 'number' && isPulseUnit(unit) ? amountOf(BigInt(data), constant, unit) : undefined;
  const pulses = reading(
    isRelative ? `Pulses of input ${input} since the last reading` : `Pulses of input ${input}`,
    decimal,
    '',
  );
  if (!amount) return [pulses];
  const note = isRelative ? 'since the last reading' : 'since the counter began';
  return [pulses, reading(amount.quantity, amount.value, amount.unit, `${note}, at ${constant} ${unit}`)];
}

function addressIn(identification: string): InputAddress | undefined {
  try {
    return parseInputAddress(identification);
  } catch (error) {
    if (error instanceof MeterError) return undefined;
    throw error;
  }
}
