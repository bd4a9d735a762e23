import type { ObisCode, ObisMedium } from './obis-code.ts';
import type { ReadingKind } from './reading.ts';
import type { Dimension } from './units.ts';

/** What a code means; an empty quantity says that it is not known. */
export interface ObisName {
  readonly quantity: string;
  readonly unit?: string;
  /** What its unit has to measure, where that is certain. */
  readonly dimension?: Dimension['name'];
  readonly kind?: ReadingKind;
  readonly tariff?: number;
  /** 'time' covers dates and time stamps; 'text': identifications and status words, whose leading zeros
   * count; a number only where a unit stands beside it. */
  readonly format?: 'time' | 'text';
  /** F is not a storage number here. */
  readonly ownF?: boolean;
}

export const unknownName: ObisName = { quantity: '' };

/** Rows by "C.D.E", "C.D" or "C", the most exact first; `t:` marks times, `s:` text, the rest are numbers. */
export type Names = Readonly<Record<string, string>>;

const general: Names = {
  '0.0': 's:Identification',
  '0.1.0': 'Billing period counter',
  '0.1.1': 'Number of stored billing periods',
  '0.1.2': 't:Time of last reset',
  '0.2.0': 's:Firmware version',
  '0.2.1': 's:Parameter set number',
  '0.9.0': 'Time since last reset',
  '0.9.1': 't:Time',
  '0.9.2': 't:Date',
  '0.9.5': 'Day of the week',
  '0.9.6': 't:Time of last reset',
  '0.9.7': 't:Date of last reset',
  '96.1': 's:Meter number',
  '96.2.0': 'Number of parameter changes',
  '96.2.1': 't:Date of last parameter change',
  '96.2.2': 't:Date of last tariff program change',
  '96.2.3': 't:Date of last ripple control program change',
  '96.2.4': 't:Date of last security setting change',
  '96.2.5': 't:Date of last calibration',
  '96.2.6': 't:Date of next parameter change',
  '96.2.12': 't:Date of last clock setting',
  '96.2.13': 't:Date of last firmware activation',
  '96.2': 's:',
  '96.3.0': 's:State of inputs and outputs',
  '96.3.1': 's:State of inputs',
  '96.3.2': 's:State of outputs',
  '96.3.10': 'Breaker state',
  '96.4': 's:Internal control signals',
  '96.5': 's:Operating status',
  '96.6.0': 'Battery use time',
  '96.6.1': 'Battery charge',
  '96.6.2': 't:Date of next battery change',
  '96.6.3': 'Battery voltage',
  '96.6.6': 'Battery remaining time',
  '96.7.0': 'Power failures, all phases',
  '96.7.1': 'Power failures L1',
  '96.7.2': 'Power failures L2',
  '96.7.3': 'Power failures L3',
  '96.7.5': 'Long power failures, all phases',
  '96.7.6': 'Long power failures L1',
  '96.7.7': 'Long power failures L2',
  '96.7.8': 'Long power failures L3',
  '96.7.9': 'Long power failures, any phase',
  '96.7.19': 'Duration of long power failure',
  '96.7.21': 'Power failures, any phase',
  // Some count seconds in hexadecimal without saying so (eBZ): a number only where a unit stands beside it.
  '96.8': 's:Operating time',
  '96.9.0': 'Ambient temperature',
  '96.11': 's:Event code',
  '96.13.0': 's:Message text',
  '96.13.1': 's:Message code',
  '96.14': 'Active tariff',
  '97.97': 's:Error register',
  '98': 's:',
  '99.1': 's:Load profile',
  '99.2': 's:Load profile 2',
  '99.97': 'Power failure log',
  '99.98': 's:Event log',
  '99.99': 's:Certification log',
  '99': 's:',
};

/** Codes that only mean this with A = 0: clock, limiter and the M-Bus devices behind a DSMR meter (channel B). */
const abstractOnly: Names = {
  '1.0.0': 't:Date and time',
  '17.0.0': 'Power limit',
  '24.1.0': 'M-Bus device type',
  '24.2.1': 'M-Bus meter reading',
  // Belgian meters: not converted to standard conditions.
  '24.2.3': 'M-Bus meter reading',
  '24.3.0': 's:M-Bus hourly readings',
  '24.4.0': 'Valve state',
  '42.0.0': 's:Logical device name',
};

