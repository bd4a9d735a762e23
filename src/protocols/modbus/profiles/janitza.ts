import type { Profile } from './profile.ts';

/** Register numbers and scales: the makers’ manuals as volkszaehler/mbmd (BSD-3-Clause) have them. */
export const janitza: readonly Profile[] = [
  {
    model: 'Janitza UMG',
    revision: 1,
    baudRate: 9600,
    most: 100,
    command: 3,
    type: 'f32',
    saysOfItself: 'Janitza',
    registers: [
      [0x4a38, 'VoltageL1'],
      [0x4a3a, 'VoltageL2'],
      [0x4a3c, 'VoltageL3'],
      [0x4a44, 'CurrentL1'],
      [0x4a46, 'CurrentL2'],
      [0x4a48, 'CurrentL3'],
      [0x4a4c, 'PowerL1'],
      [0x4a4e, 'PowerL2'],
      [0x4a50, 'PowerL3'],
      [0x4a52, 'Power'],
      [0x4a64, 'CosphiL1'],
      [0x4a66, 'CosphiL2'],
      [0x4a68, 'CosphiL3'],
      [0x4a6a, 'Frequency'],
      [0x4a76, 'ImportL1', { scale: -3 }],
      [0x4a78, 'ImportL2', { scale: -3 }],
      [0x4a7a, 'ImportL3', { scale: -3 }],
      [0x4a7c, 'Import', { scale: -3 }],
      [0x4a7e, 'ExportL1', { scale: -3 }],
      [0x4a80, 'ExportL2', { scale: -3 }],
      [0x4a82, 'ExportL3', { scale: -3 }],
      [0x4a84, 'Export', { scale: -3 }],
    ],
    tests: [
      {
        data: '1:03:4A38:01030C43674CCD436407AE43677333F0B2',
        shows: ['Voltage L1 231.3 V', 'Voltage L2 228.03 V', 'Voltage L3 231.45 V'],
      },
      { data: '1:03:4A7C:0103044A9BCFEB887B', shows: ['Active energy import 5105.6535 kWh'] },
    ],
  },
];
