import type { Line } from '../../line/line.ts';
import type { MeterError } from '../../common/meter-error.ts';
import type { ReadOptions } from '../protocol.ts';
import type { Readout } from '../../common/readout.ts';
import { acknowledgeAndReceive } from './acknowledge.ts';
import type { IecAddress } from './address.ts';
import { offeredMode } from './baud.ts';
import { bearOut } from './bear-out.ts';
import type { DataMessage } from './data-message.ts';
import { createTries } from '../../common/tries.ts';
import { asMeterError, beginDialogue, step, type Dialogue } from './dialogue.ts';
import { iecError, iecErrorCode, iecErrors } from './errors.ts';
import type { IdentificationMessage } from './identification.ts';
import { listenForPush } from './listen.ts';
import { isKnownToStay } from './memory.ts';
import { failedReadout, fuller, readout, type Effort } from './outcome.ts';
import { readByCommands } from './programming/read.ts';
import { receiveData, START_MISSED } from './receive-data.ts';
import { endOldSession, settle } from './recover.ts';
import type { IecSettings } from './settings.ts';
import { signOn } from './sign-on.ts';
import { askUnidentified } from './unidentified.ts';

/** The rate every meter is asked at by the standard. */
const STANDARD_RATE = 300;
/** So long a meter may wait behind its data for the wish to repeat it (NAK), deaf to anything else. */
const AWAITS_REPEAT_MS = 2500;

/**
 * One read of a meter in modes A, B, C or D over an open line. Never rejects for what a meter does: a failed read is a
 * readout with an error code of the SmartCOM's table and whatever was received.
 */
export async function readIec(
  line: Line,
  address: IecAddress,
  settings: IecSettings,
  options: ReadOptions,
): Promise<Readout> {
  const began = line.clock.monotonic();
  const firstFraming = line.framing;
  const dialogue = beginDialogue(line, {
    address,
    settings,
    options,
    longestMs: Math.max(settings.longestMs, settings.mode === 'D' ? settings.listenMs : 0),
  });
  /** The fullest of several failed attempts. */
  let kept: Readout | undefined;
  const tries = options.tries ?? createTries(settings.retries, iecErrors);
  let repeats = 0;

  for (let attempts = 1; ; attempts++) {
    const { outcome, error } = await attemptReadout(dialogue, { began, attempts });
    if (outcome.errorCode === 0) {
      return await bearOut(dialogue, outcome, async () => {
        try {
          await line.pause(AWAITS_REPEAT_MS);
          if (!(await settle(dialogue))) throw iecError('character timeout', 'The line did not fall silent.');
          await line.change({ baudRate: dialogue.firstRate, framing: firstFraming });
        } catch (cause) {
          return failedReadout(dialogue, asMeterError(cause, line.signal), { began, attempts });
        }
        beginAnew(dialogue);
        return (await attemptReadout(dialogue, { began, attempts: ++attempts })).outcome;
      });
    }
    kept = fuller(kept, outcome);
    const tooFast = error !== undefined && isAskedTooFast(dialogue, error);
    const canGoOn = error ? !isLost(error) : dialogue.repeatRefused;
    // What is left of the account is for whoever called: others may have the port in between.
    const mayRepeat = canGoOn && repeats < settings.retries && tries.take(outcome.errorCode);
    if (!tooFast && !mayRepeat) return kept;
    if (!tooFast) repeats++;
    const next = tooFast ? `Trying at ${STANDARD_RATE} Bd.` : `Trying again (${tries.used} of ${tries.most}).`;
    step(dialogue, 'retrying', `${outcome.circumstances?.message ?? ''} ${next}`);
    try {
      if (!(await settle(dialogue))) return withNote(kept, 'the line did not fall silent: not tried again');
      if (error?.code === iecErrorCode('identification timeout') && settings.mode !== 'D')
        await endOldSession(dialogue);
      if (tooFast) {
        dialogue.firstRate = STANDARD_RATE;
        dialogue.fellBack = true;
      }
      await line.change({ baudRate: dialogue.firstRate, framing: firstFraming });
    } catch (cause) {
      const stopped = failedReadout(dialogue, asMeterError(cause, line.signal), { began, attempts });
      return {
        ...kept,
        errorCode: stopped.errorCode,
        circumstances: { ...kept.circumstances, ...stopped.circumstances },
      };
    }
    beginAnew(dialogue);
  }
}

function beginAnew(dialogue: Dialogue): void {
  dialogue.identification = dialogue.receiver = dialogue.message = dialogue.acknowledgedAt = undefined;
  dialogue.earlierBlocks = '';
  dialogue.repeatRefused = dialogue.sameTwice = dialogue.endedEarly = false;
  dialogue.notes.delete(START_MISSED);
}

