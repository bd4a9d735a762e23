import type { Profile } from './profile.ts';

/** Register numbers and scales: the makers’ manuals as volkszaehler/mbmd (BSD-3-Clause) have them. */
export const schneider: readonly Profile[] = [
  {
    model: 'Schneider iEM3000',
    revision: 1,
    baudRate: 19200,
    most: 60,
    command: 3,
    type: 'f32',
    signs: [
      { command: 3, address: 0x0031, count: 20, text: 'iEM[23]' },
      { command: 3, address: 0x0045, count: 20, text: 'Schneider' },
    ],
    saysOfItself: 'Schneider.*iEM',
    registers: [
      [0x0bb7, 'CurrentL1'],
      [0x0bb9, 'CurrentL2'],
      [0x0bbb, 'CurrentL3'],
      [0x0bc1, 'Current'],
      [0x0bd3, 'VoltageL1'],
      [0x0bd5, 'VoltageL2'],
      [0x0bd7, 'VoltageL3'],
      [0x0bdb, 'Voltage'],
      [0x0bed, 'PowerL1', { scale: 3 }],
      [0x0bef, 'PowerL2', { scale: 3 }],
      [0x0bf1, 'PowerL3', { scale: 3 }],
      [0x0bf3, 'Power', { scale: 3 }],
      [0x0bfb, 'ReactivePower', { scale: 3 }],
      [0x0c03, 'ApparentPower', { scale: 3 }],
      [0x0c0b, 'Cosphi', { unit: 'W', scale: 3 }],
      [0x0c25, 'Frequency'],
      [0x0c83, 'Import', { type: 'i64', scale: -3 }],
      [0x0c87, 'Export', { type: 'i64', scale: -3 }],
      [0x0c93, 'ReactiveImport', { type: 'i64', scale: -3 }],
      [0x0c97, 'ReactiveExport', { type: 'i64', scale: -3 }],
      [0x0dbd, 'ImportL1', { type: 'i64', scale: -3 }],
      [0x0dc1, 'ImportL2', { type: 'i64', scale: -3 }],
      [0x0dc5, 'ImportL3', { type: 'i64', scale: -3 }],
    ],
    tests: [
      {
        data: '1:03:0BB7:010318407D70A44078F5C340FB33330000000000000000411FAE14BEB0',
        shows: ['Current L1 3.96 A', 'Current L2 3.89 A', 'Current L3 7.85 A', 'Current 9.98 A'],
      },
      { data: '1:03:0C83:01030800000000004DE7F58E77', shows: ['Active energy import 5105.653 kWh'] },
    ],
  },
];
