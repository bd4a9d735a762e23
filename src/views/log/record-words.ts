import type { AmsRecord, LogRecord } from '../../log/record.ts';
import { counted, sizeText } from '../components/format.ts';
import { headlineOf } from '../read/problem.ts';

/** What a record is called in a list: the meter's own identification where it gave one. */
export function recordTitle(record: LogRecord): string {
  switch (record.type) {
    case 'AMS':
      if (record.identification !== '') {
        return `${record.circumstances?.manufacturer ?? ''} ${record.identification}`.trim();
      }
      return record.address ? `Address ${record.address}` : failure(record) || 'No identification';
    case 'WMBUS':
      return 'Telegram';
    case 'SYSTART':
      return 'Start';
  }
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
      return `${counted(record.length, 'byte')} · ${record.rssi} dBm`;
    case 'SYSTART':
      return 'OpenHHU was opened';
  }
}

function failure({ errorCode, circumstances }: AmsRecord): string {
  return errorCode === 0 ? '' : headlineOf(errorCode, circumstances?.baudRate ?? 300).replace(/\.$/, '');
}
