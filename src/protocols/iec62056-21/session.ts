import type { Line } from '../../line/line.ts';
import type { MeterError } from '../common/meter-error.ts';
import type { ReadOptions } from '../common/protocol.ts';
import type { Circumstances, Readout } from '../common/readout.ts';
import type { IecAddress } from './address.ts';
import { offeredMode } from './baud.ts';
import { acknowledgeMessage, breakMessage, STX } from './control.ts';
import type { DataMessage } from './data-message.ts';
import { asMeterError, step, type Dialogue } from './dialogue.ts';
import { iecError, iecErrorCode, iecErrors } from './errors.ts';
import type { IdentificationMessage } from './identification.ts';
import { listenForPush } from './listen.ts';
import { memoryKey, receiveData, START_MISSED } from './receive-data.ts';
import type { IecSettings } from './settings.ts';
import { reactionTime, signOn } from './sign-on.ts';

/** Before a dialogue is begun again the meter has to fall silent, or it would take the request for its own echo. */
const SILENCE_MS = 500;
/** The rate nearly all meters with a session are left at. */
const SESSION_RATE = 9600;
/** A readout at 300 Bd that nobody listens to any more can go on for a minute and longer. */
const LONGEST_SETTLE_MS = 90_000;

/**
 * One read of a meter in modes A, B, C or D over an open line. Never rejects for what a meter does: a failed read is a
 * readout with an error code of the seeds' table and whatever was received.
 */
export async function readIec(
  line: Line,
  address: IecAddress,
  settings: IecSettings,
  options: ReadOptions,
): Promise<Readout> {
  const began = line.clock.monotonic();
  const firstFraming = line.framing;
  const dialogue: Dialogue = {
    line,
    address,
    settings,
    options,
    firstRate: line.baudRate,
    notes: new Set(),
    identification: undefined,
    parity: undefined,
    staysAtFirstRate: false,
    repeatRefused: false,
    mode: undefined,
    receiver: undefined,
    message: undefined,
    dataRate: line.baudRate,
  };
  /** The fullest of several failed attempts: a later one that gets less must not cost what an earlier one got, nor its reason. */
  let kept: Readout | undefined;

  for (let attempt = 1; ; attempt++) {
    const { outcome, error } = await attemptReadout(dialogue, began, attempt);
    if (outcome.errorCode === 0) return outcome;
    kept = fuller(kept, outcome);
    if (attempt > settings.retries || !(error ? isWorthRepeating(error) : dialogue.repeatRefused)) return kept;
    step(
      dialogue,
      'retrying',
      `${outcome.circumstances?.message ?? ''} Trying again (${attempt} of ${settings.retries}).`,
    );
    try {
      await settle(dialogue);
      if (error?.code === iecErrorCode('identification timeout') && settings.mode !== 'D')
        await endOldSession(dialogue);
      await line.changeBaud(dialogue.firstRate, firstFraming);
    } catch (cause) {
      const stopped = failedReadout(dialogue, asMeterError(cause, options.signal), began, attempt);
      return {
        ...kept,
        errorCode: stopped.errorCode,
        circumstances: { ...kept.circumstances, ...stopped.circumstances },
      };
    }
    dialogue.identification = dialogue.receiver = dialogue.message = undefined;
    dialogue.repeatRefused = false;
    dialogue.notes.delete(START_MISSED);
  }
}

/** One dialogue, as a readout whatever came of it; `error` where it did not come to a whole message. */
async function attemptReadout(
  dialogue: Dialogue,
  began: number,
  attempt: number,
): Promise<{ readonly outcome: Readout; readonly error?: MeterError }> {
  try {
    return { outcome: readout(dialogue, await attemptRead(dialogue), began, attempt) };
  } catch (cause) {
    const error = asMeterError(cause, dialogue.options.signal);
    return { outcome: failedReadout(dialogue, error, began, attempt), error };
  }
}

function fuller(earlier: Readout | undefined, later: Readout): Readout {
  if (!earlier || earlier.data.length <= later.data.length) return later;
  const { attempts = 1, durationMs = 0 } = later.circumstances ?? {};
  return { ...earlier, circumstances: { ...earlier.circumstances, attempts, durationMs } };
}

