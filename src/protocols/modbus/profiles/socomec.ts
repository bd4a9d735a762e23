import type { Profile } from './profile.ts';

/** Register numbers and scales as OpenEMS (EPL-2.0) reads these meters: facts, no code. */
export const socomec: readonly Profile[] = [
  {
    model: 'Socomec Countis/Diris',
    revision: 1,
    baudRate: 38400,
    most: 60,
    command: 3,
    type: 'u32',
    signs: [{ command: 3, address: 0xc350, count: 4, words: [83] }],
    saysOfItself: 'SOCOMEC',
    remark: 'The scale of the energies differs by type: compare them with the display.',
    registers: [
      [0xc558, 'VoltageL1', { scale: -2 }],
      [0xc55a, 'VoltageL2', { scale: -2 }],
      [0xc55c, 'VoltageL3', { scale: -2 }],
      [0xc560, 'CurrentL1', { scale: -3 }],
      [0xc562, 'CurrentL2', { scale: -3 }],
      [0xc564, 'CurrentL3', { scale: -3 }],
      [0xc568, 'Power', { type: 'i32', scale: 1 }],
      [0xc56a, 'ReactivePower', { type: 'i32', scale: 1 }],
      [0xc570, 'PowerL1', { type: 'i32', scale: 1 }],
      [0xc572, 'PowerL2', { type: 'i32', scale: 1 }],
      [0xc574, 'PowerL3', { type: 'i32', scale: 1 }],
      [0xc576, 'ReactivePowerL1', { type: 'i32', scale: 1 }],
      [0xc578, 'ReactivePowerL2', { type: 'i32', scale: 1 }],
      [0xc57a, 'ReactivePowerL3', { type: 'i32', scale: 1 }],
      [0xc702, 'Import', { scale: -2 }],
      [0xc708, 'Export', { scale: -2 }],
    ],
    tests: [
      {
        data: '1:03:C558:01031800005A5A0000591200005A680000000000000F7600000F33C304',
        shows: [
          'Voltage L1 231.30 V',
          'Voltage L2 228.02 V',
          'Voltage L3 231.44 V',
          'Current L1 3.958 A',
          'Current L2 3.891 A',
        ],
      },
      { data: '1:03:C702:0103040007CA65DD79', shows: ['Active energy import 5105.65 kWh'] },
    ],
  },
];
