import { driftOf, driftWords, offsetWords, OUR_CLOCK, zoneOf, type Drift } from '../../../common/clock-drift.ts';
import { concatBytes } from '../../../common/bytes.ts';
import { wireTime } from '../../../line/framing.ts';
import { momentOf, wallNow } from '../../../line/moments.ts';
import type { Plan } from '../../change.ts';
import type { Attribute } from '../apdu/attribute.ts';
import { actionText, dataAccessText } from '../apdu/words.ts';
import type { Data } from '../axdr/data.ts';
import { dataIn } from '../axdr/read-data.ts';
import { dataBytes } from '../axdr/write-data.ts';
import { localMs, timeOf } from '../cosem/date-time.ts';
import { dlmsError } from '../errors.ts';
import type { Changing, Done } from './changing.ts';
import {
  actFrame,
  executed,
  got,
  identityOf,
  PROVED,
  readFrame,
  sameAs,
  saidWords,
  whoWords,
  writeFrame,
  written,
} from './object.ts';
import type { DlmsChange } from './task.ts';

const CLOCK: Attribute = { classId: 8, name: Uint8Array.of(0, 0, 1, 0, 0, 255), number: 2 };
const SHIFT: Attribute = { ...CLOCK, number: 6 };
const MOST_SHIFT_S = 900;
const MINUTE = 60_000;
const STAMP = 12;
const ANY = 0xff;
const NO_DEVIATION = 0x8000;
/** Of the status: invalid, doubtful, another base, invalid status. */
const WRONG = 0x0f;
/** Flags, addresses, control, checks and LLC around a message. */
const AROUND = 16;
const ROOM_MS = 100;
const MOST_LATE_MS = 100;
const MOST_REACTION_MS = 500;
/** A clock that takes the second it is told is not further off than this. */
const GOOD_MS = 1500;
/** Between what was shown and what is there when it is set. */
const MOVED_MS = 5000;

interface Seen {
  readonly data: Data & { readonly bytes: Uint8Array };
  readonly iso: string;
  /** How far its time is ahead of UTC, minutes. */
  readonly offset: number;
  readonly drift: Drift;
  readonly reactionMs: number;
}

export async function clockWork(
  changing: Changing,
  { manner }: DlmsChange & { readonly kind: 'clock' },
  plan?: Plan,
): Promise<Done> {
  const { line } = changing;
  const identity = await identityOf(changing);
  if (plan) sameAs(plan, identity);
  const before = await readClock(changing);
  const shift = -Math.round(before.drift.ms / 1000);
  if (manner === 'shift' && Math.abs(shift) > MOST_SHIFT_S)
    throw dlmsError('access', `The clock is ${driftWords(before.drift)}: a shift is of ${MOST_SHIFT_S} s at most.`, {
      hint: 'Write the time instead (attribute 2).',
    });
  if (!plan) {
    const command =
      manner === 'shift'
        ? actFrame(changing, SHIFT, shiftBytes(shift), `shift it by ${shift} s`)
        : writeFrame(changing, CLOCK, stampBytes(before, wallNow(line)), 'write the time, with what it is then');
    return {
      headline: PROVED,
      plan: {
        frames: [readFrame(changing, CLOCK, 'read the clock'), command, readFrame(changing, CLOCK, 'read it back')],
        meter: `${whoWords(identity)}; ${words(before)}`,
        proof: { ...identity, drift: before.drift.ms, doubt: before.drift.doubtMs },
      },
    };
  }
  const { drift = 0, doubt = 0 } = plan.proof;
  if (Math.abs(before.drift.ms - Number(drift)) > MOVED_MS + before.drift.doubtMs + Number(doubt))
    throw dlmsError('access', `The clock is not as it was when the change was shown: ${words(before)}.`, {
      hint: 'It was set in between, or that of this device was. Look at the change again.',
    });
  const said =
    manner === 'shift'
      ? await executed(changing, { method: SHIFT, parameter: shiftBytes(shift) }, `shift it by ${shift} s`)
      : await writeInTime(changing, before);
  const after = await readClock(changing, before);
  const isGood = isRight(after);
  changing.isUnsure = !isGood && Math.abs(after.drift.ms - before.drift.ms) > GOOD_MS + after.drift.doubtMs;
  const saidText = saidWords(said, manner === 'shift' ? actionText : dataAccessText);
  // One that was right before is no proof of a request that was refused.
  if (!isGood || (said !== 0 && isRight(before)))
    throw dlmsError('access', `The meter ${saidText}; ${words(after)}.`, {
      hint: 'May this client set the clock? Others have it set by their manager only. It was sent once.',
    });
  return {
    headline: 'The clock of the meter is set.',
    message: `${said === 0 ? '' : `It ${saidText}. `}It says ${shownWords(after)}; ${OUR_CLOCK}.`,
  };
}

const isRight = ({ drift }: Seen) => Math.abs(drift.ms) <= GOOD_MS + drift.doubtMs;

