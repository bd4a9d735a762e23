import { parseDataBlock } from './data-set.ts';
import type { DataMessageReceiver } from './data-message.ts';
import type { Dialogue } from './dialogue.ts';
import { parseRegisters } from './programming/registers.ts';

/**
 * Tells, asked after every character, whether every register that is wanted of a table stands in it, each on a line that
 * has ended. Throws code 1 for what is no register.
 */
export function enoughOf({ settings, mode, earlierBlocks }: Dialogue): (receiver: DataMessageReceiver) => boolean {
  const { until = '', read } = settings;
  if (until.trim() === '' || read !== 'table' || mode === 'D') return () => false;
  const wanted = parseRegisters(until).map(({ address }) => address);
  let seen = 0;
  return ({ lines, text }) => {
    if (lines === seen) return false;
    seen = lines;
    const names = parseDataBlock(earlierBlocks + wholeLines(text)).flatMap((item) =>
      item.kind === 'data set' ? [item.address] : [],
    );
    return wanted.every((address) => names.some((name) => name === address || shortOf(name) === address));
  };
}

/** `1-0:1.8.0*255` is wanted as 1.8.0. */
const shortOf = (name: string) => name.replace(/^\d+-\d+:/, '').replace(/[*&]255$/, '');

export const wholeLines = (text: string): string => /^[^]*[\r\n]/.exec(text)?.[0] ?? '';
