import type { AmsState } from '../../../engine/ams-api.ts';
import type { FoundMeter } from '../../../protocols/mbus/search.ts';

/** Is a meter that was found on this port in the device list already? */
export function inList(ams: AmsState | undefined, portId: string, { address }: FoundMeter): boolean {
  const number = ams?.ports.find((entry) => entry.portId === portId)?.number;
  return (
    number !== undefined &&
    (ams?.meters.some(({ meter }) => meter.port === number && meter.protocol === 'MBUS' && meter.address === address) ??
      false)
  );
}
