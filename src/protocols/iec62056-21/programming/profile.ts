import { step } from '../dialogue.ts';
import { iecError } from '../errors.ts';
import type { Collected, ProfileSoFar } from './collected.ts';
import type { Reply, Session } from './exchange.ts';
import { profileHabits } from './habits.ts';
import { profileBook } from './profile-book.ts';
import { askList, beginRange, DAY, isoOf, notGiven, rangeText } from './range.ts';

/** A request is not made shorter than this: there is a row in it. */
const SHORTEST_PIECE = 60;
/** Of pieces in a row, before it is given up. */
const MOST_BROKEN = 6;
const MOST_REFUSED = 3;

/**
 * Reads a load profile over the last days, a piece of at most a day at a time, so that a broken one costs little, and
 * goes on behind the last row that is kept.
 */
export async function readProfile(
  session: Session,
  { address, days }: { readonly address: string; readonly days: number },
  collected: Collected,
  onRows: () => void,
): Promise<void> {
  const { dialogue } = session;
  const habits = profileHabits(dialogue);
  const profile = (collected.profile ??= await beginProfile(session, days, collected));
  const { book } = profile;
  let broken = 0;
  let refused = 0;
  let refusal: Reply | undefined;
  while (profile.at < profile.now) {
    const end = Math.min(endOfPiece(profile.at, profile.pieceMinutes), profile.to);
    step(dialogue, 'receiving', `reading ${address} of ${dayOf(profile.at)}, ${book.rows} rows so far`);
    const range = rangeText(profile.at - habits.earlierMinutes, end, profile);
    const reply = await askList(session, address, range, collected);
    switch (reply.kind) {
      case 'data': {
        broken = refused = 0;
        const added = book.add(reply.text);
        if (!added.isWhole)
          dialogue.notes.add(`${address}: something in the answer for ${dayOf(profile.at)} is no row`);
        // A meter may give less than was asked for.
        profile.at = added.rows > 0 && !isUpToDate(profile, added.periodMinutes) ? (book.lastAt ?? end) : end;
        break;
      }
      case 'cut': {
        if (++broken > MOST_BROKEN) throw stayedDamaged(address, reply.reason);
        keepRows(reply, collected);
        profile.at = Math.max(profile.at, book.lastAt ?? profile.at);
        profile.pieceMinutes = Math.max(SHORTEST_PIECE, Math.floor(profile.pieceMinutes / 2));
        dialogue.notes.add('parts of the profile came damaged and were asked for again');
        break;
      }
      case 'silence':
        throw notGiven(`the load profile ${address}`, reply);
      default:
        // No data of a day is an error message to some.
        refusal = reply;
        if (book.rows === 0 && ++refused >= MOST_REFUSED) throw notGiven(`the load profile ${address}`, reply);
        profile.at = end;
    }
    onRows();
  }
  if (book.rows > 0) return;
  if (refusal) throw notGiven(`the load profile ${address}`, refusal);
  throw iecError('message timeout', `The meter has no rows of ${address} in the last ${days} days.`, {
    hint: 'Is the profile switched on in the meter, and its clock right? Other meters name it P.02.',
  });
}

async function beginProfile(session: Session, days: number, collected: Collected): Promise<ProfileSoFar> {
  const range = (collected.range ??= await beginRange(session, days, collected));
  const { pieceMinutes } = profileHabits(session.dialogue);
  return { ...range, book: profileBook(range.from), at: range.from, pieceMinutes };
}

/** The period under way has no row yet. */
const isUpToDate = ({ book, now }: ProfileSoFar, period = 0) => (book.lastAt ?? 0) + period > now;

/** Midnight is a border: no hour of a change of the clock is at one. */
const endOfPiece = (at: number, most: number) => Math.min(at + most, (Math.floor(at / DAY) + 1) * DAY);

/** What blocks with a right check hold; of the rest nothing can be sure. */
function keepRows(reply: Reply & { readonly kind: 'cut' }, { profile }: Collected): void {
  const hasSeason = /^\D*\d*\.?\d*\((?:\d{11}|\d{13})\)/.test(reply.text.trimStart());
  // In the hour that comes twice, what is known could not be told from what is new.
  if (hasSeason) profile?.book.add(reply.text);
}

const stayedDamaged = (address: string, reason: string) =>
  iecError('block check', `The answers for ${address} stayed damaged: ${reason}.`, {
    hint: 'What came whole is kept. Hold the head still, keep lamps and sunlight away, and read again.',
  });

const dayOf = (minutes: number) => isoOf(minutes).slice(0, 10);
