import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import { createTries } from '../../../../src/common/tries.ts';
import type { TraceEntry } from '../../../../src/line/trace.ts';
import { dlmsErrors } from '../../../../src/protocols/dlms/errors.ts';
import { serverAddress, type HdlcAddress } from '../../../../src/protocols/dlms/hdlc/address.ts';
import { hdlcLink, type HdlcLink } from '../../../../src/protocols/dlms/hdlc/link.ts';
import { deviceAt } from '../../../../src/simulator/far-end.ts';
import type { Hidden } from '../../../../src/line/line.ts';
import { onLine } from '../on-line.ts';
import { meterOn, sealed, type IndependentMeter, type Mishap } from './independent-meter.ts';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
/** A message of so many bytes, no two parts of which are alike. */
const long = (length: number) =>
  Array.from({ length }, (_, at) => ((at * 7 + (at >> 8)) & 255).toString(16).padStart(2, '0')).join('');

const plain: IndependentMeter = { address: '03', answer: (message) => `aa${message}` };

async function talk<T>(
  meter: IndependentMeter,
  dialogue: (link: HdlcLink) => Promise<T>,
  { mishap, server = serverAddress(1), most = 2 }: { mishap?: Mishap; server?: HdlcAddress; most?: number } = {},
) {
  const { device, frames } = meterOn(meter, mishap);
  let trace: readonly TraceEntry[] = [];
  const result = await onLine(
    deviceAt(() => device),
    async ({ line }) => {
      trace = line.trace.entries;
      const tries = createTries(most, dlmsErrors);
      const link = hdlcLink(line, { client: 16, server, timeoutMs: 1500, tries });
      try {
        await link.connect();
        return await dialogue(link);
      } catch (error) {
        return error as Error;
      }
    },
  );
  return { result, frames, trace };
}

async function exchange(message: string, meter: IndependentMeter, how: Parameters<typeof talk>[2] = {}) {
  const { result, frames } = await talk(
    meter,
    async (link) => {
      const first = toHex(await link.exchange(bytes(message)));
      // The one after it shows that both count alike.
      return [first, toHex(await link.exchange(bytes('c0c1')))];
    },
    how,
  );
  return { result, frames };
}

const answered = (message: string) => [`AA${message.toUpperCase()}`, 'AAC0C1'];

test('connects, asks and disconnects with the frames of the standard', async () => {
  const { frames, result } = await talk({ ...plain, address: '03' }, async (link) => {
    await link.exchange(bytes('c001'));
    await link.exchange(bytes('c002'));
    await link.disconnect();
  });
  expect(result).toBeUndefined();
  expect(frames.map((frame) => frame.slice(8, 10))).toEqual(['93', '10', '32', '53']);
  expect(frames[0]).toBe('a0070321930f01');
  expect(frames.at(-1)).toBe('a00703215303c7');
});

test.each([
  ['03', serverAddress(1)],
  ['0223', serverAddress(1, 17)],
  ['00020023', serverAddress(1, 17, true)],
  ['00022c29', serverAddress(1, 2836)],
] as const)('reaches the address %s', async (address, server) => {
  expect((await exchange('c001', { ...plain, address }, { server })).result).toEqual(answered('c001'));
});

