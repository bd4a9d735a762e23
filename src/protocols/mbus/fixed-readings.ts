import type { ReadingValue } from '../../common/reading.ts';
import type { ControlInformation } from './control-information.ts';
import type { Draft } from './draft.ts';
import { plain } from './draft.ts';
import { FIXED_UNITS, SAME_BUT_HISTORIC } from './fixed.ts';
import { fixedMedium, identificationDigits } from './header.ts';
import { MEDIUM_NAMES } from './medium.ts';
import { readBcd, readUnsigned } from './numbers.ts';
import { obisCode } from './obis.ts';
import { fixedStatusText, isErrorStatus } from './status.ts';

/** Fixed data structure (EN 1434-3): two counters of four bytes. */
export function fixedStructure(readings: Draft[], bytes: Uint8Array, at: number, ci: ControlInformation): void {
  const status = bytes[at + 5] ?? 0;
  const units = [bytes[at + 6] ?? 0, bytes[at + 7] ?? 0] as const;
  const medium = fixedMedium(units[0], units[1]);
  const identification = identificationDigits(bytes, at, ci.mode2);
  readings.push(
    plain('ID', 'Identification number', { type: 'text', text: identification }, at, at + 4, MEDIUM_NAMES[medium]),
  );
  const state = fixedStatusText(status);
  readings.push(
    plain(
      'STATUS',
      'Status',
      { type: 'text', text: state },
      at + 5,
      at + 6,
      '',
      isErrorStatus(status & 0xfc) ? 'error' : 'instantaneous',
    ),
  );
  for (const [n, code] of units.entries()) {
    const historic = (code & 63) === SAME_BUT_HISTORIC;
    const meaning = FIXED_UNITS[(historic ? units[0] : code) & 63];
    if (meaning === undefined) continue;
    const start = at + 8 + 4 * n;
    const value = counter(bytes.slice(start, start + 4), (status & 1) === 1, ci.mode2, meaning.exponent);
    const storage = historic || (status & 2) !== 0 ? 1 : 0;
    const reading: Draft = {
      ...plain(
        `counter ${n + 1}`,
        meaning.quantity,
        value,
        start,
        start + 4,
        meaning.note,
        storage === 1 ? 'stored' : 'instantaneous',
      ),
      unit: meaning.unit,
      storage,
    };
    const obis = storage === 0 ? obisCode(medium, meaning.register, 0) : undefined;
    if (obis !== undefined) reading.obis = obis;
    readings.push(reading);
  }
}

function counter(bytes: Uint8Array, binary: boolean, mode2: boolean, exponent: number): ReadingValue {
  if (mode2) bytes.reverse();
  const coefficient = binary ? readUnsigned(bytes, 0, 4) : readBcd(bytes, 0, 4);
  if (coefficient === undefined) return { type: 'bytes', bytes };
  return { type: 'number', decimal: { coefficient, exponent } };
}
