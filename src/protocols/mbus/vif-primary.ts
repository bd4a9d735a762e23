import { meaning, vifTable } from './vif-meaning.ts';

/**
 * Primary VIFs (EN 13757-3, table "Codes for primary VIF"). Energies are shown in kWh and GJ whatever the resolution,
 * so that the registers of one meter and of two can be compared; the exponent keeps every digit.
 */
const table = vifTable('');
table.scale(0x00, 8, meaning('Energy', 'kWh', { exponent: -6, prefix: 3, register: 'energy' }));
table.scale(0x08, 8, meaning('Energy', 'GJ', { exponent: -9, prefix: 9, register: 'energy' }));
table.scale(0x10, 8, meaning('Volume', 'm³', { exponent: -6, register: 'volume' }));
table.scale(0x18, 8, meaning('Mass', 'kg', { exponent: -3 }));
table.durations(0x20, 'On time');
table.durations(0x24, 'Operating time');
table.scale(0x28, 4, meaning('Power', 'W', { exponent: -3, register: 'power' }));
table.scale(0x2c, 4, meaning('Power', 'kW', { exponent: -2, prefix: 3, register: 'power' }));
table.scale(0x30, 8, meaning('Power', 'GJ/h', { exponent: -9, prefix: 9, register: 'power' }));
table.scale(0x38, 8, meaning('Volume flow', 'm³/h', { exponent: -6, register: 'volume flow' }));
table.scale(0x40, 8, meaning('Volume flow', 'm³/min', { exponent: -7, register: 'volume flow' }));
table.scale(0x48, 8, meaning('Volume flow', 'm³/s', { exponent: -9, register: 'volume flow' }));
table.scale(0x50, 8, meaning('Mass flow', 'kg/h', { exponent: -3 }));
table.scale(0x58, 4, meaning('Flow temperature', '°C', { exponent: -3, register: 'flow temperature' }));
table.scale(0x5c, 4, meaning('Return temperature', '°C', { exponent: -3, register: 'return temperature' }));
table.scale(0x60, 4, meaning('Temperature difference', 'K', { exponent: -3, register: 'temperature difference' }));
table.scale(0x64, 4, meaning('External temperature', '°C', { exponent: -3 }));
table.scale(0x68, 4, meaning('Pressure', 'bar', { exponent: -3 }));
table.set(0x6c, meaning('Date', '', { coding: 'time' }));
table.set(0x6d, meaning('Date and time', '', { coding: 'time' }));
table.set(0x6e, meaning('Heat cost allocation', 'HCA', { register: 'heat cost' }));
table.durations(0x70, 'Averaging duration');
table.durations(0x74, 'Actuality duration');
table.set(0x78, meaning('Fabrication number', '', { coding: 'identification' }));
table.set(0x79, meaning('Enhanced identification', '', { coding: 'identification' }));
table.set(0x7a, meaning('Bus address', '', { coding: 'unsigned' }));
table.set(0x7b, meaning('', '', { note: 'VIF 7B announces an extension that does not follow' }));
table.set(0x7c, meaning('', '', { note: 'text VIF' }));
table.set(0x7d, meaning('', '', { note: 'VIF 7D announces an extension that does not follow' }));
table.set(0x7e, meaning('Any VIF', ''));
table.set(0x7f, meaning('Manufacturer-specific', '', { note: 'manufacturer-specific VIF' }));

/** By code 00–7F. */
export const PRIMARY_VIFS = table.rows;
