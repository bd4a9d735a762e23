/** A command line taken apart (V.250 5.3 and 5.4): `AT` and a body of basic and extended commands. */

/** A value as typed; undefined where it was left out between two commas. */
export type AtValue = { readonly text: string; readonly quoted: boolean } | undefined;

export type Operation = 'execute' | 'read' | 'test' | 'set';

export type CommandItem =
  /** ATE0: one letter and a number. An S-parameter (ATS3=13, ATS3?) is an extended command of the name S3. */
  | { readonly kind: 'basic'; readonly name: string; readonly value: AtValue }
  /** AT^SCAMS="RETRY",2: `name` is in upper case and begins with `^` or `+`, or is that of an S-parameter. */
  | {
      readonly kind: 'extended';
      readonly name: string;
      readonly operation: Operation;
      readonly values: readonly AtValue[];
    }
  /** The rest of the line cannot be read; commands before it are. */
  | { readonly kind: 'mistake'; readonly position: number; readonly reason: string };

interface Cursor {
  readonly text: string;
  position: number;
}

/**
 * The commands of a line; undefined when the line does not begin with AT. Such a line gets no answer at all (V.250 5.2.1):
 * answering would start an endless exchange with a peer that echoes. What stands before AT is ignored unless it is a
 * letter; a line that begins as answers do ("^SCDATA: …") is one, pasted or come back, whatever it holds.
 */
export function parseCommandLine(text: string): readonly CommandItem[] | undefined {
  const prefix = /(?<![a-z])at/i.exec(text);
  if (!prefix || /^\s*[\^+]/.test(text)) return undefined;
  const cursor: Cursor = { text, position: prefix.index + 2 };
  const items: CommandItem[] = [];
  for (skipBlanks(cursor); cursor.position < text.length; skipBlanks(cursor)) {
    if (text.charAt(cursor.position) === ';') {
      cursor.position++;
      continue;
    }
    const item = parseItem(cursor);
    items.push(item);
    if (item.kind === 'mistake') break;
  }
  return items;
}

function parseItem(cursor: Cursor): CommandItem {
  const extended = match(cursor, /[\^+][a-z][a-z0-9_]*/iy);
  if (extended !== undefined) return parseExtended(cursor, extended.toUpperCase());
  const parameter = match(cursor, /s\d+/iy);
  if (parameter !== undefined) return parseParameter(cursor, `S${Number(parameter.slice(1))}`);
  const basic = match(cursor, /&?[a-z]/iy);
  if (basic === undefined) return mistake(cursor, 'A command is expected.');
  skipBlanks(cursor);
  const digits = match(cursor, /\d+/y);
  return {
    kind: 'basic',
    name: basic.toUpperCase(),
    value: digits === undefined ? undefined : { text: digits, quoted: false },
  };
}

/** ATS3=13 or ATS3? (V.250 5.3.2); the next command may follow at once. */
function parseParameter(cursor: Cursor, name: string): CommandItem {
  const [, read, digits] = match(cursor, /\s*(?:\?|=\s*\d+)/y)?.match(/(\?)|(\d+)/) ?? [];
  if (read !== undefined) return { kind: 'extended', name, operation: 'read', values: [] };
  if (digits === undefined) return mistake(cursor, 'A question mark or a number is expected.');
  return { kind: 'extended', name, operation: 'set', values: [{ text: digits, quoted: false }] };
}

function parseExtended(cursor: Cursor, name: string): CommandItem {
  skipBlanks(cursor);
  const operator = match(cursor, /=\s*\?|[=?]/y)?.replace(/\s/g, '');
  if (operator === '=') return parseValues(cursor, name);
  const operation = operator === '=?' ? 'test' : operator === '?' ? 'read' : 'execute';
  return atEnd(cursor) ? { kind: 'extended', name, operation, values: [] } : mistake(cursor, 'Not expected here.');
}

function parseValues(cursor: Cursor, name: string): CommandItem {
  const values: AtValue[] = [];
  for (;;) {
    skipBlanks(cursor);
    const quoted = cursor.text.charAt(cursor.position) === '"';
    const text = quoted ? parseString(cursor) : match(cursor, /[^,;"]*/y)?.replace(/\s/g, '');
    if (text === undefined) return mistake(cursor, 'The closing quote is missing.');
    values.push(text === '' && !quoted ? undefined : { text, quoted });
    skipBlanks(cursor);
    if (match(cursor, /,/y) !== undefined) continue;
    if (!atEnd(cursor)) return mistake(cursor, 'A comma is expected.');
    while (values.length > 0 && values.at(-1) === undefined) values.pop();
    return { kind: 'extended', name, operation: 'set', values };
  }
}

/** With `\22`, `\5C` and `\0D` for quote, backslash and CR (V.250 5.4.2.2); other backslashes stand for themselves. */
function parseString(cursor: Cursor): string | undefined {
  const raw = match(cursor, /"[^"]*"/y);
  return raw
    ?.slice(1, -1)
    .replace(/\\([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function atEnd(cursor: Cursor): boolean {
  skipBlanks(cursor);
  return cursor.position >= cursor.text.length || cursor.text.charAt(cursor.position) === ';';
}

function skipBlanks(cursor: Cursor): void {
  match(cursor, /\s*/y);
}

/** What a sticky expression matches at the cursor, which moves behind it. */
function match(cursor: Cursor, expression: RegExp): string | undefined {
  expression.lastIndex = cursor.position;
  const found = expression.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.position += found.length;
  return found;
}

function mistake({ position }: Cursor, reason: string): CommandItem {
  return { kind: 'mistake', position, reason };
}
