import type { Clock } from '../common/clock.ts';
import type { PortId } from '../common/kinds.ts';
import { MeterError } from '../common/meter-error.ts';
import { PortError } from '../line/port.ts';
import type { ListeningState } from './ams-api.ts';
import type { PortRegistry, PortSeat } from './port-registry.ts';

/** A port that cannot be opened is tried again after this; one that broke off sooner, since it was there. */
export const AGAIN_MS = 10_000;
const AFTER_LOSS_MS = 2000;

export interface HearOnParts {
  readonly clock: Clock;
  readonly registry: Pick<PortRegistry, 'listen'>;
  /** Why it cannot be heard at the moment; undefined where a try ended without a word. */
  onTrouble(text: string | undefined): void;
  /** What is neither the port's fault nor the far end's. */
  onError(error: unknown): void;
}

/** Hears a port until aborted, whatever the port does: what fails is tried again. */
export async function hearOn(
  { clock, registry, onTrouble, onError }: HearOnParts,
  portId: PortId,
  signal: AbortSignal,
  hear: (seat: PortSeat) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    let pause = AGAIN_MS;
    let trouble: string | undefined;
    try {
      // A signal for each try: what heeds it goes with it.
      await registry.listen(portId, AbortSignal.any([signal]), async (seat) => {
        try {
          await hear(seat);
        } catch (error) {
          if (!isLoss(error)) throw error;
          // Whether the port has gone the next opening finds out: ports that break off may stay where they are.
          pause = AFTER_LOSS_MS;
          throw new Error(error.message, { cause: error });
        }
      });
    } catch (error) {
      const isOrdinary = error instanceof PortError || error instanceof MeterError;
      if (!isOrdinary && pause === AGAIN_MS) onError(error);
      trouble = wordsOf(error);
    }
    onTrouble(trouble);
    await clock.sleep(pause, signal).catch(() => undefined);
  }
}

/** What was seen, and what to try. */
const wordsOf = (error: unknown) =>
  error instanceof MeterError
    ? `${error.message} ${error.hint}`.trim()
    : error instanceof Error
      ? error.message
      : String(error);

const isLoss = (error: unknown): error is PortError => error instanceof PortError && error.failure === 'lost';

/** How the hearing of a port stands. @param step what it does, in its own words */
export function hearingState(
  registry: Pick<PortRegistry, 'find' | 'wireState'>,
  portId: PortId,
  trouble: string,
  step: string,
): Pick<ListeningState, 'state' | 'text'> {
  const wire = registry.wireState(portId);
  if (!registry.find(portId)) return { state: 'port missing', text: 'waits until the adapter is plugged in' };
  if (wire && wire.kind !== 'listening') return { state: 'aside', text: `waits: this port is ${wire.doing}` };
  if (trouble !== '') return { state: 'failed', text: trouble };
  return { state: 'listening', text: step === '' ? 'opening the port' : step };
}
