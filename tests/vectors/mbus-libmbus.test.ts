import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/common/bytes.ts';
import type { Decimal } from '../../src/common/decimal.ts';
import { formatDecimal, parseDecimal } from '../../src/common/decimal.ts';
import { MeterError } from '../../src/common/meter-error.ts';
import type { Reading } from '../../src/common/reading.ts';
import { decodeMbus, moreRecordsFollow } from '../../src/protocols/mbus/decode.ts';
import { parseFrame } from '../../src/protocols/mbus/frame.ts';
import { parseTelegrams, responseError } from '../../src/protocols/mbus/telegram.ts';
import { STATUS_TEXTS } from '../../src/protocols/mbus/status.ts';
import { thirdParty } from './third-party.ts';

/** Every frame of libmbus's corpus against what libmbus says of it; see the table of differences. */

interface ExpectedRecord {
  readonly id: number;
  readonly function: string;
  readonly storagenumber?: string;
  readonly tariff?: string;
  readonly device?: string;
  readonly unit?: string;
  readonly value?: string;
}

interface Row {
  readonly folder: string;
  readonly name: string;
  readonly hex: string;
  readonly expected_header?: Readonly<Record<string, string | null>>;
  readonly expected_records?: readonly ExpectedRecord[];
}

const REACTIVE = { ours: '0 kvarh', reason: "ABB's manual: subunit 2 is reactive; libmbus shows the VIF alone" };

/** What we say instead of libmbus, and why: `name/record` or `name/header field`. The only place for deliberate differences. */
const DIFFERENCES: Readonly<Record<string, { readonly ours: string; readonly reason: string }>> = {
  'EFE_Engelmann-Elster-SensoStar-2/24': {
    ours: '0.000011 m^3/pulse',
    reason: 'VIFE 28 (per input pulse) is ignored by libmbus (libmbus#116)',
  },
  'EFE_Engelmann-WaterStar/11': { ours: '0.000008 m^3/pulse', reason: 'VIFE 28, as above' },
  ...Object.fromEntries([5, 6, 7, 8, 9].map((record) => [`berg_dz_plus/${record}`, REACTIVE])),
  'engelmann_sensostar2c/13': { ours: '0.1 m^3/pulse', reason: 'VIFE 28, as above' },
  'itron_bm_+m/2': { ours: '', reason: 'day 0 of month 0 is no date; libmbus shows 2000-00-00' },
  'manual_frame2/1': {
    ours: '0.135 m^3',
    reason: 'unit 3E is the unit of counter 1, stored; libmbus only prints its name "reserved but historic"',
  },
};

const rows = thirdParty<readonly Row[]>('libmbus-frames.json')?.content ?? [];

const PREFIXES: Readonly<Record<string, number>> = { my: -6, m: -3, '': 0, k: 3, M: 6 };

/** libmbus's unit text as power of ten and unit: "Volume flow (1e-2  m^3/h)" → −2, "m^3/h". */
function libmbusUnit(text: string): { readonly exponent: number; readonly unit: string } {
  const inner = /\((.*)\)$/.exec(text)?.[1] ?? text;
  const match = /^ *(0\.1|10*|1e-?\d+)? *(my|k|m|M)? *(Wh|J\/h|J|W|m\^3\/h|m\^3|kg|deg C|%RH|V|A|bar)$/.exec(inner);
  if (inner === 'l') return { exponent: -3, unit: 'm^3' };
  if (!match) return { exponent: 0, unit: inner };
  const [, factor = '1', prefix = '', unit = ''] = match;
  return { exponent: Math.round(Math.log10(Number(factor))) + (PREFIXES[prefix] ?? 0), unit };
}

/** Our units in libmbus's. */
const UNITS: Readonly<Record<string, readonly [string, number]>> = {
  kWh: ['Wh', 3],
  MWh: ['Wh', 6],
  GJ: ['J', 9],
  W: ['W', 0],
  kW: ['W', 3],
  'm³': ['m^3', 0],
  'm³/h': ['m^3/h', 0],
  '°C': ['deg C', 0],
  K: ['deg C', 0],
  '%': ['%RH', 0],
  'm³/pulse': ['m^3/pulse', 0],
  s: ['seconds', 0],
  min: ['minutes', 0],
  h: ['hours', 0],
  d: ['days', 0],
};

/** A number with its unit in one text that does not depend on prefixes or trailing zeros. */
function canonical(decimal: Decimal, unit: string): string {
  const text = formatDecimal(decimal);
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return unit === '' ? short : `${short} ${unit}`;
}

/** `value · 10^powerOfTen`, exactly. */
const scaled = ({ coefficient, exponent }: Decimal, powerOfTen: number): Decimal => ({
  coefficient,
  exponent: exponent + powerOfTen,
});

