import { DURATION_UNITS } from './vif-meaning.ts';

/** What a combinable VIFE does to the meaning before it (EN 13757-3, table "Combinable (orthogonal) VIFE"). */
export type Combination =
  /** ×10^exponent; the quantity stays what it is. */
  | { readonly effect: 'scale'; readonly exponent: number; readonly text: string }
  /** + 10^exponent in the unit of the VIF. */
  | { readonly effect: 'offset'; readonly exponent: number; readonly text: string }
  /** Only says more of the same value; the register stays what it is. */
  | { readonly effect: 'remark'; readonly text: string }
  /** The value is of another kind, in the same unit. */
  | { readonly effect: 'variant'; readonly text: string }
  /** The data is a compact profile: many values, the next ones or the ones before. */
  | { readonly effect: 'series'; readonly direction: 'forward' | 'backward'; readonly text: string }
  /** The unit gets a factor: "/s", "·s/V". */
  | { readonly effect: 'unit'; readonly unit: string; readonly text: string }
  /** The value is no longer of the VIF's unit: a count, a duration, a point in time. */
  | { readonly effect: 'replace'; readonly unit: string; readonly time: boolean; readonly text: string }
  /** The value counts in the opposite direction. */
  | { readonly effect: 'backward'; readonly text: string }
  | { readonly effect: 'phase'; readonly phase: 1 | 2 | 3; readonly text: string }
  /** The meter could not give the value. */
  | { readonly effect: 'failure'; readonly text: string }
  /** All VIFEs that follow are the manufacturer's. */
  | { readonly effect: 'manufacturer'; readonly text: string }
  /** The next VIFE is of the extension table. */
  | { readonly effect: 'extension'; readonly text: string }
  | { readonly effect: 'reserved'; readonly text: string };

const hex = (code: number) => code.toString(16).padStart(2, '0').toUpperCase();

function table(name: string): Combination[] {
  return Array.from({ length: 128 }, (_, code) => ({ effect: 'reserved', text: `reserved VIFE ${name}${hex(code)}` }));
}

const combinable = table('');

const FAILURES: readonly (readonly [number, string])[] = [
  [0x01, 'too many DIFEs'],
  [0x02, 'storage number not implemented'],
  [0x03, 'unit number not implemented'],
  [0x04, 'tariff number not implemented'],
  [0x05, 'function not implemented'],
  [0x06, 'data class not implemented'],
  [0x07, 'data size not implemented'],
  [0x0b, 'too many VIFEs'],
  [0x0c, 'illegal VIF group'],
  [0x0d, 'illegal VIF exponent'],
  [0x0e, 'VIF and DIF do not match'],
  [0x0f, 'action not implemented'],
  [0x15, 'no data available'],
  [0x16, 'data overflow'],
  [0x17, 'data underflow'],
  [0x18, 'data error'],
  [0x1c, 'premature end of record'],
];
for (const [code, text] of FAILURES) combinable[code] = { effect: 'failure', text };
combinable[0x00] = { effect: 'remark', text: '' }; // record error "none"
combinable[0x12] = { effect: 'variant', text: 'average' };
combinable[0x13] = { effect: 'series', direction: 'backward', text: 'inverse compact profile' };
combinable[0x14] = { effect: 'variant', text: 'relative deviation' };
combinable[0x1d] = { effect: 'remark', text: 'standard-conform data content' };
combinable[0x1e] = { effect: 'series', direction: 'forward', text: 'compact profile with register numbers' };
combinable[0x1f] = { effect: 'series', direction: 'forward', text: 'compact profile' };

const UNITS: readonly (readonly [number, string, string])[] = [
  [0x20, '/s', 'per second'],
  [0x21, '/min', 'per minute'],
  [0x22, '/h', 'per hour'],
  [0x23, '/d', 'per day'],
  [0x24, '/week', 'per week'],
  [0x25, '/month', 'per month'],
  [0x26, '/year', 'per year'],
  [0x27, '/revolution', 'per revolution'],
  [0x28, '/pulse', 'per input pulse on channel 0'],
  [0x29, '/pulse', 'per input pulse on channel 1'],
  [0x2a, '/pulse', 'per output pulse on channel 0'],
  [0x2b, '/pulse', 'per output pulse on channel 1'],
  [0x2c, '/l', 'per liter'],
  [0x2d, '/m³', 'per cubic meter'],
  [0x2e, '/kg', 'per kilogram'],
  [0x2f, '/K', 'per kelvin'],
  [0x30, '/kWh', 'per kilowatt-hour'],
  [0x31, '/GJ', 'per gigajoule'],
  [0x32, '/kW', 'per kilowatt'],
  [0x33, '/(K·l)', 'per kelvin and liter'],
  [0x34, '/V', 'per volt'],
  [0x35, '/A', 'per ampere'],
  [0x36, '·s', 'multiplied by seconds'],
  [0x37, '·s/V', 'multiplied by seconds per volt'],
  [0x38, '·s/A', 'multiplied by seconds per ampere'],
];
for (const [code, unit, text] of UNITS) combinable[code] = { effect: 'unit', unit, text };

