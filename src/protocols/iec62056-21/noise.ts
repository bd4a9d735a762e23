import { CR, ETX, LF, STX, ACK, EOT, SOH } from './control.ts';
import { parityTally, type SentParity } from './parity-tally.ts';

/** So many characters are judged together. */
const WINDOW = 48;
/** One in three of them can't be right: no damage makes that of a message, noise and ciphers do. */
const SHARE = 3;

export function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || [CR, LF, STX, ETX, ACK, EOT, SOH].includes(byte);
}

/** Notices when what comes has stopped to be a message. Runs of one character (texts filled up with FF) are no noise. */
export interface NoiseMeter {
  /** True once the last window was noise. */
  add(byte: number, parityOk: boolean): boolean;
}

export function noiseMeter(ours: 'even' | 'odd' | undefined, known: SentParity | undefined): NoiseMeter {
  const parity = parityTally(ours);
  let count = 0;
  let unprintable = 0;
  let before = -1;
  return {
    add(byte, parityOk) {
      if (byte !== before || byte === 0) {
        count++;
        if (isText(byte)) parity.add(byte, parityOk);
        else unprintable++;
      }
      before = byte;
      if (count < WINDOW) return false;
      const isNoise = (unprintable + parity.judge(known).wrong) * SHARE > count;
      count = unprintable = 0;
      parity.reset();
      return isNoise;
    },
  };
}
