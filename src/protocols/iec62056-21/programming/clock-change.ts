import { driftOf, driftWords, offsetWords, OUR_CLOCK, zoneOf, type Drift } from '../../../common/clock-drift.ts';
import { toLatin1 } from '../../../common/bytes.ts';
import type { MeterTime } from '../../../common/reading.ts';
import { wireTime } from '../../../line/framing.ts';
import { momentOf, wallNow } from '../../../line/moments.ts';
import type { Values } from '../../../common/form.ts';
import type { Plan, PlannedFrame } from '../../change.ts';
import { iecError } from '../errors.ts';
import { parseTimeOfDay, parseTimeStamp } from '../meter-time.ts';
import { ourReaction } from '../reaction.ts';
import {
  exchanged,
  identityOf,
  inSession,
  isCutOff,
  plannedFrame,
  sameAs,
  valueOf,
  type Asked,
  type Changing,
} from './change-session.ts';
import type { IecChange } from './change-task.ts';
import { here, zoneOfMeter, type Zone } from './clock-zone.ts';
import { readCommand, writeCommands, type Check, type Command } from './command.ts';
import { letLateCome } from './exchange.ts';

interface ClockSeen {
  readonly time: MeterTime;
  readonly zone: Zone;
  readonly drift: Drift;
  /** How long the meter took to begin its answer. */
  readonly reactionMs: number;
}

type ClockChange = IecChange & { readonly kind: 'clock' };

const TIME = '0.9.1';
const DATE = '0.9.2';
const BOTH = '1-0:0.9.129*255';
/** LEM's example has it behind the time; it says nothing of its meaning. */
const LEM_TAIL = '0002';
const MINUTE = 60_000;
const DAY_MS = 1440 * MINUTE;
/** A meter that thinks for longer has not been looking at its clock all the while. */
const MOST_REACTION_MS = 500;
/** Later than this the moment is missed. */
const MOST_LATE_MS = 100;
/** Before the command goes out something may still have to be waited for. */
const ROOM_MS = 150;
/** Midnight is too near for date and time in two commands. */
const MIDNIGHT_MS = 20_000;
/** A clock that takes the second it is told is not further off than this. */
const GOOD_MS = 1500;
/** Between what was shown and what is there when it is set. */
const MOVED_MS = 5000;

/** What the clock says and how far it is off, and what would be sent if it were set now. */
export async function clockPlan(
  asked: Asked,
  change: ClockChange,
): Promise<{ readonly words: string; readonly proof: Values; readonly commands: readonly PlannedFrame[] }> {
  const seen = await readClock(asked);
  const { line } = asked.dialogue;
  const commands = commandsFor(asked, change, seen, wallNow(line) + ROOM_MS);
  return {
    words: clockWords(seen),
    proof: { drift: seen.drift.ms, doubt: seen.drift.doubtMs },
    commands: commands.map(({ command, text }) =>
      plannedFrame(command, line.baudRate, `${text}, with the time it is then`, true),
    ),
  };
}

const clockWords = (seen: ClockSeen) => `its clock says ${shownWords(seen)}; ${OUR_CLOCK}`;

/** Whoever reads how far it is off has to know in which time it was understood. */
const shownWords = ({ time, zone, drift }: ClockSeen) =>
  `${time.iso.replace('T', ' ')} (${offsetWords(zone.offset)}), ${driftWords(drift)}`;

export const clockReads = (asked: Asked | undefined, check: Check): readonly (readonly [Command, string])[] =>
  [DATE, TIME].map((address) => [readCommand(asked?.known.read ?? 'R5', address, check), `read ${address}`]);

