import type { Form, Value, Values } from '../common/form.ts';
import type { Reading, ReadingValue } from '../common/reading.ts';
import type { Secret, SecretField } from '../common/secret.ts';
import type { Tries } from '../common/tries.ts';
import type { Readout } from '../common/readout.ts';
import type { Line, LineSettings } from '../line/line.ts';
import type { TraceEntry } from '../line/trace.ts';
import type { Changer } from './change.ts';
import type { MeterAccess } from './meter-access.ts';
import type { Collector } from './collector.ts';
import type { KeptProfiles, ProfileBook } from './profile-book.ts';
import type { Recognized } from './recognized.ts';
import type { Recognizer } from './recognizer.ts';
import type { Searcher } from './search.ts';
import type { SimulatedMeter } from './simulated-meter.ts';
import type { StoredData } from './stored-data.ts';
import type { ErrorRow } from '../common/error-row.ts';

/**
 * All that the house knows of a protocol. This light part is nothing but data, there from the first page on; the parts
 * load when they are first used. A protocol's own types do not leave its folder: outside, an address is text and settings
 * are values. A new protocol is a folder and one line in `registry.ts`.
 */
export interface Protocol {
  /** In AT listings and records: "IEC62056-21", "MBUS". */
  readonly name: string;
  /** In AT commands: 1, 2, 3, 64, 65, 128. */
  readonly number: number;
  /** For people: "M-Bus"; `via` is what it comes through, where that helps to choose: "optical head". */
  readonly title: string;
  readonly via?: string;
  readonly address: AddressForm;
  readonly settings: Form;
  /** Its meters may speak unasked: always, or where a setting says so. Absent: they never do. */
  readonly listens?: { readonly where?: { readonly key: string; readonly is: Value } };
  /** What a record's data is: text as the meter wrote it, or the hex of its frames. */
  readonly data: 'text' | 'hex';
  /** 'inputs': on port 128, which has no line. */
  readonly wire: 'line' | 'inputs';
  /** Under which name the browser's storage had the settings of a port before they were data. */
  readonly formerStore?: string;
  readonly parts: ProtocolParts;
}

export interface ProtocolParts {
  dialogue(): Promise<Dialogue>;
  /** Only in the archive: stored data is decoded nowhere else. */
  reader(): Promise<Reader>;
  explainer(): Promise<Explainer>;
  listener?(): Promise<Listener>;
  /** What its reads are answered from; of the one protocol on 'inputs'. */
  collector?(): Promise<Collector>;
  errors(): Promise<readonly ErrorRow[]>;
  /** Passwords and keys that its meters may need; absent: none. */
  secrets?(): Promise<readonly SecretField[]>;
  /** Ways to look for meters on a line; absent where that can't be. */
  searches?(): Promise<readonly TaskForm[]>;
  searcher?(): Promise<Searcher>;
  /** What can be changed at a meter. */
  changes?(): Promise<readonly TaskForm[]>;
  changer?(): Promise<Changer>;
  /** People may write descriptions of models. */
  profiles?(): Promise<ProfileBook>;
  /** Its meters say what they have, and people choose of it. */
  browser?(): Promise<Browser>;
  /** Absent: it is never found in what people paste. */
  recognizer?(): Promise<Recognizer>;
  /** The wire in the words of the protocol; absent: its bytes in hex. */
  wireText?(): Promise<WireText>;
  /** Meters to try it with, in the order to be listed; needed with the first page. */
  simulated?(): Promise<readonly SimulatedMeter[]>;
}

/** What is told from others and named, though it can't be read yet. */
export interface FrameFormat {
  /** In records: "WMBUS". */
  readonly name: string;
  readonly parts: Required<Pick<ProtocolParts, 'recognizer' | 'explainer'>>;
}

/** A search or a change: what it is called, and what is filled in. */
export interface TaskForm {
  readonly id: string;
  readonly title: string;
  /** What it does, in a sentence or two. */
  readonly text?: string;
  /** What to look at where a search found nothing. */
  readonly nothing?: string;
  readonly fields: Form;
  /** The search of AT^SCAMSADD. */
  readonly isDetection?: true;
}