describe('long messages', () => {
  const message = long(300);
  test.each([
    [128, 1],
    [16, 1],
    [32, 3],
    [20, 7],
  ])('go in frames of %i bytes, %i in a row, both ways', async (most, window) => {
    expect((await exchange(message, { ...plain, most, window })).result).toEqual(answered(message));
  });

  test('follow the UA and not what is usual', async () => {
    const meter = { ...plain, most: 128, ua: '8180140502008006020080070400000001080400000001' };
    const { frames } = await exchange(message, meter);
    expect(Math.max(...frames.map((frame) => frame.length / 2))).toBe(128 + 9);
    // It takes 62 bytes, says so in one byte, and nothing of windows.
    const narrow = await exchange(message, { ...plain, most: 62, ua: '81800605013e06013e' });
    expect(narrow.result).toEqual(answered(message));
    expect(Math.max(...narrow.frames.map((frame) => frame.length / 2))).toBe(62 + 9);
  });

  test.each([1, 3])('arrive whole whichever frame of the meter is lost or spoiled (window %i)', async (window) => {
    const meter = { ...plain, most: 64, window };
    const count = (await exchange(message, meter)).frames.length + 10;
    for (let lost = 0; lost < count; lost++) {
      const silent = await exchange(message, meter, { mishap: (frame, at) => (at === lost ? undefined : frame) });
      expect(silent.result, `frame ${lost} lost`).toEqual(answered(message));
      const spoiled = await exchange(message, meter, {
        mishap: (frame, at) => (at === lost ? frame.with(-4, (frame.at(-4) ?? 0) ^ 1) : frame),
      });
      expect(spoiled.result, `frame ${lost} spoiled`).toEqual(answered(message));
    }
  });

  test('arrive whole where each frame of the meter comes twice', async () => {
    const meter = { ...plain, most: 64 };
    const { result } = await exchange(message, meter, { mishap: (frame) => [...frame, ...frame] });
    expect(result).toEqual(answered(message));
  });
});

describe('a meter that', () => {
  const answerWith =
    (position: number, ...frames: readonly number[][]): Mishap =>
    (frame, at) =>
      at === position ? frames.flat() : frame;

  test('is silent is asked as often as tries say, with the same bytes', async () => {
    const { result, frames } = await talk({ ...plain, answer: () => undefined }, (link) =>
      link.exchange(bytes('c001')),
    );
    expect(result).toMatchObject({ code: 4325380 });
    expect(frames.slice(1)).toEqual(Array.from({ length: 3 }, () => frames[1]));
  });

  test('rejects a frame says why', async () => {
    const reject = answerWith(1, sealed([0x21, 0x03, 0x97], [0x54, 0x00, 0x10]));
    const { result } = await talk(plain, (link) => link.exchange(bytes('c001')), { mishap: reject });
    expect(result).toMatchObject({
      code: 4325381,
      message: 'The meter rejected the frame with control field 54: it saw a wrong number; it expects number 0.',
    });
  });

  test('has closed the connection says so', async () => {
    const { result } = await talk(plain, (link) => link.exchange(bytes('c001')), {
      mishap: answerWith(1, sealed([0x21, 0x03, 0x1f])),
    });
    expect(result).toMatchObject({ code: 4325381, message: 'The meter has closed the connection (DM).' });
  });

  test('answers an SNRM with DM is asked for it again', async () => {
    const { result } = await exchange('c001', plain, { mishap: answerWith(0, sealed([0x21, 0x03, 0x1f])) });
    expect(result).toEqual(answered('c001'));
  });

  test('is not ready is asked until it is', async () => {
    const { result, frames } = await exchange('c001', plain, {
      mishap: (frame, at) => (at > 0 && at < 4 ? sealed([0x21, 0x03, 0x35]) : frame),
    });
    expect(result).toEqual(answered('c001'));
    expect(frames.slice(2, 5).map((frame) => frame.slice(8, 10))).toEqual(['11', '11', '11']);
  });

  test('is never ready is given up', async () => {
    const { result } = await exchange('c001', plain, {
      mishap: (frame, at) => (at > 0 ? sealed([0x21, 0x03, 0x35]) : frame),
    });
    expect(result).toMatchObject({ code: 4325380, message: expect.stringContaining('RNR') as string });
  });

  test('says that it is not ready without giving us the word is asked for it', async () => {
    const { result, frames } = await exchange('c001', plain, {
      mishap: (frame, at) => (at === 1 ? Array.from({ length: 400 }, () => sealed([0x21, 0x03, 0x25])).flat() : frame),
    });
    expect(result).toEqual(answered('c001'));
    expect(frames[2]?.slice(8, 10)).toBe('11');
  });

  test('says something else after each time that it is not ready is given up', async () => {
    // Its answer to what came before, and that it is not ready.
    const again = [...sealed([0x21, 0x03, 0x2e]), ...sealed([0x21, 0x03, 0x35])];
    const { result, frames } = await exchange('c001', plain, { mishap: (frame, at) => (at > 0 ? again : frame) });
    expect(result).toMatchObject({ code: 4325380, message: expect.stringContaining('RNR') as string });
    expect(frames.length).toBeLessThan(40);
  });

  test('pushes in between, or talks to others, disturbs nothing', async () => {
    const push = sealed([0x21, 0x03, 0x13], [0xe6, 0xe7, 0x00, 0x0f]);
    const others = sealed([0x41, 0x05, 0x30], [0xe6, 0xe7, 0x00, 0xc4]);
    const { result } = await exchange('c001', plain, { mishap: (frame) => [0x00, 0xff, ...push, ...others, ...frame] });
    expect(result).toEqual(answered('c001'));
  });

  test('never stops talking to others is silent to us', async () => {
    const others = sealed([0x41, 0x05, 0x30], [0xe6, 0xe7, 0x00, 0xc4]);
    const { result } = await exchange('c001', plain, {
      mishap: (frame, at) => (at === 0 ? frame : Array.from({ length: 400 }, () => others).flat()),
    });
    expect(result).toMatchObject({ code: 4325380 });
  });
});

