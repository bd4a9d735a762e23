import type { Form } from '../../common/form.ts';

/** What can be set of one meter, as a table. */
export const modbusForm = [
  {
    key: 'model',
    label: 'Meter model',
    kind: 'text',
    isProfile: true,
    most: 60,
    placeholder: 'asked of the meter',
    help: 'Gives its registers names, scales and units, and says which ones to read where the address does not',
  },
  {
    key: 'framing',
    label: 'Framing',
    kind: 'choice',
    choices: [
      { value: '8N1', label: '8N1 (most meters)' },
      { value: '8E1', label: '8E1 (the standard)' },
      { value: '8N2', label: '8N2 (the standard without parity)' },
      { value: '8O1', label: '8O1' },
    ],
    placeholder: 'by the model, else 8N1',
    help: 'A wrong parity is silence',
  },
  {
    key: 'timeoutMs',
    label: 'Wait for an answer',
    kind: 'whole',
    least: 20,
    most: 60_000,
    unit: 'ms',
    default: 1000,
    help: 'Meters answer within 10 to 200 ms, gateways within seconds',
  },
  {
    key: 'turnaroundMs',
    label: 'Rest between frames',
    kind: 'whole',
    least: 0,
    most: 5000,
    unit: 'ms',
    default: 20,
    help: 'At least 3.5 characters. Some meters miss requests without 100 to 500',
  },
  { key: 'retries', label: 'Tries after a failure', kind: 'whole', least: 0, most: 9, default: 2 },
] as const satisfies Form;