function ours(reading: Reading): string {
  const { value } = reading;
  switch (value.type) {
    case 'number': {
      const [unit, exponent] = UNITS[reading.unit] ?? [reading.unit === 'HCA' ? '' : reading.unit, 0];
      return canonical(scaled(value.decimal, exponent), unit);
    }
    case 'time':
      return value.time.iso.replace(NO_SECONDS, '');
    case 'text':
      return /^\d+$/.test(value.text) ? value.text.replace(/^0+(?=\d)/, '') : value.text;
    case 'bytes':
      return Array.from(value.bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ');
  }
}

/** Type F has no seconds, yet libmbus prints them. */
const NO_SECONDS = /(?<=T\d\d:\d\d):00$/;

const DIMENSIONED = /^(Wh|J|W|m\^3|m\^3\/h|deg C|%RH|V|A|seconds|minutes|hours|days)$/;

function theirs(record: ExpectedRecord): string {
  const value = record.value ?? '';
  const { exponent, unit } = libmbusUnit(record.unit ?? '');
  const decimal = parseDecimal(value);
  if (decimal !== undefined && DIMENSIONED.test(unit)) return canonical(scaled(decimal, exponent), unit);
  if (decimal !== undefined && record.unit !== undefined) return value.replace(/^0+(?=\d)/, '');
  return value.replace(NO_SECONDS, '');
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  'Instantaneous value': ['instantaneous', 'stored'],
  'Maximum value': ['maximum'],
  'Minimum value': ['minimum'],
  'Value during error state': ['error'],
};

function recordsOf(hex: string): readonly Reading[] {
  return decodeMbus({ identification: '', data: hex }).filter(
    ({ label }) => !['ID', 'STATUS', 'frame'].includes(label),
  );
}

/** Error code of the link layer or of the answer; else what the reading of the damaged record says. */
function verdict(hex: string): number | string {
  const bytes = fromHex(hex);
  if (bytes === undefined) return 'not hexadecimal';
  try {
    const error = responseError(parseFrame(bytes));
    if (error !== undefined) return error.code;
  } catch (error) {
    if (error instanceof MeterError) return error.code;
    throw error;
  }
  const damaged = decodeMbus({ identification: '', data: hex }).filter(
    ({ value, label }) => value.type === 'bytes' && label !== '1F',
  );
  return damaged.map(({ note }) => note).join('; ');
}

const VERDICTS: Readonly<Record<string, number | string>> = {
  buffer_too_long: 131084,
  error: 131084,
  premature_end_of_record: 131084,
  too_many_readouts: 131084,
  too_many_vifes: 131084,
  premature_end_of_data1: 'the telegram ends inside this record',
  premature_end_of_dif1: 'the telegram ends inside a DIFE chain',
  premature_end_of_dif2: 'the telegram ends inside a DIFE chain',
  too_long_var_vif: 'the text of the VIF does not fit into the telegram',
  too_many_dife: 'more than 10 DIFEs',
  too_many_vife: 'more than 10 VIFEs',
  invalid_length: 131334,
  invalid_length2: 131334,
  manual_frame1: 'not hexadecimal',
  manual_frame4: 131083,
  manual_frame5: 131083,
  manual_frame6: 131083,
  svm_f22_telegram2: '',
};

describe('libmbus corpus', () => {
  const used = new Set<string>();
  const expected = (key: string, theirValue: string) => {
    const difference = DIFFERENCES[key];
    if (difference === undefined) return theirValue;
    used.add(key);
    expect(difference.ours, `${key} is no difference any more`).not.toBe(theirValue);
    return difference.ours;
  };

  for (const row of rows.filter(({ expected_records: records = [] }) => records.length > 0)) {
    it(row.name, () => {
      const bytes = fromHex(row.hex) ?? new Uint8Array(0);
      const [telegram] = parseTelegrams(bytes);
      const header = row.expected_header ?? {};
      const said = telegram?.header;
      expect(telegram?.fault).toBe('');
      expect(said?.identification?.replace(/^0+(?=\d)/, ''), 'Id').toBe(expected(`${row.name}/Id`, header['Id'] ?? ''));
      expect(String(said?.accessNumber), 'AccessNumber').toBe(header['AccessNumber']);
      expect(said?.status, 'Status').toBe(Number.parseInt(header['Status'] ?? '', 16));
      if (header['Manufacturer']) {
        expect(said?.manufacturer).toBe(header['Manufacturer']);
        expect(String(said?.version)).toBe(header['Version']);
        expect(said?.configuration).toBe(Number.parseInt(header['Signature'] ?? '', 16));
        expect(decodeMbus({ identification: '', data: row.hex })[1]?.value).toEqual({
          type: 'text',
          text: STATUS_TEXTS[said?.status ?? 0],
        });
      }

      const wanted = (row.expected_records ?? []).filter(({ value }) => value !== '' && value !== undefined);
      const readings = recordsOf(row.hex);
      const differing: unknown[] = [];
      for (const [n, record] of wanted.entries()) {
        const reading = readings[n];
        const key = `${row.name}/${record.id}`;
        const want = expected(key, theirs(record));
        const have = reading === undefined ? 'nothing' : ours(reading);
        if (have !== want)
          differing.push([key, record.unit, record.value, 'ours', have, reading?.label, reading?.unit]);
        const kinds = KINDS[record.function];
        if (kinds !== undefined) expect(kinds, key).toContain(reading?.kind);
        if (record.storagenumber !== undefined && kinds !== undefined)
          expect(String(reading?.storage), `${key} storage`).toBe(record.storagenumber);
        if (record.tariff !== undefined) expect(String(reading?.tariff), `${key} tariff`).toBe(record.tariff);
        if (record.device !== undefined) expect(String(reading?.subunit), `${key} subunit`).toBe(record.device);
      }
      expect(differing).toEqual([]);
      expect(readings.length).toBe(wanted.length);
      const more = (row.expected_records ?? []).some((record) => record.function === 'More records follow');
      expect(moreRecordsFollow(bytes)).toBe(more);
    });
  }

  it('explains what is wrong with the error and unsupported frames', () => {
    const seen = rows
      .filter(({ folder }) => folder !== 'test-frames')
      .map(({ name, hex }) => [name, verdict(hex)] as const);
    expect(Object.fromEntries(seen)).toEqual(VERDICTS);
  });

  it('uses every row of the table of differences', () => {
    expect(Object.keys(DIFFERENCES).filter((key) => !used.has(key))).toEqual([]);
  });
});
