import { acknowledgeMessage, STX } from './control.ts';
import type { DataMessage } from './data-message.ts';
import { step, type Dialogue } from './dialogue.ts';
import { isKnownToStay } from './memory.ts';
import { ourReaction, switchMargin, tooSlowSwitch } from './reaction.ts';
import { receiveData } from './receive-data.ts';

/** Mode C: accept the offered rate with the meter's own Z, or stay with `000`; anything else breaks sessions (aquaticus#16). */
export async function acknowledgeAndReceive(dialogue: Dialogue, z: string, offered: number): Promise<DataMessage> {
  const { line, address } = dialogue;
  const acknowledged = await acknowledge(dialogue, z, offered, '0');
  if ('ahead' in acknowledged) return await receiveUnasked(dialogue, acknowledged.ahead);
  const { rate, stays } = acknowledged;
  step(dialogue, 'receiving', `receiving at ${line.baudRate} Bd`);
  // A reader told to keep its rate never looks elsewhere (switch R of its address); `000` is 300 Bd by the standard.
  const others = address.keepInitialRate ? [] : stays ? [300] : [dialogue.firstRate];
  return await receiveData(dialogue, { rates: [...new Set([rate, ...others])], missing: 'acknowledge timeout' });
}

/** Data without an acknowledge: the meter does not do mode C after all, whatever its identification promises. */
export async function receiveUnasked(dialogue: Dialogue, ahead: readonly number[]): Promise<DataMessage> {
  dialogue.mode = 'A';
  return await receiveData(dialogue, { rates: [dialogue.line.baudRate], missing: 'message timeout', ahead });
}

/**
 * Sends the acknowledge with option 0 (readout) or 1 (programming mode) and changes to its rate, which the line then has;
 * or gives what the meter began to send before it.
 */
export async function acknowledge(
  dialogue: Dialogue,
  z: string,
  offered: number,
  option: '0' | '1',
): Promise<{ readonly rate: number; readonly stays: boolean } | { readonly ahead: readonly number[] }> {
  const { line, settings } = dialogue;
  const stays = offered === dialogue.firstRate || staysSlow(dialogue);
  const ahead = await waitToSpeak(dialogue);
  if (ahead.length > 0) return { ahead };
  const rate = stays ? line.baudRate : offered;
  step(dialogue, 'acknowledging', stays ? `staying at ${line.baudRate} Bd` : `acknowledging ${offered} Bd`);
  try {
    await line.write(acknowledgeMessage(rate === offered ? z : '0', option));
  } finally {
    // Stopped in the middle of it or not: the meter may have heard it.
    dialogue.acknowledgedAt = line.clock.monotonic();
  }
  if (rate !== line.baudRate) {
    await line.pause(switchMargin(dialogue) + settings.switchDelayMs);
    await line.change({ baudRate: rate });
  }
  return { rate, stays };
}

/** Does the data have to come at the rate of the sign-on? Where nobody asked for it, a note says why. */
function staysSlow(dialogue: Dialogue): boolean {
  const { line, settings, address, notes } = dialogue;
  if (settings.denyHigherRate || address.keepInitialRate || dialogue.staysAtFirstRate) return true;
  if (isKnownToStay(dialogue)) {
    notes.add(`known to stay at ${line.baudRate} Bd: not asked for more`);
    return true;
  }
  if (dialogue.identification?.baudCharacterDamaged) {
    notes.add(`the baud character came damaged: read at ${line.baudRate} Bd`);
    return true;
  }
  const slow = tooSlowSwitch(dialogue);
  if (slow !== undefined) {
    notes.add(
      `the adapter takes ${slow} ms to change its rate, longer than the meter waits: read at ${line.baudRate} Bd`,
    );
    return true;
  }
  if (!dialogue.startMissed) return false;
  notes.add(`the adapter was too slow for the higher rate: read at ${line.baudRate} Bd`);
  return true;
}

/** Waits out the reaction time. A character that means something before it is over is returned: the meter speaks by itself. */
async function waitToSpeak(dialogue: Dialogue): Promise<readonly number[]> {
  const { line } = dialogue;
  const ahead: number[] = [];
  const remaining = line.lastReceivedAt + ourReaction(dialogue) - line.clock.monotonic();
  if (remaining <= 0) return ahead;
  await line.read(
    (byte, parityOk) => {
      const speaks = parityOk && (byte === STX || (byte > 0x20 && byte < 0x7f));
      if (speaks) ahead.push(byte);
      return speaks ? 'done' : 'more';
    },
    { firstByteMs: remaining, interByteMs: remaining, totalMs: remaining },
  );
  return ahead;
}
