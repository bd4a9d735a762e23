import { connect, type Client } from '../rpc/rpc.ts';
import type { EngineApi } from './api.ts';

export { applyChange } from './state-change.ts';

export type EngineClient = Client<EngineApi>;

/** All that views see of the engine. */
export function connectEngine(worker: Worker): EngineClient {
  return connect<EngineApi>(worker);
}
