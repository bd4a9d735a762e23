import type { Profile } from './profile.ts';

/** Register numbers and scales: the makers’ manuals as volkszaehler/mbmd (BSD-3-Clause) have them. */
export const saia: readonly Profile[] = [
  {
    model: 'Saia ALE3/AWD3',
    revision: 1,
    baudRate: 38400,
    most: 60,
    command: 3,
    type: 'u16',
    registers: [
      [0x001b, 'Import', { type: 'u32', scale: -2 }],
      [0x001f, 'Export', { type: 'u32', scale: -2 }],
      [0x0023, 'VoltageL1'],
      [0x0024, 'CurrentL1', { scale: -1 }],
      [0x0025, 'PowerL1', { type: 'i16', scale: 1 }],
      [0x0026, 'ReactivePowerL1', { type: 'i16', scale: 1 }],
      [0x0027, 'CosphiL1', { scale: -2 }],
      [0x0028, 'VoltageL2'],
      [0x0029, 'CurrentL2', { scale: -1 }],
      [0x002a, 'PowerL2', { type: 'i16', scale: 1 }],
      [0x002b, 'ReactivePowerL2', { type: 'i16', scale: 1 }],
      [0x002c, 'CosphiL2', { scale: -2 }],
      [0x002d, 'VoltageL3'],
      [0x002e, 'CurrentL3', { scale: -1 }],
      [0x002f, 'PowerL3', { type: 'i16', scale: 1 }],
      [0x0030, 'ReactivePowerL3', { type: 'i16', scale: 1 }],
      [0x0031, 'CosphiL3', { scale: -2 }],
      [0x0032, 'Power', { type: 'i16', scale: 1 }],
      [0x0033, 'ReactivePower', { type: 'i16', scale: 1 }],
    ],
    tests: [
      {
        data: '1:03:001B:0103160007CA6500000000000A82DA0000000000E7002700592325',
        shows: [
          'Active energy import 5105.65 kWh',
          'Active energy export 6888.58 kWh',
          'Voltage L1 231 V',
          'Current L1 3.9 A',
          'Active power L1 890 W',
        ],
      },
    ],
  },
];
