import { toHex } from '../../common/bytes.ts';
import type { Found } from '../recognizer.ts';
import type { RadioFrame } from './frame.ts';

/** What some receivers put behind a frame. */
export const MOST_BEHIND = 4;

/** As records keep it, with what is known of the frame it came in. */
export function foundFrame(frame: RadioFrame, line: number, known: Found['facts'] = []): Found {
  const { body, format, behind, fault } = frame;
  const facts: (readonly [string, string])[] = [...known];
  if (format !== 'none' && fault === '') facts.push(['Check sums', `format ${format}, right`]);
  if (behind.length > 0 && behind.length <= MOST_BEHIND) facts.push(['Behind the telegram', toHex(behind)]);
  const found = { identification: '', data: toHex(body), line, facts, problems: problemsOf(frame) };
  return fault === '' ? found : { ...found, circumstances: { blockCheck: 'bad' } };
}

export const problemsOf = (frame: RadioFrame | undefined): readonly string[] =>
  frame && frame.fault !== '' ? [`The frame: ${frame.fault}.`] : [];
