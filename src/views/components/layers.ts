import { fittingValues, type Layers } from '../../common/form.ts';
import type { Meter } from '../../ams/meter.ts';
import type { PortEntry } from '../../ams/ports-table.ts';
import type { PortState } from '../../engine/api.ts';
import { framingOf } from '../../line/framing.ts';
import type { Protocol } from '../../protocols/protocol.ts';

/** What a port says of how meters on it are read: a simulated one knows its meter, a number of the ports table its line. */
export function portLayers(
  { name }: Protocol,
  port: PortState | undefined,
  entry: PortEntry | undefined,
): Pick<Layers, 'suggested' | 'port'> {
  const { suggested } = port ?? {};
  return {
    suggested: suggested?.protocol === name ? suggested.settings : undefined,
    port: entry && { baudRate: entry.active.baudRate, framing: framingOf(entry.active) },
  };
}

/** The same with what a meter of the list has of its own: just as the engine reads it. */
export function meterLayers(
  protocol: Protocol,
  { settings, learnt }: Pick<Meter, 'settings' | 'learnt'>,
  port: PortState | undefined,
  entry: PortEntry | undefined,
): Layers {
  return { ...portLayers(protocol, port, entry), set: fittingValues(protocol.settings, settings), learnt };
}
