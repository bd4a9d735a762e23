import type { IdentificationMessage } from './identification.ts';

export type ProtocolMode = 'A' | 'B' | 'C' | 'D' | 'E';

/** What the identification message offers (IEC 62056-21, 6.3.2 item 13c, 6.3.14). */
export interface OfferedMode {
  /** Modes the meter may mean, the likeliest first. E (HDLC) still answers a mode C acknowledge (pwitab#19, u9n#37). */
  readonly modes: readonly ProtocolMode[];
  /** Rate of the data, Bd; undefined in mode A (the initial rate stays) and for a reserved character. */
  readonly baudRate?: number;
  /** The character is of mode B but stands for no rate: G–I. */
  readonly reserved: boolean;
}

const modeBRates: Readonly<Record<string, number>> = { A: 600, B: 1200, C: 2400, D: 4800, E: 9600, F: 19_200 };
const modeCRates: Readonly<Record<string, number>> = {
  '0': 300,
  '1': 600,
  '2': 1200,
  '3': 2400,
  '4': 4800,
  '5': 9600,
  '6': 19_200,
  // Reserved by the standard; meters that use them mean these.
  '7': 38_400,
  '8': 57_600,
  '9': 115_200,
};

/** Mode and rate by baud character and escapes: letters A–I mode B, digits mode C (and E with `\2`), others mode A. */
export function offeredMode({
  baudCharacter,
  escapes,
}: Pick<IdentificationMessage, 'baudCharacter' | 'escapes'>): OfferedMode {
  if (/^[0-9]$/.test(baudCharacter)) {
    return offer(escapes.includes('2') ? ['C', 'E'] : ['C'], modeCRates[baudCharacter]);
  }
  if (/^[A-I]$/.test(baudCharacter)) return offer(['B'], modeBRates[baudCharacter]);
  return { modes: ['A'], reserved: false };
}

function offer(modes: readonly ProtocolMode[], baudRate: number | undefined): OfferedMode {
  return baudRate === undefined ? { modes, reserved: true } : { modes, baudRate, reserved: false };
}
