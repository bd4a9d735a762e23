import * as v from 'valibot';
import { isAgreed, unusedKeys, withoutAgreements } from '../common/form.ts';
import { csvRow, csvRows, csvStart, semicolonForm, separatorOf, unguarded } from '../common/csv.ts';
import type { Cell } from '../common/csv.ts';
import { addMeter, MAX_METERS, type MeterList } from './meter-list.ts';
import { separated } from './learnt.ts';
import type { Meter, MeterDraft } from './meter.ts';
import type { ListedProtocols } from './listed-protocols.ts';

/** The meter list as a file: JSON keeps everything, CSV what a spreadsheet is good for. */

const FORMAT = 'openhhu meters';
/** 64 meters of the longest allowed texts need less. */
const MAX_FILE_LENGTH = 2_000_000;
/** Whoever mends a file wants to see what is wrong, not a quarter of a million lines that it is. */
const MOST_PROBLEMS = 100;

const columns = [
  'port',
  'protocol',
  'address',
  'interval',
  'enabled',
  'name',
  'place',
  'notes',
  'serial number',
] as const;
const neededColumns = ['port', 'protocol', 'address', 'interval'] as const;
type Column = (typeof columns)[number];

export interface ImportProblem {
  /** Line of a CSV file, or position of a meter in a JSON file; 1-based. 0: the file as a whole. */
  readonly at: number;
  readonly message: string;
}

export interface ImportedList {
  /** What could be read; a row with a problem is left out and the rest kept. */
  readonly meters: MeterList;
  /** The first hundred of them. */
  readonly problems: readonly ImportProblem[];
  /** Rows with a problem beyond those. */
  readonly furtherProblems: number;
  /** What rows that could be read lost on the way. */
  readonly notes: readonly ImportProblem[];
}

export interface ImportContext {
  readonly registry: ListedProtocols;
  readonly now: number;
  newId(): string;
}

/** Read back by spreadsheets and by ourselves. */
const form = { ...semicolonForm, forSpreadsheet: true };

export function exportMetersCsv(meters: MeterList): string {
  const rows = meters.map((meter) => [
    meter.port,
    meter.protocol,
    meter.address,
    meter.interval,
    meter.enabled ? 1 : 0,
    meter.name ?? '',
    meter.place ?? '',
    meter.notes ?? '',
    meter.serialNumber ?? '',
  ]);
  const lines = [columns, ...rows].map((row) => csvRow(row.map(plainWhereKept), form));
  return csvStart(form) + lines.join('');
}

/** A number that a spreadsheet gives back as it was stays plain, for whoever works on the file by hand. */
function plainWhereKept(cell: string | number): Cell {
  return typeof cell === 'string' && /^(?:0|[1-9]\d{0,14})$/.test(cell) ? Number(cell) : cell;
}

export function exportMetersJson(meters: MeterList): string {
  // `since` is left out: slots from before the import are not owed.
  const rows = meters.map(({ since: _since, ...meter }) => meter);
  return `${JSON.stringify({ format: FORMAT, version: 1, meters: rows }, undefined, 2)}\n`;
}

