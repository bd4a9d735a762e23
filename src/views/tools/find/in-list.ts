import type { AmsState } from '../../../engine/ams-api.ts';
import type { FindRequest } from '../../../engine/bus-api.ts';
import type { Found } from '../../../protocols/search.ts';

/** Is a meter that was found on this port in the device list already? */
export function inList(
  ams: AmsState | undefined,
  { portId, protocol }: Pick<FindRequest, 'portId' | 'protocol'>,
  { address }: Found,
): boolean {
  const number = ams?.ports.find((entry) => entry.portId === portId)?.number;
  const isIt = ({ meter }: AmsState['meters'][number]) =>
    meter.port === number && meter.protocol === protocol && meter.address === address;
  return number !== undefined && (ams?.meters.some(isIt) ?? false);
}
