import { thirdParty } from './third-party.ts';

/** A capture of DLMS frames or messages; of mixed licences, so that none of them stands in the project. */
export interface DlmsRecord {
  readonly id: string;
  readonly hex: string;
  readonly kind: string;
  readonly meter: string;
  readonly note?: string;
  readonly apdu_tag?: string;
  readonly decode_gurux?: string;
  readonly hdlc_frames?: readonly {
    readonly segmented: boolean;
    readonly dest: string;
    readonly src: string;
    readonly control: string;
    readonly type: string;
    readonly fcs_ok: boolean;
    readonly hcs_ok?: boolean;
    readonly info_len?: number;
    readonly info?: string;
  }[];
  readonly exchange?: readonly {
    readonly dir: 'client' | 'server' | 'note';
    readonly hex: string;
    readonly note?: string;
  }[];
  readonly apdus?: readonly {
    readonly dir: 'client' | 'server';
    readonly hex: string;
    readonly tag?: string;
    readonly decode_gurux?: string;
    readonly decrypted?: Deciphered;
    readonly decrypted_user_information?: Deciphered;
  }[];
  readonly keys?: Readonly<Record<string, string>>;
  readonly hls?: Readonly<Record<string, string | number | boolean>>;
}

/** What was found with the keys. */
interface Deciphered {
  readonly plain?: string;
  readonly decode_gurux?: string;
  readonly system_title: string;
  readonly invocation_counter: string;
  readonly key: 'global' | 'dedicated';
}

interface File {
  readonly fragments?: readonly DlmsRecord[];
  readonly records: readonly DlmsRecord[];
  readonly security_vectors: readonly Readonly<Record<string, string>>[];
}

const files = ['dlms-hdlc-vectors.json', 'dlms-extra.json'].flatMap((name) => {
  const found = thirdParty<File>(name);
  return found ? [found.content] : [];
});

/** Empty where ../shared/vectors is absent. */
export const dlmsRecords = files.flatMap(({ records }) => records);
export const securityVectors = files.flatMap(({ security_vectors }) => security_vectors);
/** Pieces: bodies of messages, halves of frames. */
export const dlmsFragments = files.flatMap(({ fragments = [] }) => fragments);
