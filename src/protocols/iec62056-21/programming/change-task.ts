import { MeterError } from '../../../common/meter-error.ts';
import { typedSettings } from '../../../common/form.ts';
import type { Form } from '../../../common/form.ts';
import type { ChangeTask } from '../../change.ts';
import type { TaskForm } from '../../protocol.ts';
import type { WriteCommand } from './command.ts';

/** Where the meter's password goes: P1 or P2 before the command, VDEW's second bracket behind the value, or nowhere. */
export type PasswordPlace = 'P1' | 'bracket' | 'none';

/** How a clock is set. 'VDEW' and 'W1' send date and time each, 'LEM' both in one. */
export type ClockManner = 'VDEW' | 'W1' | 'LEM';

export type IecChange =
  | {
      readonly kind: 'write';
      readonly command: WriteCommand;
      readonly address: string;
      readonly value: string;
      readonly place: PasswordPlace;
    }
  | {
      readonly kind: 'execute';
      readonly dataSet: string;
      /** That shows what it did. */
      readonly register?: string;
      readonly place: PasswordPlace;
    }
  | {
      readonly kind: 'clock';
      readonly manner: ClockManner;
      readonly zone: 'auto' | 'normal' | 'local' | 'utc';
      readonly place: PasswordPlace;
    };

const REGISTER = '["-\'*-.0-~]{1,32}';
/** No bracket, and no exclamation mark. */
const CARRIED = '["-\'*-~ ]';

const place = {
  key: 'place',
  label: 'The meter’s password',
  kind: 'choice',
  default: 'auto',
  choices: [
    { value: 'auto', label: 'As the command has it' },
    { value: 'P1', label: 'Before it (P1, P2)' },
    { value: 'bracket', label: 'Second bracket (VDEW)' },
    { value: 'none', label: 'Not sent' },
  ],
  help: 'From Settings, Passwords and keys. W5 and W6 carry it behind the value, others want P1 first',
} as const;

const writeForm = [
  {
    key: 'command',
    label: 'Command',
    kind: 'choice',
    default: 'W5',
    choices: [
      { value: 'W1', label: 'W1 · most makes (Iskra, Landis+Gyr, Elster)' },
      { value: 'W2', label: 'W2 · formatted' },
      { value: 'W3', label: 'W3 · in partial blocks' },
      { value: 'W4', label: 'W4 · formatted, in partial blocks' },
      { value: 'W5', label: 'W5 · VDEW (EMH, LEM, MetCom, DZG)' },
      { value: 'W6', label: 'W6 · VDEW, in partial blocks' },
    ],
  },
  {
    key: 'register',
    label: 'Register',
    kind: 'text',
    pattern: REGISTER,
    patternWords: 'As the meter names it',
    isNeeded: true,
    placeholder: '0.2.2',
  },
  {
    key: 'value',
    label: 'New value',
    kind: 'text',
    pattern: `${CARRIED}{1,1900}`,
    patternWords: 'No brackets and no exclamation mark',
    isNeeded: true,
    help: 'As it stands in the meter’s brackets, without the unit. It is shown: nothing secret',
  },
  place,
] as const satisfies Form;

const executeForm = [
  {
    key: 'dataSet',
    label: 'What stands in the command',
    kind: 'text',
    pattern: '["-~]{1,160}',
    patternWords: 'Register and brackets, as the meter’s manual has them',
    isNeeded: true,
    placeholder: '0.1.0()',
  },
  {
    key: 'register',
    label: 'Register that shows it',
    kind: 'text',
    pattern: REGISTER,
    patternWords: 'As the meter names it',
    placeholder: '0.1.0',
    help: 'Is read before and after. Empty: nobody can say whether it was done',
  },
  place,
] as const satisfies Form;

const clockForm = [
  {
    key: 'manner',
    label: 'Command',
    kind: 'choice',
    default: 'VDEW',
    choices: [
      { value: 'VDEW', label: 'W5 0.9.1 and 0.9.2 (EMH, DZG, VDEW)' },
      { value: 'W1', label: 'W1 0.9.1 and 0.9.2 (Landis+Gyr, Iskra)' },
      { value: 'LEM', label: 'W5 0.9.129, both at once (LEM)' },
    ],
  },
  {
    key: 'zone',
    label: 'Time that the meter keeps',
    kind: 'choice',
    default: 'auto',
    choices: [
      { value: 'auto', label: 'The one it keeps now' },
      { value: 'normal', label: 'Normal time all year' },
      { value: 'local', label: 'As here, with summer time' },
      { value: 'utc', label: 'UTC' },
    ],
  },
  place,
] as const satisfies Form;

export const iecChanges: readonly TaskForm[] = [
  {
    id: 'clock',
    title: 'Set the clock',
    text: 'Reads the meter’s clock, says how far it is off, and sets it to that of this device.',
    fields: clockForm,
  },
  {
    id: 'write',
    title: 'Write a register (W1 to W6)',
    text: 'In programming mode. Meters under seal refuse most of it.',
    fields: writeForm,
  },
  {
    id: 'execute',
    title: 'Have a command executed (E2)',
    text: 'What it does is up to the make: a reset of the billing period, say.',
    fields: executeForm,
  },
];

/** Throws code 1 for what is no change. */
export function iecChangeOf({ id, values }: Pick<ChangeTask, 'id' | 'values'>): IecChange {
  switch (id) {
    case 'write': {
      const { command, register = '', value = '', place } = typedSettings(writeForm, values);
      if (register.trim() === '' || value === '') throw missing();
      const auto = command === 'W5' || command === 'W6' ? 'bracket' : 'P1';
      return { kind: id, command, address: register.trim(), value, place: place === 'auto' ? auto : place };
    }
    case 'execute': {
      const { dataSet = '', register = '', place } = typedSettings(executeForm, values);
      if (dataSet.trim() === '') throw missing();
      const shown = register.trim();
      return {
        kind: id,
        dataSet: dataSet.trim(),
        place: place === 'auto' ? 'P1' : place,
        ...(shown === '' ? {} : { register: shown }),
      };
    }
    case 'clock': {
      const { manner, zone, place } = typedSettings(clockForm, values);
      return { kind: id, manner, zone, place: place !== 'auto' ? place : manner === 'W1' ? 'P1' : 'bracket' };
    }
    default:
      throw new MeterError(1, `IEC 62056-21 knows no change “${id}”.`);
  }
}

const missing = () => new MeterError(1, 'What is to be written is missing.');
