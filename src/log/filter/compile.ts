import { TYPE_CODES } from '../packed-index.ts';
import type { IndexBlock, Narrow, Source } from '../packed-index.ts';
import type { Condition, Filter, NumberCondition, Relation, TextCondition } from './filter.ts';
import { textMatcher } from './text-pattern.ts';

/**
 * The filter as passes over the columns of a block, one per condition. Every parameter stands in the index, so nothing
 * is left to be asked of the rows and counts are exact.
 */
export function compileFilter(filter: Filter): Narrow {
  const passes = filter.conditions.map(compileCondition);
  return (block, marks) => {
    for (const pass of passes) pass(block, marks);
  };
}

function compileCondition(condition: Condition): Narrow {
  switch (condition.parameter) {
    case 'RECORD_TYPE': {
      const code = TYPE_CODES[condition.value];
      const range = { low: code, high: code, inside: condition.relation === '==' };
      return (block, marks) => keepInRange(marks, block.type, range);
    }
    case 'PROTOCOL':
    case 'IDENT':
      return textPass(condition);
    default:
      return numberPass(condition);
  }
}

/** The values that are kept: those from `low` to `high` inclusive, or all others. */
interface Range {
  readonly low: number;
  readonly high: number;
  readonly inside: boolean;
}

function rangeOf(relation: Relation, value: number): Range {
  switch (relation) {
    case '==':
      return { low: value, high: value, inside: true };
    case '!=':
      return { low: value, high: value, inside: false };
    case '>':
      return { low: -Infinity, high: value, inside: false };
    case '>=':
      return { low: value, high: Infinity, inside: true };
    case '<':
      return { low: value, high: Infinity, inside: false };
    case '<=':
      return { low: -Infinity, high: value, inside: true };
  }
}

type Column = Uint8Array | Uint16Array | Uint32Array;

function isKept(value: number, { low, high, inside }: Range): boolean {
  return (value >= low && value <= high) === inside;
}

function keepInRange(marks: Uint8Array, column: Column, { low, high, inside }: Range): void {
  for (let i = 0; i < marks.length; i++) {
    const value = column[i] as number;
    if ((value >= low && value <= high) !== inside) marks[i] = 0;
  }
}

function keepAms(marks: Uint8Array, block: IndexBlock): void {
  keepInRange(marks, block.type, { low: TYPE_CODES.AMS, high: TYPE_CODES.AMS, inside: true });
}

function numberPass({ parameter, relation, value }: NumberCondition): Narrow {
  const range = rangeOf(relation, value);
  switch (parameter) {
    case 'TIME':
      return (block, marks) => keepInRange(marks, block.time, range);
    case 'TABLE_ID':
      return (block, marks) => {
        keepAms(marks, block);
        keepInRange(marks, block.tableId, range);
      };
    case 'ERROR_CODE':
      return (block, marks) => {
        keepAms(marks, block);
        keepInRange(marks, block.errorCode, range);
      };
    case 'METER':
      return sourcePass(({ meter }) => meter !== undefined && isKept(meter, range));
    case 'SEQ':
      return (block, marks) => {
        for (let i = 0; i < marks.length; i++) if (!isKept(block.base + i, range)) marks[i] = 0;
      };
  }
}

function textPass(condition: TextCondition): Narrow {
  const matches = textMatcher(condition);
  const wanted = condition.relation === '==';
  return sourcePass(
    (source) => matches(condition.parameter === 'PROTOCOL' ? source.protocol : source.identification) === wanted,
  );
}

/** The sources of a block are judged once each; the entries only by their place in the list. */
function sourcePass(accepts: (source: Source) => boolean): Narrow {
  return (block, marks) => {
    keepAms(marks, block);
    const keep = Uint8Array.from(block.sources, (source) => (accepts(source) ? 1 : 0));
    for (let i = 0; i < marks.length; i++) if (keep[block.source[i] as number] !== 1) marks[i] = 0;
  };
}