/** One dialogue, as a readout whatever came of it; `error` where it did not come to a whole message. */
async function attemptReadout(
  dialogue: Dialogue,
  effort: Effort,
): Promise<{ readonly outcome: Readout; readonly error?: MeterError }> {
  try {
    return { outcome: readout(dialogue, await attemptRead(dialogue), effort) };
  } catch (cause) {
    const error = asMeterError(cause, dialogue.line.signal);
    return { outcome: failedReadout(dialogue, error, effort), error };
  }
}

async function attemptRead(dialogue: Dialogue): Promise<DataMessage> {
  const { line, settings, options } = dialogue;
  if (settings.mode === 'D') return await listenForPush(dialogue);
  if (settings.answerRate !== undefined) return await askUnidentified(dialogue, settings.answerRate);

  // Before the meter hears of it: it waits for nothing that has to be looked up.
  if (settings.read !== 'table') dialogue.password ??= await options.secret?.('password');
  const identification = await signOn(dialogue);
  const { manufacturer, identification: text, baudCharacter } = identification;
  const mode = settings.mode === 'auto' ? modeOf(identification) : settings.mode;
  dialogue.mode = mode;
  const offered = mode === 'A' ? line.baudRate : offeredRate(dialogue, identification, mode);
  step(
    dialogue,
    'identified',
    mode === 'A' ? `${manufacturer}, data at ${offered} Bd` : `${manufacturer}, ${offered} Bd offered`,
  );
  options.onProgress?.({ kind: 'identification', manufacturer, identification: text, baudRate: offered });

  switch (mode) {
    case 'A':
      return await receiveData(dialogue, { rates: [line.baudRate], missing: 'message timeout' });
    case 'B': {
      const rates = modeBRates(dialogue, offered);
      await line.change({ baudRate: rates[0] ?? offered });
      step(dialogue, 'receiving', `receiving at ${line.baudRate} Bd`);
      return await receiveData(dialogue, { rates, missing: 'message timeout' });
    }
    case 'C':
      return settings.read === 'table'
        ? await acknowledgeAndReceive(dialogue, baudCharacter, offered)
        : await readByCommands(dialogue, baudCharacter, offered);
  }
}

/** A mode A meter may have a letter of mode B for its own purposes: found at its first rate once, it is asked there first. */
function modeBRates(dialogue: Dialogue, offered: number): readonly number[] {
  const { line, address, firstRate } = dialogue;
  const stays = address.keepInitialRate || dialogue.staysAtFirstRate || isKnownToStay(dialogue);
  return [...new Set(stays ? [line.baudRate, offered] : [offered, firstRate])];
}

/** Mode E answers a mode C acknowledge with a readout (pwitab#19), so C it is. A damaged letter says nothing. */
function modeOf(identification: IdentificationMessage): 'A' | 'B' | 'C' {
  const mode = offeredMode(identification).modes.find((each) => each === 'A' || each === 'B' || each === 'C') ?? 'A';
  return identification.baudCharacterDamaged && mode === 'B' ? 'A' : mode;
}

function offeredRate(dialogue: Dialogue, identification: IdentificationMessage, mode: 'B' | 'C'): number {
  const { baudCharacter } = identification;
  const { modes, baudRate } = offeredMode(identification);
  if (mode === 'C' && !modes.includes('C')) {
    throw iecError('unsupported mode', `The meter offers no mode C: its baud character is “${baudCharacter}”.`, {
      hint: 'Choose the mode “Recognize” in the meter settings.',
    });
  }
  if (baudRate !== undefined) return baudRate;
  dialogue.notes.add(`the baud character “${baudCharacter}” stands for no rate: read at ${dialogue.line.baudRate} Bd`);
  return dialogue.line.baudRate;
}

/** The meter did not answer a first rate set higher than the standard's: it is asked at 300 Bd once more. */
function isAskedTooFast({ address, settings, firstRate }: Dialogue, { code }: MeterError): boolean {
  if (settings.mode === 'D' || address.keepInitialRate || firstRate <= STANDARD_RATE) return false;
  return code === iecErrorCode('identification timeout') || (code >= 65793 && code <= 65796);
}

/** The port is gone, or hangs, or what is asked for cannot be: on this line nothing is asked again. */
const isLost = ({ code }: MeterError) => code === iecErrorCode('internal error') || code === 1;

function withNote(kept: Readout, note: string): Readout {
  const { notes = [] } = kept.circumstances ?? {};
  return { ...kept, circumstances: { ...kept.circumstances, notes: [...notes, note] } };
}
