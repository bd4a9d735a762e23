import type { Piece } from '../log/export/exporter.ts';
import { createExporter } from '../log/export/formats.ts';
import type { LogReader } from '../log/reader.ts';
import type { LogRecord } from '../log/record.ts';
import type { Reading } from '../protocols/common/reading.ts';
import type { CallContext } from '../rpc/rpc.ts';
import type { ExportRequest, ExportResult, ExportedFile, Progress } from './api.ts';
import { decodeStored } from '../protocols/decoders.ts';
import { filterOf } from './filter-of.ts';

/** Writes the records that match into files, chunk by chunk. Formats that survey go over the records twice. */
export async function exportRecords(
  reader: LogReader,
  { filter, format, unit = 'OpenHHU', codes }: ExportRequest,
  now: Date,
  { signal, emit }: CallContext<Progress>,
): Promise<ExportResult> {
  const exporter = createExporter(format, {
    unit,
    now,
    decode: (record) => only(codes, record.type === 'AMS' ? decodeStored(record.protocol, record) : []),
  });
  const files = collectFiles(exporter.mediaType);
  const passes = exporter.survey ? 2 : 1;
  let done = 0;

  async function pass(visit: (record: LogRecord) => void): Promise<number> {
    const { total, chunks } = await reader.select(filterOf(filter));
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      for (const record of chunk) visit(record);
      files.flush();
      done += chunk.length;
      emit({ done, total: total * passes });
    }
    return total;
  }

  if (exporter.survey) await pass(exporter.survey);
  files.add(exporter.open());
  const count = await pass((record) => files.add(exporter.write(record)));
  files.add(exporter.close());
  return { count, files: files.finish() };
}

/** `1.8.0 #2` is the second `1.8.0` of a readout: the codes of {@link Register}s. */
function only(codes: readonly string[] | undefined, readings: readonly Reading[]): readonly Reading[] {
  if (!codes) return readings;
  const seen = new Map<string, number>();
  return readings.filter(({ label }) => {
    const times = (seen.get(label) ?? 0) + 1;
    seen.set(label, times);
    return codes.includes(times === 1 ? label : `${label} #${times}`);
  });
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
