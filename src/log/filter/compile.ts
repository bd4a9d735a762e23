import { TYPE_CODES, boundsOf } from '../packed-index.ts';
import type { Extremes, IndexBlock, Narrow, Rows, Source } from '../packed-index.ts';
import type { Condition, Filter, NumberCondition, Relation, TextCondition } from './filter.ts';
import { textMatcher } from './text-pattern.ts';

/**
 * The filter as passes over the columns of a block, one per condition, each over the rows that the ones before have
 * left. Every parameter stands in the index, so nothing is left to be asked of the rows and counts are exact.
 */
export function compileFilter(filter: Filter): Narrow {
  // What asks for one value leaves the fewest rows for the others to look at.
  const rank = ({ relation }: Condition) => (relation === '==' ? 0 : 1);
  const passes = filter.conditions.toSorted((a, b) => rank(a) - rank(b)).map(compileCondition);
  return (block, rows, count) => {
    for (const pass of passes) {
      if (count === 0) return 0;
      count = pass(block, rows, count);
    }
    return count;
  };
}

function compileCondition(condition: Condition): Narrow {
  switch (condition.parameter) {
    case 'RECORD_TYPE': {
      const code = TYPE_CODES[condition.value];
      const wanted = condition.relation === '==';
      return (block, rows, count) => keepType(block, rows, count, code, wanted);
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

function isKept(value: number, { low, high, inside }: Range): boolean {
  return (value >= low && value <= high) === inside;
}

/** Whether values between these are kept: all, none, or some. */
function verdict({ least, greatest }: Extremes, { low, high, inside }: Range): boolean | undefined {
  if (least >= low && greatest <= high) return inside;
  if (greatest < low || least > high) return !inside;
  return undefined;
}

function keepWide(column: Uint32Array, rows: Rows, count: number, { low, high, inside }: Range): number {
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const row = rows[k] as number;
    const value = column[row] as number;
    if ((value >= low && value <= high) === inside) rows[kept++] = row;
  }
  return kept;
}

/** The same as {@link keepWide} for the narrow columns: one loop for both would be compiled for neither. */
function keepNarrow(column: Uint16Array, rows: Rows, count: number, { low, high, inside }: Range): number {
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const row = rows[k] as number;
    const value = column[row] as number;
    if ((value >= low && value <= high) === inside) rows[kept++] = row;
  }
  return kept;
}

function keepType(block: IndexBlock, rows: Rows, count: number, code: number, wanted: boolean): number {
  const { types } = boundsOf(block);
  if (!types.has(code)) return wanted ? 0 : count;
  if (types.size === 1) return wanted ? count : 0;
  const { type } = block;
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const row = rows[k] as number;
    if ((type[row] === code) === wanted) rows[kept++] = row;
  }
  return kept;
}

function keepMeters(block: IndexBlock, rows: Rows, count: number): number {
  return keepType(block, rows, count, TYPE_CODES.SYSTART, false);
}

function numberPass({ parameter, relation, value }: NumberCondition): Narrow {
  const range = rangeOf(relation, value);
  switch (parameter) {
    case 'TIME':
      return (block, rows, count) => {
        const all = verdict(boundsOf(block).time, range);
        return all === undefined ? keepWide(block.time, rows, count, range) : all ? count : 0;
      };
    // The two below are of records of meters only; in the columns of others stands 0.
    case 'TABLE_ID':
      return (block, rows, count) => {
        const all = verdict(boundsOf(block).tableId, range);
        if (all === false) return 0;
        const left = all ? count : keepNarrow(block.tableId, rows, count, range);
        return keepMeters(block, rows, left);
      };
    case 'ERROR_CODE':
      return (block, rows, count) => {
        const all = verdict(boundsOf(block).errorCode, range);
        if (all === false) return 0;
        const left = all ? count : keepWide(block.errorCode, rows, count, range);
        return keepMeters(block, rows, left);
      };
    case 'METER':
      return sourcePass(({ meter }) => meter !== undefined && isKept(meter, range));
    case 'SEQ':
      return ({ base }, rows, count) => {
        let kept = 0;
        for (let k = 0; k < count; k++) {
          const row = rows[k] as number;
          if (isKept(base + row, range)) rows[kept++] = row;
        }
        return kept;
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
  return (block, rows, count) => {
    const accepted = Uint8Array.from(block.sources, (source) => (accepts(source) ? 1 : 0));
    if (!accepted.includes(1)) return 0;
    if (accepted.includes(0)) count = keepAccepted(block.source, rows, count, accepted);
    return keepMeters(block, rows, count);
  };
}

function keepAccepted(source: Uint16Array, rows: Rows, count: number, accepted: Uint8Array): number {
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const row = rows[k] as number;
    if (accepted[source[row] as number] === 1) rows[kept++] = row;
  }
  return kept;
}
