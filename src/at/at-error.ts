/** Codes and texts of +CME ERROR (3GPP 27.007, 9.2) that the commands here need. */
const cmeTexts = {
  3: 'operation not allowed',
  4: 'operation not supported',
  20: 'memory full',
  21: 'invalid index',
  22: 'not found',
  50: 'incorrect parameters',
  100: 'unknown',
} as const;

export type CmeCode = keyof typeof cmeTexts;

/** A command failed. The SmartCOM says plain ERROR; code and reason are shown where AT+CMEE asks for them. */
export class AtError extends Error {
  override readonly name = 'AtError';
  readonly code: CmeCode;
  constructor(code: CmeCode, message: string = cmeTexts[code], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
