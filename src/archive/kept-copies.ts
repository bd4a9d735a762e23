import { fileNamePart, fileStamp } from '../log/export/exporter.ts';
import { formatScdata } from '../log/export/scdata.ts';
import type { JournalFiles } from '../log/journal/files.ts';
import { readKept } from '../log/journal/kept.ts';
import type { ExportedFile } from './api.ts';

/**
 * A copy that was set aside, as two files: its records as a listing that can be imported, and all of it, with the meter
 * list and the settings, as JSON.
 */
export async function exportKept(files: JournalFiles, series: number, now: Date): Promise<readonly ExportedFile[]> {
  const listing: string[] = [];
  const rows: string[] = [];
  const { settings } = await readKept(files, series, (record) => {
    listing.push(`${formatScdata(record)}\r\n`);
    rows.push(JSON.stringify(record));
  });
  const name = `${fileNamePart(`copy-${series}`)}_${fileStamp(now)}`;
  const whole = [
    `{"settings":${JSON.stringify(Object.fromEntries(settings))},\n"records":[\n`,
    rows.join(',\n'),
    '\n]}\n',
  ];
  return [
    { name: `${name}.txt`, content: new Blob(listing, { type: 'text/plain;charset=utf-8' }) },
    { name: `${name}.json`, content: new Blob(whole, { type: 'application/json;charset=utf-8' }) },
  ];
}
