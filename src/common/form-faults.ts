import { fits, type Field, type Form } from './form.ts';

export interface FieldFault {
  readonly key: string;
  /** "Baud rate: a whole number from 300 to 115200, please." */
  readonly text: string;
}

/**
 * What of something of any shape is none for its field, or missing, or of no field at all: values of a hostile file as
 * well as what is being typed.
 */
export function faultsOf(form: Form, values: Readonly<Record<string, unknown>>): readonly FieldFault[] {
  const faults = form.flatMap((field): FieldFault[] => {
    const { key, label, isNeeded } = field;
    const value = values[key];
    const isEmpty = value === undefined || value === '';
    if (isEmpty && isNeeded) return [{ key, text: `${label}: nothing is there.` }];
    return isEmpty || fits(field, value) ? [] : [{ key, text: `${label}: ${wordsOf(field)}, please.` }];
  });
  const unknown = Object.keys(values).filter((key) => !form.some((field) => field.key === key));
  return [
    ...faults,
    ...unknown.map((key) => ({ key, text: `“${key.slice(0, 40)}” is nothing that this version knows.` })),
  ];
}

function wordsOf({ kind, least, most, choices = [], patternWords }: Field): string {
  switch (kind) {
    case 'whole':
      return `a whole number from ${least ?? 0} to ${most ?? Number.MAX_SAFE_INTEGER}`;
    case 'choice':
    case 'several':
      return `one of ${choices.map(({ value }) => value).join(', ')}`;
    case 'yes/no':
      return 'true or false';
    case 'text':
      return patternWords ?? `text of up to ${most ?? 0} characters`;
  }
}
