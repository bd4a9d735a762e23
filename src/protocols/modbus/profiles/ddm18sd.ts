import type { Profile } from './profile.ts';

/** Register numbers and scales: the makers’ manuals as volkszaehler/mbmd (BSD-3-Clause) have them. */
export const ddm18sd: readonly Profile[] = [
  {
    model: 'DDM18SD',
    revision: 1,
    baudRate: 9600,
    most: 60,
    command: 4,
    type: 'f32',
    registers: [
      [0x0000, 'Voltage'],
      [0x0008, 'Current'],
      [0x0012, 'Power'],
      [0x001a, 'ReactivePower'],
      [0x002a, 'Cosphi'],
      [0x0036, 'Frequency'],
      [0x0100, 'Sum'],
      [0x0400, 'ReactiveSum'],
    ],
    tests: [
      {
        data: '1:04:0000:0104144368D1EC000000000000000000000000411FAE141F71',
        shows: ['Voltage 232.82 V', 'Current 9.98 A'],
      },
      { data: '1:04:0100:01040445CA0A3D09C7', shows: ['Active energy, import and export together 6465.28 kWh'] },
    ],
  },
];
