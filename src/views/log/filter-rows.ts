import { formatFilter, parseFilter, PARAMETERS, RELATIONS } from '../../archive/client.ts';
import type { Condition, Parameter, Relation } from '../../archive/client.ts';

/** One condition of the builder as it stands in its three fields; the value may still be wrong or empty. */
export interface FilterRow {
  readonly id: number;
  readonly parameter: Parameter;
  readonly relation: Relation;
  /** As in the language: a time in ISO form, a text with its quotes where it has any. */
  readonly value: string;
}

export interface JudgedRows {
  /** The filter in the language. */
  readonly text: string;
  /** What is wrong with a row, by its id, in words. */
  readonly faults: ReadonlyMap<number, string>;
}

export const newRow = (id: number): FilterRow => ({ id, parameter: 'ERROR_CODE', relation: '!=', value: '0' });

/** The rows of a filter text; of one with a mistake nothing can be taken over. */
export function rowsOfFilter(text: string): readonly FilterRow[] {
  const { filter } = parseFilter(text);
  return (filter?.conditions ?? []).map((condition, id) => ({
    id,
    parameter: condition.parameter,
    relation: condition.relation,
    value: valueOf(condition),
  }));
}

/** Every row alone is a filter, so that a mistake is known to be its own. */
export function judgeRows(rows: readonly FilterRow[]): JudgedRows {
  const faults = new Map<number, string>();
  for (const row of rows) {
    const { filter, mistakes } = parseFilter(textOf(row));
    const message =
      mistakes[0]?.message ??
      (filter?.conditions.length === 1 ? undefined : 'A ";" in a value needs quotes around it.');
    if (message !== undefined) faults.set(row.id, message);
  }
  return { text: rows.map(textOf).join(';'), faults };
}

export function relationsOf(parameter: Parameter): readonly Relation[] {
  const kind = PARAMETERS.find(({ name }) => name === parameter)?.kind;
  const isName = kind === 'type' || kind === 'text';
  return isName ? RELATIONS.filter((relation) => relation === '==' || relation === '!=') : RELATIONS;
}

/** The row with another parameter; relation and value stay where they still make sense. */
export function withParameter(row: FilterRow, parameter: Parameter): FilterRow {
  const kindOf = (name: Parameter) => PARAMETERS.find((entry) => entry.name === name)?.kind;
  const [relation = '=='] = relationsOf(parameter).filter((each) => each === row.relation);
  const value = kindOf(parameter) === kindOf(row.parameter) ? row.value : parameter === 'RECORD_TYPE' ? 'AMS' : '';
  return { ...row, parameter, relation, value };
}

function textOf({ parameter, relation, value }: FilterRow): string {
  return `${parameter}${relation}${value}`;
}

function valueOf(condition: Condition): string {
  return formatFilter({ conditions: [condition] }).slice(condition.parameter.length + condition.relation.length);
}
