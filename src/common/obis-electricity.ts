import { find, unknownName } from './obis-names.ts';
import type { Names, ObisName } from './obis-names.ts';
import type { ObisCode } from './obis-code.ts';
import type { ReadingKind } from './reading.ts';
import type { Dimension } from './units.ts';

/** General purpose codes (C = 0) that only electricity meters have (IEC 62056-61, table 13). */
const electricGeneral: Names = {
  '0.2.2': 's:Tariff program number',
  '0.2.3': 's:Ripple control program number',
  '0.2.4': 's:Connection diagram number',
  '0.3.0': 'Meter constant, active energy',
  '0.3.1': 'Meter constant, reactive energy',
  '0.3.2': 'Meter constant, apparent energy',
  '0.3.3': 'Output pulse constant, active energy',
  '0.3.4': 'Output pulse constant, reactive energy',
  '0.3.5': 'Output pulse constant, apparent energy',
  '0.4.0': 'Reading factor for power',
  '0.4.1': 'Reading factor for energy',
  '0.4.2': 'Current transformer ratio',
  '0.4.3': 'Voltage transformer ratio',
  '0.6.0': 'Rated voltage',
  '0.6.1': 'Rated current',
  '0.6.2': 'Rated frequency',
  '0.6.3': 'Maximum current',
  '0.8.0': 'Measurement period',
  '0.8.4': 'Load profile period',
  '0.8.5': 'Load profile period 2',
  '0.8.6': 'Billing period',
};

/** Value group C of electricity within a block of twenty: totals 1–20, L1 21–40, L2 41–60, L3 61–80; energy and power names. */
const electricQuantities: readonly (readonly [asEnergy: string, asPower: string] | undefined)[] = [
  undefined,
  ['Active energy import', 'Active power import'],
  ['Active energy export', 'Active power export'],
  ['Reactive energy import', 'Reactive power import'],
  ['Reactive energy export', 'Reactive power export'],
  ['Reactive energy quadrant I', 'Reactive power quadrant I'],
  ['Reactive energy quadrant II', 'Reactive power quadrant II'],
  ['Reactive energy quadrant III', 'Reactive power quadrant III'],
  ['Reactive energy quadrant IV', 'Reactive power quadrant IV'],
  ['Apparent energy import', 'Apparent power import'],
  ['Apparent energy export', 'Apparent power export'],
  ['Ampere-hours', 'Current'],
  ['Volt-hours', 'Voltage'],
  ['', 'Power factor'],
  ['', 'Frequency'],
  ['Active energy, sum of import and export', 'Active power, sum of import and export'],
  ['Active energy, import minus export', 'Active power, import minus export'],
  ['Active energy quadrant I', 'Active power quadrant I'],
  ['Active energy quadrant II', 'Active power quadrant II'],
  ['Active energy quadrant III', 'Active power quadrant III'],
  ['Active energy quadrant IV', 'Active power quadrant IV'],
];

const electricExtras: Readonly<Record<number, readonly [asEnergy: string, asPower: string]>> = {
  83: ['Losses', 'Loss power'],
  84: ['', 'Power factor export'],
  85: ['', 'Power factor export L1'],
  86: ['', 'Power factor export L2'],
  87: ['', 'Power factor export L3'],
  88: ['Ampere-squared hours', ''],
  89: ['Volt-squared hours', ''],
  90: ['', 'Sum of currents'],
  91: ['', 'Current in neutral'],
  92: ['', 'Voltage of neutral'],
};

/** What energy and power of a value group C within its block are measured in. */
const electricDimensions: readonly (readonly [asEnergy: Dimension['name'], asPower: Dimension['name']] | undefined)[] =
  [
    undefined,
    ['energy', 'power'],
    ['energy', 'power'],
    ...Array.from({ length: 6 }, () => ['reactive energy', 'reactive power'] as const),
    ['apparent energy', 'apparent power'],
    ['apparent energy', 'apparent power'],
    undefined,
    undefined,
    undefined,
    undefined,
    ...Array.from({ length: 6 }, () => ['energy', 'power'] as const),
  ];

/** Current, voltage and frequency have no energy to be told from. */
const plainDimensions: Readonly<Record<number, Dimension['name']>> = { 11: 'current', 12: 'voltage', 14: 'frequency' };

interface Processing {
  readonly as: 'energy' | 'power';
  readonly suffix: string;
  readonly kind?: ReadingKind;
}

const power = (suffix: string, kind?: ReadingKind): Processing => ({
  as: 'power',
  suffix,
  ...(kind ? { kind } : {}),
});
const energy = (suffix: string): Processing => ({ as: 'energy', suffix });

