import { step } from '../dialogue.ts';
import { iecError } from '../errors.ts';
import type { Collected } from './collected.ts';
import type { Session } from './exchange.ts';
import { askList, beginRange, notGiven, rangeText } from './range.ts';

/** VDEW's names: P.98 and P.99 are log books, and what begins with P.2 has three digits. */
export const isLogBook = (address: string) => /(?:^|:)P\.(?:9[89]|2\d\d)$/i.test(address);

const MOST_BROKEN = 2;

/**
 * A log book over the last days, at one go: its entries need not stand in the order of their time, which a set clock
 * changes, so that nobody could tell where to go on behind a part.
 */
export async function readLogBook(
  session: Session,
  { address, days }: { readonly address: string; readonly days: number },
  collected: Collected,
): Promise<void> {
  if (collected.log !== undefined) return;
  const range = (collected.range ??= await beginRange(session, days, collected));
  step(session.dialogue, 'receiving', `reading the log book ${address} of ${days} days`);
  for (let broken = 0; ; broken++) {
    const reply = await askList(session, address, rangeText(range.from, range.to, range), collected);
    switch (reply.kind) {
      case 'data':
        collected.log = `${reply.text.trimEnd()}\r\n`;
        return;
      case 'cut':
        if (broken < MOST_BROKEN) break;
        throw iecError('block check', `The log book ${address} stayed damaged: ${reply.reason}.`, {
          hint: 'Hold the head still, keep lamps and sunlight away, and read again, or fewer days.',
        });
      default:
        throw notGiven(`the log book ${address}`, reply);
    }
  }
}