combinable[0x39] = { effect: 'replace', unit: '', time: true, text: 'start' };
// Not an error: "uncorrected" is what a water or gas meter measures before conversion (ioBroker.mbus#144).
combinable[0x3a] = { effect: 'remark', text: 'uncorrected' };
combinable[0x3b] = { effect: 'remark', text: 'forward only' };
combinable[0x3c] = { effect: 'backward', text: 'backward only' };
combinable[0x3d] = { effect: 'variant', text: 'non-metric unit' };
combinable[0x3e] = { effect: 'variant', text: 'at base conditions' };
combinable[0x3f] = { effect: 'remark', text: 'OBIS declaration' };

for (const upper of [0, 1]) {
  const limit = upper === 1 ? 'upper limit' : 'lower limit';
  const at = 8 * upper;
  combinable[0x40 + at] = { effect: 'variant', text: limit };
  combinable[0x41 + at] = { effect: 'replace', unit: '', time: false, text: `number of exceeds of ${limit}` };
  for (const last of [0, 1]) {
    const which = last === 1 ? 'last' : 'first';
    for (const end of [0, 1]) {
      const text = `${end === 1 ? 'end' : 'begin'} of ${which} exceed of ${limit}`;
      combinable[(0x42 + at) | (4 * last) | end] = { effect: 'replace', unit: '', time: true, text };
    }
    for (const [n, unit] of DURATION_UNITS.entries()) {
      const text = `duration of ${which} exceed of ${limit}`;
      combinable[0x50 + at + 4 * last + n] = { effect: 'replace', unit, time: false, text };
    }
  }
}
for (const last of [0, 1]) {
  const which = last === 1 ? 'last' : 'first';
  for (const [n, unit] of DURATION_UNITS.entries())
    combinable[0x60 + 4 * last + n] = { effect: 'replace', unit, time: false, text: `duration of the ${which}` };
  for (const end of [0, 1]) {
    const text = `${end === 1 ? 'end' : 'begin'} of the ${which}`;
    combinable[0x6a + 4 * last + end] = { effect: 'replace', unit: '', time: true, text };
  }
}
combinable[0x68] = { effect: 'variant', text: 'during exceed of lower limit' };
combinable[0x69] = { effect: 'variant', text: 'leakage' };
combinable[0x6c] = { effect: 'variant', text: 'during exceed of upper limit' };
combinable[0x6d] = { effect: 'variant', text: 'overflow' };

for (let n = 0; n < 8; n++) combinable[0x70 + n] = { effect: 'scale', exponent: n - 6, text: `×10^${n - 6}` };
for (let n = 0; n < 4; n++) combinable[0x78 + n] = { effect: 'offset', exponent: n - 3, text: `+10^${n - 3}` };
combinable[0x7c] = { effect: 'extension', text: 'extension of combinable VIFEs' };
combinable[0x7d] = { effect: 'scale', exponent: 3, text: '×1000' };
combinable[0x7e] = { effect: 'variant', text: 'future value' };
combinable[0x7f] = { effect: 'manufacturer', text: 'manufacturer-specific VIFEs follow' };

const extension = table('FC ');
for (const phase of [1, 2, 3] as const) extension[phase] = { effect: 'phase', phase, text: `L${phase}` };
extension[0x04] = { effect: 'variant', text: 'N' };
extension[0x05] = { effect: 'variant', text: 'L1–L2' };
extension[0x06] = { effect: 'variant', text: 'L2–L3' };
extension[0x07] = { effect: 'variant', text: 'L3–L1' };
for (let quadrant = 1; quadrant <= 4; quadrant++)
  extension[0x07 + quadrant] = { effect: 'variant', text: `quadrant ${quadrant}` };
extension[0x0c] = { effect: 'variant', text: 'import minus export' };
extension[0x10] = { effect: 'variant', text: 'import plus export' };
extension[0x11] = { effect: 'remark', text: 'unsigned (type C)' };
extension[0x12] = { effect: 'remark', text: 'bits (type D)' };
extension[0x13] = { effect: 'remark', text: 'toward the meter' };
extension[0x14] = { effect: 'remark', text: 'from the meter' };

/** By code 00–7F. */
export const COMBINABLE_VIFES: readonly Combination[] = combinable;
/** By the code after 7C, 00–7F. */
export const COMBINABLE_EXTENSION_VIFES: readonly Combination[] = extension;
