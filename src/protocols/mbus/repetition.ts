import { parseFrame } from './frame.ts';
import { headerOf } from './selection.ts';
import { nextRecord, recordCursor, seek } from './record.ts';
import { CONTROL_INFORMATION } from './control-information.ts';
import { LONG_HEADER, SHORT_HEADER } from './header.ts';
import { PRIMARY_VIFS } from './vif-primary.ts';

/**
 * Does a telegram say the same as another? The access number counts on with every answer, the status may change, and
 * the meter's clock goes on; nothing else may differ. Both are valid frames.
 */
export function isSameTelegram(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && comparable(a) === comparable(b);
}

/** What stays the same where a telegram is sent again. */
function comparable(bytes: Uint8Array): string {
  const frame = parseFrame(bytes);
  if (frame.kind !== 'long') return bytes.join();
  const data = frame.data.slice();
  const ci = CONTROL_INFORMATION[frame.controlInformation];
  const header = headerOf(frame);
  if (ci === undefined || header === undefined) return data.join();
  const accessAt = ci.layout === 'long header' ? 8 : ci.layout === 'fixed' ? 4 : 0;
  data.fill(0, accessAt, accessAt + 2);
  if (ci.layout === 'fixed') return data.join();
  const cursor = recordCursor();
  seek(cursor, data, ci.layout === 'long header' ? LONG_HEADER : SHORT_HEADER, data.length, ci.mode2);
  while (nextRecord(cursor)) if (isClock(cursor)) data.fill(0, cursor.dataStart, cursor.end);
  return data.join();
}

/** The time now: no stored one, no maximum's, and no tariff's. */
const isClock = ({ kind, dif, storage, meaning }: ReturnType<typeof recordCursor>) =>
  kind === 'value' && (dif & 0x30) === 0 && storage === 0 && meaning.quantity === PRIMARY_VIFS[0x6d]?.quantity;
