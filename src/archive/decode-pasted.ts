import { fileStamp } from '../log/export/exporter.ts';
import { csvRow, csvStart, semicolonForm, valueCell } from '../common/csv.ts';
import type { Cell, CsvForm } from '../common/csv.ts';
import type { Reading } from '../common/reading.ts';
import { serialNumberOf } from '../common/telling-readings.ts';
import { loadRecognition } from '../protocols/recognize.ts';
import type { Recognized } from '../protocols/recognized.ts';
import { protocols } from '../protocols/registry.ts';
import type { CallContext } from '../rpc/rpc.ts';
import type { DecodeEvent, DecodeSummary, DecodedItem, ExportDecodedRequest, ExportedFile } from './api.ts';
import { bulkDecoder } from './decode.ts';
import { openPasted } from './pasted.ts';
import { nextTask } from './turns.ts';

/** Frames between two events; a few milliseconds, so that calls for the log come through and aborting works. */
const CHUNK = 200;

/** Finds and decodes everything in a pasted text; what was found comes as events. */
export async function decodePasted(text: string, { signal, emit }: CallContext<DecodeEvent>): Promise<DecodeSummary> {
  const pasted = openPasted(text, await loadRecognition(protocols));
  const decode = bulkDecoder();
  let items: DecodedItem[] = [];
  let found = 0;
  const flush = () => {
    emit({ items, progress: pasted.progress() });
    items = [];
  };
  for (const item of pasted.found) {
    found++;
    items.push({ ...item, readings: (await decode(item.protocol, item)).length });
    if (items.length < CHUNK) continue;
    flush();
    await nextTask();
    signal.throwIfAborted();
  }
  flush();
  return { found, problems: pasted.problems() };
}

const COLUMNS = [
  'number',
  'line',
  'protocol',
  'meter',
  'code',
  'obis',
  'quantity',
  'value',
  'unit',
  'storage',
  'tariff',
  'subunit',
  'kind',
  'state',
  'time',
  'note',
  'problems',
];

/** Every reading of a pasted text as a row of CSV; what has none keeps a row of its own that says why. */
export async function exportPasted(
  { text, form = semicolonForm }: ExportDecodedRequest,
  now: Date,
  { signal, emit }: CallContext<DecodeEvent>,
): Promise<ExportedFile> {
  const pasted = openPasted(text, await loadRecognition(protocols));
  const decode = bulkDecoder();
  const parts: Blob[] = [];
  let rows = csvStart(form) + csvRow(COLUMNS, form);
  let number = 0;
  for (const item of pasted.found) {
    rows += rowsOf(item, await decode(item.protocol, item), ++number, form);
    if (number % CHUNK !== 0) continue;
    parts.push(new Blob([rows]));
    rows = '';
    emit({ items: [], progress: pasted.progress() });
    await nextTask();
    signal.throwIfAborted();
  }
  parts.push(new Blob([rows]));
  return {
    name: `decoded_${fileStamp(now)}.csv`,
    content: new Blob(parts, { type: 'text/csv;charset=utf-8' }),
  };
}

function rowsOf(item: Recognized, readings: readonly Reading[], number: number, form: CsvForm): string {
  const problems = item.problems.join(' ');
  const meter = serialNumberOf(readings) ?? item.identification;
  const head: readonly Cell[] = [number, item.record ?? item.line + 1, item.protocol];
  if (readings.length === 0)
    return csvRow([...head, meter, ...Array<Cell>(COLUMNS.length - 5).fill(undefined), problems], form);
  return readings
    .map(({ label, obis, quantity, value, unit, storage, tariff, subunit, kind, state, of, time, note }) => {
      const numbers = [storage, tariff, subunit];
      const taken: Cell = time && { time: time.iso };
      const what = [label, obis, quantity, valueCell(value), unit, ...numbers, kind, state, taken, note];
      const whose = of ? of.number || `${meter} channel ${of.channel ?? 0}` : meter;
      return csvRow([...head, whose, ...what, problems], form);
    })
    .join('');
}
