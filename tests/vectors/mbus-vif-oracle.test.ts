import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/common/bytes.ts';
import { vifMeaning } from '../../src/protocols/mbus/vif.ts';
import { thirdParty } from './third-party.ts';

/** The VIF tables against two peers, wherever both have an opinion and it is the same one. */

interface Row {
  readonly table: string;
  readonly vif: string;
  readonly libmbus_text?: { readonly unit?: string };
  readonly wmbusmeters_text?: readonly string[];
}

const rows = thirdParty<readonly Row[]>('vif-oracle.json')?.content ?? [];

const PREFIXES: Readonly<Record<string, number>> = { '': 0, m: -3, my: -6, k: 3, M: 6 };

/** Peer words of unit and scale as ours: base unit and power of ten. */
interface Scaled {
  readonly unit: string;
  readonly exponent: number;
}

/** "Volume flow (1e-2  m^3/h)", "10 k V", "kt" */
function libmbusScale(text: string): Scaled | undefined {
  const inner = (/\((.*)\)$/.exec(text)?.[1] ?? text).replace(
    /^(Credit|Debit) of (.*) of the nominal.*$/,
    '$2 currency units',
  );
  const match =
    /^ *(0\.1|0\.001|10*|1e-?\d+)? *(my|k|m|M|G)? *(Wh|J\/h|J|W|m\^3\/h|m\^3\/min|m\^3\/s|m\^3|m3|kg\/h|kg|t|deg(?:ree)? [CF]|V|A|bar|feet\^3|american gallon(?:\/h|\/min)?|currency units)$/.exec(
      inner,
    );
  if (!match) return DURATIONS[inner] ?? DURATIONS[/(\w+)\(s\)$|(\w+)s\(s\)$/.exec(text)?.[1] ?? ''];
  const [, factor = '1', prefix = '', unit = ''] = match;
  const power = prefix === 'G' ? 9 : (PREFIXES[prefix] ?? 0);
  return {
    unit: unit.replace('m3', 'm^3').replace('degree', 'deg'),
    exponent: Math.round(Math.log10(Number(factor))) + power,
  };
}

const DURATIONS: Readonly<Record<string, Scaled>> = {
  seconds: { unit: 's', exponent: 0 },
  second: { unit: 's', exponent: 0 },
  minutes: { unit: 'min', exponent: 0 },
  minute: { unit: 'min', exponent: 0 },
  hours: { unit: 'h', exponent: 0 },
  hour: { unit: 'h', exponent: 0 },
  days: { unit: 'd', exponent: 0 },
  day: { unit: 'd', exponent: 0 },
  month: { unit: 'month', exponent: 0 },
  months: { unit: 'month', exponent: 0 },
  year: { unit: 'year', exponent: 0 },
};

const POWERS: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from('⁻⁰¹²³⁴⁵⁶⁷⁸⁹', (sign, n) => [sign, '-0123456789'.charAt(n)]),
);

/** "00 vif (Energy 10⁻² Wh)", "48 vife (10^-1 Volts)" */
function wmbusmetersScale(text: string): Scaled | undefined {
  const inner = /\((.*)\)$/.exec(text)?.[1] ?? '';
  const plain = Array.from(inner, (sign) => POWERS[sign] ?? sign)
    .join('')
    .replace(/10(-?\d+) /, '10^$1 ')
    .replace('m3', 'm^3')
    .replace('cm^3', '10^-6 m^3')
    .replace('mm^3', '10^-9 m^3')
    .replace(/\bl(?=\/|$)/, '10^-3 m^3')
    .replace(/\bg(?=\/h|$)/, '10^-3 kg')
    .replace(/ t\/h$/, ' 10^3 kg/h')
    .replace(/ t$/, ' 10^3 kg')
    .replace('Fahrenheit', 'deg F')
    .replace('Celsius', 'deg C')
    .replace('K/°C', 'deg C')
    .replace('°C', 'deg C')
    .replace('Volts', 'V')
    .replace('Ampere', 'A')
    .replace('ton', 't')
    .replace(/of the nominal local legal (currency units)/, '$1');
  const duration = /\[?(second|minute|hour|day|month|year)s?(?:\(s\))?\]?$/.exec(plain)?.[1];
  if (duration !== undefined) return DURATIONS[duration];
  const match =
    /(?:^| )(?:(0\.1|0\.001|10\^-?\d+) )?(M|G|k|m)?(Wh|J\/h|J|W|m\^3\/h|m\^3\/min|m\^3\/s|m\^3|kg\/h|kg|t|deg [CF]|V|A|bar|feet\^3|american gallon(?:\/h|\/min)?|currency units)$/.exec(
      plain,
    );
  if (!match) return undefined;
  const [, factor = '1', prefix = '', unit = ''] = match;
  const power = factor.startsWith('10^') ? Number(factor.slice(3)) : Math.round(Math.log10(Number(factor)));
  return { unit, exponent: power + (prefix === 'G' ? 9 : (PREFIXES[prefix] ?? 0)) };
}

