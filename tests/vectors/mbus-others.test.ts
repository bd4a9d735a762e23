import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/common/bytes.ts';
import { decimalToNumber, formatDecimal } from '../../src/common/decimal.ts';
import type { Reading } from '../../src/common/reading.ts';
import { decodeMbus, moreRecordsFollow } from '../../src/protocols/mbus/decode.ts';
import { appendRecords } from '../../src/protocols/mbus/record-readings.ts';
import { explainMbus } from '../../src/protocols/mbus/explain.ts';
import { parseTelegrams } from '../../src/protocols/mbus/telegram.ts';
import { thirdParty } from './third-party.ts';

/** Frames of jMBus, of issue trackers and of m-bus-parser, with what their authors say of them. */

const load = <Row>(name: string) => thirdParty<readonly Row[]>(name)?.content ?? [];

interface JmbusRow {
  readonly bus?: string;
  readonly name: string;
  readonly hex: string;
  readonly expected?: {
    readonly data_record_count?: number;
    readonly more_records_follow?: boolean;
    readonly value?: number | string;
    readonly unit?: string;
    readonly exponent?: number;
  };
}

interface IssueRow {
  readonly source: string;
  readonly name: string;
  readonly hex: string;
  readonly bus: string;
  readonly expected_facts: readonly string[];
}

interface ParserRow {
  readonly hex: string;
  readonly expected: {
    readonly manufacturer: string;
    readonly data_records: readonly {
      readonly value: number;
      readonly unit: string;
      readonly exponent: number;
      readonly storage_number: number;
    }[];
  };
}

const decode = (hex: string) => decodeMbus({ identification: '', data: hex });

/** Records without header and frame readings. */
const records = (hex: string) => decode(hex).filter(({ label }) => !['ID', 'STATUS', 'frame'].includes(label));

/** Readings of bare records: radio telegrams after their header, or single records. */
function bare(hex: string): readonly Reading[] {
  const readings: Reading[] = [];
  const bytes = fromHex(hex) ?? new Uint8Array(0);
  appendRecords(readings, bytes, 0, bytes.length, hex, { mode2: false, medium: 0x0f, maker: '' });
  return readings;
}

function shown({ value, unit }: Reading): string {
  switch (value.type) {
    case 'number':
      return `${formatDecimal(value.decimal)}${unit === '' ? '' : ` ${unit}`}`;
    case 'time':
      return value.time.iso === '' ? 'no date' : value.time.iso;
    case 'text':
      return value.text;
    case 'bytes':
      return `bytes ${value.bytes.join(',')}`;
  }
}

/** Units as base unit and power of ten. */
const BASE: Readonly<Record<string, readonly [string, number]>> = {
  kWh: ['Wh', 3],
  GJ: ['J', 9],
  kW: ['W', 3],
  'm³': ['m3', 0],
  'm^3': ['m3', 0],
  '%': ['%RH', 0],
};

/** A value in the base unit, rounded so that floating point does not matter. */
function inBase(value: number, unit: string, exponent: number): string {
  const [base, prefix] = BASE[unit] ?? [unit, 0];
  return `${Number((value * 10 ** (exponent + prefix)).toPrecision(12))} ${base}`;
}

function numberInBase({ value, unit }: Reading): string {
  return value.type === 'number' ? inBase(decimalToNumber(value.decimal), unit, 0) : 'no number';
}

const jmbus = load<JmbusRow>('jmbus-vectors.json');

describe('jMBus', () => {
  for (const { name, hex, expected } of jmbus.filter(({ bus }) => bus === 'wired')) {
    it(name, () => {
      const bytes = fromHex(hex) ?? new Uint8Array(0);
      expect(decode(hex).length).toBeGreaterThan(2);
      if (expected?.data_record_count !== undefined) expect(records(hex)).toHaveLength(expected.data_record_count);
      if (expected?.more_records_follow !== undefined)
        expect(moreRecordsFollow(bytes)).toBe(expected.more_records_follow);
    });
  }

  for (const { hex, expected } of jmbus.filter(
    ({ name, expected: wanted }) => name === 'record' && wanted !== undefined,
  )) {
    it(`record ${hex}`, () => {
      const [reading] = bare(hex);
      if (typeof expected?.value === 'number' && expected.unit !== undefined)
        expect(reading === undefined ? '' : numberInBase(reading)).toBe(
          inBase(expected.value, expected.unit, expected.exponent ?? 0),
        );
      else if (typeof expected?.value === 'string')
        expect(reading === undefined ? '' : shown(reading)).toBe(expected.value.replace(' (local)', ''));
      else expect(reading?.value).toMatchObject({ decimal: { coefficient: expected?.value } });
    });
  }
});

const issues = load<IssueRow>('issue-frames.json');

