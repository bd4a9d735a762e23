import { meterRecord } from '../../archive/client.ts';
import type { MeterRecord } from '../../log/meter-record.ts';
import type { LogRecord } from '../../log/record.ts';
import { counted, sizeText } from '../components/format.ts';
import { headlineOf } from '../components/error-book.svelte.ts';

/** What a record is called in a list: the meter's own identification where it gave one. */
export function recordTitle(record: LogRecord): string {
  const meter = meterRecord(record);
  if (!meter) return record.type === 'SYSTART' && record.setBack ? 'Clock set back' : 'Start';
  const { identification, address, circumstances } = meter;
  if (identification !== '') return `${circumstances?.manufacturer ?? ''} ${identification}`.trim();
  return address ? `Address ${address}` : failure(meter) || 'No identification';
}

/** The second line: how it was read, or what went wrong. */
export function recordSummary(record: LogRecord): string {
  switch (record.type) {
    case 'AMS': {
      const titled = record.identification !== '' || (record.address ?? '') !== '';
      const amount = record.data === '' ? '' : sizeText(record.data.length);
      return [titled ? failure(record) : '', amount, record.port ?? '', record.protocol].filter(Boolean).join(' · ');
    }
    case 'WMBUS':
      // 0 is what a stick that does not tell it leaves there.
      return [
        counted(record.length, 'byte'),
        record.rssi === 0 ? '' : `${record.rssi} dBm`,
        record.port ?? '',
        record.type,
      ]
        .filter(Boolean)
        .join(' · ');
    case 'SYSTART':
      return record.setBack ? `By ${durationText(record.setBack.from - record.setBack.to)}` : 'OpenHHU was opened';
  }
}

function failure({ errorCode, circumstances }: MeterRecord): string {
  return errorCode === 0 ? '' : headlineOf(errorCode, circumstances?.baudRate ?? 300).replace(/\.$/, '');
}

/** "1 h 30 min": a length of time in ms by its minutes, or hours, or days. */
function durationText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  const parts = [
    days > 0 ? `${days} d` : '',
    hours > 0 ? `${hours} h` : '',
    minutes % 60 > 0 ? `${minutes % 60} min` : '',
  ];
  return parts.filter(Boolean).join(' ');
}
