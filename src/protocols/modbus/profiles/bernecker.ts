import type { Profile } from './profile.ts';

/** Register numbers and scales: the makers’ manuals as volkszaehler/mbmd (BSD-3-Clause) have them. */
export const bernecker: readonly Profile[] = [
  {
    model: 'Bernecker MPM3PM',
    revision: 1,
    baudRate: 9600,
    most: 60,
    command: 3,
    type: 'u32',
    registers: [
      [0x0000, 'Sum', { type: 'i32', scale: -2 }],
      [0x0002, 'Import', { scale: -2 }],
      [0x0004, 'Export', { scale: -2 }],
      [0x0006, 'ReactiveSum', { scale: -2 }],
      [0x0008, 'VoltageL1', { scale: -1 }],
      [0x000a, 'VoltageL2', { scale: -1 }],
      [0x000c, 'VoltageL3', { scale: -1 }],
      [0x000e, 'CurrentL1', { scale: -2 }],
      [0x0010, 'CurrentL2', { scale: -2 }],
      [0x0012, 'CurrentL3', { scale: -2 }],
      [0x0014, 'PowerL1', { type: 'i32', scale: -2 }],
      [0x0016, 'PowerL2', { type: 'i32', scale: -2 }],
      [0x0018, 'PowerL3', { type: 'i32', scale: -2 }],
      [0x001a, 'ReactivePowerL1', { type: 'i32', scale: -2 }],
      [0x001c, 'ReactivePowerL2', { type: 'i32', scale: -2 }],
      [0x001e, 'ReactivePowerL3', { type: 'i32', scale: -2 }],
      [0x0020, 'CosphiL1', { scale: -3 }],
      [0x0022, 'CosphiL2', { scale: -3 }],
      [0x0024, 'CosphiL3', { scale: -3 }],
      [0x0026, 'Power', { type: 'i32', scale: -2 }],
      [0x0028, 'ReactivePower', { type: 'i32', scale: -2 }],
      [0x002a, 'Cosphi', { scale: -3 }],
      [0x002c, 'Frequency', { scale: -2 }],
    ],
    tests: [
      {
        data: '1:03:0000:0103140009DD7F0007CA65000A82DA00034633000009095D82',
        shows: [
          'Active energy, import and export together 6465.27 kWh',
          'Active energy import 5105.65 kWh',
          'Active energy export 6888.58 kWh',
          'Reactive energy, import and export together 2145.79 kvarh',
          'Voltage L1 231.3 V',
        ],
      },
    ],
  },
];
