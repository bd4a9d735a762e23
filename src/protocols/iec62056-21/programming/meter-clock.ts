import type { MeterTime } from '../../../common/reading.ts';
import { parseDataBlock } from '../data-set.ts';
import { parseTimeOfDay, parseTimeStamp } from '../meter-time.ts';
import { minutesOf } from '../profile-header.ts';
import type { Now } from './collected.ts';
import { readCommand } from './command.ts';
import { ask, type Session } from './exchange.ts';

/** The meter's clock by 0.9.1 and 0.9.2; undefined where it does not tell it. */
export async function readMeterClock(session: Session): Promise<Now | undefined> {
  const date = await valueOf(session, '0.9.2');
  const time = date === undefined ? undefined : await valueOf(session, '0.9.1');
  const now = date !== undefined && time !== undefined ? together(date, time) : undefined;
  return now && { minutes: minutesOf(now), seasonDigit: now.season === 'utc' ? '2' : '0' };
}

export function ourClock({ dialogue }: Session): Now {
  dialogue.notes.add('the meter does not tell its clock: the range was reckoned from the clock of this device');
  const ours = new Date(dialogue.line.trace.startedAt);
  // Summer time is an hour ahead: what is left out too much is asked for too much.
  return { minutes: ours.getTime() / 60_000 - ours.getTimezoneOffset(), seasonDigit: '0' };
}

async function valueOf(session: Session, address: string): Promise<string | undefined> {
  const reply = await ask(session, readCommand('R5', address, session.check));
  if (reply.kind !== 'data') return undefined;
  return parseDataBlock(reply.text)
    .find((item) => item.kind === 'data set')
    ?.values[0]?.value.trim();
}

function together(dateText: string, timeText: string): MeterTime | undefined {
  const date = parseTimeStamp(dateText);
  const time = parseTimeOfDay(timeText);
  if (!date || !time || date.iso.includes('T')) return undefined;
  const season = time.season ?? date.season;
  return { iso: `${date.iso}T${time.iso}`, ...(season ? { season } : {}) };
}
