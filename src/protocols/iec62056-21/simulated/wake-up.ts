/** How a battery meter is woken: see the reader's settings of the same names. */
export type WakeUpProfile = 'none' | 'standard' | 'immediate';

/** Notices the NULs a sleeping meter waits for. Times are the ends of characters, milliseconds. */
export interface WakeUpDetector {
  /** Takes a received character; true when it is one that an awake meter hears. */
  wakes(character: number, end: number): boolean;
}

/** NULs further apart than this do not belong to one wake-up message (clause for battery meters: at most 5 ms). */
const LONGEST_NUL_GAP = 5;
/** 'standard': NULs for 2.1–2.3 s, then 1.5–1.7 s of silence. */
const STANDARD_NULS = 2100;
const STANDARD_PAUSE = { least: 1500, most: 1700 };
/** 'immediate': field reports of the UH50 agree on 40 NULs at 300 Bd, 1.33 s, and the request right behind. */
const IMMEDIATE_NULS = 1300;
const IMMEDIATE_PAUSE = { least: 0, most: 300 };
/** What the meter's own clock may be off by, on the forgiving side. */
const TOLERANCE = 20;

export function wakeUpDetector(profile: 'standard' | 'immediate', characterMs: number): WakeUpDetector {
  const [nulsNeeded, pause] =
    profile === 'standard' ? [STANDARD_NULS, STANDARD_PAUSE] : [IMMEDIATE_NULS, IMMEDIATE_PAUSE];
  let nuls = 0;
  let lastEnd = -Infinity;
  return {
    wakes(character, end) {
      const gap = end - characterMs - lastEnd;
      lastEnd = end;
      if (character === 0) {
        nuls = gap <= LONGEST_NUL_GAP ? nuls + 1 : 1;
        return false;
      }
      const longEnough = nuls * characterMs >= nulsNeeded - TOLERANCE;
      nuls = 0;
      return longEnough && gap >= pause.least - TOLERANCE && gap <= pause.most + TOLERANCE;
    },
  };
}
