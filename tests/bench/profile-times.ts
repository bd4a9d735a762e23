import { openLine } from '../../src/line/open-line.ts';
import { wireTime } from '../../src/line/framing.ts';
import type { TraceEntry } from '../../src/line/trace.ts';
import type { Dialogue, Target } from '../../src/protocols/protocol.ts';
import { iecDialogue } from '../../src/protocols/iec62056-21/ask.ts';
import '../../src/protocols/iec62056-21/session.ts';
import { loadProfile } from '../../src/protocols/iec62056-21/simulated/devices.ts';
import { dlmsDialogue } from '../../src/protocols/dlms/ask.ts';
import '../../src/protocols/dlms/session.ts';
import type { Data } from '../../src/protocols/dlms/axdr/data.ts';
import { household } from '../../src/protocols/dlms/simulated/household.ts';
import { meterAt } from '../../src/protocols/dlms/simulated/secondary.ts';
import type { FarEnd } from '../../src/simulator/far-end.ts';
import { virtualClock } from '../../src/simulator/virtual-clock.ts';
import { portTo } from '../unit/simulator/host.ts';

export interface ProfileTime {
  readonly tookMs: number;
  /** All characters of both directions one behind the other. */
  readonly wireMs: number;
  readonly characters: number;
  readonly requests: number;
  readonly errorCode: number;
  /** What the meter took to begin its answers, all together. */
  readonly reactionMs: number;
  /** Rows of a quarter of an hour in the record, and those that were there. */
  readonly rows: number;
}

const DAYS = 30;
const QUARTER = 900_000;

interface Bench {
  readonly farEnd: FarEnd;
  readonly dialogue: Dialogue;
  readonly target: Target;
  readonly reactionMs: number;
  readonly rowsIn: (data: string) => number;
}

async function timed({ farEnd, dialogue, target, reactionMs, rowsIn }: Bench): Promise<ProfileTime> {
  const clock = virtualClock(Date.UTC(2026, 5, 20, 10, 7));
  const port = portTo(farEnd, clock, () => new Set(), { reconfigure: 'in-place', latencyMs: 1 });
  const run = async (): Promise<ProfileTime> => {
    const spoken = { wireMs: 0, characters: 0, requests: 0 };
    // A trace that is kept has an end.
    const onTrace = ({ direction, bytes, baudRate }: TraceEntry) => {
      if (direction === 'event') return;
      spoken.wireMs += wireTime(bytes.length, baudRate, '8N1');
      spoken.characters += bytes.length;
      spoken.requests += direction === 'sent' ? 1 : 0;
    };
    const line = await openLine(port, { ...dialogue.lineOf(target), clock, onTrace, isEndless: true });
    const began = clock.monotonic();
    const readout = await dialogue.read(line, target, {});
    const tookMs = clock.monotonic() - began;
    await line.close();
    const { data, errorCode } = readout;
    return { tookMs, ...spoken, reactionMs: reactionMs * spoken.requests, errorCode, rows: rowsIn(data) };
  };
  return await clock.run(run());
}

export const iecProfileTime = async (): Promise<ProfileTime> =>
  await timed({
    farEnd: loadProfile,
    dialogue: iecDialogue,
    target: { address: '', settings: { read: 'profile', days: DAYS } },
    reactionMs: 200,
    rowsIn: (data) => data.split('\r\n').filter((line) => line.startsWith('(')).length,
  });

/** The household's meter, with a profile of thirty days. */
export async function dlmsProfileTime(): Promise<ProfileTime> {
  const objects = household.objects.map((object) =>
    object.classId === 7 ? { ...object, attributes: { ...object.attributes, 2: longBuffer } } : object,
  );
  const settings = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' } as const;
  return await timed({
    farEnd: meterAt({ ...household, objects }, settings),
    dialogue: dlmsDialogue,
    target: { address: '1/17@9600|7:1-0:99.1.0:2', settings: {} },
    reactionMs: 15,
    rowsIn: (data) => data.match(/0202(?:00|090C[0-9A-F]{24})06/g)?.length ?? 0,
  });
}

function longBuffer(time: number): Data {
  const count = (DAYS * 86_400_000) / QUARTER;
  const last = Math.floor(time / QUARTER) * QUARTER;
  const rows = Array.from({ length: count }, (_, at): Data => {
    const when = last - (count - 1 - at) * QUARTER;
    return {
      type: 'structure',
      items: [at === 0 ? stamp(when) : { type: 'null' }, { type: 'uint32', value: 1_000_000 + at * 137 }],
    };
  });
  return { type: 'array', items: rows };
}

/** As most meters give it: the first row has a time, the others follow it. */
function stamp(time: number): Data {
  const local = new Date(time + 3_600_000);
  const year = local.getUTCFullYear();
  const bytes = Uint8Array.of(
    year >> 8,
    year & 0xff,
    local.getUTCMonth() + 1,
    local.getUTCDate(),
    local.getUTCDay() || 7,
    local.getUTCHours(),
    local.getUTCMinutes(),
    0,
    0,
    0xff,
    0xc4,
    0,
  );
  return { type: 'octet-string', bytes };
}
