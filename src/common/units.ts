/** What a unit measures; units of one dimension differ by a factor only. */
export interface Dimension {
  readonly name:
    | 'energy'
    | 'reactive energy'
    | 'apparent energy'
    | 'power'
    | 'reactive power'
    | 'apparent power'
    | 'voltage'
    | 'current'
    | 'frequency'
    | 'volume'
    | 'flow'
    | 'temperature'
    | 'time'
    | 'angle'
    | 'ratio';
  /** It is counted and only grows, rather than going up and down. */
  readonly counts: boolean;
  /** Factor to kWh, kvarh, kVAh, kW …, m³, s. */
  readonly scale: number;
}

interface Unit {
  /** As it is shown. */
  readonly text: string;
  readonly dimension: Dimension;
}

type Base = readonly [text: string, name: Dimension['name'], counts: boolean, perKilo: number];

/** Units that take a prefix, by their lower-case form; `perKilo`: how much one thousand of them is in the scale above. */
const bases: Readonly<Record<string, Base>> = {
  wh: ['Wh', 'energy', true, 1],
  j: ['J', 'energy', true, 1 / 3600],
  cal: ['cal', 'energy', true, 0.001163],
  varh: ['varh', 'reactive energy', true, 1],
  vah: ['VAh', 'apparent energy', true, 1],
  w: ['W', 'power', false, 1],
  var: ['var', 'reactive power', false, 1],
  va: ['VA', 'apparent power', false, 1],
  v: ['V', 'voltage', false, 1],
  a: ['A', 'current', false, 1],
  hz: ['Hz', 'frequency', false, 1],
};

/** By the text as meters write it, in lower case where that leaves no doubt. */
const others: Readonly<Record<string, readonly [string, Dimension['name'], boolean, number]>> = {
  m3: ['m³', 'volume', true, 1],
  'm^3': ['m³', 'volume', true, 1],
  'm³': ['m³', 'volume', true, 1],
  l: ['l', 'volume', true, 0.001],
  m3ph: ['m³/h', 'flow', false, 1],
  'm3/h': ['m³/h', 'flow', false, 1],
  'm³/h': ['m³/h', 'flow', false, 1],
  'l/h': ['l/h', 'flow', false, 0.001],
  '°c': ['°C', 'temperature', false, 1],
  deg: ['°', 'angle', false, 1],
  '°': ['°', 'angle', false, 1],
  s: ['s', 'time', false, 1],
  min: ['min', 'time', false, 60],
  h: ['h', 'time', false, 3600],
  '%': ['%', 'ratio', false, 0.01],
};

const prefixes: Readonly<Record<string, readonly [text: string, kilos: number]>> = {
  '': ['', 0.001],
  k: ['k', 1],
  K: ['k', 1],
  M: ['M', 1000],
  // Milli and mega differ by their case alone.
  m: ['m', 1e-6],
  g: ['G', 1e6],
  G: ['G', 1e6],
  T: ['T', 1e9],
};

const PREFIXED = /^([kKmMgGT]?)(wh|j|cal|varh?|vah?|w|v|a|hz)$/i;

/** Meters spell freely: `KWh`, `kwh`, `kVArh`, `m^3`. */
function unitOf(text: string): Unit | undefined {
  if (text.length > 6) return undefined;
  const other = others[text.toLowerCase()];
  if (other && Object.hasOwn(others, text.toLowerCase())) {
    const [shown, name, counts, scale] = other;
    return { text: shown, dimension: { name, counts, scale } };
  }
  const [, prefix = '', letters = ''] = PREFIXED.exec(text) ?? [];
  const base = bases[letters.toLowerCase()];
  const factor = prefixes[prefix];
  // A single small letter is rather no unit at all.
  if (!base || !factor || (letters.length === 1 && letters !== letters.toUpperCase() && prefix === ''))
    return undefined;
  const [shown, name, counts, perKilo] = base;
  return { text: factor[0] + shown, dimension: { name, counts, scale: factor[1] * perKilo } };
}

/** Undefined for what is no unit of the table: pulses, `imp/kWh`, a maker's own. */
export function dimensionOf(unit: string): Dimension | undefined {
  return unitOf(unit)?.dimension;
}

/** The unit as it is usually written; what is not known stays as sent. */
export function spelledUnit(unit: string): string {
  return unitOf(unit)?.text ?? unit;
}
