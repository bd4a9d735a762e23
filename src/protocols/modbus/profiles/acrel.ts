import type { Profile } from './profile.ts';

/** Register numbers and scales: the makers’ manuals as evcc (MIT) have them. */
export const acrel: readonly Profile[] = [
  {
    model: 'Acrel ADW300',
    revision: 1,
    baudRate: 1200,
    most: 60,
    command: 3,
    type: 'u16',
    registers: [
      [0x0014, 'VoltageL1', { scale: -1 }],
      [0x0015, 'VoltageL2', { scale: -1 }],
      [0x0016, 'VoltageL3', { scale: -1 }],
      [0x001a, 'CurrentL1', { scale: -2 }],
      [0x001b, 'CurrentL2', { scale: -2 }],
      [0x001c, 'CurrentL3', { scale: -2 }],
      [0x001e, 'PowerL1', { type: 'i32' }],
      [0x0020, 'PowerL2', { type: 'i32' }],
      [0x0022, 'PowerL3', { type: 'i32' }],
      [0x0024, 'Power', { type: 'i32' }],
      [0x003e, 'Import', { type: 'i32', scale: -2 }],
      [0x0040, 'Export', { type: 'i32', scale: -2 }],
    ],
    tests: [
      {
        data: '1:03:0014:010310090908E8090A000000000000018B01850FC9',
        shows: [
          'Voltage L1 231.3 V',
          'Voltage L2 228.0 V',
          'Voltage L3 231.4 V',
          'Current L1 3.95 A',
          'Current L2 3.89 A',
        ],
      },
      { data: '1:03:003E:0103040007CA65DD79', shows: ['Active energy import 5105.65 kWh'] },
    ],
  },
];
