import type { Form } from '../../common/form.ts';

const PROFILE = 'Wire profile (unverified on hardware)';
const BYTE = '[0-9A-Fa-f]{2}';
const byteWords = 'Two hexadecimal digits';
const notPublic = 'Not public: nothing is asked with a guessed code. The documents of the unit’s program say it';

/** A byte of the profile. */
const code = { kind: 'text', pattern: BYTE, patternWords: byteWords, most: 2, group: PROFILE } as const;

/** What can be set of one station, as a table. What is inferred, and known of no unit, is in the wire profile. */
export const inmatForm = [
  {
    key: 'framing',
    label: 'Framing',
    kind: 'choice',
    choices: [
      { value: '8E1', label: '8E1 (as delivered)' },
      { value: '8N1', label: '8N1' },
      { value: '8O1', label: '8O1' },
      { value: '8N2', label: '8N2' },
    ],
    default: '8E1',
    help: 'A wrong parity is silence',
  },
  {
    key: 'source',
    label: 'Our own station address',
    kind: 'whole',
    least: 0,
    most: 126,
    default: 0,
    help: 'No station on the line may have it',
  },
  {
    key: 'timeoutMs',
    label: 'Wait for an answer',
    kind: 'whole',
    least: 20,
    most: 60_000,
    unit: 'ms',
    default: 500,
    help: 'Stations answer within 10 ms, gateways within seconds',
  },
  {
    key: 'turnaroundMs',
    label: 'Rest before a request',
    kind: 'whole',
    least: 0,
    most: 5000,
    unit: 'ms',
    default: 10,
    help: 'At least 33 bits',
  },
  { key: 'retries', label: 'Tries after a failure', kind: 'whole', least: 0, most: 9, default: 2 },
  {
    key: 'checkSum',
    label: 'Check sum that is sent',
    kind: 'choice',
    choices: [
      { value: 'sum8', label: 'sum modulo 256 (PROFIBUS)' },
      { value: 'ones', label: 'sum with the carry added (AMiT DB-Net)' },
    ],
    default: 'sum8',
    group: PROFILE,
    help: 'Answers are taken with either, and the record says which came',
  },
  {
    key: 'frameCount',
    label: 'Alternating frame count bit',
    kind: 'yes/no',
    default: false,
    group: PROFILE,
    help: 'Requests with 7D and 5D in turn instead of 4D',
  },
  {
    key: 'byteOrder',
    label: 'Order of bytes',
    kind: 'choice',
    choices: [
      { value: 'little', label: 'lowest first' },
      { value: 'big', label: 'highest first' },
    ],
    default: 'little',
    group: PROFILE,
  },
  {
    key: 'functionS',
    label: 'Function code of S (hex)',
    ...code,
    default: '01',
  },
  {
    key: 'functionM',
    label: 'Function code of M (hex)',
    ...code,
    default: '03',
  },
  {
    key: 'functionE',
    label: 'Function code of E (hex)',
    ...code,
    placeholder: 'not known',
    help: notPublic,
  },
  {
    key: 'functionB',
    label: 'Function code of B (hex)',
    ...code,
    placeholder: 'not known',
    help: notPublic,
  },
  {
    key: 'functionI',
    label: 'Function code of I (hex)',
    ...code,
    placeholder: 'not known',
    help: notPublic,
  },
  {
    key: 'typeI',
    label: 'Code of type INT (hex)',
    ...code,
    default: '00',
  },
  {
    key: 'typeL',
    label: 'Code of type LONG (hex)',
    ...code,
    default: '01',
  },
  {
    key: 'typeF',
    label: 'Code of type FLOAT (hex)',
    ...code,
    default: '02',
  },
  {
    key: 'typeS',
    label: 'Code of type STRING (hex)',
    ...code,
    default: '03',
  },
  {
    key: 'goodCode',
    label: 'Response code of a good answer (hex)',
    ...code,
    default: '00',
  },
  {
    key: 'refusalCodes',
    label: 'Response codes of a refusal (hex)',
    kind: 'text',
    pattern: `${BYTE}( *, *${BYTE})*`,
    patternWords: `${byteWords} each, with commas between`,
    most: 100,
    placeholder: 'none known',
    group: PROFILE,
    help: 'With commas between. The result is ERR then; any other code ends the reading',
  },
] as const satisfies Form;