describe.skipIf(issues.length === 0)('frames of issue trackers (skipped where ../shared/vectors is absent)', () => {
  const hexOf = (source: string) => issues.find((row) => row.source.includes(source) && row.bus === 'wired')?.hex ?? '';
  const factsOf = (source: string) =>
    issues.find((row) => row.source.includes(source) && row.bus === 'wired')?.expected_facts.join(' ') ?? '';
  const identificationOf = (source: string) => {
    const [first] = decode(hexOf(source));
    return first?.label === 'ID' ? shown(first) : 'no header';
  };
  const byLabel = (hex: string) => new Map(records(hex).map((reading) => [reading.label, reading] as const));
  const at = (source: string, label: string) => {
    const reading = byLabel(hexOf(source)).get(label);
    return reading === undefined ? `no ${label}` : shown(reading);
  };

  it('libmbus#77: FB 01 counts whole MWh', () => {
    expect(at('libmbus/issues/77', '04FB01')).toBe('310 MWh');
  });

  it('Valley.Net#12: text VIF before the data, 0F block with 1F in it', () => {
    const named = records(hexOf('Valley.Net')).filter(({ note }) => note?.includes('named by the meter'));
    expect(named.map(({ quantity }) => quantity)).toEqual(['cust. ID', 'bat. time']);
    expect(named.map(shown)[0]).toBe('          ');
    expect(records(hexOf('Valley.Net')).at(-1)).toMatchObject({ label: '0F', value: { type: 'bytes' } });
    expect(moreRecordsFollow(fromHex(hexOf('Valley.Net')) ?? new Uint8Array(0))).toBe(false);
  });

  it('libmbus#61: VIFE 7E is a future date', () => {
    const reading = byLabel(hexOf('libmbus/issues/61')).get('42EC7E');
    expect(reading).toMatchObject({ quantity: 'Date, future value', value: { time: { iso: '2014-09-28' } } });
    const volume = byLabel(hexOf('libmbus/issues/61')).get('4413');
    expect(volume?.time?.iso).toBe('2013-09-28');
  });

  it('wmbusmeters#435: invalid markers, storage 9, more records follow', () => {
    const hex = hexOf('wmbusmeters/issues/435');
    expect(factsOf('wmbusmeters/issues/435')).toContain(`secondary ${identificationOf('wmbusmeters/issues/435')}`);
    expect(decode(hex)[0]?.note).toBe('ZRI, version 136, Heat (outlet)');
    const dates = records(hex).filter(({ value }) => value.type === 'time');
    expect(dates.some((reading) => reading.value.type === 'time' && reading.value.time.invalid === true)).toBe(true);
    expect(moreRecordsFollow(fromHex(hex) ?? new Uint8Array(0))).toBe(true);
  });

  it('libmbus#123: FFFF is no date', () => {
    expect(at('libmbus/issues/123', '426C')).toBe('no date');
    expect(at('libmbus/issues/123', '326C')).toBe('2016-10-13');
  });

  it('libmbus#207: a frame that was published cut off keeps its records', () => {
    const hex = hexOf('libmbus/issues/207');
    expect(decode(hex).at(-1)).toMatchObject({
      label: 'frame',
      kind: 'error',
      value: { text: 'cut off: 168 of 196 bytes' },
    });
    expect(at('libmbus/issues/207', '0DFD11')).toMatch(/^Compteur /);
    expect(at('libmbus/issues/207', '0C78')).toBe(identificationOf('libmbus/issues/207'));
  });

  it('tmbus#6: reactive and apparent values of OMS', () => {
    const hex = hexOf('tmbus/issues/6');
    const all = byLabel(hex);
    expect(all.get('04FB8275')).toMatchObject({ quantity: 'Reactive energy', unit: 'kvarh' });
    expect(shown(all.get('04FB9772') ?? raise())).toBe('-0.0414 kvar');
    expect(all.get('04FBB772')).toMatchObject({ quantity: 'Apparent power', unit: 'kVA' });
    expect(shown(all.get('02FDBA73') ?? raise())).toBe('0.758');
    expect(shown(all.get('02FB2E') ?? raise())).toBe('50.0 Hz');
  });

  it('tmbus#4: 64 bits with VIFE 75, and an LVAR fabrication number', () => {
    expect(at('tmbus/issues/4', '078075')).toBe('11211.9274285 kWh');
    const fabrication = at('tmbus/issues/4', '0D78');
    expect(fabrication).toHaveLength(14);
    expect(factsOf('tmbus/issues/4')).toContain(fabrication);
  });

  it('2N: the record of the SmartCOM log', () => {
    const hex = hexOf('2n.com');
    expect(factsOf('2n.com')).toContain(`id ${identificationOf('2n.com')}`);
    expect(decode(hex)[0]?.note).toBe('LSE, version 153, Warm water');
    expect(at('2n.com', '0DFD0B')).toBe('WFH21');
  });

  it('every wired frame is explained to the last byte', () => {
    for (const { hex } of issues.filter(({ bus }) => bus === 'wired')) {
      const bytes = fromHex(hex) ?? new Uint8Array(0);
      expect(explainMbus(bytes).at(-1)?.end).toBe(bytes.length);
      expect(parseTelegrams(bytes)).toHaveLength(1);
    }
  });
});

function raise(): never {
  throw new Error('record is missing');
}

const parser = load<ParserRow>('m-bus-parser-vectors.json');
/**
 * Radio telegrams with short header: L, C, M, A, then CI 7A, access number, status, configuration, records. Left for
 * the radio protocol: those whose values come from a driver for the manufacturer's block (2F 2F 0F), or are encrypted.
 */
const readable = parser.filter(
  ({ hex }) =>
    hex.slice(20, 22) === '7A' &&
    (hex.slice(26, 30) === '0000' || hex.slice(30, 34) === '2F2F') &&
    hex.slice(30, 36) !== '2F2F0F',
);

describe.skipIf(parser.length === 0)('m-bus-parser (skipped where ../shared/vectors is absent)', () => {
  for (const { hex, expected } of readable) {
    it(`${expected.manufacturer} ${hex.slice(0, 22)}`, () => {
      const have = bare(hex.slice(30)).map(numberInBase);
      for (const { value, unit, exponent } of expected.data_records) {
        // It counts energy and power from kWh and kW, whatever its unit says: 0B 2B 55 10 00 (1055 W) is "1055·10^-3 W".
        const kilo = unit === 'Wh' || unit === 'W' ? 3 : 0;
        expect(have).toContain(inBase(value, unit, exponent + kilo));
      }
    });
  }
});
