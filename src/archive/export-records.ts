import type { ExportOptions, Piece } from '../log/export/exporter.ts';
import { createExporter } from '../log/export/formats.ts';
import type { LogReader } from '../log/reader.ts';
import type { LogRecord } from '../log/record.ts';
import type { CallContext } from '../rpc/rpc.ts';
import type { ExportRequest, ExportResult, ExportedFile, Progress } from './api.ts';
import { decodeStored } from '../protocols/decoders.ts';
import { filterOf } from './filter-of.ts';

/** Hands every record that matches to the visitor, the oldest first; resolves with how many there were. */
export type Pass = (visit: (record: LogRecord) => void) => Promise<number>;

/** Writes the records that match into files, chunk by chunk. Formats that survey go over the records twice. */
export async function exportRecords(
  reader: LogReader,
  request: ExportRequest,
  now: Date,
  { signal, emit }: CallContext<Progress>,
): Promise<ExportResult> {
  const { filter, format, unit = 'OpenHHU', codes, form, meters = [] } = request;
  const options: ExportOptions = {
    unit,
    now,
    decode: (record) => (record.type === 'AMS' ? decodeStored(record.protocol, record) : []),
    meters,
    ...(codes ? { codes } : {}),
    ...(form && form !== 'xlsx' ? { form } : {}),
  };
  const selected = filterOf(filter);
  let done = 0;

  const passOf =
    (passes: number, afterChunk: () => void): Pass =>
    async (visit) => {
      const { total, chunks } = await reader.select(selected);
      for await (const chunk of chunks) {
        signal.throwIfAborted();
        for (const record of chunk) visit(record);
        afterChunk();
        done += chunk.length;
        emit({ done, total: total * passes });
      }
      return total;
    };

  if (format === 'valuereport' && form === 'xlsx') {
    // The writer of workbooks is large, and rarely asked for.
    const { exportWorkbook } = await import('./export-workbook.ts');
    return await exportWorkbook(
      options,
      passOf(2, () => undefined),
    );
  }
  const exporter = createExporter(format, options);
  const files = collectFiles(exporter.mediaType);
  const pass = passOf(exporter.survey ? 2 : 1, files.flush);
  if (exporter.survey) await pass(exporter.survey);
  files.add(exporter.open());
  const count = await pass((record) => files.add(exporter.write(record)));
  files.add(exporter.close());
  return { count, files: files.finish() };
}

/** Gathers pieces of text by file. What is flushed becomes a blob, which the browser may keep on disk. */
function collectFiles(type: string) {
  const blobs = new Map<string, Blob[]>();
  const texts = new Map<string, string[]>();

  function flush(): void {
    for (const [name, parts] of texts) {
      const blob = new Blob(parts);
      const known = blobs.get(name);
      if (known) known.push(blob);
      else blobs.set(name, [blob]);
    }
    texts.clear();
  }

  return {
    flush,
    add(pieces: readonly Piece[]): void {
      for (const { fileName, text } of pieces) {
        const known = texts.get(fileName);
        if (known) known.push(text);
        else texts.set(fileName, [text]);
      }
    },
    finish(): readonly ExportedFile[] {
      flush();
      return [...blobs].map(([name, parts]) => ({ name, content: new Blob(parts, { type }) }));
    },
  };
}