/** Proves, sets, and looks at it again; where the session ended over it, in another one. */
export async function setClock(
  changing: Changing,
  change: ClockChange,
  { proof }: Plan,
): Promise<{ readonly headline: string; readonly message?: string }> {
  const { known, dialogue } = changing;
  let said: Said = { words: '', isRefused: false };
  let wanted: Zone | undefined;
  let before: ClockSeen | undefined;
  const after = await inSession(
    changing,
    async (asked) => {
      sameAs(proof, await identityOf(asked));
      before = await clockAsShown(asked, proof);
      wanted = targetZone(change, before, wallNow(dialogue.line));
      try {
        said = await sendTime(asked, change, before);
        return await readClock(asked, wanted);
      } catch (error) {
        if (!isCutOff(asked, error)) throw error;
        if (said.words === '') said = { words: 'ended the session', isRefused: false };
        return undefined;
      }
    },
    proof,
  );
  const seen =
    after ??
    (await inSession(
      changing,
      async (asked) => {
        sameAs(proof, await identityOf(asked));
        return await readClock(asked, wanted);
      },
      proof,
    ));
  const isGood = isRight(seen);
  // As far off as before: it did nothing, or nobody can tell.
  const isMoved = Math.abs(seen.drift.ms - Number(proof['drift'])) > GOOD_MS + seen.drift.doubtMs;
  const wasGood = before !== undefined && isRight({ drift: driftIn(before, seen.zone) });
  const isTaken = said.words === ACKNOWLEDGED;
  known.isUnsure = !isGood ? isMoved : wasGood && !isTaken && !said.isRefused;
  // One that was right before is no proof of a command that was not acknowledged.
  if (!isGood || (wasGood && !isTaken)) {
    throw iecError('message timeout', `The meter ${said.words}; ${clockWords(seen)}.`, {
      hint: 'Does it want a password, the other command, or a switch under the seal? Does it keep another time (summer time, UTC) than was set? It was sent once.',
    });
  }
  return {
    headline: 'The clock of the meter is set.',
    message: `${isTaken ? '' : `It ${said.words}. `}It says ${shownWords(seen)}; ${OUR_CLOCK}.`,
  };
}

const isRight = ({ drift }: Pick<ClockSeen, 'drift'>) => Math.abs(drift.ms) <= GOOD_MS + drift.doubtMs;

/** How far off it is, understood in another time. */
const driftIn = ({ drift, zone }: ClockSeen, wanted: Zone): Drift => ({
  ...drift,
  ms: drift.ms + (zone.offset - wanted.offset) * MINUTE,
});

/** The clock before it is set: as it was shown, and with no midnight near, neither ours nor the meter's. */
async function clockAsShown(asked: Asked, proof: Plan['proof']): Promise<ClockSeen> {
  const { line } = asked.dialogue;
  const seen = await readClock(asked);
  const moved = Math.abs(seen.drift.ms - Number(proof['drift']));
  if (moved > MOVED_MS + seen.drift.doubtMs + Number(proof['doubt']))
    throw iecError('message timeout', `The clock is not as it was when the change was shown: ${clockWords(seen)}.`, {
      hint: 'It was set in between, or that of this device was. Look at the change again.',
    });
  const toMidnight = DAY_MS - mod(wallNow(line) + seen.drift.ms + seen.zone.offset * MINUTE, DAY_MS);
  if (toMidnight > MIDNIGHT_MS) return seen;
  // Between its date and its time the meter itself would go to the next day.
  await line.pause(toMidnight + 1000);
  return await readClock(asked);
}

const mod = (value: number, by: number) => ((value % by) + by) % by;

interface Said {
  /** In words. */
  readonly words: string;
  /** It said itself that it did not do it. */
  readonly isRefused: boolean;
}

const ACKNOWLEDGED = 'acknowledged it';

/** Begins each command so that it has arrived when the time it names has come. */
async function sendTime(asked: Asked, change: ClockChange, before: ClockSeen): Promise<Said> {
  const { line } = asked.dialogue;
  const half = Math.min(before.reactionMs, MOST_REACTION_MS) / 2;
  const { offset } = targetZone(change, before, wallNow(line));
  const toMidnight = DAY_MS - mod(wallNow(line) + offset * MINUTE, DAY_MS);
  if (change.manner !== 'LEM' && toMidnight < MIDNIGHT_MS) await line.pause(toMidnight + 1000);
  const count = commandsFor(asked, change, before, wallNow(line)).length;
  for (let i = 0; i < count; i++) {
    // What is waited for behind the moment makes the time it names a wrong one.
    await letLateCome(asked.session);
    const { command, text } = await inTime(asked, change, before, { index: i, half });
    const reply = await exchanged(asked, command, text, true);
    // A date that was taken before has changed something.
    const isRefused = i === 0 && (reply.kind === 'error' || reply.kind === 'NAK');
    if (reply.kind === 'error') return { words: `answered ${reply.words}`, isRefused };
    if (reply.kind !== 'ACK') return { words: `did not acknowledge it (${reply.kind})`, isRefused };
  }
  return { words: ACKNOWLEDGED, isRefused: false };
}

