import { meaning, vifTable } from './vif-meaning.ts';

/**
 * First extension table, true VIF after FB (EN 13757-3, table "Codes for alternate extension table VIF = FB").
 * 02–05, 14–17, 1A–1B, 2A–2F and 34–37 are of newer editions and OMS; the old peers show them as reserved.
 */
const table = vifTable('FB ');
table.scale(0x00, 2, meaning('Energy', 'MWh', { exponent: -1, register: 'energy' }));
table.scale(0x02, 2, meaning('Reactive energy', 'kvarh', { register: 'reactive energy' }));
table.scale(0x04, 2, meaning('Apparent energy', 'kVAh', { register: 'apparent energy' }));
table.scale(0x08, 2, meaning('Energy', 'GJ', { exponent: -1, register: 'energy' }));
table.scale(0x0c, 4, meaning('Energy', 'MCal', { exponent: -1, register: 'energy' }));
table.scale(0x10, 2, meaning('Volume', 'm³', { exponent: 2, register: 'volume' }));
table.scale(0x14, 4, meaning('Reactive power', 'kvar', { exponent: -3, register: 'reactive power' }));
table.scale(0x18, 2, meaning('Mass', 't', { exponent: 2 }));
table.scale(0x1a, 2, meaning('Relative humidity', '%', { exponent: -1 }));
table.set(0x20, meaning('Volume', 'ft³'));
table.set(0x21, meaning('Volume', 'ft³', { exponent: -1 }));
table.set(0x22, meaning('Volume', 'US gal', { exponent: -1 }));
table.set(0x23, meaning('Volume', 'US gal'));
table.set(0x24, meaning('Volume flow', 'US gal/min', { exponent: -3 }));
table.set(0x25, meaning('Volume flow', 'US gal/min'));
table.set(0x26, meaning('Volume flow', 'US gal/h'));
table.scale(0x28, 2, meaning('Power', 'MW', { exponent: -1, register: 'power' }));
table.set(0x2a, meaning('Phase angle voltage to voltage', '°', { exponent: -1 }));
table.set(0x2b, meaning('Phase angle voltage to current', '°', { exponent: -1 }));
table.scale(0x2c, 4, meaning('Frequency', 'Hz', { exponent: -3, register: 'frequency' }));
table.scale(0x30, 2, meaning('Power', 'GJ/h', { exponent: -1, register: 'power' }));
table.scale(0x34, 4, meaning('Apparent power', 'kVA', { exponent: -3, register: 'apparent power' }));
table.scale(0x58, 4, meaning('Flow temperature', '°F', { exponent: -3 }));
table.scale(0x5c, 4, meaning('Return temperature', '°F', { exponent: -3 }));
table.scale(0x60, 4, meaning('Temperature difference', '°F', { exponent: -3 }));
table.scale(0x64, 4, meaning('External temperature', '°F', { exponent: -3 }));
table.scale(0x70, 4, meaning('Temperature limit', '°F', { exponent: -3 }));
table.scale(0x74, 4, meaning('Temperature limit', '°C', { exponent: -3 }));
table.scale(0x78, 8, meaning('Cumulated maximum power', 'W', { exponent: -3 }));

/** By the code after FB, 00–7F. */
export const FB_VIFS = table.rows;
