import type { Profile } from './profile.ts';

/** Register numbers and scales: the makers’ manuals as volkszaehler/mbmd (BSD-3-Clause) have them. */
export const dzg: readonly Profile[] = [
  {
    model: 'DZG DVH4013',
    revision: 1,
    baudRate: 9600,
    most: 60,
    command: 3,
    type: 'u32',
    remark: 'Power comes in two registers without a sign, import and export.',
    registers: [
      [0x0000, 'ImportPower', { scale: -1 }],
      [0x0002, 'ExportPower', { scale: -1 }],
      [0x0004, 'VoltageL1', { scale: -2 }],
      [0x0006, 'VoltageL2', { scale: -2 }],
      [0x0008, 'VoltageL3', { scale: -2 }],
      [0x000a, 'CurrentL1', { scale: -3 }],
      [0x000c, 'CurrentL2', { scale: -3 }],
      [0x000e, 'CurrentL3', { scale: -3 }],
      [0x0010, 'Cosphi', { scale: -3 }],
      [0x0012, 'Frequency', { scale: -3 }],
      [0x4000, 'Import', { scale: -3 }],
      [0x4020, 'ImportL1', { scale: -3 }],
      [0x4040, 'ImportL2', { scale: -3 }],
      [0x4060, 'ImportL3', { scale: -3 }],
      [0x4100, 'Export', { scale: -3 }],
      [0x4120, 'ExportL1', { scale: -3 }],
      [0x4140, 'ExportL2', { scale: -3 }],
      [0x4160, 'ExportL3', { scale: -3 }],
    ],
    tests: [
      {
        data: '1:03:0000:0103140000194F00001E4800005A5A0000591200005A68A1CB',
        shows: [
          'Active power import 647.9 W',
          'Active power export 775.2 W',
          'Voltage L1 231.30 V',
          'Voltage L2 228.02 V',
          'Voltage L3 231.44 V',
        ],
      },
      { data: '1:03:4000:010304004DE7F5E193', shows: ['Active energy import 5105.653 kWh'] },
    ],
  },
];
