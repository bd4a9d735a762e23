import type { LogRecord } from '../record.ts';

/**
 * A record as the SmartCOM answers it (its manual, "Reading of AMS Records"), without a line end. Texts of the meter
 * stand in their quotes as received, line ends included; see {@link quoted} for what they must not do.
 */
export function formatScdata(record: LogRecord): string {
  const head = `^SCDATA: "${record.type}",${record.time},${record.seq}`;
  switch (record.type) {
    case 'AMS': {
      const { protocol, index, errorCode, identification, data } = record;
      return `${head},${quoted(protocol)},${index},${errorCode},${quoted(identification)},${quoted(data)}`;
    }
    case 'WMBUS':
      return `${head},${record.rssi},${record.length},${quoted(record.data)}`;
    case 'SYSTART':
      return head;
  }
}

/**
 * A text of a meter or an address within quotes, for a listing or an AT answer. The SmartCOM escapes nothing, so that a
 * meter could write records of its own into a listing, and commands into a line that gives back what is sent on it. What
 * would end the string, begin a record or a command (`^`, and the `A` of an `AT` on a line of the text's own; also with the
 * eighth bit set) or work on a terminal is therefore written in the AT convention of a backslash and two hex digits
 * (V.250: `\22` is a quote); everything else, line ends above all, stays as it is.
 */
export function quoted(text: string): string {
  const escape = (character: string) => `\\${hexOf(character)}`;
  const escaped = text.replace(BACKSLASH, '\\5C').replace(ESCAPED, escape);
  const firstEnd = escaped.search(/[\r\n]/);
  if (firstEnd < 0) return `"${escaped}"`;
  return `"${escaped.slice(0, firstEnd)}${escaped.slice(firstEnd).replace(COMMAND_BEGIN, escape)}"`;
}

export function unescapeText(text: string): string {
  return text.replace(CODE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Quote, caret, and every control character but tab and line ends. */
const ESCAPED = /["^\u00de\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xff]/g;
/**
 * An `A` that may begin a command: one of `AT` after anything but a letter, and one of `A/` on a line of its own; seven bits
 * count. A terminal that ends lines otherwise (ATS3) leaves out the line ends in between.
 */
const COMMAND_BEGIN =
  /(?<![A-Za-z\u00c1-\u00da\u00e1-\u00fa])[Aa\u00c1\u00e1](?=[\r\n]*[Tt\u00d4\u00f4])|(?<=[\r\n])[Aa\u00c1\u00e1](?=[\r\n]*[/\u00af])/g;
const CODE = /\\(22|5[CE]|DE|[46CE]1|0[0-8BCEF]|1[\dA-F]|7F|[89][\dA-F]|FF)/gi;
/** A backslash that would be read as one of ours. */
const BACKSLASH = new RegExp(`\\\\(?=${CODE.source.slice(2)})`, 'gi');

const hexOf = (character: string) => character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
