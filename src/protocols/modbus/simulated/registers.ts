import type { Load } from '../../../simulator/load.ts';
import { figuresOf } from '../profiles/plan.ts';
import type { Profile } from '../profiles/profile.ts';
import { textWords, wordsFor } from './encode.ts';
import { valueAt } from './values.ts';

/** What a device holds: words by function and address. */
export type Registers = Map<string, number>;

export const keyOf = (command: number, address: number): string => `${command}:${address}`;

export function put(registers: Registers, command: number, address: number, words: readonly number[]): void {
  words.forEach((word, index) => registers.set(keyOf(command, address + index), word));
}

/** Registers of a meter of this model at a time. */
export function registersOf(profile: Profile, load: Load, time: number, number: number): Registers {
  const registers: Registers = new Map();
  figuresOf(profile).forEach(({ command, address, type, order, scale, unit }, index) => {
    const quantity = profile.registers[index]?.[1];
    if (!quantity) return;
    const value = valueAt(quantity, load, time, number) * (/^(?:Wh|varh)$/.test(unit) ? 1000 : 1);
    put(registers, command, address, wordsFor(value, type, order, scale));
  });
  return registers;
}

/** A meter with SunSpec: who it is (model 1), then itself (203: three phases, integers with factors), then the end. */
export function sunspecRegisters(load: Load, time: number, number: number): Registers {
  const registers: Registers = new Map();
  const [base, common, meter] = [40_000, 40_002, 40_070];
  put(registers, 3, base, textWords('SunS', 2));
  put(registers, 3, common, [1, 66]);
  const texts = [
    ['OpenHHU', 2],
    ['Simulated meter', 18],
    ['1.0', 42],
    [String(number), 50],
  ] as const;
  put(registers, 3, common + 2, new Array<number>(66).fill(0));
  for (const [text, offset] of texts) put(registers, 3, common + offset, textWords(text, 8));
  put(registers, 3, meter, [203, 105, ...new Array<number>(105).fill(0x8000)]);
  const set = (quantity: Parameters<typeof valueAt>[0], offset: number, factor: number, scale: number) => {
    put(registers, 3, meter + offset, wordsFor(valueAt(quantity, load, time, number), 'i16', 'ABCD', scale));
    put(registers, 3, meter + factor, wordsFor(scale, 'i16', 'ABCD', 0));
  };
  set('Current', 2, 6, -2);
  set('CurrentL1', 3, 6, -2);
  set('CurrentL2', 4, 6, -2);
  set('CurrentL3', 5, 6, -2);
  set('VoltageL1', 8, 15, -1);
  set('VoltageL2', 9, 15, -1);
  set('VoltageL3', 10, 15, -1);
  set('Frequency', 16, 17, -2);
  set('Power', 18, 22, 0);
  // Nothing was ever given back: never counted.
  put(registers, 3, meter + 38, new Array<number>(8).fill(0));
  put(registers, 3, meter + 46, wordsFor(valueAt('Import', load, time, number) * 1000, 'u32', 'ABCD', 1));
  put(registers, 3, meter + 48, new Array<number>(6).fill(0));
  put(registers, 3, meter + 54, wordsFor(1, 'i16', 'ABCD', 0));
  put(registers, 3, meter + 107, [0xffff, 0]);
  return registers;
}
