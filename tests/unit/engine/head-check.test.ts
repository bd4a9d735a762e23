import { describe, expect, test } from 'vitest';
import { checkHead } from '../../../src/engine/head-check.ts';
import { createPortRegistry } from '../../../src/engine/port-registry.ts';
import type { HeadCheckRequest } from '../../../src/engine/api.ts';
import { fromLatin1 } from '../../../src/common/bytes.ts';
import { withParity } from '../../../src/line/framing.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { scriptedPort } from '../line/scripted-port.ts';

const PATTERN = 'OpenHHU 0123456789\r\n';

/** A head that gives back what `echo` makes of each message, 10 ms after it was sent. */
async function check(test: HeadCheckRequest['test'], echo: (text: string) => string, light = '') {
  const clock = virtualClock();
  const arrive = (text: string) => {
    if (text !== '') port.arrive({ kind: 'data', bytes: withParity(fromLatin1(text), 'even') });
  };
  const port = scriptedPort(clock, {
    write: async (bytes) => {
      const text = String.fromCharCode(...bytes.map((byte) => byte & 0x7f));
      written.push([clock.monotonic(), text]);
      void clock.sleep(10).then(() => arrive(echo(text)));
    },
  });
  const written: [number, string][] = [];
  const sent: number[] = [];
  const directions: string[] = [];
  const registry = createPortRegistry({
    clock,
    present: () => [{ port, clock }],
    lost: () => [],
    onChange: () => undefined,
  });
  void clock.sleep(100).then(() => arrive(light));
  const turn = { rank: 'person', text: 'being checked', signal: new AbortController().signal } as const;
  const result = await clock.run(
    registry.use(port.info.id, turn, (seat) =>
      checkHead(seat, test, {
        onTrace: ({ direction }) => directions.push(direction),
        onSent: (bytes) => sent.push(bytes),
      }),
    ),
  );
  return { result, written, sent, directions, took: clock.monotonic(), settings: port.settings };
}

describe('white paper', () => {
  test.each([
    ['whole', (text: string) => text],
    ['part', (text: string) => text.slice(5)],
    ['part', (text: string) => text.replace('H', 'x')],
    ['part', (text: string) => `x${text.slice(0, 10)}`],
    ['other', (text: string) => text.slice(0, 9)],
    ['other', (text: string) => [...text].toReversed().join('')],
    ['other', () => '\n'],
    ['other', (text: string) => text.slice(10, 19)],
    ['part', (text: string) => `9${text.slice(0, 12)}`],
    ['other', (text: string) => text.replace('H', 'x').slice(0, 5)],
    ['nothing', () => ''],
  ] as const)('gives back %s', async (echo, head) => {
    const { result, written, sent, directions, settings } = await check('paper', head);
    expect(result).toEqual({ sent: 20, received: head(PATTERN).length, echo });
    expect([written, sent]).toEqual([[[0, PATTERN]], [20]]);
    expect(settings).toEqual([{ baudRate: 300, dataBits: 8, stopBits: 1, parity: 'none' }]);
    expect(directions).toContain('sent');
  });

  test('is waited for half a second after the last bit, and no longer', async () => {
    expect((await check('paper', () => '')).took).toBeCloseTo((20 * 10_000) / 300 + 500, 3);
  });
});

test('the lamp is lit eight times, with pauses', async () => {
  const { result, written, sent } = await check('lamp', () => '');
  expect(result).toEqual({ sent: 120, received: 0, echo: 'nothing' });
  expect(sent).toEqual([15, 30, 45, 60, 75, 90, 105, 120]);
  expect(written.map(([at]) => at)).toEqual(Array.from({ length: 8 }, (_, n) => n * 800));
  expect(new Set(written.map(([, text]) => text))).toEqual(new Set(['\0'.repeat(15)]));
  expect((await check('lamp', (text) => text)).result).toEqual({ sent: 120, received: 120, echo: 'whole' });
});

test('in the dark it only listens, for ten seconds', async () => {
  const { result, written, took } = await check('listen', () => '', 'ab');
  expect(result).toEqual({ sent: 0, received: 2, echo: 'other' });
  expect([written, took]).toEqual([[], 10_000]);
  expect((await check('listen', () => '')).result).toEqual({ sent: 0, received: 0, echo: 'nothing' });
});
