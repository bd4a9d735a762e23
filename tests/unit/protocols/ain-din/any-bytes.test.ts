import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MeterError } from '../../../../src/common/meter-error.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import { PortError } from '../../../../src/line/port.ts';
import { ainDinCollector } from '../../../../src/protocols/ain-din/collector.ts';
import { virtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { scriptedPort } from '../../line/scripted-port.ts';
import '../../engine/loaded.ts';

/** A board of this test's own, that says what it is told, in whatever pieces it comes. */

const PIN = [0, 1, 11, 1, 0x7f];
const ANALOG_PIN = [0, 1, 11, 1, 2, 10, 0x7f];
const CAPABILITIES = [
  0xf0,
  0x6c,
  ...Array<number[]>(5).fill(PIN).flat(),
  ...Array<number[]>(3).fill(ANALOG_PIN).flat(),
  0xf7,
];
const MAPPING = [0xf0, 0x6a, ...Array<number>(5).fill(0x7f), 0, 1, 2, 0xf7];

async function hearing() {
  const clock = virtualClock();
  const say = (...bytes: readonly number[]) => port.arrive({ kind: 'data', bytes: Uint8Array.from(bytes) });
  const port = scriptedPort(clock, {
    write(bytes) {
      if (bytes[0] === 0xf9) say(0xf9, 2, 5);
      if (bytes[1] === 0x6b) say(...CAPABILITIES);
      if (bytes[1] === 0x69) say(...MAPPING);
      return Promise.resolve();
    },
  });
  const kept = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const onError = (error: unknown) => expect.unreachable(String(error));
  const collection = await ainDinCollector.open({}, { clock, kept, onError });
  const stop = new AbortController();
  const line = await clock.run(openLine(port, { ...collection.line, clock, signal: stop.signal, isEndless: true }));
  const ended = collection.hear(line, () => undefined).catch((error: unknown) => error);
  // What a board says before its version is known is not believed.
  say(0x90, 0x1c, 0, 0x90, 0, 0, 0xe0);
  await clock.run(clock.sleep(700));
  return {
    clock,
    say,
    ended,
    pulses: () => collection.live()[0]?.pulses,
    async stop() {
      stop.abort();
      await clock.run(ended);
      await clock.run(line.close());
      await clock.run(collection.close());
    },
  };
}

const [OPEN, CLOSED] = [
  [0x90, 0x1c, 0],
  [0x90, 0x18, 0],
];
const TICKS = Array<number[]>(3).fill([0xe0, 5, 0, 0xe1, 6, 0, 0xe2, 7, 0]).flat();

test('pulses are as many, however the bytes are cut', async () => {
  const pulses = 20;
  const pulse = [...CLOSED, ...TICKS, ...OPEN, ...TICKS];
  const bytes = [...OPEN, ...TICKS, ...Array<number[]>(pulses).fill(pulse).flat()];
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(cuts, async (lengths) => {
      const board = await hearing();
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const length = lengths[turn % lengths.length] ?? 1;
        board.say(...bytes.slice(at, at + length));
        at += length;
        await board.clock.run(board.clock.sleep(1));
      }
      expect(board.pulses()).toBe(String(pulses));
      await board.stop();
    }),
    { numRuns: 25 },
  );
});

test('whatever comes, it is survived or told in words', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (noise) => {
      const board = await hearing();
      board.say(...noise);
      await board.clock.run(board.clock.sleep(50));
      await board.stop();
      const end = await board.ended;
      expect(
        end === undefined || end instanceof MeterError || end instanceof PortError || end instanceof DOMException,
      ).toBe(true);
    }),
    { numRuns: 60 },
  );
});
