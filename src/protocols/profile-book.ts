import type { Form, Values } from '../common/form.ts';

/** Profiles that people have written on this device. */
export interface KeptProfiles {
  /** Those there are now. */
  list(): Promise<readonly KeptProfile[]>;
  /** The profile of a digest as a file, also one that was changed or deleted since: records were read with it. */
  text(digest: string): Promise<string | undefined>;
}

export interface KeptProfile {
  readonly name: string;
  /** Of its text: two of one digest say the same. */
  readonly digest: string;
}

/** A profile as it is written: what holds for all of it, and its rows by list. */
export interface ProfileDraft {
  readonly values: Values;
  readonly lists: Readonly<Record<string, readonly Values[]>>;
}

export interface ProfileList {
  readonly key: string;
  readonly title: string;
  /** "register": of a single row. */
  readonly one: string;
  readonly help: string;
  readonly form: Form;
  readonly most: number;
}

/** What is wrong, and where: in a field of a row of a list, or of the whole. Rows count from 0. */
export interface ProfileFault {
  readonly list?: string;
  readonly row?: number;
  readonly key?: string;
  /** With its place in words: "Register 3, address: hexadecimal, please." */
  readonly text: string;
}

/** A record's data in a profile's test, what it has to show, and what it shows. */
export interface ProfileTestRun {
  readonly wanted: readonly string[];
  readonly shown: readonly string[];
  readonly isRight: boolean;
}

/** How profiles of a protocol are written: the forms of an editor, and what stands behind them. All of it is pure. */
export interface ProfileBook {
  readonly head: Form;
  readonly lists: readonly ProfileList[];
  /** To be looked at and copied; `draft` is the copy to begin with. */
  readonly builtIn: readonly { readonly name: string; draft(): ProfileDraft }[];
  /** Names that can be chosen but hold no registers of their own. */
  readonly alsoChosen: readonly string[];
  readonly empty: ProfileDraft;
  /** What a file holds, whoever wrote it. Only one without faults has a draft. */
  read(text: string): { readonly draft?: ProfileDraft; readonly faults: readonly ProfileFault[] };
  faults(draft: ProfileDraft): readonly ProfileFault[];
  /** As a file, always the same for the same profile. Only of one without faults. */
  write(draft: ProfileDraft): string;
  /** In the order of the list `tests`; those that have faults show nothing. */
  run(draft: ProfileDraft): readonly ProfileTestRun[];
  /** In a line of a list: what a row says. */
  rowText(list: string, row: Values): string;
  /** With what a meter of it is read. @param address as it is now, whose unit stays */
  use(draft: ProfileDraft, address: string): { readonly address: string; readonly settings: Values };
}
