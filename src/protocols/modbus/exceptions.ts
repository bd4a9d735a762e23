/** Why a device refuses, by the code in its answer (Modbus application protocol 1.1b3, 7; 5 and 6 ask for patience). */
const EXCEPTIONS: Readonly<Record<number, readonly [text: string, advice: string]>> = {
  1: ['it does not know this function', 'Read with 03 instead of 04, or the other way round.'],
  2: [
    'it has no such address',
    'Manuals count from 0, from 1, or with 30001 and 40001: try the address one lower or higher, or fewer registers at once.',
  ],
  3: ['it does not take this count or value', 'Ask for fewer registers at once; many meters give less than 125.'],
  4: ['it failed while it did that', 'Read again; if it stays, the device needs its maker’s help.'],
  5: ['it has begun and needs more time', 'Read again a little later.'],
  6: ['it is busy', 'Read again a little later.'],
  7: ['it can’t do that', 'See what its manual says of this function.'],
  8: ['its memory is damaged', 'The device needs its maker’s help.'],
  10: ['the gateway finds no way to it', 'Look at the settings of the gateway.'],
  11: ['the device behind the gateway is silent', 'Check unit address and wires behind the gateway.'],
};

export const ILLEGAL_FUNCTION = 1;
export const ILLEGAL_ADDRESS = 2;
export const ILLEGAL_VALUE = 3;
export const ACKNOWLEDGED = 5;
export const BUSY = 6;

/** What a device without these registers answers; others mean that something is wrong with it. */
export const isMissing = (exception: number): boolean =>
  [ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE].includes(exception);

/** "it has no such address (exception 02)" */
export function exceptionText(code: number): string {
  const number = code.toString(16).padStart(2, '0').toUpperCase();
  return `${EXCEPTIONS[code]?.[0] ?? 'for a reason of its maker’s own'} (exception ${number})`;
}

export const exceptionAdvice = (code: number): string =>
  EXCEPTIONS[code]?.[1] ?? 'See what the manual of the device says of this exception.';
