import type { ListeningState } from '../../engine/ams-api.ts';
import { counted, spanText } from './format.ts';
import type { State } from './record-state.ts';

/** "12 s ago"; what is to come, where a clock was set back, is now. */
export function agoText(at: number, now: number): string {
  const seconds = Math.round(Math.max(0, now - at) / 1000);
  return seconds === 0 ? 'just now' : `${spanText(seconds)} ago`;
}

/** "listening, last heard 12 s ago, 5 kept": how it stands, in a line. */
export function listeningWords(heard: ListeningState, now: number): string {
  const { state, text, kept, lastHeardAt } = heard;
  const doing = state === 'listening' ? 'listening' : state === 'failed' ? 'not listening' : text;
  const last = lastHeardAt === undefined ? 'nothing heard yet' : `last heard ${agoText(lastHeardAt, now)}`;
  return `${doing}, ${last}, ${kept} kept`;
}

/** Names and values for a list of facts. */
export function listeningFacts(heard: ListeningState, now: number): readonly (readonly [string, string])[] {
  const { heard: telegrams, kept, dropped, lastHeardAt, lastDropped } = heard;
  return [
    [
      'Heard',
      lastHeardAt === undefined
        ? 'nothing yet'
        : `${counted(telegrams, 'telegram')}, last ${agoText(lastHeardAt, now)}`,
    ],
    ['Kept', counted(kept, 'record')],
    ['Dropped', lastDropped ? `${dropped}, last ${agoText(lastDropped.at, now)}: ${lastDropped.reason}` : ''],
  ];
}

export const listeningMark: Readonly<Record<ListeningState['state'], readonly [State, string]>> = {
  listening: ['reading', 'Listening'],
  aside: ['waiting', 'Steps back'],
  'port missing': ['waiting', 'Waiting'],
  failed: ['failed', 'Not listening'],
};
