import type { Milliseconds } from '../common/kinds.ts';
import type { Line } from '../line/line.ts';
import type { TraceEntry } from '../line/trace.ts';
import { fromLatin1 } from '../common/bytes.ts';
import type { HeadCheckRequest, HeadCheckResult } from './api.ts';
import type { PortSeat } from './port-registry.ts';
import { withLine } from './with-line.ts';

/** Distinct characters, so that a partial echo can be told from other light. At 300 Bd it takes 0.7 s. */
const PATTERN = fromLatin1('OpenHHU 0123456789\r\n');
const RATE = 300;
/** SPACE is light on: a NUL is nine tenths of a character's time lit, which a phone camera shows well. */
const LAMP_BURST = new Uint8Array(15);
const LAMP_BURSTS = 8;
const LAMP_PAUSE_MS = 300;
const LISTEN_MS = 10_000;
const ECHO_WAIT_MS = 500;

export interface HeadCheckHooks {
  readonly onTrace: (entry: TraceEntry) => void;
  readonly onSent: (bytes: number) => void;
}

/** The paper trick of those who build heads: what is sent comes back when the head is held to white paper. */
export async function checkHead(
  seat: PortSeat,
  test: HeadCheckRequest['test'],
  { onTrace, onSent }: HeadCheckHooks,
): Promise<HeadCheckResult> {
  const options = { baudRate: RATE, framing: '7E1', removeEcho: false, onTrace } as const;
  return await withLine(seat, options, (line) => tryHead(line, test, onSent));
}

async function tryHead(
  line: Line,
  test: HeadCheckRequest['test'],
  onSent: HeadCheckHooks['onSent'],
): Promise<HeadCheckResult> {
  const received: number[] = [];
  const listen = (ms: Milliseconds) =>
    line.read(
      (byte) => {
        received.push(byte);
        return 'more';
      },
      { firstByteMs: ms, interByteMs: ms, totalMs: ms },
    );
  let sent = 0;
  const send = async (bytes: Uint8Array) => {
    await line.write(bytes, [], 'anytime');
    sent += bytes.length;
    onSent(sent);
  };
  if (test === 'paper') {
    await send(PATTERN);
    await listen(ECHO_WAIT_MS);
  } else if (test === 'lamp') {
    for (let burst = 0; burst < LAMP_BURSTS; burst++) {
      await send(LAMP_BURST);
      await line.pause(LAMP_PAUSE_MS);
    }
    await listen(ECHO_WAIT_MS);
  } else {
    await listen(LISTEN_MS);
  }
  const expected = test === 'paper' ? PATTERN : new Uint8Array(sent);
  return { sent, received: received.length, echo: compareEcho(expected, received) };
}

/** 'part': half of the pattern or more, in its order; light from elsewhere or a slipping head gives 'other'. */
function compareEcho(expected: Uint8Array, received: readonly number[]): HeadCheckResult['echo'] {
  if (received.length === 0) return 'nothing';
  if (expected.length === received.length && received.every((byte, index) => byte === expected[index])) return 'whole';
  return inOrder(expected, received) * 2 >= expected.length && expected.length > 0 ? 'part' : 'other';
}

/** How many characters both have in the same order, whatever stands between them. */
function inOrder(expected: Uint8Array, received: readonly number[]): number {
  /** By how much of the pattern is looked at. */
  let common = Array<number>(expected.length + 1).fill(0);
  for (const byte of received) {
    const next = [0];
    expected.forEach((wanted, index) => {
      const [without = 0, withIt = 0, before = 0] = [next[index], common[index + 1], common[index]];
      next.push(byte === wanted ? before + 1 : Math.max(without, withIt));
    });
    common = next;
  }
  return common.at(-1) ?? 0;
}
