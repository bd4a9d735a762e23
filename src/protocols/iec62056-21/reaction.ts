import type { Dialogue } from './dialogue.ts';

/** Shortest time a meter takes to answer, by what it says of itself: 20 ms with a lower-case third letter, else 200. */
export function nominalReaction({ identification }: Pick<Dialogue, 'identification'>): number {
  return identification?.fastReaction ? 20 : 200;
}

/** Wait before we speak, counted from the last character received. */
export function ourReaction(dialogue: Dialogue): number {
  return dialogue.settings.t2Ms ?? nominalReaction(dialogue);
}

/** A switch that nobody has timed yet. */
const USUAL_SWITCH_MS = 30;
/** Adapters are seen to hold the end of a message back for tens of milliseconds under load; more helps no more. */
const LONGEST_MARGIN_MS = 60;

/**
 * How long to wait between the last bit of the acknowledge and the switch: bytes held back in the adapter are lost with
 * it. A third of the time in which the meter does not speak yet and the adapter does not switch.
 */
export function switchMargin(dialogue: Dialogue): number {
  const { line, reactionMs = Infinity } = dialogue;
  const room = Math.min(nominalReaction(dialogue), reactionMs) - (line.switchMs ?? USUAL_SWITCH_MS);
  return Math.max(0, Math.min(LONGEST_MARGIN_MS, room / 3));
}

/** Less than this of an answer is lost at no great cost: a repeat brings it, sooner than a readout at 300 Bd. */
const BEARABLE_LOSS_MS = 80;

/**
 * Milliseconds the adapter takes to switch, where the meter is long answering by then, perhaps done with it; undefined
 * where a repeat is to be had, or nothing lost.
 */
export function tooSlowSwitch(dialogue: Dialogue): number | undefined {
  const { line, reactionMs = 0 } = dialogue;
  const { switchMs } = line;
  const slow = switchMs !== undefined && switchMs > Math.max(nominalReaction(dialogue), reactionMs) + BEARABLE_LOSS_MS;
  return slow ? Math.round(switchMs) : undefined;
}
