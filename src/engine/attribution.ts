import type { PortId } from '../common/kinds.ts';
import type { AmsConfiguration } from '../ams/ams-store.ts';
import { indexOfMeter } from '../ams/meter-list.ts';
import type { Meter } from '../ams/meter.ts';
import { findPort } from '../ams/ports-table.ts';
import type { AmsRecord } from '../log/record.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { meterHeard } from './meter-heard.ts';

/** As which meter what was heard is recorded. */
export interface Attribution {
  readonly as: Pick<AmsRecord, 'index' | 'meter' | 'address'>;
  /** Meters of the list that may have said it, where nobody can tell which. */
  readonly doubtful: readonly string[];
}

export type Attribute = (portId: PortId, protocol: Protocol, from: readonly string[]) => Attribution;

export interface AttributionParts {
  configuration(): AmsConfiguration;
  /** Is this meter read by listening? */
  speaksItself(meter: Meter): boolean;
}

/** Finds the meter of the list that spoke, as the list is at that moment. */
export function createAttribution({ configuration, speaksItself }: AttributionParts): Attribute {
  /** Numbers under which meters of the list were heard that have none there, by their id. */
  const heardAs = new Map<string, string>();

  return (portId, protocol, from) => {
    const { meters, ports } = configuration();
    const here = meters.filter(
      ({ port, protocol: name }) => name === protocol.name && findPort(ports, port)?.portId === portId,
    );
    const candidates = here.map((meter) => ({
      meter,
      isHeard: speaksItself(meter),
      heardAs: heardAs.get(meter.id),
    }));
    const [number] = from;
    const { meter, doubtful } = meterHeard(protocol.address, candidates, from);
    // Read by nobody, as one by hand.
    if (!meter) {
      const as = { index: 0, ...(number === undefined ? {} : { address: number }) };
      return { as, doubtful: doubtful.map(({ id }) => id) };
    }
    if (number !== undefined && !heardAs.has(meter.id)) heardAs.set(meter.id, number);
    const as = { index: indexOfMeter(meters, meter.id), meter: Number(meter.id), address: meter.address };
    return { as, doubtful: [] };
  };
}
