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
  /** Rows of a quarter of an hour in the record, and those that were there. */
  readonly rows: number;
}

const DAYS = 30;
const QUARTER = 900_000;

async function timed(farEnd: FarEnd, dialogue: Dialogue, target: Target, rowsIn: (data: string) => number) {
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
    return { tookMs, ...spoken, errorCode, rows: rowsIn(data) };
  };
  return await clock.run(run());
}

export const iecProfileTime = async (): Promise<ProfileTime> =>
  await timed(
    loadProfile,
    iecDialogue,
    { address: '', settings: { read: 'profile', days: DAYS } },
    (data) => data.split('\r\n').filter((line) => line.startsWith('(')).length,
  );

/** The household's meter, with a profile of thirty days. */
export async function dlmsProfileTime(): Promise<ProfileTime> {
  const objects = household.objects.map((object) =>
    object.classId === 7 ? { ...object, attributes: { ...object.attributes, 2: longBuffer } } : object,
  );
  const settings = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' } as const;
  return await timed(
    meterAt({ ...household, objects }, settings),
    dlmsDialogue,
    { address: '1/17@9600|7:1-0:99.1.0:2', settings: {} },
    // Each begins with its time.
    (data) => data.match(/0202090C/g)?.length ?? 0,
  );
}

function longBuffer(time: number): Data {
  const count = (DAYS * 86_400_000) / QUARTER;
  const last = Math.floor(time / QUARTER) * QUARTER;
  const rows = Array.from({ length: count }, (_, at): Data => {
    const when = last - (count - 1 - at) * QUARTER;
    return { type: 'structure', items: [stamp(when), { type: 'uint32', value: 1_000_000 + at * 137 }] };
  });
  return { type: 'array', items: rows };
}

/** Every row with its own time: the longest form there is. */
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
