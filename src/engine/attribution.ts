import type { AmsConfiguration } from '../ams/ams-store.ts';
import { indexOfMeter } from '../ams/meter-list.ts';
import type { Meter } from '../ams/meter.ts';
import { findPort } from '../ams/ports-table.ts';
import { fittingValues, settingsOf } from '../common/form.ts';
import { framingOf } from '../line/framing.ts';
import type { AmsRecord } from '../log/record.ts';
import { listensWith } from '../protocols/listens.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { meterHeard } from './meter-heard.ts';
import type { PortRegistry } from './port-registry.ts';

/** As which meter what was heard is recorded. */
export type Attribution = Pick<AmsRecord, 'index' | 'meter' | 'address'>;

export type Attribute = (portId: string, protocol: Protocol, from: readonly string[]) => Attribution;

export interface AttributionParts {
  configuration(): AmsConfiguration;
  readonly registry: Pick<PortRegistry, 'find'>;
}

/** Finds the meter of the list that spoke, as the list is at that moment. */
export function createAttribution({ configuration, registry }: AttributionParts): Attribute {
  /** Numbers under which meters of the list were heard that have none there, by their id. */
  const heardAs = new Map<string, string>();

  /** Does the list read this meter by listening? */
  function isHeard(protocol: Protocol, { port: number, settings, learnt }: Meter): boolean {
    const entry = findPort(configuration().ports, number);
    const suggested = entry?.portId === undefined ? undefined : registry.find(entry.portId)?.suggested;
    const holding = settingsOf(protocol.settings, {
      set: fittingValues(protocol.settings, settings),
      learnt,
      suggested: suggested?.protocol === protocol.name ? suggested.settings : undefined,
      port: entry && { baudRate: entry.active.baudRate, framing: framingOf(entry.active) },
    });
    return listensWith(protocol, holding);
  }

  return (portId, protocol, from) => {
    const { meters, ports } = configuration();
    const here = meters.filter(
      ({ port, protocol: name }) => name === protocol.name && findPort(ports, port)?.portId === portId,
    );
    const candidates = here.map((meter) => ({
      meter,
      isHeard: isHeard(protocol, meter),
      heardAs: heardAs.get(meter.id),
    }));
    const [number] = from;
    const meter = meterHeard(protocol.address, candidates, from);
    // Read by nobody, as one by hand.
    if (!meter) return { index: 0, ...(number === undefined ? {} : { address: number }) };
    if (number !== undefined && !heardAs.has(meter.id)) heardAs.set(meter.id, number);
    return { index: indexOfMeter(meters, meter.id), meter: Number(meter.id), address: meter.address };
  };
}