/** Our units in the peers' words. */
const UNITS: Readonly<Record<string, Scaled>> = {
  kWh: { unit: 'Wh', exponent: 3 },
  MWh: { unit: 'Wh', exponent: 6 },
  GJ: { unit: 'J', exponent: 9 },
  kW: { unit: 'W', exponent: 3 },
  MW: { unit: 'W', exponent: 6 },
  'GJ/h': { unit: 'J/h', exponent: 9 },
  'm³': { unit: 'm^3', exponent: 0 },
  'm³/h': { unit: 'm^3/h', exponent: 0 },
  'm³/min': { unit: 'm^3/min', exponent: 0 },
  'm³/s': { unit: 'm^3/s', exponent: 0 },
  '°C': { unit: 'deg C', exponent: 0 },
  '°F': { unit: 'deg F', exponent: 0 },
  K: { unit: 'deg C', exponent: 0 },
  'ft³': { unit: 'feet^3', exponent: 0 },
  'US gal': { unit: 'american gallon', exponent: 0 },
  'US gal/min': { unit: 'american gallon/min', exponent: 0 },
  'US gal/h': { unit: 'american gallon/h', exponent: 0 },
};

function ourScale(vif: string): Scaled {
  const bytes = fromHex(vif) ?? new Uint8Array(0);
  const { unit, exponent } = vifMeaning(bytes, 0, bytes.length);
  const base = UNITS[unit] ?? { unit, exponent: 0 };
  return { unit: base.unit, exponent: base.exponent + exponent };
}

describe.skipIf(rows.length === 0)('VIF oracle (skipped where ../shared/vectors is absent)', () => {
  const agreed = rows.flatMap((row) => {
    const a = libmbusScale(row.libmbus_text?.unit ?? '');
    const text = row.wmbusmeters_text?.findLast((line) => / vife? \(/.test(line)) ?? '';
    const b = wmbusmetersScale(text);
    return row.table !== 'VIFE after 13' &&
      a !== undefined &&
      b !== undefined &&
      a.unit === b.unit &&
      a.exponent === b.exponent
      ? [{ vif: row.vif, scale: a }]
      : [];
  });

  it('has the unit and scale on which both peers agree', () => {
    const different = agreed
      .map(({ vif, scale }) => ({ vif, scale, ours: ourScale(vif) }))
      .filter(({ scale, ours }) => ours.unit !== scale.unit || ours.exponent !== scale.exponent);
    expect(different).toEqual([]);
    // 116 primary codes with a scale, 50 of FB, 67 of FD: the peers' words are understood.
    expect(agreed.length).toBe(233);
  });

  it('names every code that either peer knows', () => {
    const unnamed = rows
      .filter(
        ({ table, vif, libmbus_text: said }) =>
          table !== 'VIFE after 13' &&
          !/Reserved|Unknown|Unrecognized/.test(said?.unit ?? 'Unknown') &&
          !/^7[BCD]$/.test(vif),
      )
      .filter(({ vif }) => {
        const bytes = fromHex(vif) ?? new Uint8Array(0);
        return vifMeaning(bytes, 0, bytes.length).quantity === '';
      });
    expect(unnamed.map(({ vif }) => vif)).toEqual([]);
  });
});