/** Value group D of electricity (IEC 62056-61, 5.4.2). 17–20 and 30 are left out: Kamstrup uses 20 in its own sense. */
const electricProcessing: Readonly<Record<number, Processing>> = {
  0: power(', average of billing period'),
  1: power(', cumulated minimum', 'minimum'),
  2: power(', cumulated maximum', 'maximum'),
  3: power(', minimum', 'minimum'),
  4: power(', current average'),
  5: power(', last average'),
  6: power(', maximum', 'maximum'),
  7: power(''),
  8: energy(''),
  9: energy(' since last reset'),
  10: energy(' above threshold'),
  11: power(', cumulated minimum 2', 'minimum'),
  12: power(', cumulated maximum 2', 'maximum'),
  13: power(', minimum 2', 'minimum'),
  14: power(', current average 2'),
  15: power(', last average 2'),
  16: power(', maximum 2', 'maximum'),
  21: power(', cumulated minimum 3', 'minimum'),
  22: power(', cumulated maximum 3', 'maximum'),
  23: power(', minimum 3', 'minimum'),
  24: power(', current average 3'),
  25: power(', last average 3'),
  26: power(', maximum 3', 'maximum'),
  27: power(', current average of load profile period'),
  29: energy(' in load profile period'),
};

/** Limit supervision of current and voltage; DSMR counts sags with 32 and swells with 36. */
const limitProcessing: Readonly<Record<number, string>> = {
  31: ', lower limit',
  32: ' sags',
  33: ', duration of sag',
  34: ', depth of sag',
  35: ', upper limit',
  36: ' swells',
  37: ', duration of swell',
  38: ', height of swell',
};

const angles: readonly string[] = ['U1', 'U2', 'U3', '', 'I1', 'I2', 'I3', 'I0'];

export function electricityName(code: ObisCode): ObisName {
  const { b, c, d, e } = code;
  if (d === undefined) return unknownName;
  // DSMR gives the version of its P1 port as 1-3:0.2.8.
  if (c === 0 && d === 2 && e === 8 && b === 3) return { quantity: 'P1 version', format: 'text' };
  if (c === 0) return find(electricGeneral, code) ?? unknownName;
  if (c === 81) return d === 7 ? angleName(e) : unknownName;
  const within = ((c - 1) % 20) + 1;
  const inPhases = c >= 1 && c <= 80;
  const names = inPhases ? electricQuantities[within] : electricExtras[c];
  const phase = inPhases && c > 20 ? ` L${String(Math.ceil(c / 20) - 1)}` : '';
  if (!names) return unknownName;
  const limit = limitProcessing[d];
  if (limit !== undefined) {
    return inPhases && (within === 11 || within === 12) ? { quantity: `${names[1]}${limit}${phase}` } : unknownName;
  }
  const processing = electricProcessing[d];
  const base = names[processing?.as === 'energy' ? 0 : 1];
  if (!processing || base === '') return unknownName;
  // Kamstrup's 1.26 is no third maximum: extremes of a second or third period count only with their tariff stated.
  if (processing.kind && d > 10 && e === undefined) return unknownName;
  return {
    quantity: base + phase + processing.suffix + harmonic(c, d, e),
    ...(processing.kind ? { kind: processing.kind } : {}),
    ...(d !== 7 && e !== undefined && e >= 1 && e <= 63 ? { tariff: e } : {}),
    ...dimensionOfName(inPhases ? within : 0, processing, e),
  };
}

function dimensionOfName(within: number, { as }: Processing, e = 0): Pick<ObisName, 'dimension'> {
  const pair = electricDimensions[within];
  // With E stated a current or voltage may be a harmonic in percent.
  const dimension = pair
    ? pair[as === 'energy' ? 0 : 1]
    : as === 'power' && e === 0
      ? plainDimensions[within]
      : undefined;
  return dimension === undefined ? {} : { dimension };
}

/** With D = 7, E counts harmonics of currents and voltages (IEC 62056-61, 5.4.3.3). */
function harmonic(c: number, d: number, e = 0): string {
  const ofWave = [11, 12, 31, 32, 51, 52, 71, 72, 90, 91, 92].includes(c);
  return ofWave && d === 7 && e >= 1 && e <= 120 ? `, harmonic ${String(e)}` : '';
}

/** 81.7.xy: angle between x and y (`81.7.4`: x is 0, U1); the direction is left open, as meters do not agree on it. */
function angleName(e = 0): ObisName {
  const one = angles[Math.floor(e / 10)];
  const other = angles[e % 10];
  if (!one || !other) return unknownName;
  return { quantity: one === other ? `Angle of ${one}` : `Angle between ${one} and ${other}`, unit: '°' };
}
