import { meterRecord } from '../../../../src/log/meter-record.ts';
import type { LogRecord } from '../../../../src/log/record.ts';
import type { Condition, Filter, NumberParameter, Relation } from '../../../../src/log/filter/filter.ts';
import { textMatcher } from '../../../../src/log/filter/text-pattern.ts';

/** Whether one record meets all conditions: the yardstick of the compiled filter. */
export function evaluateFilter(filter: Filter, record: LogRecord): boolean {
  return filter.conditions.every((condition) => meets(condition, record));
}

function meets(condition: Condition, record: LogRecord): boolean {
  switch (condition.parameter) {
    case 'RECORD_TYPE':
      return (record.type === condition.value) === (condition.relation === '==');
    case 'PROTOCOL':
    case 'IDENT': {
      const meter = meterRecord(record);
      if (!meter) return false;
      const text = condition.parameter === 'PROTOCOL' ? meter.protocol : meter.identification;
      return textMatcher(condition)(text) === (condition.relation === '==');
    }
    default: {
      const value = numberOf(record, condition.parameter);
      return value !== undefined && holds(value, condition.relation, condition.value);
    }
  }
}

function numberOf(record: LogRecord, parameter: NumberParameter): number | undefined {
  if (parameter === 'TIME') return record.time;
  if (parameter === 'SEQ') return record.seq;
  const meter = meterRecord(record);
  if (parameter === 'METER') return meter?.meter;
  return parameter === 'TABLE_ID' ? meter?.index : meter?.errorCode;
}

function holds(a: number, relation: Relation, b: number): boolean {
  switch (relation) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
  }
}
