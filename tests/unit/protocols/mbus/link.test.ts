import { describe, expect, it } from 'vitest';
import type { PortEvent } from '../../../../src/line/port.ts';
import { PortError } from '../../../../src/line/port.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import { MeterError } from '../../../../src/common/meter-error.ts';
import {
  answerError,
  asMbusError,
  createLink,
  exchange,
  frameCount,
  listenUntil,
  type Answer,
  type Exchange,
  type Step,
} from '../../../../src/protocols/mbus/link.ts';
import { answerLimitMs, defaultTimeoutMs } from '../../../../src/protocols/mbus/settings.ts';
import type { VirtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { virtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { bytesOf } from './samples.ts';

/** What the bus does after a request has left: hex, 'parity' for a bad character, or a pause in milliseconds. */
type Script = readonly (string | number)[];

interface Options {
  readonly failure?: PortError;
  readonly timeoutMs?: number;
  readonly times?: number;
}

const REQUEST = bytesOf('1040054516');
const WIRE_MS = (5 * 11 * 1000) / 2400;
/** The bus rests for 11 bit times after the line was opened, as after any frame. */
const REST_MS = (11 * 1000) / 2400;

async function exchanges(script: Script, { failure, timeoutMs = 300, times = 1 }: Options = {}) {
  const clock: VirtualClock = virtualClock();
  let listener: (event: PortEvent) => void = () => undefined;
  const play = async () => {
    await clock.sleep(WIRE_MS);
    for (const item of script) {
      if (typeof item === 'number') await clock.sleep(item);
      else if (item === 'parity') listener({ kind: 'line-error', error: 'parity' });
      else listener({ kind: 'data', bytes: bytesOf(item) });
    }
  };
  const line = await openLine(
    {
      info: { id: 'test', label: 'test', transport: 'simulated' },
      capabilities: { reconfigure: 'in-place', signals: false, lineErrors: true },
      open: () => Promise.resolve(),
      reconfigure: () => Promise.resolve(),
      close: () => Promise.resolve(),
      setSignals: () => Promise.resolve(),
      getSignals: () => Promise.resolve({ cts: false, dsr: false, dcd: false, ri: false }),
      listen: (next) => {
        listener = next;
      },
      write: async () => {
        if (failure) throw failure;
        void play();
      },
    },
    { baudRate: 2400, framing: '8E1', clock },
  );
  const link = createLink(line, timeoutMs);
  const results: Exchange[] = [];
  const run = async () => {
    for (let n = 0; n < times; n++) results.push(await exchange(link, REQUEST, 'SND_NKE'));
  };
  await clock.run(run());
  return { results, link, clock };
}

async function answer(...script: Script): Promise<Answer> {
  const { results } = await exchanges(script);
  const [first] = results;
  if (!first) throw new Error('no exchange');
  return first.answer;
}

describe('one exchange', () => {
  it('silence, and how long it was waited for', async () => {
    const { results, clock } = await exchanges([]);
    expect(results[0]).toMatchObject({ answer: { kind: 'silence' }, lateBytes: 0 });
    expect(results[0]?.requestEnd).toBeCloseTo(REST_MS + WIRE_MS, 6);
    expect(clock.monotonic()).toBeCloseTo(REST_MS + WIRE_MS + 300, 3);
  });

  it('an acknowledgment, one or several', async () => {
    expect(await answer(20, 'E5')).toMatchObject({ kind: 'acknowledge', disturbance: { kind: 'none' } });
    expect(await answer(20, 'E5', 8, 'E5')).toMatchObject({
      kind: 'acknowledge',
      disturbance: { kind: 'several acknowledgments' },
    });
  });

  it('a frame, whole or in pieces', async () => {
    const whole = '680303680805727F16';
    for (const script of [
      [20, whole],
      [20, whole.slice(0, 6), 30, whole.slice(6)],
    ])
      expect(await answer(...script)).toMatchObject({
        kind: 'frame',
        frame: { kind: 'control', address: 5, controlInformation: 0x72 },
        disturbance: { kind: 'none' },
      });
  });

  it('an echo that the line did not take away', async () => {
    // Something before it, and the echo no longer looks like one to the line.
    expect(await answer(5, '1040054516', 'E5')).toMatchObject({ kind: 'acknowledge' });
    const { results } = await exchanges([40, '00', '1040054516']);
    expect(results[0]?.answer.kind).toBe('echo');
  });

  it('the beginning of a frame', async () => {
    expect(await answer(20, '680303680805')).toMatchObject({ kind: 'incomplete', expected: 9 });
  });

  it('collisions: wrong checksum, broken frame, parity', async () => {
    expect(await answer(20, '680303680805720016')).toMatchObject({ kind: 'collision', error: { code: 131332 } });
    expect(await answer(20, 'parity', '00', 'parity')).toMatchObject({ kind: 'collision' });
  });

  it('noise: nothing of a frame', async () => {
    expect(await answer(20, '0042')).toMatchObject({ kind: 'noise', error: { code: 131329 } });
  });

  it('counts what came before the request had left: late answers', async () => {
    const { results } = await exchanges([310, 'E5'], { times: 2 });
    expect(results.map(({ answer: { kind }, lateBytes }) => [kind, lateBytes])).toEqual([
      ['silence', 0],
      ['silence', 1],
    ]);
  });

  it('lets the bus rest before the next frame, longer after an error', async () => {
    const gapAfter = async (...script: Script) => {
      const { results, link } = await exchanges(script, { times: 2 });
      const [first, second] = results;
      return [link.clean, (second?.requestEnd ?? 0) - WIRE_MS - (first?.requestEnd ?? 0)] as const;
    };
    const [, afterFrame] = await gapAfter(20, '680303680805727F16');
    expect(afterFrame).toBeCloseTo(20 + REST_MS, 3);
    const [clean] = await gapAfter(20, '0042');
    expect(clean).toBe(false);
  });

  it.each([
    ['failed', 131076],
    ['timeout', 131077],
    ['lost', 131072],
  ] as const)('a port that %s: %i', async (reason, code) => {
    await expect(exchanges([], { failure: new PortError(reason, 'no') })).rejects.toMatchObject({ code });
  });

  it('listens on for what follows an answer', async () => {
    const { link, clock } = await exchanges([20, 'E5', 100, 'E5E5', 20, 'E5']);
    const from = clock.monotonic();
    expect(await clock.run(listenUntil(link, from + 150))).toBe(3);
    expect(await clock.run(listenUntil(link, clock.monotonic() - 1))).toBe(0);
  });
});

describe('errors by step', () => {
  const frame: Answer = {
    kind: 'frame',
    frame: { kind: 'short', control: 0x40, address: 5 },
    bytes: REQUEST,
    badParity: [],
    disturbance: { kind: 'none', strayBytes: 0, parityErrors: 0 },
  };

  it.each<[Step, number, number]>([
    ['SND_NKE', 131078, 131079],
    ['REQ_UD2', 131082, 131083],
    ['selection', 131088, 131089],
    ['user frame', 131097, 131097],
  ])('%s: %i for silence, %i for another frame', (step, silence, wrong) => {
    expect(answerError({ kind: 'silence' }, step).code).toBe(silence);
    expect(answerError({ kind: 'echo' }, step).code).toBe(silence);
    expect(answerError({ kind: 'incomplete', bytes: REQUEST, expected: 9, badParity: [] }, step).message).toMatch(
      /5 of 9 bytes/,
    );
    expect(answerError(frame, step).code).toBe(wrong);
  });

  it('keeps a MeterError, names a stop, and lets programming errors through', () => {
    const own = new MeterError(131084, 'x');
    const running = new AbortController().signal;
    expect(asMbusError(own, running)).toBe(own);
    expect(asMbusError(new Error('x'), AbortSignal.abort()).code).toBe(131073);
    expect(asMbusError(new PortError('failed', 'x'), running).code).toBe(131075);
    expect(() => asMbusError(new TypeError('x'), running)).toThrow(TypeError);
  });
});

describe('time and memory', () => {
  it('waits 330 bit times and 50 ms by the standard, and 500 ms at 2400 Bd for slow meters and adapters', () => {
    expect(answerLimitMs(2400)).toBeCloseTo(187.5);
    expect(answerLimitMs(300)).toBeCloseTo(1150);
    expect(defaultTimeoutMs(2400)).toBe(500);
    for (const rate of [300, 600, 1200, 2400, 4800, 9600, 19200, 38400])
      expect(defaultTimeoutMs(rate)).toBeGreaterThan(answerLimitMs(rate) + 100);
  });

  it('toggles the frame count bit with every good answer and begins with 1', () => {
    const count = frameCount();
    const bits = [count.bit];
    count.answered();
    bits.push(count.bit);
    bits.push(count.bit);
    count.answered();
    bits.push(count.bit);
    count.answered();
    count.reset();
    bits.push(count.bit);
    expect(bits).toEqual([1, 0, 0, 1, 1]);
  });
});
