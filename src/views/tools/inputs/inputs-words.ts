import type { InputsState } from '../../../engine/ams-api.ts';
import type { LiveInput } from '../../../protocols/collector.ts';
import { listeningMark } from '../../components/listening-words.ts';

const inputsMark = {
  ...listeningMark,
  listening: ['reading', 'Heard'],
  failed: ['failed', 'Not heard'],
} as const satisfies typeof listeningMark;

/** @param isHeard what is connected says something */
export const inputsMarkOf = (state: InputsState['state'], isHeard: boolean) =>
  state === 'listening' && !isHeard ? (['waiting', 'Waiting'] as const) : inputsMark[state];

/** What to try where the inputs are not heard. */
export function adviceFor(state: Exclude<InputsState['state'], 'listening'>): readonly string[] {
  switch (state) {
    case 'port missing':
      return ['Plug the board or adapter in again: it is taken up by itself.', 'Counters stay as they are meanwhile.'];
    case 'aside':
      return ['Nothing is to be done: it goes on when the port is free. Pulses of this time may be missing.'];
    case 'failed':
      return [
        'Is it plugged in? It is tried again by itself every 10 s.',
        'A board: does its lamp for TX flicker? Does it run StandardFirmata, at the baud rate set below?',
        'An adapter: does it have the lines that are used? Cheap ones leave CTS, DSR and DCD out.',
        'Is the port open in another program or window?',
      ];
  }
}

/** How its contact is, with a shape besides the word. */
export const contactWords = ({ isClosed }: Pick<LiveInput, 'isClosed'>): string =>
  isClosed === undefined ? '– not known' : isClosed ? '● closed (1)' : '○ open (0)';
