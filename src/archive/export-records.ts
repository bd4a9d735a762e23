import type { ExportOptions, Piece } from '../log/export/exporter.ts';
import { createExporter } from '../log/export/formats.ts';
import { meterRecord } from '../log/meter-record.ts';
import type { LogReader } from '../log/reader.ts';
import type { CallContext } from '../rpc/rpc.ts';
import type { ExportRequest, ExportResult, ExportedFile, Progress } from './api.ts';
import { bulkDecoder } from './decode.ts';
import type { Pass } from './export-workbook.ts';
import { filterOf } from './filter-of.ts';

/** Writes the records that match into files, chunk by chunk. Formats that survey go over the records twice. */
export async function exportRecords(
  reader: LogReader,
  request: ExportRequest,
  now: Date,
  { signal, emit }: CallContext<Progress>,
): Promise<ExportResult> {
  const { filter, format, unit = 'OpenHHU', codes, form, meters = [] } = request;
  const { generation } = await reader.load();
  const options: ExportOptions = {
    unit,
    generation,
    now,
    meters,
    ...(codes ? { codes } : {}),
    ...(form && form !== 'xlsx' ? { form } : {}),
  };
  const selected = filterOf(filter);
  let done = 0;

  const passOf =
    (passes: number): Pass =>
    async (visit, reads) => {
      const decode = bulkDecoder(reader.settings);
      const { total, chunks } = await reader.select(selected);
      for await (const chunk of chunks) {
        for (const record of chunk) {
          const meter = reads ? meterRecord(record) : undefined;
          visit(record, meter ? await decode(meter.protocol, meter) : []);
          signal.throwIfAborted();
        }
        done += chunk.length;
        emit({ done, total: total * passes });
      }
      return total;
    };

  if (format === 'valuereport' && form === 'xlsx') {
    // The writer of workbooks is large, and rarely asked for.
    const { exportWorkbook } = await import('./export-workbook.ts');
    return await exportWorkbook(options, passOf(2));
  }
  const exporter = createExporter(format, options);
  const files = collectFiles(exporter.mediaType);
  const pass = passOf(exporter.survey ? 2 : 1);
  if (exporter.survey) await pass(exporter.survey, exporter.reads);
  files.add(exporter.open());
  const count = await pass((record, readings) => files.add(exporter.write(record, readings)), exporter.reads);
  files.add(exporter.close());
  return { count, files: files.finish() };
}

/**
 * Text of a file that is gathered before it becomes a blob, characters. Each blob costs the browser some kilobytes
 * besides its content, whatever its size, and a value report may have hundreds of files that grow at once.
 */
const BLOB_LENGTH = 64 * 1024;

/** Gathers pieces of text by file. What became a blob is the browser's, which may keep it on disk. */
export function collectFiles(type: string) {
  const files = new Map<string, { readonly blobs: Blob[]; texts: string[]; length: number }>();

  return {
    add(pieces: readonly Piece[]): void {
      for (const { fileName, text } of pieces) {
        let file = files.get(fileName);
        if (!file) files.set(fileName, (file = { blobs: [], texts: [], length: 0 }));
        file.texts.push(text);
        file.length += text.length;
        if (file.length < BLOB_LENGTH) continue;
        file.blobs.push(new Blob(file.texts));
        file.texts = [];
        file.length = 0;
      }
    },
    finish(): readonly ExportedFile[] {
      return [...files].map(([name, { blobs, texts }]) => ({
        name,
        content: new Blob([...blobs, ...texts], { type }),
      }));
    },
  };
}
