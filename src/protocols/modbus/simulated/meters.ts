import { householdHours, type Load } from '../../../simulator/load.ts';
import { seedOf } from '../../../simulator/random.ts';
import { profileOf } from '../profiles/plan.ts';
import { textWords } from './encode.ts';
import { put, registersOf, sunspecRegisters, type Registers } from './registers.ts';
import type { SlaveSpec } from './slave.ts';

const SINCE = Date.UTC(2022, 3, 1);

const loadOf = (name: string, perDay: number, initial = 0): Load => ({
  seed: seedOf(name),
  perDay,
  hours: householdHours,
  season: 0.2,
  since: SINCE,
  initial,
});

interface MeterTraits extends Pick<SlaveSpec, 'unit'>, Partial<Omit<SlaveSpec, 'unit' | 'registers'>> {
  readonly number: number;
  readonly perDay: number;
  /** Registers that say which model it is. */
  readonly sign?: (registers: Registers) => void;
}

/** A meter of a built-in model. */
function meter(model: string, { number, perDay, sign, ...traits }: MeterTraits): SlaveSpec {
  const profile = profileOf(model);
  if (!profile) throw new Error(`${model} is no built-in model.`);
  const load = loadOf(`${model} ${number}`, perDay);
  return {
    reactionMs: 25,
    most: profile.most,
    registers(time) {
      const registers = registersOf(profile, load, time, number);
      sign?.(registers);
      return registers;
    },
    ...traits,
  };
}

/** Unit address, rate and parity as its manual says; floats. */
const eastronSettings = { 0x12: 0x3f80, 0x13: 0, 0x14: 0x3f80, 0x15: 0, 0x1c: 0x4000, 0x1d: 0 };

/** On one bus, 9600 8N1: five meters of five makers, with both word orders, integers and floats. */
export const cabinet = (): readonly SlaveSpec[] => [
  meter('Eastron SDM630', { unit: 1, number: 11_402_077, perDay: 31, writable: eastronSettings }),
  meter('Carlo Gavazzi EM24', {
    unit: 2,
    number: 0,
    perDay: 12,
    reactionMs: 45,
    sign: (registers) => put(registers, 3, 0x0b, [71]),
  }),
  meter('ABB B21/B23/B24', {
    unit: 3,
    number: 20_415_511,
    perDay: 54,
    sign: (registers) => put(registers, 3, 0x8960, textWords('B23 ', 2)),
  }),
  meter('Siemens PAC2200', {
    unit: 4,
    number: 0,
    perDay: 88,
    saysOfItself: ['SIEMENS AG', '7KM2200-2EA30-1EA1', 'V3.2'],
  }),
  {
    unit: 5,
    reactionMs: 60,
    most: 125,
    registers: (time) => sunspecRegisters(loadOf('SunSpec', 40), time, 90_210_034),
  },
];

/** Alone on its line, 19200 8E1. */
export const single = (): readonly SlaveSpec[] => [
  meter('Schneider iEM3000', {
    unit: 1,
    number: 0,
    perDay: 22,
    sign(registers) {
      put(registers, 3, 0x31, textWords('iEM3155', 20));
      put(registers, 3, 0x45, textWords('Schneider Electric', 20));
    },
  }),
];
