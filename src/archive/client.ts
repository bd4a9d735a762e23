/** All that views see of the archive: its worker's calls, and the pure parts of what they show and type. */
import { connectRenewed, type RenewedOptions } from '../rpc/renewed-client.ts';
import { connect } from '../rpc/rpc.ts';
import type { ForwardApi } from '../forward/api.ts';
import type { Caller, Endpoint } from '../rpc/rpc.ts';
import type { ArchiveApi } from './api.ts';

export { MAX_CONDITIONS, PARAMETERS, RECORD_TYPES, RELATIONS } from '../log/filter/filter.ts';
export type { Condition, Parameter, Relation } from '../log/filter/filter.ts';
export { formatFilter } from '../log/filter/format.ts';
export { parseFilter } from '../log/filter/parse.ts';
export { suggest } from '../log/filter/suggest.ts';

export { meterRecord } from '../log/meter-record.ts';

/** Forwarders work beside the archive: what they carry away is read and decoded there. */
export type ArchiveClient = Caller<ArchiveApi & ForwardApi>;

export function connectArchive(worker: Endpoint): ArchiveClient {
  return connect(worker);
}

/** The same over a worker that is started with the first call, and anew after it has died. */
export function connectRenewedArchive(options: RenewedOptions): ArchiveClient {
  return connectRenewed(options);
}
