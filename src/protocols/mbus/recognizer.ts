import type { FrameState } from '../../intake/wrapped-lines.ts';
import type { Recognizer } from '../recognizer.ts';
import { frameProgress } from './frame.ts';
import { nextTelegram, parseTelegrams, telegramCursor } from './telegram.ts';

export const mbusRecognizer: Recognizer = {
  sees(bytes) {
    if (holdsFrame(bytes)) return 'whole';
    return bytes[0] === 0x68 || bytes[0] === 0x10 ? 'beginning' : undefined;
  },
  problems,
  frameState,
};

function holdsFrame(bytes: Uint8Array): boolean {
  const telegram = telegramCursor(bytes, bytes.length);
  let acknowledgments = 0;
  while (nextTelegram(telegram)) {
    if (telegram.kind === 'long' || telegram.kind === 'short') return true;
    if (telegram.kind === 'acknowledge') acknowledgments++;
  }
  return bytes.length > 0 && acknowledgments === bytes.length;
}

function frameState(bytes: Uint8Array): FrameState {
  let at = 0;
  while (at < bytes.length) {
    const progress = frameProgress(bytes, at, bytes.length);
    if (progress.state !== 'complete') return progress.state;
    at = progress.end;
  }
  return 'complete';
}

function problems(bytes: Uint8Array): string[] {
  const found: string[] = [];
  const telegrams = parseTelegrams(bytes);
  for (const { start, end, kind, fault } of telegrams) {
    if (fault === '') continue;
    const where = telegrams.length > 1 ? `At byte ${start}: ` : '';
    const progress = frameProgress(bytes, start, end);
    const text =
      kind === 'stray'
        ? `${counted(end - start)} ${progress.state === 'wrong' ? `belong to no frame. ${progress.text.replace('The answer begins', 'They begin')}` : `look like the beginning of a frame that is cut off`}`
        : progress.state === 'wrong'
          ? progress.text
          : `The frame is ${fault}`;
    found.push(`${where}${text.replace(/([^.])$/, '$1.')}`);
  }
  return found;
}

const counted = (count: number) => `${count} ${count === 1 ? 'byte' : 'bytes'}`;