export function abstractName(code: ObisCode): ObisName {
  // Identifications 2 to 9 are the manufacturer's own: ZPA keeps a date in C.1.5, Iskra a check sum in C.1.6.
  if (code.c === 96 && code.d === 1 && (code.e ?? 0) > 1) return { quantity: '', format: 'text' };
  // F alone is the error register too; F.8 and F.6 of some old meters are energy and maximum.
  const name = code.c === 97 && code.d === undefined ? nameFrom('s:Error register') : find(general, code);
  if (name) return code.c === 97 ? { ...name, kind: 'error' } : code.c === 96 ? service(name, code) : name;
  // 96.50 to 96.99 belong to the manufacturer: status words as often as numbers.
  if (code.c === 96) return { quantity: '', format: 'text', ownF: true };
  return (code.a === 0 && find(abstractOnly, code)) || unknownName;
}

/** Operating time by tariff: 96.8.1 to 96.8.63. */
function service(name: ObisName, { d, e = 0 }: ObisCode): ObisName {
  if (d !== 8) return name;
  return { ...name, dimension: 'time', ...(e >= 1 && e <= 63 ? { tariff: e } : {}) };
}

export function find(names: Names, { c, d, e }: ObisCode): ObisName | undefined {
  const byC = String(c);
  const byD = d === undefined ? byC : `${byC}.${String(d)}`;
  const text = (e === undefined ? undefined : names[`${byD}.${String(e)}`]) ?? names[byD] ?? names[byC];
  return text === undefined ? undefined : nameFrom(text);
}

function nameFrom(text: string): ObisName {
  if (text.startsWith('t:')) return { quantity: text.slice(2), format: 'time' };
  if (text.startsWith('s:')) return { quantity: text.slice(2), format: 'text' };
  return { quantity: text };
}

const thermal = (energyName: string): Names => ({
  '1': energyName,
  '2': 'Volume',
  '8': 'Power',
  '9': 'Flow',
  '10': 'Flow temperature',
  '11': 'Return temperature',
  '12': 'Temperature difference',
});

/** EN 13757-1 and OMS codes of the media other than electricity, as far as they are certain. */
const mediaNames: Readonly<Record<Exclude<ObisMedium, 'electricity'>, Names>> = {
  'heat cost': { '1': 'Heat cost units' },
  cooling: thermal('Cooling energy'),
  heat: thermal('Heat energy'),
  gas: {
    '1': 'Gas volume',
    '3.0': 'Gas volume',
    '3.1': 'Gas volume, temperature converted',
    '3.2': 'Gas volume at base conditions',
    '41': 'Gas temperature',
    '42': 'Gas pressure',
    '43': 'Gas flow',
  },
  'cold water': { '1': 'Cold water volume', '2': 'Cold water flow' },
  'hot water': { '1': 'Hot water volume', '2': 'Hot water flow' },
};

/** D other than 0 marks other values than the current one and is named only for gas, where it is the state of conversion. */
export function mediumName(medium: Exclude<ObisMedium, 'electricity'>, code: ObisCode): ObisName {
  const { d = 0, e = 0 } = code;
  const name = medium === 'gas' || d === 0 ? find(mediaNames[medium], code) : undefined;
  if (!name) return unknownName;
  return e >= 1 && e <= 63 ? { ...name, tariff: e } : name;
}

/** Codes of heat meters in the older EDIS form, where 6 and 9 are no value group C (Landis+Gyr UH50 and 2WR5, Kamstrup 66). */
const heatEdis: Names = {
  '0.0': 's:Identification',
  '6.6': 'Maximum power',
  '6.8': 'Heat energy',
  '6.26': 'Volume',
  '6.31': 'Operating time',
  '6.32': 'Fault time',
  '6.33': 'Maximum flow',
  '6.35': 'Measurement period',
  '6.36': 's:Due date',
  '6.36.1': 't:',
  '6.36.2': 't:',
  '6.36.3': 't:',
  '6.36.4': 't:',
  '6.36.5': 't:',
  '9.4': 'Maximum temperature',
  '9.20': 's:Meter number',
  '9.21': 's:Property number',
  '9.24': 'Nominal flow',
  '9.31': 'Flow time',
  '9.36': 't:Date and time',
  '9.1': 's:',
  '9.6': 's:',
  '9.7': 's:',
  '9.0': 's:',
};

export function heatEdisName(code: ObisCode): ObisName {
  const name = find(heatEdis, code);
  // The five numbered tariff registers and due dates are known; what else a third number means is not.
  if (!name || (code.c === 6 && code.e !== undefined && code.d !== 8 && code.d !== 36)) return unknownName;
  const maximum = name.quantity.startsWith('Maximum');
  const { c, d, e = 0 } = code;
  return { ...name, ...(maximum ? { kind: 'maximum' } : {}), ...(c === 6 && d === 8 && e > 0 ? { tariff: e } : {}) };
}
