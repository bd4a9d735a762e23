/** Status byte of the variable header (EN 13757-3, table "Coding of the status field"). */
const STATES = ['', 'busy', 'application error', 'alarm or abnormal condition'];

function statusText(status: number): string {
  const parts = [STATES[status & 3] ?? ''];
  if ((status & 0x04) !== 0) parts.push('power low');
  if ((status & 0x08) !== 0) parts.push('permanent error');
  if ((status & 0x10) !== 0) parts.push('temporary error');
  if ((status & 0xe0) !== 0) parts.push(`manufacturer-specific ${(status >> 5).toString(2).padStart(3, '0')}`);
  const said = parts.filter((part) => part !== '');
  return said.length === 0 ? 'OK' : said.join(', ');
}

export const STATUS_TEXTS: readonly string[] = Array.from({ length: 256 }, (_, status) => statusText(status));

/** Application error, alarm, low power, permanent or temporary error; busy and the manufacturer's bits are none. */
export function isErrorStatus(status: number): boolean {
  return (status & 3) > 1 || (status & 0x1c) !== 0;
}

/**
 * Status byte of the fixed structure (EN 1434-3): bits 0 and 1 say how the counters are coded and when they were
 * taken, the others as above.
 */
export function fixedStatusText(status: number): string {
  return statusText(status & 0xfc);
}

const APPLICATION_ERRORS = [
  'unspecified error',
  'CI field not implemented',
  'buffer too long, truncated',
  'too many records',
  'premature end of record',
  'more than 10 DIFEs',
  'more than 10 VIFEs',
  'reserved error 7',
  'application too busy for readout',
  'too many readouts',
];

/** Text of the error code after CI 70 (EN 13757-3, 8); a frame without code is an unspecified error. */
export function applicationErrorText(code: number | undefined): string {
  return APPLICATION_ERRORS[code ?? 0] ?? `application error ${code ?? 0}`;
}
