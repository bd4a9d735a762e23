import { MeterError } from '../../../common/meter-error.ts';
import { hdlcReceiver } from '../hdlc/receiver.ts';
import { titleIn } from '../security/ciphered.ts';
import { joiner } from './joiner.ts';
import { isPush } from './notification.ts';

/** Everything that a meter pushed in these bytes: in HDLC frames, joined, or the envelope alone. */
export function pushesIn(bytes: Uint8Array): readonly Uint8Array[] {
  if (isEnvelope(bytes)) return [bytes];
  const [receiver, join] = [hdlcReceiver(), joiner()];
  const pushes: Uint8Array[] = [];
  for (const byte of bytes)
    for (const frame of receiver.take(byte)) {
      const joined = join.frame(frame);
      if (joined?.kind === 'message' && isPush(joined.message)) pushes.push(joined.message);
    }
  return pushes;
}

/** A general envelope of a meter, and nothing behind it. */
function isEnvelope(bytes: Uint8Array): boolean {
  try {
    const found = titleIn(bytes);
    return found?.title.length === 8 && found.end === bytes.length;
  } catch (error) {
    if (error instanceof MeterError) return false;
    throw error;
  }
}
