import type { SecretField } from '../../common/secret.ts';

/** Bytes of a key of suites 0 and 1, and of suite 2. */
const [SHORT, LONG] = [16, 32] as const;

/** What the secrets are asked for by. */
export const PASSWORD = 'association password';
export const ENCRYPTION_KEY = 'encryption key';
export const AUTHENTICATION_KEY = 'authentication key';
export const BROADCAST_KEY = 'broadcast key';
export const HLS_SECRET = 'HLS secret';
export const SYSTEM_TITLE = 'system title';

export const dlmsSecrets: readonly SecretField[] = [
  {
    name: PASSWORD,
    label: 'DLMS password (low level security)',
    kind: 'text',
    length: 64,
    help: 'For every client but the public one (16)',
  },
  {
    name: ENCRYPTION_KEY,
    label: 'Encryption key (GUEK, EK)',
    kind: 'hex',
    length: SHORT,
    orLength: LONG,
    help: 'Of DLMS meters that encipher; also opens what they push. Operators also call it block cipher key',
  },
  {
    name: AUTHENTICATION_KEY,
    label: 'Authentication key (GAK, AK)',
    kind: 'hex',
    length: SHORT,
    orLength: LONG,
    help: 'Of DLMS meters that authenticate what they say. Leave it out where the operator gives zeros',
  },
  {
    name: BROADCAST_KEY,
    label: 'Broadcast key (GBEK)',
    kind: 'hex',
    length: SHORT,
    orLength: LONG,
    help: 'For what a DLMS meter says to all at once',
  },
  {
    name: HLS_SECRET,
    label: 'DLMS secret (HLS 2, 3, 4 and 6)',
    kind: 'either',
    length: 64,
    help: 'As text, or after 0x in hexadecimal. HLS 5 needs none: it has the two keys',
  },
  {
    name: SYSTEM_TITLE,
    label: 'System title of the meter',
    kind: 'hex',
    length: 8,
    help: 'Only for a DLMS meter that enciphers without saying it',
  },
];
