import type { MeterError } from '../../common/meter-error.ts';
import { otherMeter } from '../../common/meter-identity.ts';
import type { Circumstances, Readout } from '../../common/readout.ts';
import type { DataMessage } from './data-message.ts';
import type { Dialogue } from './dialogue.ts';
import { iecErrorCode, iecErrors } from './errors.ts';
import { ownNumbers } from './own-numbers.ts';
import { START_MISSED } from './receive-data.ts';

/** Stands in words for the read so far: how long it took and how often it was begun. */
export interface Effort {
  readonly began: number;
  readonly attempts: number;
}

export function readout(dialogue: Dialogue, message: DataMessage, effort: Effort): Readout {
  const { errorCode, block, blockCheck } = message;
  const data = dialogue.earlierBlocks + block;
  // Damaged data may name anybody.
  const other = errorCode === 0 ? wrongMeter(dialogue, data) : undefined;
  return {
    errorCode,
    identification: dialogue.identification?.identification ?? '',
    data,
    circumstances: {
      ...circumstances(dialogue, effort),
      ...(other === undefined ? {} : { otherMeter: other }),
      blockCheck,
      ...(errorCode === 0 ? {} : judgement(dialogue, message)),
      ...(message.complete ? {} : { partial: true }),
    },
  };
}

/** The number of the meter that answered, where another one was meant. */
function wrongMeter({ options, address, notes }: Dialogue, data: string): string | undefined {
  const { knownNumber } = options;
  const other = otherMeter(ownNumbers(data), { known: knownNumber, asked: address.address });
  if (other !== undefined) {
    notes.add(`another meter answered: the data names ${other}, expected was ${knownNumber ?? address.address}`);
  }
  return other;
}

export function failedReadout(dialogue: Dialogue, error: MeterError, effort: Effort): Readout {
  const data = dialogue.earlierBlocks + (dialogue.receiver?.text ?? '');
  return {
    errorCode: error.code,
    identification: dialogue.identification?.identification ?? '',
    data,
    circumstances: {
      ...circumstances(dialogue, effort),
      message: error.message,
      hint: error.hint,
      ...(data === '' ? {} : { partial: true }),
    },
  };
}

/**
 * Of several failed attempts the one that tells most is kept: a later one that gets less must not cost what an earlier
 * one got, nor its reason.
 */
export function fuller(earlier: Readout | undefined, later: Readout): Readout {
  if (!earlier || tells(earlier) <= tells(later)) return later;
  const { attempts = 1, durationMs = 0 } = later.circumstances ?? {};
  return { ...earlier, circumstances: { ...earlier.circumstances, attempts, durationMs } };
}

/** Data counts most, then that the meter was heard at all. */
function tells({ data, identification, circumstances }: Readout): number {
  return 2 * data.length + (identification !== '' || circumstances?.manufacturer !== undefined ? 1 : 0);
}

/** What was wrong with a message that came to its end, and what to do about it. */
function judgement(dialogue: Dialogue, message: DataMessage): Pick<Circumstances, 'message' | 'hint' | 'ownCheck'> {
  const { errorCode, blockCheck, expectedBcc, receivedBcc, parityErrors, ownSum } = message;
  if (dialogue.notes.has(START_MISSED)) {
    return {
      message: 'The beginning of the data was missed, and the meter did not repeat it.',
      hint: 'The adapter changes its rate too slowly for this meter. Choose “Stay at the first rate” in the meter settings.',
    };
  }
  const row = iecErrors.find(({ code }) => code === errorCode);
  if (errorCode === iecErrorCode('block character') && parityErrors > 0) {
    return {
      message: `${parityErrors} ${parityErrors === 1 ? 'character' : 'characters'} came with wrong parity: the data is kept but must not be trusted.`,
      hint: row?.advice ?? '',
    };
  }
  if (errorCode !== iecErrorCode('block check')) return { message: `${row?.text ?? ''}.`, hint: row?.advice ?? '' };
  if (blockCheck === 'absent') {
    return {
      message: 'The check sum at the end of the telegram is missing: it broke off, or two were joined.',
      hint: 'Hold the head still and read again.',
    };
  }
  const hex = (value = 0) =>
    value
      .toString(16)
      .toUpperCase()
      .padStart(message.crc ? 4 : 2, '0');
  const seen = `${row?.text ?? ''}: calculated ${hex(expectedBcc)}, received ${hex(receivedBcc)}. The data is kept but must not be trusted.`;
  if (ownSum) {
    return {
      message: seen,
      hint: 'The figure is the 7-bit sum that some meters use: choose “Seven-bit sum” for the check character in the meter settings.',
      ownCheck: true,
    };
  }
  return { message: seen, ...adviceOnCheck(dialogue, message) };
}

/**
 * A block check that is off by one printable character each time rather lost that character than computes its own way;
 * to take the data as it is is advised only where every copy was the same and nothing else was wrong with it.
 */
function adviceOnCheck(
  { sameTwice }: Dialogue,
  { crc, expectedBcc = 0, receivedBcc = 0, invalidCharacters }: DataMessage,
): Pick<Circumstances, 'hint' | 'ownCheck'> {
  if (crc || !sameTwice || invalidCharacters > 0) {
    return { hint: 'Hold the head still, keep lamps and sunlight away, and read again.' };
  }
  const difference = expectedBcc ^ receivedBcc;
  if (difference > 0x20 && difference < 0x7f) {
    return {
      hint: `A character (“${String.fromCharCode(difference)}”) may be missing, at the same place each time: try another head or adapter, or “Stay at the first rate”.`,
    };
  }
  return {
    hint: 'It is wrong in the same way each time: the meter may compute it in its own way. Compare the values with its display before you choose “Warn and keep the data” for the check character.',
    ownCheck: true,
  };
}

function circumstances(
  { line, identification, mode, dataRate, notes, message, fellBack, borneOut }: Dialogue,
  { began, attempts }: Effort,
): Circumstances {
  // Deviations of the copy that is kept, not of those that were repeated.
  const remarks = [...notes, ...(message?.deviations ?? [])];
  return {
    ...(identification ? { manufacturer: identification.manufacturer } : {}),
    ...(mode ? { mode } : {}),
    baudRate: dataRate,
    ...(borneOut === undefined ? {} : { borneOut }),
    ...(fellBack ? { fellBackTo300: true } : {}),
    ...(line.echo === 'unknown' ? {} : { echo: line.echo === 'echoes' }),
    ...(line.receivedParity === 'unknown' ? {} : { parity: line.receivedParity }),
    attempts,
    durationMs: Math.round(line.clock.monotonic() - began),
    ...(remarks.length > 0 ? { notes: remarks } : {}),
  };
}
