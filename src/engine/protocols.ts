import { createProtocolRegistry, type ProtocolRegistry } from '../ams/protocols.ts';
import type { MeterProtocol } from '../protocols/protocol.ts';
import { iec62056 } from '../protocols/iec62056-21/index.ts';
import { mbus } from '../protocols/mbus/index.ts';

/**
 * What this build can read; a new protocol is one line. Each keeps its own types of address and settings, which come
 * from its own `parseAddress` and `settingsFrom`: nobody else looks into them.
 */
export const protocols: ProtocolRegistry<MeterProtocol> = createProtocolRegistry<MeterProtocol>([iec62056, mbus]);

/** Throws for a name that is not built in: views only offer those that are. */
export function protocolOf(name: string): MeterProtocol {
  const protocol = protocols.find(name);
  if (!protocol) throw new Error(`${name} is not built in.`);
  return protocol;
}
