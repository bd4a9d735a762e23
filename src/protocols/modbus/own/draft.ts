import { fittingValues, settingsOf, type Form, type Values } from '../../../common/form.ts';
import { faultsOf, type FieldFault } from '../../../common/form-faults.ts';
import type { ProfileDraft, ProfileFault } from '../../profile-book.ts';
import { formatModbusAddress, hex } from '../address.ts';
import { profiles } from '../profiles/catalogue.ts';
import { addressFor, blocksOf } from '../profiles/plan.ts';
import { KEPT_TEXT, MOST_DATA, sizeOfData } from '../record-data.ts';
import { SUNSPEC } from '../sunspec.ts';
import { headForm, lists } from './forms.ts';
import { ownProfileFrom, registersIn, signsIn } from './own-profile.ts';

/** The first line of every file; one of another number may mean things that are not known here. */
const FORMAT = 'OpenHHU Modbus profile 1';
/** Characters; the largest profile has a tenth. */
const MOST_TEXT = 500_000;
/** The meter list takes no longer one. */
const MOST_ADDRESS = 1000;
/** More are not told: a file of another kind has as many as it has values. */
const MOST_FAULTS = 30;

const lower = (name: string) => name.trim().toLowerCase();
const BUILT_IN: ReadonlySet<string> = new Set([SUNSPEC, ...profiles.map(({ model }) => model)].map(lower));

/** What a file holds, whoever wrote it: bounded, and every value checked before anything is made of it. */
export function readDraft(text: string): {
  readonly draft?: ProfileDraft;
  readonly faults: readonly ProfileFault[];
} {
  const refused = (why: string) => ({ faults: [{ text: why }] });
  if (text.length > MOST_TEXT)
    return refused(`It has ${text.length} characters; no profile has more than ${MOST_TEXT}.`);
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    return refused(`It is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(file)) return refused('It is no profile: it holds no object.');
  const { format, ...rest } = file;
  if (format !== FORMAT) return refused(`It is no profile that this version knows: “format” has to be “${FORMAT}”.`);
  const values = Object.fromEntries(Object.entries(rest).filter(([key]) => !lists.some((list) => list.key === key)));
  const faults: ProfileFault[] = [...faultsOf(headForm, values)];
  const rowsOf: Record<string, readonly Values[]> = {};
  for (const { key, title, one, most, form } of lists) {
    const rows = rest[key] ?? [];
    if (!Array.isArray(rows) || rows.length > most) {
      faults.push({ list: key, text: `${title}: a list of at most ${most}, please.` });
      continue;
    }
    faults.push(
      ...rows.flatMap((row: unknown, index) =>
        isObject(row)
          ? faultsOf(form, row).map(inRow(key, one, index))
          : [{ list: key, row: index, text: `${capital(one)} ${index + 1} is no object.` }],
      ),
    );
    rowsOf[key] = rows.map((row: unknown) => fittingValues(form, row));
  }
  const draft = { values: fittingValues(headForm, values), lists: rowsOf };
  const all = faults.length > 0 ? faults.slice(0, MOST_FAULTS) : faultsIn(draft);
  return all.length > 0 ? { faults: all } : { draft, faults: [] };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const inRow =
  (list: string, one: string, row: number) =>
  ({ key, text }: FieldFault): ProfileFault => ({
    list,
    row,
    key,
    text: `${capital(one)} ${row + 1}, ${text.charAt(0).toLowerCase()}${text.slice(1)}`,
  });

/** What is wrong with a draft, the first thirty. */
export function faultsIn(draft: ProfileDraft): readonly ProfileFault[] {
  const { values } = draft;
  const faults: ProfileFault[] = [...faultsOf(headForm, values)];
  if (BUILT_IN.has(lower(String(values['name'] ?? ''))))
    faults.push({ key: 'name', text: 'Name: a model of this name is built in.' });
  for (const { key, one, title, most, form } of lists) {
    const rows = draft.lists[key] ?? [];
    if (rows.length > most) faults.push({ list: key, text: `${title}: at most ${most}, please.` });
    faults.push(...rows.flatMap((row, index) => faultsOf(form, row).map(inRow(key, one, index))));
  }
  if (faults.length > 0) return faults.slice(0, MOST_FAULTS);
  return [...registerFaults(draft), ...signFaults(draft), ...testFaults(draft)].slice(0, MOST_FAULTS);
}

function registerFaults(draft: ProfileDraft): readonly ProfileFault[] {
  const registers = registersIn(draft);
  if (registers.length === 0) return [{ list: 'registers', text: 'Registers: there are none.' }];
  const at = inRowOf('registers', 'register');
  const seen = new Map<string, number>();
  const faults = registers.flatMap(({ command, address, words, invalid }, row): ProfileFault[] => {
    const label = `${hex(command, 2)}:${hex(address, 4)}`;
    const before = seen.get(label);
    seen.set(label, row);
    return [
      ...(address + words > 0x10000 ? [at(row, 'address', 'address: it goes beyond FFFF.')] : []),
      ...(before === undefined ? [] : [at(row, 'address', `address: register ${before + 1} has it, too.`)]),
      ...(invalid?.split(',').every((one) => one.length === 4 * words) === false
        ? [at(row, 'invalid', `where there is none: ${4 * words} hexadecimal digits for its type, please.`)]
        : []),
    ];
  });
  if (faults.length > 0) return faults;
  const profile = ownProfileFrom(draft, '');
  if (sizeOfData(blocksOf(profile)) > MOST_DATA)
    return [{ list: 'registers', text: 'Registers: their answers are more than a record holds.' }];
  return formatModbusAddress(addressFor(profile, 247, profile.baudRate)).length > MOST_ADDRESS
    ? [{ list: 'registers', text: 'Registers: they lie too far apart to be read by one address.' }]
    : [];
}

const inRowOf = (list: string, one: string) => (row: number, key: string, text: string) =>
  inRow(list, one, row)({ key, text });

function signFaults(draft: ProfileDraft): readonly ProfileFault[] {
  const at = inRowOf('signs', 'sign');
  return signsIn(draft).flatMap(({ address, count, text, words }, row) => [
    ...(address + count > 0x10000 ? [at(row, 'address', 'address: it goes beyond FFFF.')] : []),
    ...((text === undefined) === (words === undefined)
      ? [at(row, 'text', 'either a text or words have to be given, and not both.')]
      : []),
  ]);
}

const DATA = new RegExp(`^${KEPT_TEXT}(?: *, *${KEPT_TEXT})*$`, 'i');

function testFaults(draft: ProfileDraft): readonly ProfileFault[] {
  const at = inRowOf('tests', 'test');
  return (draft.lists['tests'] ?? []).flatMap(({ data }, row) =>
    DATA.test(String(data).trim())
      ? []
      : [at(row, 'data', 'data: <unit>:<function>:<address>:<frame in hex>, please.')],
  );
}

/** A draft without faults as a file: every value that holds, in the order of the forms. */
export function writeDraft({ values, lists: rows }: ProfileDraft): string {
  const inOrder = (form: Form, set: Values) =>
    Object.fromEntries(Object.entries(settingsOf(form, { set })).filter(([, value]) => value !== ''));
  const head = Object.entries({ format: FORMAT, ...inOrder(headForm, values) }).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  const tables = lists.map(({ key, form }) => {
    const lines = (rows[key] ?? []).map((row) => `    ${JSON.stringify(inOrder(form, row))}`);
    return `  ${JSON.stringify(key)}: [${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n  `}]`;
  });
  return `{\n${[...head, ...tables].join(',\n')}\n}\n`;
}
