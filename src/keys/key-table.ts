import { csvRows, separatorOf, unguarded } from '../common/csv.ts';
import type { SecretField } from '../common/secret.ts';
import type { NewKey } from './key.ts';
import { bytesOfKey, NO_KEY } from './key-text.ts';
import { isOwner, ownerOf } from './owner.ts';

export interface KeyTable {
  readonly keys: readonly NewKey[];
  /** What cannot be taken, and why; no text of the file but its headings is in it. */
  readonly problems: readonly { readonly line: number; readonly text: string }[];
}

/** What the column with the meters is called; compared without blanks, dashes and capitals. */
const METER_COLUMNS = ['meter', 'meternumber', 'number', 'serialnumber', 'serial', 'id', 'meterid', 'of', 'group'];
/** Short words of the trade for the names of protocols. */
const ALSO_CALLED: Readonly<Record<string, string>> = {
  pw: 'password',
  pass: 'password',
  key: 'key',
  aeskey: 'key',
  ek: 'encryptionkey',
  guek: 'encryptionkey',
  ak: 'authenticationkey',
  gak: 'authenticationkey',
  gbek: 'broadcastkey',
  bk: 'broadcastkey',
  title: 'systemtitle',
  lls: 'associationpassword',
  hls: 'hlssecret',
};

/** Keys are typed or exported a few thousand at most; the rest of a larger file is refused in words. */
const MOST_KEYS = 10_000;

/**
 * Keys from CSV: a row a meter (or group), one column with its number and one for each password or key. Never throws for
 * what the text holds.
 */
export function readKeyTable(text: string, fields: readonly SecretField[]): KeyTable {
  const rows = csvRows(text, separatorOf(text));
  const head = rows.next();
  const headings = head.done ? [] : head.value.cells.map(plainWord);
  const meterColumn = headings.findIndex((heading) => METER_COLUMNS.includes(heading));
  const columns = headings.map((heading) =>
    fields.find(({ name, label }) => [plainWord(name), plainWord(label)].includes(ALSO_CALLED[heading] ?? heading)),
  );
  const wanted = fields.map(({ name }) => `“${name}”`).join(', ');
  if (meterColumn < 0)
    return { keys: [], problems: [{ line: 1, text: 'No column of the first line is called “meter”.' }] };
  if (!columns.some(Boolean))
    return { keys: [], problems: [{ line: 1, text: `No column of the first line is called ${wanted}.` }] };

  const keys = new Map<string, NewKey>();
  const problems: { line: number; text: string }[] = [];
  for (const { cells, line } of rows) {
    if (keys.size >= MOST_KEYS) {
      problems.push({
        line: line + 1,
        text: `At most ${MOST_KEYS} keys come in at once; from here on they were left out.`,
      });
      break;
    }
    if (cells.length > headings.length) {
      problems.push({
        line: line + 1,
        text: 'It has more cells than the first line: a password with a comma or semicolon in it goes in quotes.',
      });
      continue;
    }
    const of = ownerOf(unguarded(cells[meterColumn] ?? ''));
    if (!isOwner(of)) {
      problems.push({ line: line + 1, text: 'It names no meter.' });
      continue;
    }
    for (const [i, field] of columns.entries()) {
      const cell = unguarded(cells[i] ?? '');
      if (!field || cell.trim() === '') continue;
      const bytes = bytesOfKey(cell, field);
      if (bytes === NO_KEY) continue;
      if (typeof bytes === 'string') problems.push({ line: line + 1, text: `${field.label}: ${bytes}` });
      else if (keys.has(`${of} ${field.name}`))
        problems.push({ line: line + 1, text: `${field.label}: this meter had one before; the first one counts.` });
      else keys.set(`${of} ${field.name}`, { of, name: field.name, bytes });
    }
  }
  return { keys: [...keys.values()], problems };
}

const plainWord = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
