import type { BlockItem, DataValue } from '../../../../src/protocols/iec62056-21/data-set.ts';

/** The inverse of `parseDataBlock`: what it took apart has to come back to the character. */
export function renderDataBlock(items: readonly BlockItem[]): string {
  return items
    .map((item) =>
      item.kind === 'literal' ? item.text : item.address + item.gap + item.values.map(renderValue).join(''),
    )
    .join('');
}

function renderValue({ open, value, separator, unit = '', close }: DataValue): string {
  return open + value + separator + unit + close;
}
