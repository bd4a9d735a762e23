import type { Profile } from './profile.ts';

/** Register numbers and scales: the makers’ manuals as volkszaehler/mbmd (BSD-3-Clause), victronenergy/dbus-modbus-client (MIT) have them. */
export const abb: readonly Profile[] = [
  {
    model: 'ABB B21/B23/B24',
    revision: 1,
    baudRate: 19200,
    most: 60,
    command: 3,
    type: 'u64',
    signs: [{ command: 3, address: 0x8960, count: 2, text: '^[AB][24][1-4]' }],
    registers: [
      [0x5000, 'Import', { scale: -2 }],
      [0x5004, 'Export', { scale: -2 }],
      [0x5460, 'ImportL1', { scale: -2 }],
      [0x5464, 'ImportL2', { scale: -2 }],
      [0x5468, 'ImportL3', { scale: -2 }],
      [0x546c, 'ExportL1', { scale: -2 }],
      [0x5470, 'ExportL2', { scale: -2 }],
      [0x5474, 'ExportL3', { scale: -2 }],
      [0x5b00, 'VoltageL1', { type: 'u32', scale: -1 }],
      [0x5b02, 'VoltageL2', { type: 'u32', scale: -1 }],
      [0x5b04, 'VoltageL3', { type: 'u32', scale: -1 }],
      [0x5b0c, 'CurrentL1', { type: 'u32', scale: -2 }],
      [0x5b0e, 'CurrentL2', { type: 'u32', scale: -2 }],
      [0x5b10, 'CurrentL3', { type: 'u32', scale: -2 }],
      [0x5b14, 'Power', { type: 'i32', scale: -2, invalid: '7fffffff' }],
      [0x5b16, 'PowerL1', { type: 'i32', scale: -2, invalid: '7fffffff' }],
      [0x5b18, 'PowerL2', { type: 'i32', scale: -2, invalid: '7fffffff' }],
      [0x5b1a, 'PowerL3', { type: 'i32', scale: -2, invalid: '7fffffff' }],
      [0x5b2c, 'Frequency', { type: 'u16', scale: -2 }],
      [0x5b3a, 'Cosphi', { type: 'i16', scale: -3, invalid: '7fff' }],
      [0x5b3b, 'CosphiL1', { type: 'i16', scale: -3, invalid: '7fff' }],
      [0x5b3c, 'CosphiL2', { type: 'i16', scale: -3, invalid: '7fff' }],
      [0x5b3d, 'CosphiL3', { type: 'i16', scale: -3, invalid: '7fff' }],
      [0x8900, 'SerialNumber', { type: 'u32' }],
    ],
    tests: [
      {
        data: '1:03:5000:010310000000000007CA6500000000000A82DA8D5A',
        shows: ['Active energy import 5105.65 kWh', 'Active energy export 6888.58 kWh'],
      },
    ],
  },
];
