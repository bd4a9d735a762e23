import type { Form } from '../../common/form.ts';

/** What can be set of one meter, as a table. */
export const mbusForm = [
  {
    key: 'framing',
    label: 'Framing',
    kind: 'choice',
    default: '8E1',
    choices: [
      { value: '8E1', label: '8E1 (the standard)' },
      { value: '8N1', label: '8N1 (some level converters)' },
    ],
    port: 'framing',
  },
  {
    key: 'timeoutMs',
    label: 'Wait for an answer',
    kind: 'whole',
    least: 50,
    most: 60_000,
    unit: 'ms',
    placeholder: 'by the rate: 500 at 2400 Bd',
    help: 'Empty: by the rate. Slow meters want 1100 to 2000',
  },
  { key: 'retries', label: 'Tries after a failure', kind: 'whole', least: 0, most: 9, default: 2 },
  { key: 'maxTelegrams', label: 'Telegrams at most', kind: 'whole', least: 1, most: 250, default: 20 },
  {
    key: 'applicationReset',
    label: 'Application reset before reading',
    kind: 'yes/no',
    default: false,
    help: 'CI 50, for meters that only then begin with their first telegram',
  },
  {
    key: 'resetSubcode',
    label: 'Reset with a subcode',
    kind: 'whole',
    least: 0,
    most: 255,
    placeholder: 'none',
    help: '0 to 255, as the meter’s manual says',
    formerly: 'applicationReset',
  },
  {
    key: 'requestUd1',
    label: 'Ask for alarms first',
    kind: 'yes/no',
    default: false,
    help: 'class 1 data, REQ_UD1',
  },
] as const satisfies Form;
