import type { MeterError } from '../../../common/meter-error.ts';
import { iecError } from '../errors.ts';
import type { Collected, Now, TimeRange } from './collected.ts';
import { readCommand, type ReadCommand } from './command.ts';
import { ask, type Session } from './exchange.ts';
import type { Reply } from './reply.ts';
import { ourClock, readMeterClock } from './meter-clock.ts';

/** VDEW's command for all at once, then the one with blocks: an older meter knows the first only. */
const COMMANDS: readonly ReadCommand[] = ['R5', 'R6'];
export const DAY = 1440;
/** A meter that takes our time for summer time would end an hour early. */
const BEYOND_NOW = 120;

/** The last days, from a full hour on, by the meter's clock. */
export async function beginRange(session: Session, days: number, collected: Collected): Promise<TimeRange> {
  const { minutes, seasonDigit } = collected.clockAsked ? ourClock(session) : await askClock(session, collected);
  return {
    from: Math.floor(minutes / 60) * 60 - days * DAY,
    now: minutes,
    to: minutes + BEYOND_NOW,
    seasonDigit,
  };
}

async function askClock(session: Session, collected: Collected): Promise<Now> {
  collected.clockAsked = true;
  return (await readMeterClock(session)) ?? ourClock(session);
}

/** Asks for what a meter keeps of some time, by the command it knows. */
export async function askList(session: Session, address: string, range: string, collected: Collected): Promise<Reply> {
  let last: Reply = { kind: 'silence' };
  for (const command of collected.command ? [collected.command] : COMMANDS) {
    last = await ask(session, readCommand(command, address, session.check, range));
    if (last.kind === 'data') collected.command = command;
    if (last.kind === 'data' || last.kind === 'cut') break;
  }
  return last;
}

/** `ZYYMMDDhhmm;ZYYMMDDhhmm` */
export const rangeText = (from: number, to: number, digit: Pick<Now, 'seasonDigit'>) =>
  `${stamp(from, digit)};${stamp(to, digit)}`;

export const isoOf = (minutes: number) => new Date(minutes * 60_000).toISOString();

const stamp = (minutes: number, { seasonDigit }: Pick<Now, 'seasonDigit'>) =>
  seasonDigit + isoOf(minutes).replace(/\D/g, '').slice(2, 12);

export function notGiven(what: string, reply: Reply): MeterError {
  if (reply.kind === 'silence')
    return iecError('message timeout', `The meter did not answer when ${what} was asked for.`);
  return iecError('message timeout', `The meter was asked for ${what} and ${saidOf(reply)}.`, {
    hint: 'Does it have one, under this name, with something in it? Some meters give it only with a password (Settings, Passwords and keys).',
  });
}

export function saidOf(reply: Reply): string {
  if (reply.kind === 'error') return `answered ${reply.words}`;
  return reply.kind === 'other' ? 'answered with something else' : `refused it (${reply.kind})`;
}
