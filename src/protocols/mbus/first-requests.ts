import { fromHex, inPairs, toHex } from '../../common/bytes.ts';
import { isAgreed } from '../../common/form.ts';
import { mbusError } from './errors.ts';
import { mbusForm } from './form.ts';
import { recordCursor, nextRecord, seek } from './record.ts';
import type { MbusSettings } from './settings.ts';

/** What a meter is sent before its values are asked for: user data that chooses what it tells. */
export interface FirstRequest {
  readonly controlInformation: number;
  readonly data: Uint8Array;
}

/** As manuals name them: CI field, then data. ABB's want a day to begin at (backward), or a time for the log. */
const READY: Readonly<Record<Exclude<MbusSettings['firstSend'], 'nothing' | 'own'>, (now: Date) => string>> = {
  'eastron-instantaneous': () => 'B1',
  'abb-previous': (now) => `51 02 EC FF F9 19 ${dayOf(now)}`,
  'abb-profile': (now) => `51 02 EC FF F9 10 ${dayOf(now)}`,
  'abb-log': (now) => `51 CE 40 ED FF F9 32 ${timeOf(now)}`,
};

/** Type G of EN 13757-3, low byte first, by the local clock as meters have it. */
function dayOf(now: Date): string {
  const [day, month, year] = [now.getDate(), now.getMonth() + 1, now.getFullYear() % 100];
  return toHex(Uint8Array.of(((year & 7) << 5) | day, ((year >> 3) << 4) | month));
}

/** Second, minute, hour, day, month, year: two digits each. */
function timeOf(now: Date): string {
  const parts = [
    now.getSeconds(),
    now.getMinutes(),
    now.getHours(),
    now.getDate(),
    now.getMonth() + 1,
    now.getFullYear() % 100,
  ];
  return parts.map((part) => String(part).padStart(2, '0')).join('');
}

/**
 * In their order, for a read at `now`. Throws MeterError 131074 where nobody has agreed to them, however they came here,
 * and where one would change the meter for good: that has a place of its own.
 */
export function firstRequests(settings: MbusSettings, now: Date): readonly FirstRequest[] {
  const { firstSend, ownRequests = '' } = settings;
  if (firstSend === 'nothing') return [];
  const text = firstSend === 'own' ? ownRequests : READY[firstSend](now);
  if (text.trim() === '') return [];
  if (!isAgreed(mbusForm, { ...settings }, 'firstSend'))
    throw mbusError(131074, `Nobody has confirmed that ${wordsOf(text)} may be sent to this meter: nothing was sent.`, {
      hint: 'Open the meter’s settings, look at “Send before reading”, and confirm it once, or choose “Nothing”.',
    });
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

const wordsOf = (text: string) => `“CI ${text.length > 60 ? `${text.slice(0, 60)}…` : text}”`;

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
