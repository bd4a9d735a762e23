import type { Profile } from './profile.ts';

/** Register numbers and scales: the makers’ manuals as volkszaehler/mbmd (BSD-3-Clause) have them. */
export const eltako: readonly Profile[] = [
  {
    model: 'Eltako DSZ15/DSZ16',
    revision: 1,
    baudRate: 9600,
    most: 60,
    command: 4,
    type: 'u32',
    remark: 'A DSZ16 that was switched to floats is read as an Eastron.',
    registers: [
      [0x0000, 'VoltageL1', { scale: -2 }],
      [0x0002, 'VoltageL2', { scale: -2 }],
      [0x0004, 'VoltageL3', { scale: -2 }],
      [0x0006, 'CurrentL1', { scale: -2 }],
      [0x0008, 'CurrentL2', { scale: -2 }],
      [0x000a, 'CurrentL3', { scale: -2 }],
      [0x000c, 'PowerL1', { type: 'i32' }],
      [0x000e, 'PowerL2', { type: 'i32' }],
      [0x0010, 'PowerL3', { type: 'i32' }],
      [0x001e, 'CosphiL1', { type: 'i32', scale: -3 }],
      [0x0020, 'CosphiL2', { type: 'i32', scale: -3 }],
      [0x0022, 'CosphiL3', { type: 'i32', scale: -3 }],
      [0x0034, 'Power', { type: 'i32' }],
      [0x003e, 'Cosphi', { type: 'i32', scale: -3 }],
      [0x0048, 'Import', { scale: -2 }],
      [0x004a, 'Export', { scale: -2 }],
    ],
    tests: [
      {
        data: '1:04:0000:01041400005A5A0000591200005A680000018B00000185542C',
        shows: [
          'Voltage L1 231.30 V',
          'Voltage L2 228.02 V',
          'Voltage L3 231.44 V',
          'Current L1 3.95 A',
          'Current L2 3.89 A',
        ],
      },
      { data: '1:04:0048:0104040007CA65DCCE', shows: ['Active energy import 5105.65 kWh'] },
    ],
  },
];
