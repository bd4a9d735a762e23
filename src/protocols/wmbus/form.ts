import type { Form } from '../../common/form.ts';

/** What can be set of one meter, as a table. */
export const wmbusForm = [
  {
    key: 'linkMode',
    label: 'Radio mode',
    kind: 'choice',
    choices: [
      { value: 'C+T', label: 'C and T, where the stick can' },
      { value: 'T', label: 'T' },
      { value: 'C', label: 'C' },
      { value: 'S', label: 'S' },
    ],
    default: 'C+T',
    help: 'Most meters in Europe speak T or C; older heat cost allocators S',
  },
  {
    key: 'listenMs',
    label: 'Listen for',
    kind: 'whole',
    least: 10_000,
    most: 3_600_000,
    unit: 'ms',
    default: 300_000,
    help: 'Some meters speak every few seconds, some every quarter of an hour, some in working hours only',
  },
] as const satisfies Form;
