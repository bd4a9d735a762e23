import { HEX_PAIR, littleEndianDigits } from '../../common/bcd.ts';
import { CONTROL_INFORMATION } from '../mbus/control-information.ts';
import { explainHeader } from '../mbus/explain-header.ts';
import { explainRecords } from '../mbus/explain.ts';
import { decodeManufacturer } from '../mbus/manufacturer.ts';
import { MEDIUM_NAMES } from '../mbus/medium.ts';
import type { Span } from '../protocol.ts';
import { linkIdentity } from './identity.ts';
import type { Authentication, Content, ExtendedLink, Transport } from './layers.ts';
import { controlWords, LINK_END, makerAt } from './link.ts';
import { openTelegram } from './open.ts';

/** Every byte of a telegram from its C field on explained, in order and without a gap; what is enciphered is named so. */
export function explainRadio(bytes: Uint8Array): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  const add = (end: number, text: string) => {
    const stop = Math.min(end, bytes.length);
    if (stop > at) spans.push({ start: at, end: stop, text });
    at = Math.max(at, stop);
  };
  if (bytes.length < LINK_END) {
    add(bytes.length, 'too short for a telegram');
    return spans;
  }
  const { transport, extended, authentication, closed, start, cipher } = openTelegram(bytes, []);
  add(1, `C ${hex(bytes[0])}: ${controlWords(bytes[0] ?? 0xff) ?? 'unknown'}`);
  addAddress(bytes, transport, add);
  if (extended) addExtended(bytes, extended, add);
  const isClosed = closed.end > closed.start;
  if (!transport) {
    add(bytes.length, isClosed ? `enciphered, ${cipher}` : 'nothing more');
    return spans;
  }
  if (authentication) {
    add(authentication.start, 'network layer');
    addAuthentication(authentication, add);
  }
  add(transport.ciAt, 'network layer');
  add(transport.ciAt + 1, `CI ${hex(transport.ci)}: ${contentWords(transport)}`);
  for (const { end, text } of headerSpans(bytes, transport)) add(end, text);
  add(start, 'extension of the configuration');
  if (isClosed) add(closed.end, `enciphered, ${cipher}`);
  if (transport.content === 'records') {
    explainRecords(spans, bytes, Math.max(at, start), bytes.length, false);
    return spans;
  }
  if (transport.content === 'compact') {
    add(at + 2, 'signature of the format');
    add(at + 2, 'check sum of the full telegram');
    add(bytes.length, 'values, in the order of the format');
  }
  add(bytes.length, CONTENTS[transport.content]);
  return spans;
}

type Add = (end: number, text: string) => void;

const hex = (byte: number | undefined) => HEX_PAIR[byte ?? 0] ?? '';

function addAddress(bytes: Uint8Array, header: Transport | undefined, add: Add): void {
  const { version, medium, number } = linkIdentity(bytes, header);
  add(3, `manufacturer ${decodeManufacturer(makerAt(bytes, 1))}`);
  if (number === littleEndianDigits(bytes, 3, 7)) add(7, `number ${number}`);
  else {
    // Turned around by some makers.
    add(4, `version ${version}`);
    add(5, mediumWords(medium));
    add(9, `number ${number}`);
    return;
  }
  add(8, `version ${version}`);
  add(9, mediumWords(medium));
}

const mediumWords = (medium: number) => `medium ${hex(medium)}: ${MEDIUM_NAMES[medium] ?? ''}`;

function addExtended(
  bytes: Uint8Array,
  { start, end, control, access, addressAt, session, ci }: ExtendedLink,
  add: Add,
): void {
  add(start + 1, `CI ${hex(ci)}: extended link layer`);
  add(start + 2, `communication control ${hex(control)}`);
  add(start + 3, `access number ${access}`);
  if (addressAt !== undefined) {
    const maker = decodeManufacturer(makerAt(bytes, addressAt));
    add(
      addressAt + 8,
      `address of the other side: ${maker} ${littleEndianDigits(bytes, addressAt + 2, addressAt + 6)}`,
    );
  }
  if (!session) return;
  add(session.at + 4, `session, ${session.isEncrypted ? 'enciphered with AES-CTR' : 'plain'}`);
  add(end, 'check sum of what follows');
}

function addAuthentication({ start, end, counterAt, mac, lengthAt }: Authentication, add: Add): void {
  add(start + 1, 'CI 90: authentication and fragments');
  add(start + 2, 'its length');
  add(start + 4, 'which fields there are');
  if (counterAt !== undefined) {
    add(counterAt, 'how it is authenticated');
    add(counterAt + 4, 'counter of the messages');
  }
  if (mac) {
    add(mac.start, 'how it is authenticated');
    add(mac.end, `MAC of ${mac.end - mac.start} bytes`);
  }
  if (lengthAt !== undefined) add(lengthAt + 2, 'length of the message');
  add(end, 'more fields');
}

/** With the words of the wire, which has the same headers under other CI fields. */
function headerSpans(bytes: Uint8Array, { header, ciAt, extensionAt }: Transport): readonly Span[] {
  const twin = CONTROL_INFORMATION[header === 'long' ? 0x72 : 0x7a];
  return header === 'none' || twin === undefined ? [] : explainHeader(bytes, ciAt + 1, extensionAt, twin).spans;
}

const CONTENTS: Readonly<Record<Content, string>> = {
  records: 'records',
  compact: 'compact frame',
  format: 'format of compact frames',
  nothing: 'nothing but the header',
  error: 'application error',
  alarm: 'alarm',
  clock: 'time for the meter',
  dlms: 'DLMS message',
  obis: 'records with OBIS codes',
  maker: 'layout of the manufacturer',
  other: 'unknown',
};

const HEADERS = { long: ', long header', short: ', short header', none: ', no header' };

const contentWords = ({ content, header }: Transport) => `${CONTENTS[content]}${HEADERS[header]}`;
