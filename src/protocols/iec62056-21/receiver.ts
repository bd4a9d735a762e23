import { softwareParity } from '../../line/framing.ts';
import { dataMessageReceiver, type DataMessageReceiver } from './data-message.ts';
import type { Dialogue } from './dialogue.ts';

/** A receiver for the meter's next data message, that knows what was learnt of it so far. */
export function receiverFor(
  { line, settings, parity, identification }: Dialogue,
  expectsCrc = false,
): DataMessageReceiver {
  return dataMessageReceiver({
    blockCheck: settings.blockCheck,
    expectsCrc,
    parity: { ours: softwareParity(line.framing), ...(parity ? { known: parity } : {}) },
    ...(identification ? { preamble: identification.raw } : {}),
  });
}
