import { fromHex, inPairs, toHex } from '../../common/bytes.ts';
import { mbusError } from './errors.ts';
import { recordCursor, nextRecord, seek } from './record.ts';
import type { MbusSettings } from './settings.ts';

/** What a meter is sent before its values are asked for: user data that chooses what it tells. */
export interface FirstRequest {
  readonly controlInformation: number;
  readonly data: Uint8Array;
}

/** As manuals name them: CI field, then data. */
const READY: Readonly<Record<Exclude<MbusSettings['firstSend'], 'nothing' | 'own'>, string>> = {
  'eastron-instantaneous': 'B1',
  'abb-previous': '51 02 EC FF F9 19',
};

/** In their order. Throws MeterError 131074 where one would change the meter for good: that has a place of its own. */
export function firstRequests({ firstSend, ownRequests = '' }: MbusSettings): readonly FirstRequest[] {
  if (firstSend === 'nothing') return [];
  const text = firstSend === 'own' ? ownRequests : READY[firstSend];
  return text
    .split(';')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [controlInformation, ...data] = fromHex(part.replaceAll(' ', '')) ?? [];
      if (controlInformation === undefined) throw mbusError(131074, `"${part.trim()}" is not hexadecimal.`);
      const request = { controlInformation, data: Uint8Array.from(data) };
      if (!isChange(request)) return request;
      throw mbusError(
        131074,
        `“${requestText(request)}” changes address, number or rate of the meter: nothing was sent.`,
        {
          hint: 'Such changes are made with Tools → Change an M-Bus meter, which proves first that they meet one meter.',
        },
      );
    });
}

/** "CI 51 02 EC FF F9 19" */
export const requestText = ({ controlInformation, data }: FirstRequest): string =>
  `CI ${inPairs(toHex(Uint8Array.of(controlInformation, ...data)))}`;

const FABRICATION_NUMBER = 0x78;
const IDENTIFICATION = 0x79;
const BUS_ADDRESS = 0x7a;

/** A meter that took it would be another one, or not be heard any more. */
function isChange({ controlInformation, data }: FirstRequest): boolean {
  if (controlInformation >= 0xb8 && controlInformation <= 0xbf) return true;
  const cursor = recordCursor();
  seek(cursor, data, 0, data.length, controlInformation === 0x55);
  while (nextRecord(cursor)) {
    const vif = (data[cursor.vifStart] ?? 0) & 0x7f;
    if (vif === FABRICATION_NUMBER || vif === IDENTIFICATION || vif === BUS_ADDRESS) return true;
  }
  return false;
}
