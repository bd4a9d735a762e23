import { MAX_LINE } from './pattern.ts';

/** Makes lines of characters. */
export interface LineCutter {
  /** A line that has ended; 'damaged' where it cannot be read; undefined where nothing has ended. */
  take(character: number, parityOk: boolean): string | undefined;
  /** What is under way will not be whole: there was a hole. True where something was. */
  tear(): boolean;
}

export const DAMAGED = '\u{fffd}';
/** CR, LF, STX, ETX and the zeros of devices that are switched on. */
const ENDS = [0x0d, 0x0a, 0x02, 0x03, 0x00];

export function lineCutter(): LineCutter {
  let text = '';
  /** The first line was under way when we began. */
  let isTorn = true;
  let isDamaged = false;
  return {
    take(character, parityOk) {
      if (ENDS.includes(character) && parityOk) {
        const line = isDamaged ? DAMAGED : text;
        const isNone = isTorn || line === '';
        text = '';
        isTorn = isDamaged = false;
        return isNone ? undefined : line;
      }
      const isReadable = parityOk && (character === 0x09 || (character >= 0x20 && character < 0x7f));
      if (!isReadable || text.length === MAX_LINE) isDamaged = true;
      else text += String.fromCharCode(character);
      return undefined;
    },
    tear() {
      const was = !isTorn && (text !== '' || isDamaged);
      text = '';
      isDamaged = false;
      isTorn ||= was;
      return was;
    },
  };
}
