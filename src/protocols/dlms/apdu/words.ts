/** What meters refuse with, in words. */

const dataAccessResults: Readonly<Record<number, string>> = {
  0: 'success',
  1: 'a fault of the hardware',
  2: 'a temporary failure',
  3: 'reading or writing is not allowed',
  4: 'there is no such object',
  9: 'the object is of another class',
  11: 'the object is not available',
  12: 'the type does not fit',
  13: 'this client may not reach it',
  14: 'the block of data is not available',
  15: 'a long read was aborted',
  16: 'no long read is going on',
  17: 'a long write was aborted',
  18: 'no long write is going on',
  19: 'the number of the block is wrong',
  250: 'another reason',
};

const actionResults: Readonly<Record<number, string>> = {
  ...dataAccessResults,
  15: 'a long action was aborted',
  16: 'no long action is going on',
};

export const dataAccessText = (code: number): string => dataAccessResults[code] ?? `an unknown reason (${code})`;
export const actionText = (code: number): string => actionResults[code] ?? `an unknown reason (${code})`;

const states: Readonly<Record<number, string>> = { 1: 'the service is not allowed', 2: 'the service is unknown' };
const services: Readonly<Record<number, string>> = {
  1: 'the operation is not possible',
  2: 'the service is not supported',
  3: 'another reason',
  4: 'the message is too long',
  5: 'it could not be deciphered',
  6: 'its invocation counter is wrong',
};

export function exceptionText(state: number, service: number): string {
  return `${states[state] ?? `state ${state}`}, ${services[service] ?? `service error ${service}`}`;
}

/** Diagnostics of an AARE: of the association itself, and of ACSE. */
const userDiagnostics: readonly string[] = [
  'no reason given',
  'no reason given',
  'it does not support this application context (with or without ciphering, logical or short names)',
  'it does not know our system title',
  'it does not know our invocation id',
  'it does not know our qualifier',
  'it does not know our invocation id',
  'it does not know the called title',
  'it does not know the called invocation id',
  'it does not know the called qualifier',
  'it does not know the called invocation id',
  'it does not know this kind of authentication',
  'it wants a kind of authentication',
  'the password or key is wrong',
  'it wants authentication',
];

export function diagnosticText(source: 'user' | 'provider', code: number): string {
  if (source === 'provider') return code === 2 ? 'there is no common version of ACSE' : 'no reason given';
  return userDiagnostics[code] ?? `diagnostic ${code}`;
}

/** The reasons of a confirmed service error by class and value. */
const serviceErrors: Readonly<Record<number, readonly [name: string, ...reasons: string[]]>> = {
  0: [
    'application reference',
    'other',
    'time elapsed',
    'unreachable',
    'reference invalid',
    'context unsupported',
    'provider error',
    'deciphering error',
  ],
  1: ['hardware', 'other', 'memory', 'processor', 'storage'],
  2: ['state of the device', 'other', 'no DLMS context', 'loading a data set', 'no change', 'not operable'],
  3: ['service', 'other', 'message too long', 'not supported'],
  4: ['definition', 'other', 'no such object', 'class inconsistent', 'attribute inconsistent'],
  5: ['access', 'other', 'scope violated', 'access to the object invalid', 'fault of the hardware', 'not available'],
  6: [
    'initiate',
    'other',
    'our version of DLMS is too low',
    'what we propose does not fit',
    'our messages are too short',
    'refused',
  ],
  7: ['loading'],
  8: ['scope'],
  9: ['task'],
  10: ['other'],
};

export function serviceErrorText(errorClass: number, value: number): string {
  const [name = `class ${errorClass}`, ...reasons] = serviceErrors[errorClass] ?? [];
  return `${name}: ${reasons[value] ?? `value ${value}`}`;
}