/** JSON when it looks like JSON, else CSV. Never throws for what the file holds. */
export function importMeters(text: string, context: ImportContext): ImportedList {
  if (text.length > MAX_FILE_LENGTH) return failed('The file is too large for a meter list.');
  return /^\uFEFF?\s*[[{]/.test(text) ? importJson(text.replace(/^\uFEFF/, ''), context) : importCsv(text, context);
}

function importCsv(text: string, context: ImportContext): ImportedList {
  const [header, ...rows] = [...csvRows(text, separatorOf(text))].map(({ cells, line }) => ({
    cells: cells.map(unguarded),
    line,
  }));
  if (!header) return failed('The file is empty.');
  const names = header.cells.map((cell) => cell.trim().toLowerCase().replaceAll('_', ' '));
  const missing = neededColumns.filter((column) => !names.includes(column));
  if (missing.length > 0) return failed(`The first line must name the columns; missing: ${missing.join(', ')}.`);

  const entries = rows.map(({ line, cells }): Entry => {
    const cell = (column: Column) => cells[names.indexOf(column)]?.trim() ?? '';
    const optional = (key: 'name' | 'place' | 'notes' | 'serialNumber', column: Column) =>
      cell(column) === '' ? {} : { [key]: cell(column) };
    return {
      at: line + 1,
      draft: {
        port: /^\d+$/.test(cell('port')) ? Number(cell('port')) : Number.NaN,
        protocol: cell('protocol'),
        address: cell('address'),
        interval: cell('interval'),
        enabled: !/^(0|no|off|false)$/i.test(cell('enabled')),
        ...optional('name', 'name'),
        ...optional('place', 'place'),
        ...optional('notes', 'notes'),
        ...optional('serialNumber', 'serial number'),
      },
    };
  });
  return collect(entries, [], context);
}

const valuesSchema = v.pipe(
  v.record(
    v.pipe(v.string(), v.maxLength(64)),
    v.union([v.pipe(v.string(), v.maxLength(200)), v.number(), v.boolean()]),
  ),
  v.check((values) => Object.keys(values).length <= 32),
);
const meterSchema = v.object({
  id: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/))),
  port: v.number(),
  protocol: v.union([v.string(), v.number()]),
  address: v.string(),
  interval: v.string(),
  enabled: v.exactOptional(v.boolean()),
  name: v.exactOptional(v.string()),
  place: v.exactOptional(v.string()),
  notes: v.exactOptional(v.string()),
  serialNumber: v.exactOptional(v.string()),
  settings: v.exactOptional(valuesSchema),
  learnt: v.exactOptional(valuesSchema),
  // As earlier versions wrote it.
  learned: v.exactOptional(valuesSchema),
  signals: v.exactOptional(v.array(v.object({ code: v.string(), name: v.string() }))),
});
const listSchema = v.union([
  v.array(v.unknown()),
  v.object({ format: v.literal(FORMAT), meters: v.array(v.unknown()) }),
]);

function importJson(text: string, context: ImportContext): ImportedList {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return failed(`The file is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const list = v.safeParse(listSchema, json);
  if (!list.success) return failed('The file holds no meter list.');
  const rows = Array.isArray(list.output) ? list.output : list.output.meters;

  const problems: ImportProblem[] = [];
  const entries: Entry[] = [];
  // One row beyond the limit is enough to say that the list is full.
  for (const [position, row] of rows.slice(0, MAX_METERS + 1).entries()) {
    const parsed = v.safeParse(meterSchema, row);
    const at = position + 1;
    if (parsed.success) {
      const { id, learned, ...fields } = parsed.output;
      const draft = learned ? { ...separated(learned), ...fields } : fields;
      entries.push(id === undefined ? { at, draft } : { at, draft, id });
    } else {
      problems.push({ at, message: `${v.getDotPath(parsed.issues[0]) ?? 'meter'}: ${parsed.issues[0].message}` });
    }
  }
  return collect(entries, problems, context);
}

interface Entry {
  readonly at: number;
  readonly draft: MeterDraft;
  readonly id?: string;
}

function collect(entries: readonly Entry[], earlier: readonly ImportProblem[], context: ImportContext): ImportedList {
  const problems = [...earlier];
  const notes: ImportProblem[] = [];
  let furtherProblems = 0;
  const ids = new Set<string>();
  let meters: readonly Meter[] = [];
  for (const { at, draft, id } of entries) {
    const ownId = id !== undefined && !ids.has(id) ? id : context.newId();
    const { settings: form = [] } = context.registry.find(draft.protocol) ?? {};
    const settings = draft.settings && withoutAgreements(form, draft.settings);
    const own = settings ? { ...draft, settings } : draft;
    const added = addMeter(meters, own, context.registry, { id: ownId, now: context.now });
    if (!added.ok) {
      if (problems.length < MOST_PROBLEMS) problems.push({ at, message: added.fault.message });
      else furtherProblems++;
      if (added.fault.kind === 'list full') break;
      continue;
    }
    ids.add(ownId);
    meters = added.value;
    const unused = unusedKeys(form, settings ?? {});
    if (unused.length > 0) notes.push({ at, message: `Settings that mean nothing here: ${unused.join(', ')}.` });
    for (const { label } of form.filter(
      ({ key, asks }) => asks && settings?.[key] !== undefined && !isAgreed(form, settings, key),
    ))
      notes.push({ at, message: `“${label}” has to be confirmed in the meter’s settings before it is read.` });
  }
  return { meters, problems: problems.sort((a, b) => a.at - b.at), furtherProblems, notes };
}

function failed(message: string): ImportedList {
  return { meters: [], problems: [{ at: 0, message }], furtherProblems: 0, notes: [] };
}
