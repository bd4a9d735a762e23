import { bindPort, freePortNumber, listenAt, type PortsTable } from '../ams/ports-table.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { ListenAnswer, ListenRequest } from './ams-api.ts';

export interface StartParts {
  readonly protocols: Protocols;
  /** On disk when it resolves. */
  changePorts(edit: (ports: PortsTable) => PortsTable | undefined): Promise<boolean>;
}

/** Brings it into the ports table, from where it is heeded. Rejects with a MeterError for an address that cannot be right. */
export async function startListening(
  { protocols, changePorts }: StartParts,
  { portId, protocol: name, ...how }: ListenRequest,
): Promise<ListenAnswer> {
  const protocol = protocols.find(name);
  if (!protocol?.parts.listener) return refused(`${name} has no meters that speak by themselves.`);
  if (!Number.isSafeInteger(how.everyMs) || how.everyMs < 0)
    return refused('The time between two records has to be 0 or more.');
  const address = (await protocol.parts.dialogue()).normal(how.address);
  const listens = { ...how, address, protocol: protocol.name };
  let answer: ListenAnswer = { ok: true };
  await changePorts((ports) => {
    const before = ports.find((entry) => entry.portId === portId);
    if (before?.listens && before.listens.protocol !== listens.protocol) {
      answer = refused(`This port listens for ${before.listens.protocol} already. Stop that first.`);
      return undefined;
    }
    const number = before?.number ?? freePortNumber(ports);
    const bound = number === undefined ? undefined : bindPort(ports, number, portId);
    if (number !== undefined && bound) return listenAt(bound, number, listens);
    answer = refused('All port numbers are taken. Free one in the settings.');
    return undefined;
  });
  return answer;
}

const refused = (message: string): ListenAnswer => ({ ok: false, message });