const words = (seen: Seen) => `its clock says ${shownWords(seen)}; ${OUR_CLOCK}`;

/** Whoever reads how far it is off has to know in which time it was understood. */
const shownWords = ({ iso, offset, drift }: Seen) =>
  `${iso.replace('T', ' ')} (${offsetWords(offset)}), ${driftWords(drift)}`;

const shiftBytes = (seconds: number) => dataBytes({ type: 'int16', value: seconds });

/** In the time in which it was understood before, where it says the same of it. */
async function readClock(changing: Changing, before?: Seen): Promise<Seen> {
  const { line } = changing;
  const from = line.trace.entries.length;
  const result = await got(changing, CLOCK, 'read the clock');
  if (result.kind === 'refused')
    throw dlmsError('access', `The meter does not give its clock (0-0:1.0.0): ${dataAccessText(result.reason)}.`);
  const { data } = dataIn(result.bytes);
  const bytes = 'bytes' in data && data.type !== 'bit-string' ? data.bytes : undefined;
  const time = bytes?.length === STAMP ? timeOf(bytes) : undefined;
  const local = time && localMs(time);
  if (!bytes || !('bytes' in data) || data.type === 'bit-string' || !time || local === undefined)
    throw dlmsError('form', 'The meter’s clock says nothing that is a date with a time.');
  const moment = momentOf(line, from);
  const isAsBefore = before !== undefined && deviationOf(bytes) === deviationOf(before.data.bytes);
  const offset = isAsBefore ? before.offset : offsetOf(bytes, local, moment.from);
  const hundredths = bytes[8] ?? ANY;
  const fine = hundredths === ANY || hundredths === 0 ? 0 : hundredths * 10;
  const drift = driftOf({ ...moment, shown: local + fine - offset * MINUTE, stepMs: fine > 0 ? 10 : 1000 });
  return { data: { ...data, bytes }, iso: time.iso, offset, drift, reactionMs: moment.to - moment.from };
}

/** Meters write the deviation with either sign, or not at all: the one in which the clock is the least off is meant. */
function offsetOf(bytes: Uint8Array, local: number, wall: number): number {
  const deviation = deviationOf(bytes);
  const signed = (deviation << 16) >> 16;
  const { normal, now } = zoneOf(new Date(wall));
  const said = deviation === NO_DEVIATION ? [] : [-signed, signed];
  const off = (offset: number) => Math.abs(local - offset * MINUTE - wall);
  // Nobody keeps summer time in winter: such a clock was not put back, unless it says so itself.
  const [nearest = now] = [...said, now, normal, 0].toSorted((a, b) => off(a) - off(b));
  // Further off than that it is in none. Zero is no minus zero.
  return (off(nearest) < 20 * MINUTE ? nearest : (said[0] ?? now)) + 0;
}

const deviationOf = (bytes: Uint8Array) => ((bytes[9] ?? 0) << 8) | (bytes[10] ?? 0);

/**
 * In the form in which the meter has it: weekday, hundredths, deviation and status as they were, or as they follow. That
 * the clock was wrong, which the low bits of the status say, is not written back.
 */
function stampBytes({ data, offset }: Seen, at: number): Uint8Array {
  const local = new Date(at + offset * MINUTE);
  const year = local.getUTCFullYear();
  const old = data.bytes;
  const bytes = concatBytes(
    Uint8Array.of(year >> 8, year & 0xff, local.getUTCMonth() + 1, local.getUTCDate()),
    Uint8Array.of(old[4] === ANY || old[4] === 0 ? old[4] : local.getUTCDay() || 7),
    Uint8Array.of(local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()),
    Uint8Array.of(old[8] === ANY ? ANY : 0),
    old.subarray(9, 11),
    Uint8Array.of(statusAfter(old[11] ?? ANY)),
  );
  return dataBytes({ ...data, bytes } as Data);
}

const statusAfter = (status: number) => (status === ANY ? ANY : status & ~WRONG);

/** Begins so that the request has arrived when the time it names has come. A device that slept over it names a later one. */
async function writeInTime(changing: Changing, before: Seen): Promise<number | undefined> {
  const { line } = changing;
  const half = Math.min(before.reactionMs, MOST_REACTION_MS) / 2;
  for (;;) {
    const now = wallNow(line);
    const count = stampBytes(before, now).length + AROUND + 12;
    const onWire = wireTime(count, line.baudRate, line.framing);
    const arrives = Math.ceil((now + ROOM_MS + onWire + half) / 1000) * 1000;
    const begins = arrives - half - onWire;
    await line.pause(begins - now);
    if (wallNow(line) - begins >= MOST_LATE_MS) continue;
    const text = `write the time: ${new Date(arrives + before.offset * MINUTE).toISOString().slice(0, 19).replace('T', ' ')}`;
    return await written(changing, CLOCK, stampBytes(before, arrives), text);
  }
}
