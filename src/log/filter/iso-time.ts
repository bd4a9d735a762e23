const ISO_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Unix seconds of an ISO 8601 date or time; undefined for anything else, also for dates that do not exist. Without an
 * offset it is local time of this device, for a date alone as well (`Date.parse` would take that as UTC).
 */
export function parseIsoTime(text: string): number | undefined {
  const match = ISO_TIME.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const asUtc = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const written = [year, month - 1, day, hour, minute, second];
  const exists = [
    asUtc.getUTCFullYear(),
    asUtc.getUTCMonth(),
    asUtc.getUTCDate(),
    asUtc.getUTCHours(),
    asUtc.getUTCMinutes(),
    asUtc.getUTCSeconds(),
  ].every((part, i) => part === written[i]);
  if (!exists) return undefined;

  const seconds = toSeconds(asUtc, match[7], new Date(year, month - 1, day, hour, minute, second));
  return seconds < 0 ? undefined : seconds;
}

function toSeconds(asUtc: Date, offset: string | undefined, local: Date): number {
  if (offset === undefined) return local.getTime() / 1000;
  const utc = asUtc.getTime() / 1000;
  if (offset.toUpperCase() === 'Z') return utc;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return offset.startsWith('-') ? utc + minutes * 60 : utc - minutes * 60;
}
