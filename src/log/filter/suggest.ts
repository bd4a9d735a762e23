import { PARAMETERS, RECORD_TYPES, RELATIONS } from './filter.ts';
import type { ParameterEntry } from './filter.ts';
import { lexFilter } from './lex.ts';
import type { Token } from './lex.ts';

export interface Suggestion {
  readonly text: string;
  /** What it means, in words; may be empty. */
  readonly description: string;
}

export interface Suggestions {
  /** The characters that a suggestion takes the place of: from `from` to before `to`. */
  readonly from: number;
  readonly to: number;
  readonly options: readonly Suggestion[];
}

/** Names that occur in the log, offered as values. */
export interface KnownNames {
  readonly protocols?: readonly string[];
  readonly identifications?: readonly string[];
}

/** What could stand at the cursor: parameters, relations after a parameter, names after a relation. */
export function suggest(text: string, cursor: number, known: KnownNames = {}): Suggestions {
  const condition = lexFilter(text).find(({ start, end }) => cursor >= start && cursor <= end);
  const nothing = { from: cursor, to: cursor, options: [] };
  if (!condition) return nothing;
  const { parameter, relation, value } = condition;
  const entry = PARAMETERS.find(({ name }) => name === parameter.text.toUpperCase());

  if (relation.text !== '' && cursor >= relation.position + relation.text.length) {
    if (!entry || cursor > value.position + value.text.length) return nothing;
    const whole = RELATIONS.some((known) => known === relation.text);
    // Right behind `>` a `=` may still follow; offer that as long as no value stands there.
    if (!whole || (value.text === '' && relation.text.length === 1))
      return complete(relation, cursor, relationsFor(entry));
    return complete({ ...value, position: Math.min(value.position, cursor) }, cursor, valuesFor(entry, known));
  }
  const atParameter = cursor <= parameter.position + parameter.text.length;
  if (entry && (!atParameter || cursor === parameter.position + parameter.text.length)) {
    return complete({ ...relation, position: Math.min(relation.position, cursor) }, cursor, relationsFor(entry));
  }
  if (!atParameter) return nothing;
  const options = PARAMETERS.map(({ name, text: description }) => ({ text: name, description }));
  return complete(parameter, cursor, options);
}

/** Those options that begin with what stands before the cursor. */
function complete(token: Token, cursor: number, options: readonly Suggestion[]): Suggestions {
  const from = Math.min(token.position, cursor);
  const typed = token.text.slice(0, cursor - from).toUpperCase();
  return {
    from,
    to: Math.max(cursor, token.position + token.text.length),
    options: options.filter((option) => option.text.toUpperCase().startsWith(typed)),
  };
}

const RELATION_WORDS: Readonly<Record<string, string>> = {
  '==': 'is equal to',
  '!=': 'is not equal to',
  '>': 'is greater than',
  '>=': 'is greater than or equal to',
  '<': 'is smaller than',
  '<=': 'is smaller than or equal to',
};

function relationsFor({ kind }: ParameterEntry): readonly Suggestion[] {
  const named = kind === 'type' || kind === 'text';
  const possible = named ? RELATIONS.filter((relation) => relation === '==' || relation === '!=') : RELATIONS;
  return possible.map((text) => ({ text, description: RELATION_WORDS[text] ?? '' }));
}

function valuesFor(
  { name }: ParameterEntry,
  { protocols = [], identifications = [] }: KnownNames,
): readonly Suggestion[] {
  switch (name) {
    case 'RECORD_TYPE':
      return RECORD_TYPES.map((text) => ({ text, description: '' }));
    case 'PROTOCOL':
      return protocols.map((text) => ({ text, description: '' }));
    case 'IDENT':
      // Quoted, so that a star or a semicolon a meter has in its name means itself.
      return identifications.map((text) => ({ text: `"${text.replaceAll('"', '""')}"`, description: '' }));
    case 'ERROR_CODE':
      return [{ text: '0', description: 'success' }];
    default:
      return [];
  }
}
