import { toHex } from '../../common/bytes.ts';
import type { Found, Recognizer } from '../recognizer.ts';
import { foundFrame, MOST_BEHIND, problemsOf } from './found-frame.ts';
import { readFrame, type RadioFrame } from './frame.ts';
import { isRadioCi } from './layers.ts';
import { isRadioLink, LINK_END } from './link.ts';
import { receiverLines } from './receiver-lines.ts';

/** A telegram from its L field on, as receivers give it, or from its C field on, as records keep it. */
export const wmbusRecognizer: Recognizer = {
  sees(bytes) {
    const frame = readFrame(bytes);
    if (frame && isTelling(frame)) return 'whole';
    return frame?.format === 'A' || isBody(bytes) ? 'beginning' : undefined;
  },
  found: framesIn,
  problems: (bytes) => (isRadioLink(bytes, 0) ? [] : problemsOf(readFrame(bytes))),
  text: receiverLines,
};

/** Without check sums, only its length and its fields tell a telegram from other bytes. */
function isTelling({ format, body, behind, fault }: RadioFrame): boolean {
  if (format !== 'none') return true;
  const isKnown = body.length === LINK_END || isRadioCi(body[LINK_END] ?? 0);
  return fault === '' && isKnown && (behind.length <= MOST_BEHIND || readFrame(behind) !== undefined);
}

const UNASKED = new Set([0x44, 0x46]);

function isBody(bytes: Uint8Array): boolean {
  return UNASKED.has(bytes[0] ?? 0) && isRadioLink(bytes, 0) && isRadioCi(bytes[LINK_END] ?? 0);
}

/** One for each telegram: a file may have several without anything in between. */
function* framesIn(bytes: Uint8Array, line: number): Generator<Found> {
  let rest = bytes;
  for (let frame = readFrame(rest); frame; frame = readFrame(rest)) {
    if (rest !== bytes && !isTelling(frame)) break;
    yield foundFrame(frame, line);
    rest = frame.behind;
  }
  if (rest === bytes) yield { identification: '', data: toHex(bytes), line, facts: [], problems: [] };
}
