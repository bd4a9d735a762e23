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
  /** The same by what tells more than the number: that it is of another maker, too. */
  const inFull = new Map<string, readonly string[]>();

  /** Has another meter been heard under the number of this one? */
  function isShared(id: string, from: readonly string[]): boolean {
    const [number = ''] = from;
    const full = from.find((one) => one.length > number.length && one.endsWith(number));
    if (full === undefined || number === '') return false;
    const others = (inFull.get(id) ?? []).filter((one) => one.endsWith(number) && one !== full);
    inFull.set(id, [...others.slice(0, 1), full]);
    return others.length > 0;
  }

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
    if (!meter || isShared(meter.id, from)) {
      const as = { index: 0, ...(number === undefined ? {} : { address: number }) };
      return { as, doubtful: (meter ? [meter] : doubtful).map(({ id }) => id) };
    }
    if (number !== undefined && !heardAs.has(meter.id)) heardAs.set(meter.id, number);
    const as = { index: indexOfMeter(meters, meter.id), meter: Number(meter.id), address: meter.address };
    return { as, doubtful: [] };
  };
}
