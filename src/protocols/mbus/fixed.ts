import type { VifMeaning } from './vif-meaning.ts';
import { meaning } from './vif-meaning.ts';

/** Physical units of the fixed data structure, six bits (EN 1434-3, table of types and units). */
const rows: VifMeaning[] = Array.from({ length: 64 }, (_, code) =>
  meaning('Counter', '', { note: `reserved unit ${code.toString(16).padStart(2, '0').toUpperCase()}` }),
);

/** Three codes, ×1, ×10 and ×100. */
function three(first: number, row: VifMeaning): void {
  for (let n = 0; n < 3; n++) rows[first + n] = { ...row, exponent: row.exponent + n };
}

rows[0x00] = meaning('Time of day', 'h, min, s');
rows[0x01] = meaning('Date', 'd, month, year');
three(0x02, meaning('Energy', 'kWh', { exponent: -3, register: 'energy' }));
three(0x05, meaning('Energy', 'kWh', { register: 'energy' }));
three(0x08, meaning('Energy', 'kWh', { exponent: 3, register: 'energy' }));
three(0x0b, meaning('Energy', 'GJ', { exponent: -6, register: 'energy' }));
three(0x0e, meaning('Energy', 'GJ', { exponent: -3, register: 'energy' }));
three(0x11, meaning('Energy', 'GJ', { register: 'energy' }));
three(0x14, meaning('Power', 'W', { register: 'power' }));
three(0x17, meaning('Power', 'kW', { register: 'power' }));
three(0x1a, meaning('Power', 'kW', { exponent: 3, register: 'power' }));
three(0x1d, meaning('Power', 'GJ/h', { exponent: -6, register: 'power' }));
three(0x20, meaning('Power', 'GJ/h', { exponent: -3, register: 'power' }));
three(0x23, meaning('Power', 'GJ/h', { register: 'power' }));
three(0x26, meaning('Volume', 'm³', { exponent: -6, register: 'volume' }));
three(0x29, meaning('Volume', 'm³', { exponent: -3, register: 'volume' }));
three(0x2c, meaning('Volume', 'm³', { register: 'volume' }));
three(0x2f, meaning('Volume flow', 'm³/h', { exponent: -6, register: 'volume flow' }));
three(0x32, meaning('Volume flow', 'm³/h', { exponent: -3, register: 'volume flow' }));
three(0x35, meaning('Volume flow', 'm³/h', { register: 'volume flow' }));
rows[0x38] = meaning('Temperature', '°C', { exponent: -3 });
rows[0x39] = meaning('Heat cost allocation', 'HCA', { register: 'heat cost' });
rows[0x3f] = meaning('Counter', '');

/** By unit code 00–3F. */
export const FIXED_UNITS: readonly VifMeaning[] = rows;

/** Unit code of counter 2: same unit as counter 1, but historic. */
export const SAME_BUT_HISTORIC = 0x3e;
