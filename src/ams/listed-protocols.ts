import type { Protocol } from '../protocols/protocol.ts';
import type { Protocols } from '../protocols/registry.ts';

/** What the meter list asks of the protocols. */
export interface ListedProtocols {
  find(nameOrNumber: string | number): Pick<Protocol, 'name' | 'settings' | 'wire'> | undefined;
  /** Throws a MeterError where this is no address of the protocol. */
  checkAddress(protocol: string, address: string): void;
}

/** Whoever changes the list waits for what knows the addresses; reading a list does not. */
export async function loadListedProtocols(protocols: Protocols): Promise<ListedProtocols> {
  const dialogues = new Map(
    await Promise.all(protocols.all.map(async ({ name, parts }) => [name, await parts.dialogue()] as const)),
  );
  return {
    find: (nameOrNumber) => protocols.find(nameOrNumber),
    checkAddress(protocol, address) {
      dialogues.get(protocol)?.normal(address);
    },
  };
}