/** Waits for the moment. A device that slept over it names a later one. */
async function inTime(
  asked: Asked,
  change: ClockChange,
  before: ClockSeen,
  { index, half }: { readonly index: number; readonly half: number },
): Promise<Timed> {
  const { dialogue } = asked;
  const { line } = dialogue;
  for (;;) {
    const now = wallNow(line);
    const any = commandsFor(asked, change, before, now)[index];
    if (!any) throw new Error('There is no such command.');
    const onWire = wireTime(any.command.bytes.length, line.baudRate, line.framing);
    const arrives = Math.ceil((now + ourReaction(dialogue) + ROOM_MS + onWire + half) / 1000) * 1000;
    const begins = arrives - half - onWire;
    await line.pause(begins - now);
    const timed = commandsFor(asked, change, before, arrives)[index];
    if (timed && wallNow(line) - begins < MOST_LATE_MS) return timed;
  }
}

interface Timed {
  readonly command: Command;
  readonly text: string;
}

/** The date only where it is another one. */
function commandsFor(asked: Asked, change: ClockChange, seen: ClockSeen, at: number): readonly Timed[] {
  const { session, password } = asked;
  const { digit, offset } = targetZone(change, seen, at);
  const digits = new Date(at + offset * MINUTE).toISOString().replace(/\D/g, '');
  const [date, time] = [digits.slice(2, 8), digits.slice(8, 14)];
  const behind = password && change.place === 'bracket' ? { password: toLatin1(password.bytes) } : {};
  const write = (name: 'W1' | 'W5', address: string, value: string, text: string): Timed[] =>
    writeCommands(name, { dataSet: `${address}(${value})`, ...behind }, session.check).map((command) => ({
      command,
      text,
    }));
  if (change.manner === 'LEM') return write('W5', BOTH, date + time + LEM_TAIL, `set date and time: ${date} ${time}`);
  const name = change.manner === 'W1' ? 'W1' : 'W5';
  const season = name === 'W5' ? digit : '';
  const isDay = seen.time.iso.slice(2, 10).replaceAll('-', '') === date;
  return [
    ...(isDay ? [] : write(name, DATE, season + date, `set the date: ${date}`)),
    ...write(name, TIME, season + time, `set the time: ${time}`),
  ];
}

function targetZone({ zone }: ClockChange, seen: ClockSeen, at: number): Zone {
  const { normal, now } = zoneOf(new Date(at));
  switch (zone) {
    case 'auto':
      return seen.zone;
    case 'normal':
      return { digit: '0', offset: normal };
    case 'local':
      return here(normal, now);
    case 'utc':
      return { digit: '2', offset: 0 };
  }
}

/** The meter's clock, and between which moments it was looked at; in `zone` where it does not say in which it is. */
async function readClock(asked: Asked, zoneThen?: Zone): Promise<ClockSeen> {
  const { line } = asked.dialogue;
  let date = await needed(asked, DATE);
  const from = line.trace.entries.length;
  const time = await needed(asked, TIME);
  const moment = momentOf(line, from);
  // Midnight may have been between the two.
  if (/^\d?0000\d\d$/.test(time)) date = await needed(asked, DATE);
  const seen = together(date, time);
  if (!seen) throw noClock(`says ${DATE}(${date}) and ${TIME}(${time}): nobody can read that`);
  const local = Date.parse(`${seen.iso}Z`);
  const zone = zoneOfMeter(seen, { local, wall: moment.from, then: zoneThen });
  const drift = driftOf({ from: moment.from, to: moment.to, shown: local - zone.offset * MINUTE, stepMs: 1000 });
  return { time: seen, zone, drift, reactionMs: moment.to - moment.from };
}

async function needed(asked: Asked, address: string): Promise<string> {
  const value = await valueOf(asked, address, `read ${address}`);
  if (value === undefined) throw noClock(`does not give ${address}`);
  return value;
}

const noClock = (seen: string) =>
  iecError('message timeout', `The meter ${seen}.`, {
    hint: 'Nobody can say how far its clock is off, so it is not set. Its manual may name other registers: “Write a register” sends what you say.',
  });

function together(dateText: string, timeText: string): MeterTime | undefined {
  const date = parseTimeStamp(dateText);
  const time = parseTimeOfDay(timeText);
  if (!date || !time || date.iso.includes('T')) return undefined;
  const season = time.season ?? date.season;
  return { iso: `${date.iso}T${time.iso}`, ...(season ? { season } : {}) };
}