describe('signing off', () => {
  const isDisc = (frame: string) => frame.slice(8, 10) === '53';
  const off = (mishap: Mishap) => talk(plain, (link) => link.disconnect(), { mishap });

  test.each([
    ['is heard', (frame: number[]) => frame, 1],
    ['is not answered at first', (frame: number[], at: number) => (at === 1 ? undefined : frame), 2],
    ['is never answered', (frame: number[], at: number) => (at > 0 ? undefined : frame), 2],
    [
      'is answered by something else',
      (frame: number[], at: number) => (at > 0 ? sealed([0x21, 0x03, 0x11]) : frame),
      2,
    ],
  ] as const)('that %s', async (_name, mishap, count) => {
    const { result, frames } = await off(mishap);
    expect(result).toBeUndefined();
    expect(frames.filter(isDisc)).toHaveLength(count);
  });

  test.each([
    ['waits until the meter is quiet', 500, true],
    ['waits no longer than a limit', 20_000, false],
  ])('%s', async (_name, noise, isAwaited) => {
    const { frames, trace, result } = await talk(plain, (link) => link.disconnect(), {
      mishap: (frame, at) => (at === 0 ? [...frame, ...Array.from({ length: noise }, () => 0x55)] : frame),
    });
    expect(result).toBeUndefined();
    expect(frames.filter(isDisc).length).toBeGreaterThan(0);
    const disc = trace.findIndex(
      ({ direction, bytes: [, , , , , control] }) => direction === 'sent' && control === 0x53,
    );
    const before = trace.slice(0, disc).filter(({ direction }) => direction === 'received');
    const heard = before.flatMap((entry) => [...entry.bytes]).filter((byte) => byte === 0x55).length;
    expect(heard === noise).toBe(isAwaited);
  });
});

test('a secret is hidden in the trace, across frames, with the check sequence that would betray it', async () => {
  const message = long(100);
  const hidden: Hidden = [[20, 60]];
  const { trace } = await talk({ ...plain, most: 32 }, (link) => link.exchange(bytes(message), hidden));
  const sent = trace.filter(({ direction }) => direction === 'sent').map((entry) => toHex(entry.bytes));
  const secret = message.slice(40, 120).toUpperCase();
  for (let at = 0; at + 8 < secret.length; at += 2)
    for (const one of sent) expect(one).not.toContain(secret.slice(at, at + 8));
  const dots = trace.flatMap((entry) => (entry.direction === 'sent' ? [entry.hidden?.length ?? 0] : []));
  expect(dots.reduce((sum, one) => sum + one, 0)).toBe(40 + 2 * 2);
});
