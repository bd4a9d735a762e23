import { inPairs, toHex } from '../../common/bytes.ts';
import type { Combination } from './vif-combinable.ts';
import { COMBINABLE_EXTENSION_VIFES, COMBINABLE_VIFES } from './vif-combinable.ts';
import { FB_VIFS } from './vif-fb.ts';
import { FD_VIFS } from './vif-fd.ts';
import type { Register, VifMeaning } from './vif-meaning.ts';
import { meaning } from './vif-meaning.ts';
import { PRIMARY_VIFS } from './vif-primary.ts';

const NOTHING = meaning('', '');

/** Chains that were met before; most meters use the same few. Bounded, because a chain is whatever a meter sends. */
const seen = new Map<number, VifMeaning>();
const MOST_SEEN = 4096;

/** Meaning of the VIF chain in `bytes[start, end)`: VIF, then VIFEs; the last one has bit 7 clear. */
export function vifMeaning(bytes: Uint8Array, start: number, end: number): VifMeaning {
  const first = bytes[start] ?? 0;
  if (end - start === 1) return PRIMARY_VIFS[first & 0x7f] ?? NOTHING;
  const second = bytes[start + 1] ?? 0;
  if (end - start === 2) {
    if (first === 0xfd) return FD_VIFS[second & 0x7f] ?? NOTHING;
    if (first === 0xfb) return FB_VIFS[second & 0x7f] ?? NOTHING;
  }
  if (end - start > 4) return chain(bytes, start, end);
  let key = first;
  for (let i = start + 1; i < end; i++) key = key * 256 + (bytes[i] ?? 0);
  const known = seen.get(key);
  if (known !== undefined) return known;
  const found = chain(bytes, start, end);
  if (seen.size < MOST_SEEN) seen.set(key, found);
  return found;
}

function chain(bytes: Uint8Array, start: number, end: number): VifMeaning {
  const first = bytes[start] ?? 0;
  const table = first === 0xfb ? FB_VIFS : first === 0xfd ? FD_VIFS : undefined;
  const base = table === undefined ? PRIMARY_VIFS[first & 0x7f] : table[(bytes[start + 1] ?? 0) & 0x7f];
  if ((first & 0x7f) === 0x7f) return base ?? NOTHING;
  return combine(base ?? NOTHING, bytes, table === undefined ? start + 1 : start + 2, end);
}

/** Applies the combinable VIFEs in `bytes[start, end)` to a meaning. */
export function combine(base: VifMeaning, bytes: Uint8Array, start: number, end: number): VifMeaning {
  let result = base;
  for (let i = start; i < end; i++) {
    let combination = COMBINABLE_VIFES[(bytes[i] ?? 0) & 0x7f];
    if (combination?.effect === 'extension' && i + 1 < end)
      combination = COMBINABLE_EXTENSION_VIFES[(bytes[++i] ?? 0) & 0x7f];
    if (combination === undefined) break;
    result = apply(result, combination);
    // What follows belongs to the manufacturer: reading it as a factor gave values 10⁴ too small (m-bus-parser#114).
    if (combination.effect === 'manufacturer') return withOwn(result, base.register, bytes.slice(i + 1, end));
  }
  return result;
}

function withOwn(result: VifMeaning, register: Register, rest: Uint8Array): VifMeaning {
  if (rest.length === 0) return result;
  const own = { codes: Array.from(rest, (byte) => byte & 0x7f), register };
  return withNote({ ...result, own }, `manufacturer-specific VIFE ${inPairs(toHex(rest))}`);
}

function apply(base: VifMeaning, combination: Combination): VifMeaning {
  switch (combination.effect) {
    case 'scale':
      return { ...base, exponent: base.exponent + combination.exponent };
    case 'offset': {
      // "Unit of the VIF" is the unit of the standard's table without its power of ten; peers read it the same way.
      const offset = { coefficient: 1, exponent: combination.exponent - base.prefix };
      return withNote({ ...base, offset }, `corrected by ${combination.text} as the meter says`);
    }
    case 'remark':
      return combination.text === '' ? base : { ...base, quantity: qualified(base.quantity, combination.text) };
    case 'variant':
      return { ...base, quantity: qualified(base.quantity, combination.text), register: '' };
    case 'series':
      return { ...withNote(base, combination.text), series: combination.direction, register: '' };
    case 'unit': {
      const quantity = qualified(base.quantity, combination.text);
      return { ...base, quantity, unit: base.unit + combination.unit, register: '' };
    }
    case 'replace':
      return {
        ...base,
        quantity: qualified(base.quantity, combination.text),
        unit: combination.unit,
        exponent: 0,
        prefix: 0,
        coding: combination.time ? 'time' : 'number',
        register: '',
      };
    case 'backward':
      return { ...base, quantity: qualified(base.quantity, combination.text), register: exported(base.register) };
    case 'phase':
      return {
        ...base,
        quantity: qualified(base.quantity, combination.text),
        register: onPhase(base.register, combination.phase),
      };
    case 'failure':
      return withNote({ ...base, failed: true }, `the meter reports: ${combination.text}`);
    case 'reserved':
      return { ...withNote(base, combination.text), register: '' };
    case 'manufacturer':
      return { ...base, register: '' };
    case 'extension':
      return withNote(base, 'a VIFE is missing after FC');
  }
}

const qualified = (quantity: string, text: string) => (quantity === '' ? text : `${quantity}, ${text}`);

function withNote(base: VifMeaning, note: string): VifMeaning {
  return { ...base, note: base.note === '' ? note : `${base.note}; ${note}` };
}

function exported(register: Register): Register {
  switch (register) {
    case 'energy':
      return 'energy export';
    case 'reactive energy':
      return 'reactive energy export';
    case 'power':
      return 'power export';
    default:
      return '';
  }
}

/** The register of one conductor. */
export function onPhase(register: Register, phase: 1 | 2 | 3): Register {
  return register === 'voltage' || register === 'current' ? `${register} L${phase}` : '';
}