async function attemptRead(dialogue: Dialogue): Promise<DataMessage> {
  const { line, settings, options } = dialogue;
  if (settings.mode === 'D') return await listenForPush(dialogue);

  const identification = await signOn(dialogue);
  const { manufacturer, identification: text, baudCharacter } = identification;
  const mode = settings.mode === 'auto' ? modeOf(identification) : settings.mode;
  dialogue.mode = mode;
  const offered = mode === 'A' ? line.baudRate : offeredRate(identification, mode);
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
      const rates = unique([dialogue.address.keepInitialRate ? line.baudRate : offered, dialogue.firstRate]);
      await line.changeBaud(rates[0] ?? offered);
      step(dialogue, 'receiving', `receiving at ${line.baudRate} Bd`);
      return await receiveData(dialogue, { rates, missing: 'message timeout' });
    }
    case 'C':
      return await acknowledgeAndReceive(dialogue, baudCharacter, offered);
  }
}

/** Mode C: accept the offered rate with the meter's own Z, or stay with `000`; anything else breaks sessions (aquaticus#16). */
async function acknowledgeAndReceive(dialogue: Dialogue, z: string, offered: number): Promise<DataMessage> {
  const { line, settings, address, options, identification } = dialogue;
  const key = memoryKey(address.address, identification?.raw ?? new Uint8Array(0));
  const stays =
    settings.denyHigherRate ||
    address.keepInitialRate ||
    dialogue.staysAtFirstRate ||
    options.memory?.recall(key)?.staysAtFirstRate === true;

  const ahead = await waitToSpeak(dialogue);
  if (ahead.length > 0) {
    // Data without an acknowledge: the meter does not do mode C after all, whatever its identification promises.
    dialogue.mode = 'A';
    return await receiveData(dialogue, { rates: [line.baudRate], missing: 'message timeout', ahead });
  }

  step(dialogue, 'acknowledging', stays ? `staying at ${line.baudRate} Bd` : `acknowledging ${offered} Bd`);
  await line.write(acknowledgeMessage(stays ? '0' : z), options.signal);
  const rate = stays ? line.baudRate : offered;
  if (rate !== line.baudRate) {
    if (settings.switchDelayMs > 0) await line.pause(settings.switchDelayMs, options.signal);
    await line.changeBaud(rate);
  }
  step(dialogue, 'receiving', `receiving at ${rate} Bd`);
  // A reader told to keep its rate never looks elsewhere (seed 001, switch R); `000` is 300 Bd by the standard.
  const others = address.keepInitialRate ? [] : stays ? [300] : [dialogue.firstRate];
  return await receiveData(dialogue, { rates: unique([rate, ...others]), missing: 'acknowledge timeout' });
}

/** Waits out the reaction time. A character that means something before it is over is returned: the meter speaks by itself. */
async function waitToSpeak(dialogue: Dialogue): Promise<readonly number[]> {
  const { line, options } = dialogue;
  const ahead: number[] = [];
  const remaining = line.lastReceivedAt + reactionTime(dialogue) - line.clock.monotonic();
  if (remaining <= 0) return ahead;
  await line.read(
    (byte, parityOk) => {
      const speaks = parityOk && (byte === STX || (byte > 0x20 && byte < 0x7f));
      if (speaks) ahead.push(byte);
      return speaks ? 'done' : 'more';
    },
    { firstByteMs: remaining, interByteMs: remaining, totalMs: remaining },
    options.signal,
  );
  return ahead;
}

/** Mode E answers a mode C acknowledge with a readout (pwitab#19), so C it is. */
function modeOf(identification: IdentificationMessage): 'A' | 'B' | 'C' {
  return offeredMode(identification).modes.find((mode) => mode === 'A' || mode === 'B' || mode === 'C') ?? 'A';
}

