import type { Draft } from '../../mbus/draft.ts';
import { apator } from './apator.ts';
import { bMeters } from './b-meters.ts';
import { bfw } from './bfw.ts';
import { hydroclima } from './hydroclima.ts';
import type { Layout, Own } from './layout.ts';
import { prios } from './prios.ts';
import { qundis } from './qundis.ts';
import { techem } from './techem.ts';

export const layouts: readonly Layout[] = [prios, ...techem, qundis, bfw, ...apator, ...bMeters, hydroclima];

/** For the fast way past all others. */
const MAKERS = new Set(['APA', 'APT', 'BFW', 'BMP', 'BMT', 'DME', 'EWT', 'HYD', 'LSE', 'QDS', 'SAP', 'SPL', 'TCH']);

export const hasLayouts = (maker: string): boolean => MAKERS.has(maker);

/** What the whole telegram says in a layout of its maker's; undefined where none is known that what is inside bears out. */
export const ownTelegram = (own: Own): readonly Draft[] | undefined =>
  layouts.find(({ of, fits }) => of === 'telegram' && fits(own))?.read(own);

/** What a record of the maker's says, by what it begins with; undefined as above. `own` is what is in the record. */
export const ownRecord = (label: string, own: Own): readonly Draft[] | undefined =>
  layouts.find(({ of, fits }) => of !== 'telegram' && of.record === label && fits(own))?.read(own);
