import { fileNamePart, fileStamp } from '../log/export/exporter.ts';
import { formatScdata } from '../log/export/scdata.ts';
import type { JournalFiles } from '../log/journal/files.ts';
import { readKept } from '../log/journal/kept.ts';
import type { ExportedFile } from './api.ts';
import { collectFiles } from './export-records.ts';

/**
 * A copy that was set aside, as two files: its records as a listing that can be imported, and all of it, with the meter
 * list and the settings, as JSON.
 */
export async function exportKept(files: JournalFiles, series: number, now: Date): Promise<readonly ExportedFile[]> {
  const name = `${fileNamePart(`copy-${series}`)}_${fileStamp(now)}`;
  const listing = collectFiles('text/plain;charset=utf-8');
  const whole = collectFiles('application/json;charset=utf-8');
  const add = (text: string) => whole.add([{ fileName: `${name}.json`, text }]);
  let separator = '{"records":[\n';
  const { settings, records } = await readKept(files, series, (record) => {
    listing.add([{ fileName: `${name}.txt`, text: `${formatScdata(record)}\r\n` }]);
    add(separator + JSON.stringify(record));
    separator = ',\n';
  });
  add(`${records === 0 ? separator : '\n'}],\n"settings":${JSON.stringify(Object.fromEntries(settings))}}\n`);
  return [...listing.finish(), ...whole.finish()];
}
