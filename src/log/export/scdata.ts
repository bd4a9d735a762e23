import type { LogRecord } from '../record.ts';

/**
 * A record as the SmartCOM answers it (seed 001, "Reading of AMS Records"), without a line end. Data stands in its
 * quotes as received, line ends included.
 *
 * The SmartCOM escapes nothing, so a meter that sends a quote could write records of its own into a listing. What
 * would end the string or begin a record is therefore written in the AT convention of a backslash and two hex digits
 * (V.250: `\22` is a quote); everything else stays as it is.
 */
export function formatScdata(record: LogRecord): string {
  const head = `^SCDATA: "${record.type}",${record.time},${record.seq}`;
  switch (record.type) {
    case 'AMS': {
      const texts = `"${escapeText(record.identification)}","${escapeText(record.data)}"`;
      return `${head},"${escapeText(record.protocol)}",${record.index},${record.errorCode},${texts}`;
    }
    case 'WMBUS':
      return `${head},${record.rssi},${record.length},"${escapeText(record.data)}"`;
    case 'SYSTART':
      return head;
  }
}

export function escapeText(text: string): string {
  return text
    .replace(/\\(?=22|5[CE])/gi, '\\5C')
    .replaceAll('"', '\\22')
    .replace(/\^(?=SC?DATA)/gi, '\\5E');
}

export function unescapeText(text: string): string {
  return text.replace(/\\(22|5C|5E)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