function offeredRate(identification: IdentificationMessage, mode: 'B' | 'C'): number {
  const { baudCharacter } = identification;
  const { modes, baudRate } = offeredMode(identification);
  if (mode === 'C' && !modes.includes('C')) {
    throw iecError('unsupported mode', `The meter offers no mode C: its baud character is “${baudCharacter}”.`, {
      hint: 'Choose automatic mode in the meter settings.',
    });
  }
  if (baudRate === undefined) {
    throw iecError(
      'unsupported baud character',
      `The baud character “${baudCharacter}” in the meter’s answer is reserved.`,
      {
        hint: 'Deny the higher rate or choose mode A in the meter settings.',
      },
    );
  }
  return baudRate;
}

async function settle({ line, options }: Dialogue): Promise<void> {
  const silence = { firstByteMs: SILENCE_MS, interByteMs: SILENCE_MS, totalMs: LONGEST_SETTLE_MS };
  await line.read(() => 'more', silence, options.signal);
}

/**
 * A session that another reader left open keeps the meter deaf to a sign-on for a minute or two; a break at the usual
 * session rate ends it (facts 3, symptom 23). To a meter without a session it means nothing.
 */
async function endOldSession({ line, options, firstRate }: Dialogue): Promise<void> {
  if (firstRate === SESSION_RATE) return;
  await line.changeBaud(SESSION_RATE);
  await line.write(breakMessage, options.signal);
  await line.pause(SILENCE_MS, options.signal);
}

/** Pointless or unwanted: stopped by the user, a lost port, an address that can't be right, a mode we don't speak. */
function isWorthRepeating({ code }: MeterError): boolean {
  return ![
    iecErrorCode('stopped by user'),
    iecErrorCode('internal error'),
    iecErrorCode('bad address'),
    iecErrorCode('unsupported mode'),
  ].includes(code);
}

function readout(dialogue: Dialogue, message: DataMessage, began: number, attempts: number): Readout {
  const { errorCode, block, blockCheck } = message;
  const failed = errorCode === 0 ? {} : { message: describe(dialogue, message), hint: rowOf(errorCode)?.advice ?? '' };
  return {
    errorCode,
    identification: dialogue.identification?.identification ?? '',
    data: block,
    circumstances: {
      ...circumstances(dialogue, began, attempts),
      blockCheck,
      ...failed,
      ...(message.complete ? {} : { partial: true }),
    },
  };
}

function failedReadout(dialogue: Dialogue, error: MeterError, began: number, attempts: number): Readout {
  const data = dialogue.receiver?.text ?? '';
  return {
    errorCode: error.code,
    identification: dialogue.identification?.identification ?? '',
    data,
    circumstances: {
      ...circumstances(dialogue, began, attempts),
      message: error.message,
      hint: error.hint,
      ...(data === '' ? {} : { partial: true }),
    },
  };
}

function describe({ notes }: Dialogue, { errorCode, blockCheck, expectedBcc, receivedBcc }: DataMessage): string {
  if (notes.has(START_MISSED)) return 'The beginning of the data was missed, and the meter did not repeat it.';
  const text = rowOf(errorCode)?.text ?? '';
  if (blockCheck !== 'bad' || expectedBcc === undefined || receivedBcc === undefined) return `${text}.`;
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(2, '0');
  return `${text}: calculated ${hex(expectedBcc)}, received ${hex(receivedBcc)}. The data is kept but must not be trusted.`;
}

function circumstances(
  { line, identification, mode, dataRate, notes, message }: Dialogue,
  began: number,
  attempts: number,
): Circumstances {
  // Deviations of the copy that is kept, not of those that were repeated.
  const remarks = [...notes, ...(message?.deviations ?? [])];
  return {
    ...(identification ? { manufacturer: identification.manufacturer } : {}),
    ...(mode ? { mode } : {}),
    baudRate: dataRate,
    ...(line.echo === 'unknown' ? {} : { echo: line.echo === 'echoes' }),
    ...(line.receivedParity === 'unknown' ? {} : { parity: line.receivedParity }),
    attempts,
    durationMs: Math.round(line.clock.monotonic() - began),
    ...(remarks.length > 0 ? { notes: remarks } : {}),
  };
}

const rowOf = (code: number) => iecErrors.find((row) => row.code === code);

const unique = (rates: readonly number[]): number[] => [...new Set(rates)];