export interface AddressForm {
  /** What to write, in one or two sentences; `like this` is code. */
  readonly hint: string;
  /** In a field that is empty. */
  readonly placeholder: string;
  /** As AT's help shows them. */
  readonly examples: readonly string[];
  /** What an address looks like, while it is typed (a pattern for the whole text); the dialogue decides. */
  readonly pattern: string;
  /** Any meter on the line can be asked. */
  readonly optional: boolean;
  /** The rates of an `@<rate>` behind the address; `default` where the address alone says it and no setting does. */
  readonly rates: { readonly usual: readonly number[]; readonly default?: number };
  /** What of the text is the meter's own number, as the first group; one that does not match has none. */
  readonly number: string;
  /** What of it is the meter's place on the line, likewise: by that its keys may be kept. */
  readonly place?: string;
}

/** A meter as it is asked: address in the protocol's own form, and every setting that holds. */
export interface Target {
  readonly address: string;
  readonly settings: Values;
}

/** What a meter has, to choose from what is read of it. Pure. */
export interface Browser {
  /** What is read to see it. */
  list(target: Target): Target;
  /** What such a readout lists; undefined: there is no list in it. */
  objects(data: string): readonly ListedObject[] | undefined;
  /** What an address has chosen, by id; none: the protocol chooses. */
  chosen(address: string): readonly string[];
  /** The target that reads these and nothing else. Throws a MeterError where they are too many for an address. */
  choose(target: Target, ids: readonly string[]): Target;
}

export interface ListedObject {
  readonly id: string;
  /** "1-0:1.8.0" */
  readonly code: string;
  /** In words; empty where that is not known. */
  readonly name: string;
  /** "Register" */
  readonly kind: string;
  /** "Energy and power": heading that it stands under. */
  readonly group: string;
  /** What it has, with commas between. */
  readonly parts: string;
  readonly isReadable: boolean;
}

/** The heavy half: what talks to a meter. */
export interface Dialogue {
  /** The address in its one form. Throws a MeterError with the protocol's "wrong address" code, which says where and why. */
  normal(address: string): string;
  /** How the line has to be opened for this meter. */
  lineOf(target: Target): LineSettings;
  /**
   * After an answer a meter may go on listening at another rate, deaf to a new request: so long, ms. Asked earlier, it
   * would only be found silent, and the read take three times as long.
   */
  restMs?(readout: Readout): number;
  /**
   * One dialogue over an open line. Never rejects for what a meter does or fails to do: a failed read is a readout
   * with an error code and whatever was received. Rejects only for programming errors.
   */
  read(line: Line, target: Target, options: ReadOptions): Promise<Readout>;
}

/** Hears meters that speak by themselves. */
export interface Listener {
  /**
   * Hears without end over an open line, whoever speaks there. Resolves when the line's signal has aborted. Never rejects
   * for what a meter sends: what is of no use is dropped, with a word. Rejects with a PortError where the port fails.
   */
  listen(line: Line, target: Target, hearing: Hearing): Promise<void>;
}

/** What a listener tells. It waits for none of it. */
export interface Hearing {
  readonly onTelegram: (telegram: Telegram) => void;
  /** Something came that is no telegram, or a damaged one: why it is not kept, in words. */
  readonly onDropped: (reason: string) => void;
  /** What it does now, in words. */
  readonly onStep: (text: string) => void;
}

/** What a meter said by itself. */
export interface Telegram {
  readonly readout: Readout;
  /** The meter's own numbers, as it sends them; none where the telegram names none. */
  readonly from: readonly string[];
  /** By radio: how strong it came in, 0 where that is not told. Its record is one of what was heard. */
  readonly dBm?: number;
  /** Who says what kind of thing: a meter that sends several by turns has records of each. Absent: all are of one. */
  readonly kind?: string;
  /** What it has in common with itself by way of a repeater; absent: its data. */
  readonly essence?: string;
  /** It has no values of its meter, and settles nothing that waits for some. */
  readonly isWithoutValues?: true;
}

