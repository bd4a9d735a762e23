/** What follows a CI field (EN 13757-3, table "CI-field codes"), as far as wired M-Bus uses it. */
export type Layout =
  'long header' | 'short header' | 'records' | 'fixed' | 'application error' | 'alarm' | 'selection' | 'other';

export interface ControlInformation {
  readonly layout: Layout;
  /** Mode bit: multi-byte values come high byte first. */
  readonly mode2: boolean;
  readonly name: string;
}

const rows: ControlInformation[] = Array.from({ length: 256 }, (_, code) => ({
  layout: 'other',
  mode2: false,
  name: nameOf(code),
}));

/** Energy suppliers' meters push DLMS in M-Bus frames, in segments; bit 4 marks the last (EN 13757-3, table 2). */
function nameOf(code: number): string {
  if (code <= 0x1f) return `DLMS over M-Bus, segment ${(code & 15) + 1}${code >= 0x10 ? ', the last' : ''}`;
  return code >= 0xa0 && code <= 0xb7 ? 'manufacturer-specific CI' : 'unknown CI';
}

function set(code: number, layout: Layout, name: string, mode2 = false): void {
  rows[code] = { layout, mode2, name };
}

set(0x50, 'other', 'application reset');
set(0x51, 'records', 'data to the meter');
set(0x52, 'selection', 'selection by secondary address');
set(0x54, 'other', 'synchronize');
set(0x55, 'records', 'data to the meter (mode 2)', true);
set(0x56, 'selection', 'selection by secondary address (mode 2)', true);
set(0x5a, 'other', 'command to the meter, short header');
set(0x5b, 'other', 'command to the meter, long header');
set(0x5c, 'other', 'synchronize action');
set(0x70, 'application error', 'application error');
set(0x71, 'alarm', 'alarm');
set(0x72, 'long header', 'variable data, long header');
set(0x73, 'fixed', 'fixed data structure');
set(0x76, 'long header', 'variable data, long header (mode 2)', true);
set(0x77, 'fixed', 'fixed data structure (mode 2)', true);
set(0x78, 'records', 'variable data, no header');
set(0x7a, 'short header', 'variable data, short header');
for (const [n, rate] of [300, 600, 1200, 2400, 4800, 9600, 19200, 38400].entries())
  set(0xb8 + n, 'other', `switch to ${rate} Bd`);

/** By CI code 00–FF. */
export const CONTROL_INFORMATION: readonly ControlInformation[] = rows;
