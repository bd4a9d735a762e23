import type { FindRequest, FindResult } from '../../../engine/bus-api.ts';
import { parseMbusAddress, type SecondaryMask } from '../../../protocols/mbus/address.ts';
import { MeterError } from '../../../common/meter-error.ts';
import { MEDIUM_NAMES } from '../../../protocols/mbus/medium.ts';
import type { FoundMeter } from '../../../protocols/mbus/search.ts';
import { counted, durationText } from '../../components/format.ts';

/** "Warm water"; empty where the meter says nothing of it. */
export function mediumWords({ medium }: FoundMeter): string {
  return medium === undefined ? '' : (MEDIUM_NAMES[medium] ?? '');
}

/** Several meters of a search can't be read by the primary address that they share. */
export function sharesPrimary(meter: FoundMeter, meters: readonly FoundMeter[]): boolean {
  return meters.some(
    (other) =>
      other.address !== meter.address &&
      other.primaryAddress === meter.primaryAddress &&
      other.baudRate === meter.baudRate,
  );
}

/** A name to begin with in the meter list: "Water 55500047 HYD". */
export function nameOfFound(meter: FoundMeter): string {
  const { manufacturer, secondaryAddress, primaryAddress } = meter;
  const number = secondaryAddress === '' ? `at ${primaryAddress}` : secondaryAddress;
  return [mediumWords(meter) || 'Meter', number, manufacturer].filter((word) => word !== '').join(' ');
}

/** "41 selections · 12.4 s on the wire" */
export function effortWords(kind: FindRequest['kind'], questions: number, wireMs: number): string {
  return `${counted(questions, kind === 'primary' ? 'address asked' : 'selection', kind === 'primary' ? 'addresses asked' : 'selections')} · ${durationText(wireMs)} on the wire`;
}

/** A search that came to its end and leaves nothing in doubt. */
export const isClear = ({ outcome, problems }: FindResult) => outcome === 'complete' && problems.length === 0;

export function outcomeWords(result: FindResult): string {
  const { outcome, meters } = result;
  const found = meters.length === 0 ? 'no meter' : counted(meters.length, 'meter');
  switch (outcome) {
    case 'complete':
      if (!isClear(result))
        return meters.length === 0
          ? 'Something answered, and no meter could be listed.'
          : `${found} found; there may be more.`;
      return meters.length === 0 ? 'No meter answered.' : `${found} found.`;
    case 'stopped':
      return `Stopped; ${found} found so far.`;
    case 'failed':
      return `The search broke off; ${found} found so far.`;
  }
}

export type MaskFault = { readonly fault: string };

/** `015794FF`, `*015794FF` or narrowed `*FFFFFFFF/LUG.04.07`; empty: every meter. */
export function parseMask(text: string): SecondaryMask | MaskFault | undefined {
  const plain = text.trim().toUpperCase();
  if (plain === '') return undefined;
  try {
    const address = parseMbusAddress(plain.startsWith('*') ? plain : `*${plain}`);
    if (address.kind === 'primary') return { fault: 'A mask is eight digits or F.' };
    const { kind: _kind, baudRate: _rate, ...mask } = address;
    return plain.includes('@') ? { fault: 'The rate is chosen beside it.' } : mask;
  } catch (error) {
    if (!(error instanceof MeterError)) throw error;
    return { fault: 'Eight characters, digits or F for any: 015794FF. Narrower: 015794FF/LUG.04.07' };
  }
}

export function isMaskFault(mask: SecondaryMask | MaskFault | undefined): mask is MaskFault {
  return mask !== undefined && 'fault' in mask;
}
