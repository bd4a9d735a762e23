import type { Decimal } from '../common/decimal.ts';
import type { Reading, ReadingState } from '../common/reading.ts';
import { numberRepeats } from '../common/repeats.ts';
import { mainReading, serialNumbersOf } from '../common/telling-readings.ts';
import { meterRecord } from '../log/meter-record.ts';
import type { LogRecord } from '../log/record.ts';
import type { Register } from './api.ts';
import { bulkDecoder, type Settings } from './decode.ts';

/** The numbers of one readout. Texts, dates and what is cut off or impossible are no part of a chart. */
export interface DecodedRecord {
  readonly layout: Layout;
  /** In step with the layout's registers. */
  readonly values: readonly Decimal[];
}

/** What one readout after another has in common. */
export interface Layout {
  readonly registers: readonly Register[];
  /** In step with them. */
  readonly states: readonly ReadingState[];
  readonly indexByCode: ReadonlyMap<string, number>;
  /**
   * In step with the registers: what the readout says the numbers of their meter are, the one that was read or one behind
   * it; a meter that was exchanged has others.
   */
  readonly numbers: readonly (readonly string[])[];
  /** The code of the figure that tells most, and whether it only ever grows. */
  readonly main?: { readonly code: string; readonly counts: boolean };
}

/** Some 40 MB: ten weeks of readouts every minute with ten registers. */
const MAX_CACHED_FIGURES = 1_000_000;
const MAX_LAYOUTS = 500;

export interface RecordDecoder {
  /** Undefined for a record that holds no numbers. */
  decode(record: LogRecord): Promise<DecodedRecord | undefined>;
}

/**
 * Decodes each record once; the longest kept goes first. Kept by sequence number and by what the record says: in a log
 * that began anew the same number stands for another record.
 */
export function createRecordDecoder(settings?: Settings, maxFigures = MAX_CACHED_FIGURES): RecordDecoder {
  const cache = new Map<number, { readonly print: number; readonly decoded: DecodedRecord }>();
  const layouts = new Map<string, Layout>();
  const readingsOf = bulkDecoder(settings);
  let figures = 0;

  function forget(seq: number): void {
    figures -= cache.get(seq)?.decoded.values.length ?? 0;
    cache.delete(seq);
  }

  function keep(seq: number, print: number, decoded: DecodedRecord): void {
    forget(seq);
    cache.set(seq, { print, decoded });
    figures += decoded.values.length;
    for (const oldest of cache.keys()) {
      if (figures <= maxFigures) return;
      forget(oldest);
    }
  }

  function layoutOf(
    { registers, states }: Pick<Layout, 'registers' | 'states'>,
    own: readonly string[],
    main: Layout['main'],
  ): Layout {
    const key = JSON.stringify([registers, states, own, main]);
    let layout = layouts.get(key);
    if (!layout) {
      // Hostile data could make every readout another layout.
      if (layouts.size >= MAX_LAYOUTS) layouts.clear();
      const indexByCode = new Map(registers.map(({ code }, index) => [code, index]));
      const numbers = registers.map(({ of }) => (of ? [of.number].filter((number) => number !== '') : own));
      layout = { registers, states, numbers, indexByCode, ...(main ? { main } : {}) };
      layouts.set(key, layout);
    }
    return layout;
  }

  return {
    async decode(record) {
      const meter = meterRecord(record);
      if (!meter || meter.data === '') return undefined;
      const print = fingerprint(JSON.stringify(record));
      const known = cache.get(record.seq);
      if (known?.print === print) return known.decoded;
      const readings = await readingsOf(meter.protocol, meter);
      const { values, codeOf, ...parts } = numbersOf(readings);
      if (values.length === 0) return undefined;
      const main = mainReading(readings);
      const code = main && codeOf.get(main.reading);
      const telling = main && code !== undefined ? { code, counts: main.counts } : undefined;
      const layout = layoutOf(parts, serialNumbersOf(readings), telling);
      const decoded = { layout, values };
      // What is closed yet may open with a key that comes later.
      if (!readings.some(({ label }) => label === 'encrypted')) keep(record.seq, print, decoded);
      return decoded;
    },
  };
}

/** FNV-1a, 32 bit. */
function fingerprint(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Registers by code; one that comes again in a readout is numbered, as in value reports. */
function numbersOf(readings: readonly Reading[]) {
  const registers: Register[] = [];
  const states: ReadingState[] = [];
  const values: Decimal[] = [];
  const codeOf = new Map<Reading, string>();
  const names = numberRepeats(readings);
  for (const reading of readings) {
    const { label, quantity, unit, value, state, of } = reading;
    if (value.type !== 'number' || (state !== 'whole' && state !== 'unchecked')) continue;
    const code = names.get(reading) ?? label;
    codeOf.set(reading, code);
    registers.push({ code, quantity, unit, ...(of ? { of } : {}) });
    states.push(state);
    values.push(value.decimal);
  }
  return { registers, states, values, codeOf };
}
