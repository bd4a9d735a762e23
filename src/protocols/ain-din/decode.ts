import { parseDecimal, type Decimal } from '../../common/decimal.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Reading } from '../../common/reading.ts';
import type { StoredData } from '../stored-data.ts';
import { parseInputAddress, type InputAddress } from './address.ts';
import type { PulseUnit } from './settings.ts';

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

const amounts = {
  'imp/kWh': { quantity: 'Energy', unit: 'kWh', isPerPulse: false },
  'Wh/imp': { quantity: 'Energy', unit: 'kWh', isPerPulse: true },
  'imp/m³': { quantity: 'Volume', unit: 'm³', isPerPulse: false },
  'l/imp': { quantity: 'Volume', unit: 'm³', isPerPulse: true },
} as const satisfies Record<PulseUnit, object>;

const isPulseUnit = (unit: unknown): unit is PulseUnit => typeof unit === 'string' && Object.hasOwn(amounts, unit);

/** Exact where the constant divides a power of ten, else to the sixth place. */
function amountOf(pulses: bigint, constant: number, name: PulseUnit) {
  const { quantity, unit, isPerPulse } = amounts[name];
  // Wh and litres: thousandths of the unit.
  if (isPerPulse) return { quantity, unit, value: decimalOf(pulses * BigInt(constant), -3) };
  const by = BigInt(constant);
  return { quantity, unit, value: decimalOf((pulses * 1_000_000n * 2n + by) / (by * 2n), -6) };
}

const decimalOf = (coefficient: bigint, exponent: number): Decimal => ({
  coefficient: coefficient <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(coefficient) : coefficient,
  exponent,
});
