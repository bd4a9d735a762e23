import type { Field } from '../../common/form.ts';
import type { TaskForm } from '../protocol.ts';

const NOTHING =
  'Are A and B the right way round, and is the bus ended with its resistors? Try other rates and the other framing: a wrong one is silence.';

export const modbusSearches: readonly TaskForm[] = [
  {
    id: 'units',
    title: 'By unit address',
    text: 'Asks unit after unit for a register, the usual addresses first, and those that answer what they are. Only reads.',
    nothing: NOTHING,
    fields: [
      {
        key: 'rates',
        label: 'Baud rates',
        kind: 'several',
        choices: [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200].map((value) => ({
          value,
          label: `${value} Bd`,
        })),
        default: '9600',
        help: 'Most meters are at 9600, small ones at 2400, larger ones at 19200. Each rate takes as long again',
      },
      {
        key: 'framings',
        label: 'Framing',
        kind: 'several',
        choices: ['8N1', '8E1', '8N2', '8O1'].map((value) => ({ value, label: value })),
        default: '8N1,8E1',
        help: 'Each takes as long again',
      },
      {
        key: 'units',
        label: 'Only these units',
        kind: 'text',
        pattern: '[0-9]{1,3}(-[0-9]{1,3})?( *, *[0-9]{1,3}(-[0-9]{1,3})?)*',
        placeholder: '1-247',
        help: 'As in 1-32,100: one after the other, with a dash for all between',
      },
    ],
  },
];

const address: Field = {
  key: 'register',
  label: 'Register address, hex',
  kind: 'text',
  pattern: '(0x)?[0-9A-Fa-f]{1,4}',
  isNeeded: true,
  placeholder: '0014',
  help: 'As on the wire, from 0: 40021 in a manual is 0014',
};

export const modbusChanges: readonly TaskForm[] = [
  {
    id: 'register',
    title: 'Write a register (06)',
    fields: [
      address,
      {
        key: 'value',
        label: 'New value',
        kind: 'whole',
        least: 0,
        most: 65_535,
        isNeeded: true,
        placeholder: '0 to 65535',
      },
    ],
  },
  {
    id: 'registers',
    title: 'Write registers (10)',
    text: 'Many meters take numbers of two registers only so.',
    fields: [
      address,
      {
        key: 'words',
        label: 'New values, hex',
        kind: 'text',
        pattern: '[0-9A-Fa-f]{4}([ ,]*[0-9A-Fa-f]{4}){0,122}',
        isNeeded: true,
        placeholder: '41A0 0000',
        help: 'Four digits for each register',
      },
    ],
  },
  {
    id: 'coil',
    title: 'Switch a coil (05)',
    fields: [
      address,
      {
        key: 'on',
        label: 'New state',
        kind: 'choice',
        choices: [
          { value: 'on', label: 'On' },
          { value: 'off', label: 'Off' },
        ],
        default: 'off',
      },
    ],
  },
  {
    id: 'coils',
    title: 'Switch coils (0F)',
    fields: [
      address,
      {
        key: 'bits',
        label: 'New states',
        kind: 'text',
        pattern: '[01]{1,1968}',
        isNeeded: true,
        placeholder: '1011',
        help: '1 is on, 0 is off, the first one at the address',
      },
    ],
  },
];
