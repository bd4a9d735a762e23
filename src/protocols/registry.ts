import { ainDin } from './ain-din/index.ts';
import { dlms, hdlc } from './dlms/index.ts';
import { iec62056 } from './iec62056-21/index.ts';
import { inmat } from './inmat/index.ts';
import { lotos } from './lotos/index.ts';
import { mbus } from './mbus/index.ts';
import { modbus } from './modbus/index.ts';
import { protocolName } from './names.ts';
import type { FrameFormat, Protocol } from './protocol.ts';
import { sml } from './sml/index.ts';
import { wmbus } from './wmbus/index.ts';

export interface Protocols {
  readonly all: readonly Protocol[];
  /** By name in either case, or by number; undefined for a protocol that is not built in. */
  find(nameOrNumber: string | number): Protocol | undefined;
}

export function createProtocols(all: readonly Protocol[]): Protocols {
  return {
    all,
    find(nameOrNumber) {
      const name = protocolName(nameOrNumber, all);
      return all.find((protocol) => protocol.name === name);
    },
  };
}

/** What this build can read, first what is offered first; a new protocol is one line. */
export const protocols: Protocols = createProtocols([iec62056, mbus, modbus, dlms, sml, wmbus, inmat, lotos, ainDin]);

/** What is recognized beside them. */
export const frameFormats: readonly FrameFormat[] = [hdlc];
