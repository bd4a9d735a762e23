import { MeterError } from '../../../common/meter-error.ts';
import { associationRequestBytes, readAssociationAnswer } from '../apdu/association.ts';
import { PLAIN_PROPOSAL, SHORT_NAMES_PROPOSAL } from '../apdu/conformance.ts';
import { initiateRequestBytes, readInitiateResponse } from '../apdu/initiate.ts';
import { diagnosticText } from '../apdu/words.ts';
import { dataIn } from '../axdr/read-data.ts';
import { countedNumbers, requestsOver, type Association } from '../client.ts';
import { shortNamesOver } from '../short-names.ts';
import type { HdlcLink } from '../hdlc/link.ts';

/** What a client without a password may do at a meter. */
export type Entrance =
  | { readonly kind: 'open'; readonly association: Association; readonly names: 'logical' | 'short' }
  | { readonly kind: 'password' | 'refused'; readonly words: string };

const MOST_MESSAGE = 0xffff;
/** It does not speak of its objects in this way. */
const OTHER_CONTEXT = 2;
/** The kind is unknown or missing, the proof is wrong, or it wants one. */
const WANTS_AUTHENTICATION = [11, 12, 13, 14];
const contexts = {
  logical: { context: 1, conformance: PLAIN_PROPOSAL },
  short: { context: 2, conformance: SHORT_NAMES_PROPOSAL },
} as const;

/**
 * Asks for an association with no security, which gives nothing away; with short names where the meter does not take
 * logical ones. Rejects with a MeterError where nobody answers.
 */
export async function enter(link: HdlcLink, names: 'logical' | 'short' = 'logical'): Promise<Entrance> {
  const { exchange } = link;
  const { context, conformance } = contexts[names];
  const information = initiateRequestBytes({ conformance, mostBytes: MOST_MESSAGE });
  const message = await exchange(associationRequestBytes({ context, mechanism: 0, information }));
  try {
    const { result, source, diagnostic, information: agreed } = readAssociationAnswer(message);
    if (result === 0 && diagnostic !== 14) {
      const response = readInitiateResponse(agreed);
      const association =
        names === 'short' ? shortNamesOver(exchange, response) : requestsOver(exchange, response, countedNumbers());
      return { kind: 'open', association, names };
    }
    if (source === 'user' && diagnostic === OTHER_CONTEXT && names === 'logical') {
      const short = await enter(link, 'short');
      if (short.kind !== 'refused') return short;
    }
    const wants = source === 'user' && WANTS_AUTHENTICATION.includes(diagnostic);
    return { kind: wants ? 'password' : 'refused', words: diagnosticText(source, diagnostic) };
  } catch (error) {
    if (error instanceof MeterError) return { kind: 'refused', words: error.message };
    throw error;
  }
}

const NAMES = [
  Uint8Array.of(0, 0, 96, 1, 0, 255),
  Uint8Array.of(1, 0, 0, 0, 0, 255),
  Uint8Array.of(0, 0, 42, 0, 0, 255),
] as const;

/** The meter's number and the name of its logical device, as far as it tells them. */
export async function namesOf(association: Association): Promise<{ readonly number: string; readonly device: string }> {
  const texts: string[] = [];
  for (const name of NAMES) texts.push(await textOf(association, name));
  const [number = '', other = '', device = ''] = texts;
  return { number: number === '' ? other : number, device };
}

async function textOf(association: Association, name: Uint8Array): Promise<string> {
  try {
    const result = await association.get({ attribute: { classId: 1, name, number: 2 } });
    const data = result.kind === 'data' ? dataIn(result.bytes).data : undefined;
    if (!data || !('bytes' in data)) return '';
    const text = String.fromCharCode(...data.bytes.subarray(0, 40)).replace(/[\0 ]+$/, '');
    return /^[ -~]+$/.test(text) ? text : '';
  } catch (error) {
    if (error instanceof MeterError) return '';
    throw error;
  }
}
