import type { Block, ModbusAddress } from '../address.ts';
import { wordsOf } from '../numbers.ts';
import { profiles } from './catalogue.ts';
import type { AnyProfile, PlannedFigure, Profile } from './profile.ts';
import { quantities } from './quantities.ts';

/** The built-in profile of a model; of the revision that a record was read with, or the newest. */
export function profileOf(model: string, revision?: number): Profile | undefined {
  return profiles.find((one) => one.model === model && (revision === undefined || one.revision === revision));
}

const planned = new WeakMap<Profile, readonly PlannedFigure[]>();

export function figuresOf(profile: AnyProfile): readonly PlannedFigure[] {
  if ('figures' in profile) return profile.figures;
  const known = planned.get(profile);
  if (known) return known;
  const figures = profile.registers.map(([address, quantity, traits = {}]): PlannedFigure => {
    const type = traits.type ?? profile.type;
    const { command = profile.command, order = profile.order ?? 'ABCD', scale = 0 } = traits;
    return { ...quantities[quantity], ...traits, command, address, type, order, scale, words: wordsOf(type) };
  });
  planned.set(profile, figures);
  return figures;
}

/** Registers between two figures that are read along rather than asked around; some devices refuse longer gaps. */
const WIDEST_GAP = 8;

/** What has to be read for these figures: as few requests as the model allows, and no figure in two of them. */
function blocksFor(figures: readonly PlannedFigure[], most: number): readonly Block[] {
  const sorted = figures.toSorted((a, b) => a.command - b.command || a.address - b.address);
  const blocks: Block[] = [];
  for (const { command, address, words } of sorted) {
    const last = blocks.at(-1);
    const end = address + words;
    const joins =
      last?.command === command &&
      address <= last.address + last.count + WIDEST_GAP &&
      end - last.address <= Math.max(most, words);
    if (joins) blocks[blocks.length - 1] = { ...last, count: Math.max(last.count, end - last.address) };
    else blocks.push({ command, address, count: words });
  }
  return blocks;
}

export const blocksOf = (profile: AnyProfile): readonly Block[] => blocksFor(figuresOf(profile), profile.most);

/** What reads a meter of this model whole, in the form of the meter list. */
export const addressFor = (profile: AnyProfile, unit: number, baudRate: number): ModbusAddress => ({
  unit,
  baudRate,
  most: profile.most,
  blocks: blocksOf(profile),
});

/** A block that was refused in two, between two figures, as near to its middle as can be; none where it is one figure. */
export function halves(profile: AnyProfile, { command, address, count }: Block): readonly Block[] {
  const middle = address + count / 2;
  const starts = figuresOf(profile)
    .filter((one) => one.command === command && one.address > address && one.address < address + count)
    .map((one) => one.address)
    .toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  const [cut] = starts;
  if (cut === undefined) return [];
  const within = (from: number, to: number) =>
    figuresOf(profile).filter((one) => one.command === command && one.address >= from && one.address < to);
  return [...blocksFor(within(address, cut), count), ...blocksFor(within(cut, address + count), count)];
}
