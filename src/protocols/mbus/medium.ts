/** Media of the variable header (EN 13757-3, table "Device type identification"). */
const MEDIA: Readonly<Record<number, string>> = {
  0x00: 'Other',
  0x01: 'Oil',
  0x02: 'Electricity',
  0x03: 'Gas',
  0x04: 'Heat (outlet)',
  0x05: 'Steam',
  0x06: 'Warm water',
  0x07: 'Water',
  0x08: 'Heat cost allocator',
  0x09: 'Compressed air',
  0x0a: 'Cooling (outlet)',
  0x0b: 'Cooling (inlet)',
  0x0c: 'Heat (inlet)',
  0x0d: 'Heat and cooling',
  0x0e: 'Bus or system',
  0x0f: 'Unknown',
  0x10: 'Irrigation water',
  0x11: 'Water data logger',
  0x12: 'Gas data logger',
  0x13: 'Gas converter',
  0x14: 'Calorific value',
  0x15: 'Hot water',
  0x16: 'Cold water',
  0x17: 'Dual water',
  0x18: 'Pressure',
  0x19: 'A/D converter',
  0x1a: 'Smoke detector',
  0x1b: 'Room sensor',
  0x1c: 'Gas detector',
  0x20: 'Breaker (electricity)',
  0x21: 'Valve (gas or water)',
  0x25: 'Customer display',
  0x28: 'Waste water',
  0x29: 'Garbage',
  0x2a: 'Carbon dioxide',
  0x31: 'Communication controller',
  0x32: 'Unidirectional repeater',
  0x33: 'Bidirectional repeater',
  0x36: 'Radio converter (system side)',
  0x37: 'Radio converter (meter side)',
  0x38: 'Wired adapter',
};

export const MEDIUM_NAMES: readonly string[] = Array.from(
  { length: 256 },
  (_, code) => MEDIA[code] ?? `Reserved medium ${code.toString(16).padStart(2, '0').toUpperCase()}`,
);

/** Media of the fixed structure, four bits, as codes of the variable header (EN 1434-3; A–E are the mode 2 twins of 3–8). */
export const FIXED_MEDIA: readonly number[] = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0f, 0x03, 0x04, 0x06, 0x07, 0x08, 0x0f,
];
