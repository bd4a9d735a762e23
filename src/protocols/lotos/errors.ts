import { again, changeAddress, headCheck, type ErrorRow, type Remedy } from '../../common/error-row.ts';
import { MeterError, type MeterErrorDetails } from '../../common/meter-error.ts';

const longer: Remedy = { label: 'Listen longer', atLeast: { listenMs: 300_000 } };
const even: Remedy = { label: 'With even parity', where: { framing: ['8N1'] }, set: { framing: '8E1' } };
/** As other units that speak by themselves do. */
const slow: Remedy = { label: 'At 300 Bd, 8N2', where: { baudRate: [9600] }, set: { baudRate: 300, framing: '8N2' } };

const remedies = {
  plain: [again, headCheck],
  address: [changeAddress],
  incomplete: [again, longer, even],
  pattern: [again],
  silence: [again, longer, slow, even, headCheck],
} as const satisfies Record<string, readonly Remedy[]>;

/** LOTOS rows of the error-code table (SmartCOM manual, 3.8), in our words. */
export const lotosErrors: readonly ErrorRow[] = [
  {
    code: 4259840,
    text: 'Internal error of the LOTOS module',
    headline: 'The read broke off.',
    advice: 'Read again; if it comes back, report it with the trace.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 4259841,
    text: 'Reading ended by the user',
    headline: 'Stopped.',
    advice: 'Nothing is wrong; read again when you are ready.',
    remedies: [],
    repeat: 'never',
    stopped: true,
  },
  {
    code: 4259842,
    text: 'The address text is not empty',
    headline: 'This meter has no address.',
    advice: 'A LOTOS 301 has no address: leave the text empty.',
    remedies: remedies.address,
    repeat: 'never',
  },
  {
    code: 4259843,
    text: 'The address text is in the wrong form',
    headline: 'This meter has no address.',
    advice: 'A LOTOS 301 has no address: leave the text empty.',
    remedies: remedies.address,
    repeat: 'never',
  },
  {
    code: 4259844,
    text: 'The port could not be set up',
    headline: 'The port did not take the settings.',
    advice: 'Check that the adapter is plugged in, granted and not used by another program.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 4259845,
    text: 'The meter is heard, but not all its values have come yet',
    headline: 'The meter was not heard whole.',
    advice: 'Wait for a whole cycle of the meter and read again.',
    remedies: remedies.incomplete,
    repeat: 'worth it',
  },
  {
    code: 4259846,
    text: 'The result is larger than a record may be',
    headline: 'This is too much for one reading.',
    advice: 'Check the line pattern: it may take noise for values.',
    remedies: remedies.pattern,
    repeat: 'never',
  },
  {
    code: 4259847,
    text: 'Nothing is heard from the meter',
    headline: 'No value is heard at {rate}.',
    advice: 'The meter sends by itself: check its power, the wires, the baud rate and the framing.',
    remedies: remedies.silence,
    repeat: 'worth it',
  },
];

const byCode = new Map(lotosErrors.map((row) => [row.code, row]));

/** The MeterError of a row of the table; `seen` says what this case looks like and replaces the row's text. */
export function lotosError(code: number, seen?: string, details: MeterErrorDetails = {}): MeterError {
  const row = byCode.get(code);
  return new MeterError(code, seen ?? (row ? `${row.text}.` : ''), { hint: row?.advice ?? '', ...details });
}