export type WireText = (entries: readonly TraceEntry[]) => readonly WireLine[];

/** One line of a dialogue as people know it from meter test programs. */
export interface WireLine {
  /** Milliseconds since the trace began, of the line's first character. */
  readonly time: number;
  readonly direction: TraceEntry['direction'];
  readonly baudRate: number;
  /** `==> /?!<0D><0A>`, `<== 68 05 05 68`, `<== -- STX --`, `-- 9600 Bd --`. */
  readonly text: string;
}

/** What a dialogue tells while it runs. Steps are words for people; data and identification are as received. */
export type ReadProgress =
  | { readonly kind: 'step'; readonly step: ReadStep; readonly text: string }
  | {
      readonly kind: 'identification';
      readonly manufacturer: string;
      readonly identification: string;
      readonly baudRate: number;
    }
  | { readonly kind: 'data'; readonly data: string };

export type ReadStep =
  'opening' | 'waking' | 'asking' | 'identified' | 'acknowledging' | 'listening' | 'receiving' | 'retrying' | 'closing';

export interface ReadOptions extends MeterAccess {
  /** Shared with whoever reads again; absent: as many as the settings say. */
  readonly tries?: Tries;
  /** Absent: there are none. */
  readonly profiles?: KeptProfiles;
  /** The number on the meter's plate, where it is known: a readout that names another one says so. */
  readonly knownNumber?: string;
  readonly onProgress?: (progress: ReadProgress) => void;
}

/** What stored data says. */
export interface Reader {
  /** Never throws for what the data holds; may have to wait for a key, or for the profile it was read with. */
  decode(stored: StoredData, profiles?: KeptProfiles, keys?: KeysFor): readonly Reading[] | Promise<readonly Reading[]>;
}

/**
 * A password or key of a meter with one of these numbers, its own first, by the name of its field. Rejects where it is
 * locked or damaged, with words for people.
 */
export type KeysFor = (numbers: readonly string[], name: string) => Promise<Secret | undefined>;

/** What data is, in words, without reading its values: pure, and needs no key. */
export interface Explainer {
  describe(item: Pick<Recognized, 'identification' | 'data' | 'facts'>): FrameWords;
  /** The bytes in data that is more than their hex; undefined where there are none in it. */
  bytes?(data: string): Uint8Array | undefined;
  /** What every byte means, in order and without a gap; absent where the data is text that speaks for itself. */
  explain?(bytes: Uint8Array, stored?: StoredData): readonly Span[];
  /** Where each frame begins. */
  starts?(bytes: Uint8Array): readonly number[];
  /** The registers in data, for whoever does not know what they mean; absent where data has none. */
  registers?(data: string): Promise<readonly RawRegister[]>;
}

/** A register as it was received, and every usual way to read it together with those behind it. */
export interface RawRegister {
  /** As readings name it: "04:0048". */
  readonly label: string;
  /** As manuals number it: "30073". */
  readonly number: string;
  /** "459F" */
  readonly hex: string;
  /** Nothing vouches for it: the check of its frame is wrong. */
  readonly isUnchecked: boolean;
  /** Those that need no other register first. */
  ways(): readonly WayToRead[];
}

export interface WayToRead {
  /** "f32", "text"; those of one type follow each other. */
  readonly type: string;
  /** Order of the bytes, "CDAB"; empty where there is one only. */
  readonly order: string;
  /** Registers that it takes. */
  readonly count: number;
  readonly value: Extract<ReadingValue, { readonly type: 'number' | 'text' }>;
  /** What speaks against it, in words: "invalid marker"; empty where nothing does. */
  readonly doubt: string;
}

/** What some bytes mean, in one line; positions in bytes, half open. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What a card and a row of a list say of a frame. */
export interface FrameWords {
  /** "M-Bus answer", "IEC 62056-21 readout". */
  readonly kind: string;
  /** Which meter, as far as the frame says: "OHU 87654321 · Heat (outlet)". */
  readonly meter: string;
  readonly facts: readonly (readonly [string, string])[];
  /** What this version cannot do with it; empty where it can. */
  readonly limit: string;
}
