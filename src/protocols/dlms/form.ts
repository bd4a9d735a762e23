import type { Form } from '../../common/form.ts';

/** What can be set of one meter, as a table. */
export const dlmsForm = [
  {
    key: 'opening',
    label: 'Opening',
    kind: 'choice',
    choices: [
      { value: 'direct', label: 'HDLC at once (RS-485)' },
      { value: 'mode E', label: 'Sign-on at 300 Bd, mode E (optical head)' },
    ],
    default: 'direct',
    help: 'With a sign-on the meter says the rate itself',
  },
  {
    key: 'framing',
    label: 'Framing',
    kind: 'choice',
    choices: [
      { value: '8N1', label: '8N1 (usual)' },
      { value: '8E1', label: '8E1' },
    ],
    default: '8N1',
    where: { key: 'opening', is: ['direct'] },
  },
  {
    key: 'client',
    label: 'Client',
    kind: 'whole',
    least: 1,
    most: 127,
    choices: [
      { value: 16, label: '16 (public)' },
      { value: 32, label: '32 (reader)' },
      { value: 1, label: '1 (management)' },
    ],
    default: 16,
    help: 'As whom the meter is asked: it decides what may be read',
  },
  {
    key: 'timeoutMs',
    label: 'Wait for an answer',
    kind: 'whole',
    least: 200,
    most: 30_000,
    unit: 'ms',
    default: 3000,
  },
  { key: 'retries', label: 'Tries after a failure', kind: 'whole', least: 0, most: 9, default: 2 },
] as const satisfies Form;
