import type { Field, Form } from '../../../common/form.ts';
import { NUMBER_TYPES, WORD_ORDERS } from '../numbers.ts';
import type { ProfileList } from '../../profile-book.ts';

/** No list of names or figures may come apart on what is in a name. */
const WORDS = String.raw`[^;\p{C}\p{Zl}\p{Zp}]+`;
const HEX_ADDRESS = '(0[xX])?[0-9A-Fa-f]{1,4}';

const choicesOf = (values: readonly string[]) => values.map((value) => ({ value, label: value }));

const command = {
  key: 'function',
  label: 'Function',
  kind: 'choice',
  choices: [
    { value: 4, label: '04 input registers' },
    { value: 3, label: '03 holding registers' },
  ],
  default: 4,
} as const satisfies Field;

const address = {
  key: 'address',
  label: 'Address',
  kind: 'text',
  pattern: HEX_ADDRESS,
  patternWords: 'up to four hexadecimal digits',
  most: 6,
  isNeeded: true,
  placeholder: '0048',
  help: 'Hex, as on the wire: 40073 in a manual is 0048',
} as const satisfies Field;

export const headForm = [
  {
    key: 'name',
    label: 'Name',
    kind: 'text',
    pattern: String.raw`[\p{L}\p{N}][\p{L}\p{N} ._()/+*-]*`,
    patternWords: 'letters, digits and ._()/+*- only, a letter or digit first',
    most: 60,
    isNeeded: true,
    placeholder: 'Cellar meter',
    help: 'As it is chosen as meter model, and as records name it',
  },
  {
    key: 'maker',
    label: 'Maker and model',
    kind: 'text',
    pattern: WORDS,
    patternWords: 'up to 60 characters without “;”',
    most: 60,
    help: 'As on the plate',
  },
  {
    key: 'remark',
    label: 'Remark',
    kind: 'text',
    pattern: WORDS,
    patternWords: 'up to 200 characters without “;”',
    most: 200,
    help: 'What is good to know of its figures; said with each reading',
  },
  {
    key: 'baudRate',
    label: 'Baud rate',
    kind: 'whole',
    least: 300,
    most: 921_600,
    unit: 'Bd',
    default: 9600,
    choices: [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200].map((value) => ({
      value,
      label: `${value} Bd`,
    })),
  },
  {
    key: 'framing',
    label: 'Framing',
    kind: 'choice',
    choices: [
      { value: '8N1', label: '8N1' },
      { value: '8E1', label: '8E1' },
      { value: '8N2', label: '8N2' },
      { value: '8O1', label: '8O1' },
    ],
    default: '8N1',
    help: 'A wrong parity is silence',
  },
  {
    key: 'most',
    label: 'Registers at once',
    kind: 'whole',
    least: 1,
    most: 125,
    default: 50,
    help: 'Nearly all meters give 50',
  },
  {
    key: 'order',
    label: 'Order of the bytes',
    kind: 'choice',
    choices: [
      { value: 'ABCD', label: 'ABCD, as sent' },
      { value: 'CDAB', label: 'CDAB, low word first' },
      { value: 'BADC', label: 'BADC, bytes swapped' },
      { value: 'DCBA', label: 'DCBA, turned round' },
    ],
    default: 'ABCD',
    help: 'A is the highest byte',
  },
  {
    key: 'says',
    label: 'It says of itself',
    kind: 'text',
    pattern: WORDS,
    patternWords: 'up to 60 characters without “;”',
    most: 60,
    help: 'A part of what it answers to functions 2B/0E or 11: whoever says that is this model',
  },
] as const satisfies Form;

export const registerForm = [
  address,
  command,
  {
    key: 'name',
    label: 'Name',
    kind: 'text',
    pattern: WORDS,
    patternWords: 'up to 60 characters without “;”',
    most: 60,
    isNeeded: true,
    placeholder: 'Active energy import',
  },
  { key: 'type', label: 'Type', kind: 'choice', choices: choicesOf(NUMBER_TYPES), default: 'f32' },
  {
    key: 'unit',
    label: 'Unit',
    kind: 'text',
    pattern: String.raw`[^;\s\p{C}]+`,
    patternWords: 'up to 12 characters without blanks and “;”',
    most: 12,
    placeholder: 'kWh',
  },
  {
    key: 'scale',
    label: 'Power of ten',
    kind: 'whole',
    least: -18,
    most: 18,
    default: 0,
    help: 'By which the number is multiplied: -2 for hundredths',
  },
  {
    key: 'order',
    label: 'Order of the bytes',
    kind: 'choice',
    choices: choicesOf(WORD_ORDERS),
    placeholder: 'as the profile',
  },
  {
    key: 'invalid',
    label: 'Where there is none',
    kind: 'text',
    pattern: '[0-9A-Fa-f]{4,16}( *, *[0-9A-Fa-f]{4,16})*',
    patternWords: 'hexadecimal numbers with commas between',
    most: 100,
    placeholder: '7FFFFFFF',
    help: 'Hex of what it writes then, highest byte first; what is usual for the type counts always',
  },
  {
    key: 'obis',
    label: 'OBIS code',
    kind: 'text',
    pattern: String.raw`\d{1,3}\.\d{1,3}\.\d{1,3}`,
    patternWords: 'three numbers with points between',
    most: 11,
    placeholder: '1.8.0',
  },
  {
    key: 'note',
    label: 'Note',
    kind: 'text',
    pattern: WORDS,
    patternWords: 'up to 100 characters without “;”',
    most: 100,
  },
] as const satisfies Form;

export const signForm = [
  address,
  command,
  { key: 'count', label: 'Registers', kind: 'whole', least: 1, most: 20, default: 1 },
  {
    key: 'text',
    label: 'Hold this text',
    kind: 'text',
    pattern: '[ -~]+',
    patternWords: 'plain letters, digits and signs',
    most: 40,
    placeholder: 'B23',
  },
  {
    key: 'words',
    label: 'Or begin with one of',
    kind: 'text',
    pattern: '[0-9A-Fa-f]{4}( *, *[0-9A-Fa-f]{4})*',
    patternWords: 'words of four hexadecimal digits with commas between',
    most: 200,
    placeholder: '0047',
    help: 'Hex',
  },
] as const satisfies Form;

export const testForm = [
  {
    key: 'data',
    label: 'Data of a record',
    kind: 'text',
    most: 8000,
    isNeeded: true,
    placeholder: '1:04:0048:010404459F8D33FBE3',
    help: 'As a record has it: unit, function, address and frame in hex; several with commas between',
  },
  {
    key: 'shows',
    label: 'Has to show',
    kind: 'text',
    most: 16_000,
    placeholder: 'Active energy import 5105.65 kWh',
    help: 'Name, number and unit of each register, with “;” between',
  },
] as const satisfies Form;

export const lists: readonly ProfileList[] = [
  {
    key: 'registers',
    title: 'Registers',
    one: 'register',
    help: 'What is read, and what it means.',
    form: registerForm,
    most: 400,
  },
  {
    key: 'signs',
    title: 'How it is recognized',
    one: 'sign',
    help: 'Registers that only this model has so. Who shows one of them is read by this profile where no model was chosen. A copy begins without any.',
    form: signForm,
    most: 10,
  },
  {
    key: 'tests',
    title: 'Test frames',
    one: 'test',
    help: 'What a meter of this model answered, and what that has to show. They are run with every change.',
    form: testForm,
    most: 50,
  },
];
