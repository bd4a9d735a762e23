import type { TaskForm } from '../../protocol.ts';

export const dlmsSearches: readonly TaskForm[] = [
  {
    id: 'one meter',
    title: 'One meter, without settings',
    text: 'Tries the optical sign-on, then HDLC at every rate, with the usual addresses and clients, until the one meter on the line lets somebody in. Only reads, and gives no password.',
    nothing:
      'Does the head sit on the eye, the right way up; are A and B the right way round? A meter that was read until just now may be deaf for two minutes. Some optical ports open only after a key is pressed.',
    fields: [
      {
        key: 'ways',
        label: 'Ways',
        kind: 'several',
        choices: [
          { value: 'mode E', label: 'Sign-on at 300 Bd (mode E)' },
          { value: 'direct', label: 'HDLC at once' },
        ],
        default: 'mode E,direct',
      },
      {
        key: 'rates',
        label: 'Baud rates of HDLC',
        kind: 'several',
        choices: [9600, 19_200, 2400, 4800, 38_400, 57_600, 115_200, 300].map((value) => ({
          value,
          label: `${value} Bd`,
        })),
        default: '9600,19200,2400,4800,38400,57600,115200,300',
        help: 'In the order of how usual they are',
      },
      {
        key: 'number',
        label: 'Number of the meter',
        kind: 'text',
        most: 20,
        pattern: '[0-9]{2,20}',
        placeholder: 'on its plate',
        help: 'Many meters make their address of its last digits',
      },
      {
        key: 'minutes',
        label: 'At most',
        kind: 'whole',
        least: 1,
        most: 30,
        unit: 'min',
        default: 4,
      },
    ],
  },
];
