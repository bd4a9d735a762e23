/** All that views see of the archive: its worker's calls, and the pure parts of what they show and type. */
import { connectRenewed, type RenewedOptions } from '../rpc/renewed-client.ts';
import { connect } from '../rpc/rpc.ts';
import type { ForwardApi } from '../forward/api.ts';
import type { Caller, CallOptions, Endpoint } from '../rpc/rpc.ts';
import type { ArchiveApi, ExportRequest, ExportResult, Progress } from './api.ts';
import type { KeysApi } from './keys.ts';

export { MAX_CONDITIONS, PARAMETERS, RECORD_TYPES, RELATIONS } from '../log/filter/filter.ts';
export type { Condition, Parameter, Relation } from '../log/filter/filter.ts';
export { formatFilter } from '../log/filter/format.ts';
export { parseFilter } from '../log/filter/parse.ts';
export { suggest } from '../log/filter/suggest.ts';

export { meterRecord } from '../log/meter-record.ts';

/** Forwarders work beside the archive: what they carry away is read and decoded there. */
export type ArchiveClient = Caller<ArchiveApi & ForwardApi & KeysApi>;

export function connectArchive(worker: Endpoint): ArchiveClient {
  return connect(worker);
}

/**
 * The same over a worker that is started with the first call, and anew after it has died. A workbook is made in one of its
 * own, which ends with it: its writer lets nobody through for seconds, and takes much memory.
 */
export function connectRenewedArchive(options: RenewedOptions): ArchiveClient {
  const archive = connectRenewed<ArchiveApi & ForwardApi & KeysApi>(options);
  return {
    call: (method, input, callOptions) =>
      method === 'export' && (input as ExportRequest).form === 'xlsx'
        ? exportAside(options, input as ExportRequest, callOptions)
        : archive.call(method, input, callOptions),
  };
}

async function exportAside(
  options: RenewedOptions,
  request: ExportRequest,
  callOptions?: CallOptions<Progress>,
): Promise<ExportResult> {
  let worker: Worker | undefined;
  const start = async () => (worker = await options.start());
  try {
    const result = await connectRenewed<ArchiveApi>({ ...options, start }).call('export', request, callOptions);
    // What a worker made may be gone with it: the files are the page's before it ends.
    const files = result.files.map(async ({ name, content }) => ({
      name,
      content: new Blob([await content.arrayBuffer()], { type: content.type }),
    }));
    return { ...result, files: await Promise.all(files) };
  } finally {
    worker?.terminate();
  }
}
