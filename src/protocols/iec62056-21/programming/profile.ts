import { step } from '../dialogue.ts';
import { iecError } from '../errors.ts';
import type { Collected, ProfileSoFar } from './collected.ts';
import type { Session } from './exchange.ts';
import type { Reply } from './reply.ts';
import { profileHabits } from './habits.ts';
import { profileBook, type ProfileBook } from './profile-book.ts';
import { askList, beginRange, DAY, isoOf, notGiven, rangeText, saidOf } from './range.ts';

/** A request is not made shorter than this: there is a row in it. */
const SHORTEST_PIECE = 60;
/** Of pieces in a row, before it is given up. */
const MOST_BROKEN = 6;
const MOST_REFUSED = 3;
/** Asked for at once, as far as can be told from what came before: a minute of the line. */
const MOST_OF_PIECE = 64 * 1024;
/** A piece that came well is followed by one so much longer. */
const GROWTH = 4;
/** Places where the meter gives something that is no row, whenever it is asked. */
const MOST_LEFT_OUT = 3;

/**
 * Reads a load profile over the last days, first a day, then more at a time as long as the line is good, and goes
 * on behind the last row that is kept.
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
  let leftOut = 0;
  while (profile.at < profile.now) {
    const end = Math.min(endOfPiece(profile.at, profile.pieceMinutes), profile.to);
    step(dialogue, 'receiving', `reading ${address} of ${dayOf(profile.at)}, ${book.rows} rows so far`);
    const range = rangeText(profile.at - habits.earlierMinutes, end, profile);
    const reply = await askList(session, address, range, collected);
    switch (reply.kind) {
      case 'data': {
        const added = book.add(reply.text);
        profile.periodMinutes = added.periodMinutes ?? profile.periodMinutes;
        if (book.data.length > MOST_CHARACTERS) throw tooMuch(address, book);
        if (!added.isWhole) {
          dialogue.notes.add(`${address}: something in the answer for ${dayOf(profile.at)} is no row`);
          goOnBehind(profile);
          if (++broken <= MOST_BROKEN) break;
          if (++leftOut > MOST_LEFT_OUT) throw stayedDamaged(address, 'something in them is no row');
          dialogue.notes.add(`${address}: what is behind it, up to ${timeOf(end)}, is left out`);
          broken = 0;
          profile.at = end;
          break;
        }
        broken = refused = 0;
        profile.pieceMinutes = grown(session, profile);
        // A meter may give less than was asked for; one whose clock was set back has nothing new before what was asked for.
        profile.at =
          added.rows > 0 && !isUpToDate(profile, added.periodMinutes) ? Math.max(profile.at, book.lastAt ?? end) : end;
        break;
      }
      case 'cut': {
        if (++broken > MOST_BROKEN) throw stayedDamaged(address, reply.reason);
        // What was too long once is not tried again.
        profile.mostMinutes = Math.max(Math.min(profile.mostMinutes, DAY), Math.floor(profile.pieceMinutes / 2));
        keepRows(reply, collected);
        goOnBehind(profile);
        dialogue.notes.add('parts of the profile came damaged and were asked for again');
        break;
      }
      case 'other':
      case 'silence':
        throw notGiven(`the load profile ${address}`, reply);
      default:
        if (profile.pieceMinutes > DAY) {
          // So much at a time may be more than it can give.
          profile.pieceMinutes = profile.mostMinutes = DAY;
          break;
        }
        // No data of a day is an error message to some.
        profile.refusal = reply;
        dialogue.notes.add(`${address}: of ${dayOf(profile.at)} the meter gave none (${saidOf(reply)})`);
        if (book.rows === 0 && ++refused >= MOST_REFUSED) throw notGiven(`the load profile ${address}`, reply);
        profile.at = end;
    }
    onRows();
  }
  if (book.rows > 0) return noteEnds(session, address, profile);
  if (profile.refusal) throw notGiven(`the load profile ${address}`, profile.refusal);
  throw iecError('message timeout', `The meter has no rows of ${address} in the last ${days} days.`, {
    hint: 'Is the profile switched on in the meter, and its clock right? Other meters name it P.02.',
  });
}

async function beginProfile(session: Session, days: number, collected: Collected): Promise<ProfileSoFar> {
  const range = (collected.range ??= await beginRange(session, days, collected));
  const { firstMinutes: pieceMinutes, mostMinutes } = profileHabits(session.dialogue);
  return { ...range, book: profileBook(range.from), at: range.from, pieceMinutes, mostMinutes, periodMinutes: 0 };
}

/** The parity of every character bears out the one check character of an answer. */
const isSure = ({ dialogue }: Session) => !['none', 'mark', 'mixed'].includes(dialogue.line.receivedParity);

