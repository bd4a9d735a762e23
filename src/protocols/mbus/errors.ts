import type { ErrorEntry, MeterErrorDetails } from '../../common/meter-error.ts';
import { MeterError } from '../../common/meter-error.ts';

const SEND_ADVICE = 'Unplug and replug the adapter, and see that no other program holds the port.';
const SILENT_ADVICE = 'Check address, baud rate and bus supply; slow meters need a longer timeout (1.1–2 s).';
const GARBLED_ADVICE = 'Check baud rate and parity (8E1), the cable, and whether two meters share the address.';

/** Errors of reading M-Bus (SmartCOM manual, 3.8). */
export const mbusErrors: readonly ErrorEntry[] = [
  {
    code: 131072,
    text: 'Reading failed for an internal reason.',
    advice: 'Try again; if it stays, copy the trace and report it.',
  },
  { code: 131073, text: 'Reading was stopped.', advice: 'Start it again when you are ready.' },
  {
    code: 131074,
    text: 'The address is not an M-Bus address.',
    advice: 'Write 0–250, or * and eight digits (F stands for any digit), then @ and the baud rate if it is not 2400.',
  },
  { code: 131075, text: 'The baud rate of the port could not be set.', advice: 'Use a rate that the adapter can do.' },
  { code: 131076, text: 'SND_NKE could not be handed to the port in time.', advice: SEND_ADVICE },
  { code: 131077, text: 'SND_NKE did not leave the port in time.', advice: SEND_ADVICE },
  { code: 131078, text: 'The meter did not answer SND_NKE.', advice: SILENT_ADVICE },
  { code: 131079, text: 'The answer to SND_NKE is not the acknowledgment E5.', advice: GARBLED_ADVICE },
  { code: 131080, text: 'REQ_UD2 could not be handed to the port in time.', advice: SEND_ADVICE },
  { code: 131081, text: 'REQ_UD2 did not leave the port in time.', advice: SEND_ADVICE },
  { code: 131082, text: 'The meter did not answer REQ_UD2.', advice: SILENT_ADVICE },
  { code: 131083, text: 'The answer to REQ_UD2 is not a data frame (RSP_UD).', advice: GARBLED_ADVICE },
  {
    code: 131084,
    text: 'The meter answered REQ_UD2 with something other than meter data.',
    advice: 'The meter may be busy or in an error state: reset its application or read again later.',
  },
  {
    code: 131085,
    text: 'The answer to REQ_UD2 comes from another address.',
    advice: 'Look for a second meter with the same address, or read by secondary address.',
  },
  { code: 131086, text: 'The selection (SND_UD) could not be handed to the port in time.', advice: SEND_ADVICE },
  { code: 131087, text: 'The selection (SND_UD) did not leave the port in time.', advice: SEND_ADVICE },
  { code: 131088, text: 'No meter answered the selection.', advice: SILENT_ADVICE },
  { code: 131089, text: 'The answer to the selection is not the acknowledgment E5.', advice: GARBLED_ADVICE },
  { code: 131090, text: 'While searching, a selection could not be handed to the port in time.', advice: SEND_ADVICE },
  { code: 131091, text: 'While searching, a selection did not leave the port in time.', advice: SEND_ADVICE },
  { code: 131092, text: 'While searching, REQ_UD2 could not be handed to the port in time.', advice: SEND_ADVICE },
  { code: 131093, text: 'While searching, REQ_UD2 did not leave the port in time.', advice: SEND_ADVICE },
  {
    code: 131094,
    text: 'Two or more meters have the same secondary address.',
    advice: 'Disconnect one of them, or tell them apart by manufacturer, version, medium or fabrication number.',
  },
  { code: 131095, text: 'The frame given by the user could not be handed to the port in time.', advice: SEND_ADVICE },
  { code: 131096, text: 'The frame given by the user did not leave the port in time.', advice: SEND_ADVICE },
  { code: 131097, text: 'No whole answer came to the frame given by the user.', advice: SILENT_ADVICE },
  { code: 131329, text: 'The answer does not begin with a start character.', advice: GARBLED_ADVICE },
  { code: 131330, text: 'The second start character of the answer is wrong.', advice: GARBLED_ADVICE },
  { code: 131331, text: 'The answer does not end with the stop character.', advice: GARBLED_ADVICE },
  { code: 131332, text: 'The checksum of the answer is wrong.', advice: GARBLED_ADVICE },
  { code: 131333, text: 'The two length fields of the answer differ.', advice: GARBLED_ADVICE },
  { code: 131334, text: 'The length field of the answer has an impossible value.', advice: GARBLED_ADVICE },
  {
    code: 131335,
    text: 'More was received than an M-Bus frame can hold.',
    advice: 'Something else talks on the line: check baud rate, wiring and other masters.',
  },
];

const byCode = new Map(mbusErrors.map((entry) => [entry.code, entry]));

/** The MeterError of a row of the table; `seen` says what this case looks like and replaces the row's text. */
export function mbusError(code: number, seen?: string, details: MeterErrorDetails = {}): MeterError {
  const entry = byCode.get(code);
  return new MeterError(code, seen ?? entry?.text ?? '', { hint: entry?.advice ?? '', ...details });
}
