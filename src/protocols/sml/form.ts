import type { Form } from '../../common/form.ts';

/** What can be set of one meter, as a table. */
export const smlForm = [
  {
    key: 'listenMs',
    label: 'Listen for',
    kind: 'whole',
    least: 1000,
    most: 120_000,
    unit: 'ms',
    default: 12_000,
    help: 'Most meters speak every second, some every five',
  },
] as const satisfies Form;
