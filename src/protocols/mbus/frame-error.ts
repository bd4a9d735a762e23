import { MeterError } from '../../common/meter-error.ts';

/**
 * Errors of frames and addresses by themselves, which simulated meters need too: the table of all rows (`errors.ts`) is
 * no part of a first visit.
 */

export const GARBLED_ADVICE = 'Check baud rate and parity (8E1), the cable, and whether two meters share the address.';
export const EXCESS_ADVICE = 'Something else talks on the line: check baud rate, wiring and other masters.';
export const ADDRESS_ADVICE =
  'Write 0–250, or * and eight digits (F stands for any digit), then @ and the baud rate if it is not 2400.';

/** The code of {@link frameError} for more than a frame can hold. */
const EXCESS = 131335;
const WRONG_ADDRESS = 131074;

/** @param code of the rows 131329–131335 */
export const frameError = (code: number, seen: string) =>
  new MeterError(code, seen, { hint: code === EXCESS ? EXCESS_ADVICE : GARBLED_ADVICE });

export const addressError = (seen: string) => new MeterError(WRONG_ADDRESS, seen, { hint: ADDRESS_ADVICE });
