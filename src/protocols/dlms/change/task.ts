import { fromHex } from '../../../common/bytes.ts';
import { typedSettings, type Form } from '../../../common/form.ts';
import { MeterError } from '../../../common/meter-error.ts';
import type { ChangeTask } from '../../change.ts';
import type { TaskForm } from '../../protocol.ts';
import { nameOf, type Attribute } from '../apdu/attribute.ts';
import { dataIn } from '../axdr/read-data.ts';

export type DlmsChange =
  | { readonly kind: 'set'; readonly attribute: Attribute; readonly text: string }
  | {
      readonly kind: 'act';
      readonly method: Attribute;
      /** In A-XDR. */
      readonly parameter?: Uint8Array;
      /** That shows what it did. */
      readonly shows?: Attribute;
    }
  | { readonly kind: 'clock'; readonly manner: 'set' | 'shift' };

const OBJECT = '[0-9]{1,5}:([0-9]{1,3}-[0-9]{1,3}:)?([0-9]{1,3}\\.){2}[0-9]{1,3}(\\*[0-9]{1,3})?:-?[0-9]{1,3}';
const WORDS = 'Class, code and number: 3:1-0:1.8.0:2';

const setForm = [
  {
    key: 'attribute',
    label: 'Attribute',
    kind: 'text',
    pattern: OBJECT,
    patternWords: WORDS,
    isNeeded: true,
    placeholder: '1:0-0:96.13.0:2',
    help: 'Class, code and number of the attribute. It is read first: its type is kept',
  },
  {
    key: 'value',
    label: 'New value',
    kind: 'text',
    most: 2000,
    isNeeded: true,
    help: 'A number as the meter keeps it, without scale; octets as hexadecimal or "text" in quotes; 0x… for all else, with its tags. It is shown: nothing secret',
  },
] as const satisfies Form;

const actForm = [
  {
    key: 'method',
    label: 'Method',
    kind: 'text',
    pattern: OBJECT,
    patternWords: WORDS,
    isNeeded: true,
    placeholder: '70:0-0:96.3.10:1',
    help: 'Class, code and number of the method',
  },
  {
    key: 'parameter',
    label: 'Parameter, hex',
    kind: 'text',
    pattern: '[0-9A-Fa-f ]{2,2000}',
    patternWords: 'Hexadecimal digits, with the tag in front',
    placeholder: '0F00',
    help: 'Empty: none',
  },
  {
    key: 'shows',
    label: 'Attribute that shows it',
    kind: 'text',
    pattern: OBJECT,
    patternWords: WORDS,
    placeholder: '70:0-0:96.3.10:2',
    help: 'Is read before and after. Empty: nobody can say whether it was done',
  },
] as const satisfies Form;

const clockForm = [
  {
    key: 'manner',
    label: 'How',
    kind: 'choice',
    default: 'set',
    choices: [
      { value: 'set', label: 'Write the time (attribute 2)' },
      { value: 'shift', label: 'Shift it by seconds (method 6)' },
    ],
    help: 'A shift of up to 900 s disturbs the least',
  },
] as const satisfies Form;

export const dlmsChanges: readonly TaskForm[] = [
  {
    id: 'clock',
    title: 'Set the clock',
    text: 'Reads the meter’s clock, says how far it is off, and sets it to that of this device.',
    fields: clockForm,
  },
  {
    id: 'set',
    title: 'Write an attribute (SET)',
    text: 'The client decides what may be written: the public one may nothing, mostly.',
    fields: setForm,
  },
  {
    id: 'act',
    title: 'Have a method executed (ACTION)',
    text: 'A reset of a register, a disconnector, a script.',
    fields: actForm,
  },
];

/** Throws code 1 for what is no change. */
export function dlmsChangeOf({ id, values }: Pick<ChangeTask, 'id' | 'values'>): DlmsChange {
  switch (id) {
    case 'set': {
      const { attribute = '', value = '' } = typedSettings(setForm, values);
      if (value.trim() === '') throw new MeterError(1, 'What is to be written is missing.');
      return { kind: id, attribute: noSecret(attributeIn(attribute), SECRET_ATTRIBUTES), text: value };
    }
    case 'act': {
      const { method = '', parameter = '', shows = '' } = typedSettings(actForm, values);
      return {
        kind: id,
        method: noSecret(attributeIn(method), SECRET_METHODS),
        ...(parameter.trim() === '' ? {} : { parameter: parameterIn(parameter) }),
        ...(shows.trim() === '' ? {} : { shows: attributeIn(shows) }),
      };
    }
    case 'clock':
      return { kind: id, manner: typedSettings(clockForm, values).manner };
    default:
      throw new MeterError(1, `DLMS knows no change “${id}”.`);
  }
}

/** By class and number: the secret of an association, and keys that are handed over. */
const SECRET_ATTRIBUTES = ['15:7'];
const SECRET_METHODS = ['15:2', '64:2', '64:3'];

/** What is written stands in the question, in the trace and in the note of the change, where no secret may stand. */
function noSecret(attribute: Attribute, secrets: readonly string[]): Attribute {
  if (!secrets.includes(`${attribute.classId}:${attribute.number}`)) return attribute;
  throw new MeterError(1, 'That is a password or a key of the meter, and this version writes none.', {
    hint: 'It would stand in the open in the trace and in the log of changes.',
  });
}

function attributeIn(text: string): Attribute {
  const [, classText = '', code = '', number = ''] =
    /^(\d{1,5}):((?:\d{1,3}-\d{1,3}:)?[\d.]+(?:\*\d{1,3})?):(-?\d{1,3})$/.exec(text.trim()) ?? [];
  const name = nameOf(code.includes('-') ? code : `1-0:${code}`);
  const isFit = Number(classText) <= 0xffff && Number(number) >= -128 && Number(number) <= 127 && Number(number) !== 0;
  if (!name || !isFit) throw new MeterError(1, `“${text.slice(0, 40)}” is no attribute such as 3:1-0:1.8.0:2.`);
  return { classId: Number(classText), name, number: Number(number) };
}

/** Whatever it is, it is one value. */
function parameterIn(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (!bytes || dataIn(bytes).length !== bytes.length)
    throw new MeterError(1, `“${text.slice(0, 40)}” is no value in A-XDR.`, {
      hint: 'The tag stands in front: 0F00 is the integer 0, 120001 the unsigned 1.',
    });
  return bytes;
}
