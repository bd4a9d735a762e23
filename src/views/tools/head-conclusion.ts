import type { HeadCheckResult } from '../../engine/api.ts';

/** What was found out so far; undefined where a step was not done. */
export interface HeadFindings {
  readonly paper?: HeadCheckResult['echo'] | undefined;
  /** Did the user see the light through a camera? */
  readonly lamp?: 'seen' | 'not seen' | undefined;
  /** Did anything come in from a remote control? */
  readonly remote?: 'heard' | 'nothing' | undefined;
}

export interface Verdict {
  readonly sound: 'good' | 'doubtful' | 'bad';
  readonly headline: string;
  readonly advice: readonly string[];
}

const STILL_SILENT = [
  'If a meter stays silent all the same: turn the head (cable down), center it, keep sunlight and lamps off.',
  'Some meters answer in visible red light (AMPY 5227), which a head with an infrared filter cannot see.',
];

/** The paper trick (a head held to white paper hears itself), concluded in words. Undefined while nothing is known. */
export function concludeHeadCheck({ paper, lamp, remote }: HeadFindings): Verdict | undefined {
  if (paper === 'whole') {
    return {
      sound: 'good',
      headline: 'The head sends and hears.',
      advice: [
        'Everything that was sent came back from the paper, so both eyes, the adapter and the port work.',
        ...STILL_SILENT,
      ],
    };
  }
  if (lamp === 'not seen') {
    return {
      sound: 'bad',
      headline: remote === 'heard' ? 'The head hears, but does not send.' : 'The head does not send.',
      advice: [
        'Look once more through a front camera: main cameras often filter infrared. Try it with a TV remote control first.',
        'If it stays dark: does the head get power? Some are fed from the control lines DTR and RTS, or from their own battery.',
        'Wired by hand: is the adapter’s transmit line on the head’s input?',
      ],
    };
  }
  if (remote === 'heard' && lamp === 'seen') {
    return {
      sound: 'good',
      headline: 'The head sends and hears.',
      advice: [
        'It does not hear itself from the paper; some heads mute their receiver while they send. That is fine.',
        ...STILL_SILENT,
      ],
    };
  }
  if (remote === 'nothing') {
    return {
      sound: 'bad',
      headline: lamp === 'seen' ? 'The head sends, but hears nothing.' : 'The head hears nothing.',
      advice: [
        'Clean the receiving eye, and make sure the remote control works (look at it through the same camera).',
        'Wired by hand: is the adapter’s receive line on the head’s output?',
      ],
    };
  }
  if (paper === 'part') {
    return {
      sound: 'doubtful',
      headline: 'Some of it came back.',
      advice: [
        'Hold the paper flat, about one centimeter away, and shade it. Wipe both eyes.',
        'At a meter, seat the head on its magnet: a tilted head loses characters.',
      ],
    };
  }
  if (paper === 'other') {
    return {
      sound: 'doubtful',
      headline: 'Something else came in.',
      advice: [
        'Daylight, a lamp or another sender shines into the head, or the adapter garbles what it carries. Shade it and send again.',
        'If it stays: try another USB socket and no hub.',
      ],
    };
  }
  if (paper === 'nothing') {
    return {
      sound: 'doubtful',
      headline: 'Nothing came back.',
      advice: [
        'Hold white paper flat, about one centimeter away, and send again.',
        'If it stays, the next two steps tell whether the sending or the receiving eye is at fault.',
      ],
    };
  }
  return lamp === 'seen'
    ? { sound: 'good', headline: 'The head sends.', advice: ['Whether it hears, the paper tells.'] }
    : undefined;
}
