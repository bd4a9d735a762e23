import { connectRenewed, type RenewedOptions } from '../rpc/renewed-client.ts';
import type { Caller, Client } from '../rpc/rpc.ts';
import type { EngineApi } from './api.ts';

export { WorkerGone } from '../rpc/renewed-client.ts';
export { applyChange } from './state-change.ts';

export type EngineClient = Client<EngineApi>;

/** The same for those who send nothing into a running call. */
export type EngineCaller = Caller<EngineApi>;

/** What a page tells its engine worker, past all calls: only the window in front takes over from one that is stopped. */
export interface FrontNews {
  readonly front: boolean;
}

/** All that views see of the engine; its worker is started with the first call, and anew after it has ended. */
export function connectEngine(options: RenewedOptions): EngineClient {
  return connectRenewed<EngineApi>(options);
}
