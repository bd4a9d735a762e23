import { nameOf, type Attribute } from '../apdu/attribute.ts';
import type { Data } from '../axdr/data.ts';

/** A list of bare values: how it begins, and what each is; an empty name stands for what has none. */
interface Layout {
  readonly begins: string;
  readonly names: readonly string[];
  /** Those that are texts or times; all others are figures. */
  readonly others: readonly number[];
}

const ENERGIES = ['0-0:1.0.0', '1-0:1.8.0', '1-0:2.8.0', '1-0:3.8.0', '1-0:4.8.0'];
const HEAD = ['1-1:0.2.129', '0-0:96.1.0', '0-0:96.1.7', '1-0:1.7.0', '1-0:2.7.0', '1-0:3.7.0', '1-0:4.7.0'];
const ONE_PHASE = [...HEAD, '1-0:31.7.0', '1-0:32.7.0'];
const THREE_PHASES = [
  ...HEAD,
  ...['1-0:31.7.0', '1-0:51.7.0', '1-0:71.7.0'],
  ...['1-0:32.7.0', '1-0:52.7.0', '1-0:72.7.0'],
];

/** Lists of the customer ports of Norway and Sweden, as their operators publish them. */
const layouts: readonly Layout[] = [
  { begins: 'KFM_', names: ONE_PHASE, others: [0, 1, 2] },
  { begins: 'KFM_', names: THREE_PHASES, others: [0, 1, 2] },
  { begins: 'KFM_', names: [...ONE_PHASE, ...ENERGIES], others: [0, 1, 2, ONE_PHASE.length] },
  { begins: 'KFM_', names: [...THREE_PHASES, ...ENERGIES], others: [0, 1, 2, THREE_PHASES.length] },
];
const [DATA, REGISTER, CLOCK] = [1, 3, 8];

/** What bare values are; undefined where no list is known that they are. Their scale is never in the telegram. */
export function layoutOf(items: readonly Data[]): readonly (Attribute | undefined)[] | undefined {
  const layout = layouts.find(
    ({ begins, names, others }) =>
      names.length === items.length &&
      textOf(items[0]).startsWith(begins) &&
      items.every((item, at) => others.includes(at) === 'bytes' in item),
  );
  return layout?.names.map((text, at): Attribute | undefined => {
    const name = nameOf(text);
    const classId = text === '0-0:1.0.0' ? CLOCK : layout.others.includes(at) ? DATA : REGISTER;
    return name && { classId, name, number: 2 };
  });
}

const textOf = (data: Data | undefined) =>
  data && 'bytes' in data ? String.fromCharCode(...data.bytes.subarray(0, 16)) : '';