/** The period under way has no row yet. */
const isUpToDate = ({ book, now }: ProfileSoFar, period = 0) => (book.lastAt ?? 0) + period > now;

/** Midnight is a border: no hour of a change of the clock is at one. */
function endOfPiece(at: number, most: number): number {
  const midnight = Math.floor((at + most) / DAY) * DAY;
  return midnight > at ? midnight : at + most;
}

/** A piece that came well makes the next one longer, on a line whose answers are sure. */
function grown(session: Session, { pieceMinutes, mostMinutes, book, from, at }: ProfileSoFar): number {
  const perMinute = book.data.length / Math.max(1, (book.lastAt ?? at) - from);
  const most = Math.min(mostMinutes, isSure(session) ? Infinity : DAY, MOST_OF_PIECE / perMinute);
  return Math.floor(Math.max(pieceMinutes, Math.min(most, GROWTH * pieceMinutes)));
}

/** Asks for less at a time, from the last row that is kept: nothing is passed over. */
function goOnBehind(profile: ProfileSoFar): void {
  profile.at = Math.max(profile.at, profile.book.lastAt ?? profile.at);
  profile.pieceMinutes = Math.max(SHORTEST_PIECE, Math.min(DAY, Math.floor(profile.pieceMinutes / 2)));
}

/** What blocks with a right check hold; of the rest nothing can be sure. */
function keepRows(reply: Reply & { readonly kind: 'cut' }, { profile }: Collected): void {
  const hasSeason = /^\D*\d*\.?\d*\((?:\d{11}|\d{13})\)/.test(reply.text.trimStart());
  // In the hour that comes twice, what is known could not be told from what is new.
  if (hasSeason) profile?.book.add(reply.text);
}

/** Of one record: the log and whoever looks at it have to bear it. */
const MOST_CHARACTERS = 1024 * 1024;

const tooMuch = (address: string, { rows }: ProfileBook) =>
  iecError('block too long', `The load profile ${address} is more than one record holds: ${rows} rows so far.`, {
    hint: 'What came is kept. Read fewer days at a time.',
  });

/** What is missing before the first row and behind the last shows in no gap between two. */
function noteEnds({ dialogue }: Session, address: string, { book, from, now, periodMinutes }: ProfileSoFar): void {
  const { firstAt = from, lastAt = now } = book;
  if (firstAt > from + periodMinutes) dialogue.notes.add(`${address}: nothing before ${timeOf(firstAt)}`);
  if (lastAt < now - 2 * periodMinutes) dialogue.notes.add(`${address}: nothing behind ${timeOf(lastAt)}`);
}

const timeOf = (minutes: number) => isoOf(minutes).slice(0, 16).replace('T', ' ');

const stayedDamaged = (address: string, reason: string) =>
  iecError('block check', `The answers for ${address} stayed damaged: ${reason}.`, {
    hint: 'What came whole is kept. Hold the head still, keep lamps and sunlight away, and read again.',
  });

const dayOf = (minutes: number) => isoOf(minutes).slice(0, 10);
