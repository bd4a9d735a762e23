import { findPort, freePortNumber, MAX_SERIAL_PORT, type PortsTable } from '../../ams/ports-table.ts';
import type { PortState } from '../../engine/api.ts';
import type { EngineClient } from '../../engine/client.ts';

/** A port a meter can be on: one that has its number, one that would get the next free one, or a number without a port. */
export interface PortChoice {
  readonly key: string;
  readonly number: number | undefined;
  readonly portId: string | undefined;
  readonly label: string;
  readonly kind: 'serial' | 'simulated' | 'absent';
}

/** All there are, numbered ones first. `label` names a port; `current` is the number a meter has already. */
export function portChoices(
  table: PortsTable,
  ports: readonly PortState[],
  label: (port: PortState) => string,
  current: number | undefined,
): readonly PortChoice[] {
  const bound = table.flatMap(({ number, portId }): readonly PortChoice[] => {
    if (portId === undefined) return [];
    const port = ports.find(({ info }) => info.id === portId);
    const key = `number ${number}`;
    if (!port) return [{ key, number, portId, label: `Port ${number} · not plugged in`, kind: 'absent' }];
    return [{ key, number, portId, label: `Port ${number} · ${label(port)}`, kind: kindOf(port) }];
  });
  const free = ports.flatMap((port): readonly PortChoice[] => {
    const portId = port.info.id;
    if (table.some((entry) => entry.portId === portId)) return [];
    return [{ key: `port ${portId}`, number: undefined, portId, label: label(port), kind: kindOf(port) }];
  });
  const lost: readonly PortChoice[] =
    current === undefined || bound.some(({ number }) => number === current)
      ? []
      : [
          {
            key: `number ${current}`,
            number: current,
            portId: undefined,
            label: `Port ${current} · nothing bound`,
            kind: 'absent',
          },
        ];
  return [...lost, ...bound, ...free];
}

const kindOf = ({ info }: PortState) => (info.transport === 'simulated' ? 'simulated' : 'serial');

/** The number of a port, or the one it would get; undefined when all 127 are taken. */
export function numberFor(table: PortsTable, portId: string): { number: number; bound: boolean } | undefined {
  const entry = table.find((candidate) => candidate.portId === portId);
  if (entry) return { number: entry.number, bound: true };
  // A number whose settings nobody changed, so that a new port does not take over another one's.
  const number = unusedNumber(table) ?? freePortNumber(table);
  return number === undefined ? undefined : { number, bound: false };
}

function unusedNumber(table: PortsTable): number | undefined {
  for (let number = 1; number <= MAX_SERIAL_PORT; number++) if (!findPort(table, number)) return number;
  return undefined;
}

/** Gives the port its number, binding it where it has none yet; undefined when none is left or the port has gone. */
export async function bindFor(
  engine: Pick<EngineClient, 'call'>,
  table: PortsTable,
  portId: string | undefined,
): Promise<number | undefined> {
  const wanted = portId === undefined ? undefined : numberFor(table, portId);
  if (!wanted || portId === undefined) return undefined;
  if (wanted.bound) return wanted.number;
  const { ok } = await engine.call('bindPort', { number: wanted.number, portId });
  return ok ? wanted.number : undefined;
}
