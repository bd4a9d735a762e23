/** How far apart the samples of a contact are, milliseconds. An S0 pulse of 30 ms has two of them at any phase. */
export const SAMPLE_MS = 10;

/** A contact as it is sampled: a level counts once so many samples in a row have said so. */
export interface Contact {
  /** Undefined until it is known: how it stood before nobody can say. */
  readonly closed: boolean | undefined;
  readonly candidate: boolean;
  /** Samples in a row that said what `candidate` is. */
  readonly samples: number;
}

export const unknownContact: Contact = { closed: undefined, candidate: false, samples: 0 };

export interface Sampled {
  readonly contact: Contact;
  /** It has closed: a pulse. */
  readonly isPulse: boolean;
}

/** @param needed equal samples in a row that make a level; 1 takes each as it is */
export function sampled({ closed, candidate, samples }: Contact, level: boolean, needed: number): Sampled {
  const inARow = level === candidate ? Math.min(samples + 1, needed) : 1;
  const now = inARow >= needed ? level : closed;
  return {
    contact: { closed: now, candidate: level, samples: inARow },
    isPulse: closed === false && now === true,
  };
}

/** How many samples a level has to hold for so many milliseconds. */
export const samplesFor = (debounceMs: number): number => Math.max(1, Math.round(debounceMs / SAMPLE_MS));
