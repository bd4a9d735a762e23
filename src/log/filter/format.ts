import type { Condition, Filter } from './filter.ts';

/** The filter as text; parsing it again gives the same filter. */
export function formatFilter(filter: Filter): string {
  return filter.conditions.map(formatCondition).join(';');
}

function formatCondition(condition: Condition): string {
  return `${condition.parameter}${condition.relation}${formatValue(condition)}`;
}

function formatValue(condition: Condition): string {
  if ('literal' in condition) {
    return condition.literal ? `"${condition.value.replaceAll('"', '""')}"` : condition.value;
  }
  return 'iso' in condition ? condition.iso : String(condition.value);
}
