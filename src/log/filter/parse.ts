import { MAX_CONDITIONS, MAX_STRICT_LENGTH, PARAMETERS, RECORD_TYPES, RELATIONS } from './filter.ts';
import type { Condition, Equality, Filter, Mistake, NumberParameter, ParameterEntry, Relation } from './filter.ts';
import { parseIsoTime } from './iso-time.ts';
import { lexFilter } from './lex.ts';
import type { RawCondition, Token } from './lex.ts';

export type ParsedFilter =
  | { readonly filter: Filter; readonly mistakes: readonly [] }
  | { readonly filter: undefined; readonly mistakes: readonly Mistake[] };

export interface ParseOptions {
  /** Only what the SmartCOM knows: no extensions, at most 150 characters. */
  readonly strict?: boolean;
}

/**
 * Parses a filter text. Names may be written in any case and blanks may stand between the pieces, as AT commands are
 * read; a `;` at the end is passed over. ISO times without an offset are in the time zone of this device.
 */
export function parseFilter(text: string, { strict = false }: ParseOptions = {}): ParsedFilter {
  const raw = lexFilter(text);
  if (isBlank(raw.at(-1))) raw.pop();
  const mistakes: Mistake[] = [];
  const conditions: Condition[] = [];

  if (strict && text.length > MAX_STRICT_LENGTH) {
    mistakes.push({
      position: MAX_STRICT_LENGTH,
      length: text.length - MAX_STRICT_LENGTH,
      message: `A filter has at most ${MAX_STRICT_LENGTH} characters.`,
    });
  }
  for (const [i, condition] of raw.entries()) {
    if (i === MAX_CONDITIONS) {
      const length = text.length - condition.start;
      mistakes.push({
        position: condition.start,
        length,
        message: `A filter has at most ${MAX_CONDITIONS} conditions.`,
      });
      break;
    }
    const result = checkCondition(condition, strict);
    if ('message' in result) mistakes.push(result);
    else conditions.push(result);
  }
  return mistakes.length > 0 ? { filter: undefined, mistakes } : { filter: { conditions }, mistakes: [] };
}

function isBlank(raw: RawCondition | undefined): boolean {
  return raw !== undefined && raw.parameter.text + raw.relation.text + raw.value.text === '';
}

function mistake({ position, text }: Token, message: string): Mistake {
  return { position, length: Math.max(1, text.length), message };
}

function checkCondition(raw: RawCondition, strict: boolean): Condition | Mistake {
  const { parameter, relation, value } = raw;
  if (isBlank(raw)) return { position: raw.start, length: 1, message: 'There is no condition before this ";".' };

  const known = PARAMETERS.filter((entry) => !strict || !entry.extension);
  const entry = PARAMETERS.find(({ name }) => name === parameter.text.toUpperCase());
  if (entry === undefined) {
    const names = known.map(({ name }) => name).join(', ');
    const seen = parameter.text === '' ? 'A parameter is missing' : `"${parameter.text}" is not a parameter`;
    return mistake(parameter, `${seen}. Write one of ${names}.`);
  }
  if (strict && entry.extension) {
    return mistake(parameter, `${entry.name} is an extension of OpenHHU that the SmartCOM does not know.`);
  }
  const checkedRelation = checkRelation(relation, entry);
  if (typeof checkedRelation !== 'string') return checkedRelation;
  if (value.text === '') return mistake(value, `A value is missing after "${entry.name}${checkedRelation}".`);
  return checkValue(entry, checkedRelation, value, strict);
}

const LIKELY_MEANT: Readonly<Record<string, string>> = { '=': '==', '=>': '>=', '=<': '<=', '<>': '!=', '!': '!=' };

function checkRelation(token: Token, { name, kind }: ParameterEntry): Relation | Mistake {
  const relation = RELATIONS.find((known) => known === token.text);
  if (relation === undefined) {
    if (token.text === '') return mistake(token, `A relation is missing after ${name}: ${RELATIONS.join(' ')}`);
    const meant = LIKELY_MEANT[token.text];
    const advice = meant === undefined ? `Write one of ${RELATIONS.join(' ')}` : `Write ${meant}`;
    return mistake(token, `"${token.text}" is not a relation. ${advice}`);
  }
  if ((kind === 'type' || kind === 'text') && !isEquality(relation)) {
    return mistake(token, `${name} is a name and can only be compared with == or !=.`);
  }
  return relation;
}

function isEquality(relation: Relation): relation is Equality {
  return relation === '==' || relation === '!=';
}

function checkValue(
  { name, kind }: ParameterEntry,
  relation: Relation,
  value: Token,
  strict: boolean,
): Condition | Mistake {
  if (name === 'RECORD_TYPE') {
    const type = RECORD_TYPES.find((known) => known === value.text.toUpperCase());
    if (type === undefined) {
      return mistake(value, `"${value.text}" is not a record type. Write one of ${RECORD_TYPES.join(', ')}.`);
    }
    return { parameter: name, relation: relation as Equality, value: type };
  }
  if (name === 'PROTOCOL' || name === 'IDENT') return checkText(name, relation as Equality, value);
  if (/^\d+$/.test(value.text)) return checkNumber(name, relation, value);
  if (kind !== 'time') return mistake(value, `${name} is compared with a whole number, not with "${value.text}".`);

  const time = parseIsoTime(value.text);
  if (time === undefined || strict) {
    const iso = strict ? '' : ' or a time such as 2026-11-20T10:00';
    return mistake(value, `TIME is compared with Unix seconds${iso}, not with "${value.text}".`);
  }
  return { parameter: 'TIME', relation, value: time, iso: value.text };
}

function checkNumber(parameter: NumberParameter, relation: Relation, token: Token): Condition | Mistake {
  const value = Number(token.text);
  if (Number.isSafeInteger(value)) return { parameter, relation, value };
  return mistake(token, `${token.text} is too large a number.`);
}

function checkText(parameter: 'PROTOCOL' | 'IDENT', relation: Equality, token: Token): Condition | Mistake {
  if (!token.text.startsWith('"')) return { parameter, relation, value: token.text, literal: false };
  const quoted = /^"((?:[^"]|"")*)"$/.exec(token.text)?.[1];
  if (quoted === undefined)
    return mistake(token, 'A value that begins with a quote ends with one; a quote in it is doubled.');
  return { parameter, relation, value: quoted.replaceAll('""', '"'), literal: true };
}
