import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withParity } from '../../../src/line/framing.ts';
import type { Line, ReadEnd } from '../../../src/line/line.ts';
import { openLine, type LineOptions } from '../../../src/line/open-line.ts';
import type { Driver } from '../../../src/line/port-over.ts';
import { PortError } from '../../../src/line/port.ts';
import type { TraceEntry } from '../../../src/line/trace.ts';
import { fromLatin1, toLatin1 } from '../../../src/common/bytes.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { hangs, scriptedPort, type ScriptedPort } from './scripted-port.ts';

const DEADLINES = { firstByteMs: 1500, interByteMs: 200 };

interface Bench {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly port: ScriptedPort;
  readonly line: Line;
  /** Text with even parity in bit 7, as a meter sends it, `ms` from now. */
  arriveAfter(ms: number, text: string): void;
  /** Ends the turn on the line, `ms` from now. */
  stopAfter(ms: number): void;
}

async function bench(options: Partial<LineOptions> = {}, driver: Partial<Driver> = {}): Promise<Bench> {
  const clock = virtualClock();
  const port = scriptedPort(clock, driver);
  const stop = new AbortController();
  const line = await openLine(port, { baudRate: 300, framing: '7E1', clock, signal: stop.signal, ...options });
  return {
    clock,
    port,
    line,
    stopAfter: (ms) => void clock.sleep(ms).then(() => stop.abort(new Error('enough of this'))),
    arriveAfter: (ms, text) =>
      void clock.sleep(ms).then(() => port.arrive({ kind: 'data', bytes: withParity(fromLatin1(text), 'even') })),
  };
}

/** Reads to the end character, or to a deadline. */
async function readTo(line: Line, last: string): Promise<{ text: string; end: ReadEnd; wrong: number }> {
  let text = '';
  let wrong = 0;
  const end = await line.read((byte, parityOk) => {
    text += String.fromCharCode(byte);
    if (!parityOk) wrong++;
    return text.endsWith(last) ? 'done' : 'more';
  }, DEADLINES);
  return { text, end, wrong };
}

describe('a line', () => {
  it('calls a write done when the last stop bit has left the wire', async () => {
    const { clock, port, line } = await bench();
    await clock.run(line.write(fromLatin1('\x06050\r\n')));
    expect(clock.monotonic()).toBeCloseTo(200, 6);
    expect(port.written.map((bytes) => toLatin1(bytes.map((byte) => byte & 0x7f)))).toEqual(['\x06050\r\n']);
  });

  it('queues writes on the wire', async () => {
    const { clock, line } = await bench();
    await clock.run(Promise.all([line.write(new Uint8Array(3)), line.write(new Uint8Array(3))]));
    expect(clock.monotonic()).toBeCloseTo(200, 6);
  });

  it('sends even parity in bit 7 under software 7E1', async () => {
    const { clock, port, line } = await bench();
    await clock.run(line.write(fromLatin1('/?!\r\n')));
    expect([...(port.written[0] ?? [])]).toEqual([0xaf, 0x3f, 0x21, 0x8d, 0x0a]);
    expect(port.settings).toEqual([{ baudRate: 300, dataBits: 8, stopBits: 1, parity: 'none' }]);
  });

  it('leaves parity to the chip under hardware 7E1', async () => {
    const { clock, port, line } = await bench({ framing: '7E1 hardware' });
    await clock.run(line.write(fromLatin1('/?!')));
    expect([...(port.written[0] ?? [])]).toEqual([0x2f, 0x3f, 0x21]);
    expect(port.settings).toEqual([{ baudRate: 300, dataBits: 7, stopBits: 1, parity: 'even' }]);
  });

  it('gives characters one by one and keeps what follows the end', async () => {
    const { clock, line, arriveAfter } = await bench();
    arriveAfter(100, 'first\nsecond\n');
    expect(await clock.run(readTo(line, '\n'))).toEqual({ text: 'first\n', end: 'done', wrong: 0 });
    expect(await clock.run(readTo(line, '\n'))).toEqual({ text: 'second\n', end: 'done', wrong: 0 });
    expect(clock.monotonic()).toBe(100);
  });

  it('tells no answer from a gap, each after its own deadline', async () => {
    const { clock, line, arriveAfter } = await bench();
    expect((await clock.run(readTo(line, '\n'))).end).toBe('no answer');
    expect(clock.monotonic()).toBe(1500);
    arriveAfter(10, 'bro');
    expect(await clock.run(readTo(line, '\n'))).toMatchObject({ text: 'bro', end: 'gap' });
    expect(clock.monotonic()).toBe(1710);
  });

  it('ends after a short quiet time once there was enough', async () => {
    const { clock, line, arriveAfter } = await bench({ baudRate: 9600 });
    arriveAfter(10, '!');
    const end = await clock.run(line.read(() => 'enough', { firstByteMs: 1500, interByteMs: 1500, quietMs: 40 }));
    expect([end, clock.monotonic()]).toEqual(['done', 50]);
  });

  it('bounds a read of endless noise', async () => {
    const { clock, port, line } = await bench();
    const noise = async () => {
      for (let i = 0; i < 100; i++) {
        await clock.sleep(100);
        port.arrive({ kind: 'data', bytes: Uint8Array.of(0x55) });
      }
    };
    void noise();
    const end = await clock.run(line.read(() => 'more', { firstByteMs: 1500, interByteMs: 1500, totalMs: 3000 }));
    expect([end, clock.monotonic()]).toEqual(['too long', 3000]);
  });

  it('removes the echo of a head that echoes, and knows it', async () => {
    const { clock, line, arriveAfter } = await bench();
    arriveAfter(40, '/?');
    arriveAfter(160, '!\r\n');
    await clock.run(line.write(fromLatin1('/?!\r\n')));
    arriveAfter(300, '/ZPA5X\r\n');
    expect(await clock.run(readTo(line, '\n'))).toMatchObject({ text: '/ZPA5X\r\n', end: 'done' });
    expect(line.echo).toBe('echoes');
  });

  it('takes nothing from an answer that begins like the request', async () => {
    const { clock, line, arriveAfter } = await bench();
    await clock.run(line.write(fromLatin1('/?!\r\n')));
    arriveAfter(300, '/ACE5\r\n');
    expect(await clock.run(readTo(line, '\n'))).toMatchObject({ text: '/ACE5\r\n' });
    expect(line.echo).toBe('silent');
  });

  it('drops a garbled echo of a head known to echo', async () => {
    const { clock, line, arriveAfter } = await bench();
    arriveAfter(10, '/?!\r\n');
    await clock.run(line.write(fromLatin1('/?!\r\n')));
    arriveAfter(10, '\x06x5\r\n');
    arriveAfter(150, '0');
    await clock.run(line.write(fromLatin1('\x06050\r\n')));
    arriveAfter(250, '\x02data\n');
    expect(await clock.run(readTo(line, '\n'))).toMatchObject({ text: '\x02data\n' });
  });

  it('keeps the echo for those who ask for it', async () => {
    const { clock, line, arriveAfter } = await bench({ removeEcho: false });
    arriveAfter(40, '/?!\n');
    await clock.run(line.write(fromLatin1('/?!\n')));
    expect(await clock.run(readTo(line, '\n'))).toMatchObject({ text: '/?!\n' });
  });

  it('loses no character to echo removal, whatever is answered and however it is split', async () => {
    const text = fc.string({ unit: fc.constantFrom('/', '?', '!', 'A', '\r'), minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(text, text, fc.array(fc.nat({ max: 20 }), { maxLength: 4 }), async (sent, answer, cuts) => {
        const { clock, port, line } = await bench();
        await clock.run(line.write(fromLatin1(sent)));
        const whole = withParity(fromLatin1(`${sent}${answer}\n`), 'even');
        const positions = [0, ...cuts.map((cut) => cut % whole.length).sort((a, b) => a - b), whole.length];
        positions.slice(1).forEach((end, i) => port.arrive({ kind: 'data', bytes: whole.subarray(positions[i], end) }));
        expect((await clock.run(readTo(line, '\n'))).text).toBe(`${answer}\n`);
      }),
    );
  });

  /** A text at any moment up to the last bit of the request, character after character or at once, and whole by then. */
  const banner = fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    isSplit: fc.boolean(),
  });

  it('counts nothing as an answer that came before the request had left, and all that comes then', async () => {
    const request = fc.uint8Array({ minLength: 1, maxLength: 12 });
    const answer = fc.uint8Array({ maxLength: 20 }).map((bytes) => [...bytes, 0x0a]);
    const asked = fc.record({
      banners: fc.array(banner, { minLength: 1, maxLength: 4 }),
      sent: request,
      answer,
      head: fc.constantFrom('silent', 'echoes'),
    });
    await fc.assert(
      fc.asyncProperty(asked, fc.nat({ max: 300 }), async ({ banners, sent, answer: bytes, head }, openMs) => {
        // One that begins like the request, right behind it, could as well be its echo.
        fc.pre(!sent.includes(bytes[0] ?? 0));
        const { clock, port, line } = await bench({ framing: '8N1', baudRate: 1200 });
        const arrive = (each: Uint8Array) => port.arrive({ kind: 'data', bytes: each });
        const characterMs = 10_000 / 1200;
        if (head === 'echoes') {
          // What it gives back is known before anything else comes.
          void clock.sleep(1).then(() => arrive(sent));
          await clock.run(line.write(sent));
          void clock
            .sleep(openMs)
            .then(() =>
              sent.forEach(
                (byte, i) => void clock.sleep((i + 0.9) * characterMs).then(() => arrive(Uint8Array.of(byte))),
              ),
            );
        }
        const until = openMs + sent.length * characterMs;
        for (const { bytes: text, at, isSplit } of banners) {
          const pieces = isSplit ? Array.from(text, (byte) => Uint8Array.of(byte)) : [text];
          pieces.forEach(
            (piece, i) => void clock.sleep(at * until * 0.99 * ((i + 1) / pieces.length)).then(() => arrive(piece)),
          );
        }
        await clock.run(clock.sleep(openMs));
        await clock.run(line.write(sent));
        void clock.sleep(0).then(() => arrive(Uint8Array.from(bytes)));
        const heard: number[] = [];
        await clock.run(line.read((byte) => (heard.push(byte), 'more'), DEADLINES));
        expect(heard).toEqual(bytes);
      }),
    );
  });

  it('says in the trace what it set apart', async () => {
    const { clock, line, arriveAfter } = await bench();
    arriveAfter(0, 'Head v1.2\r\n');
    await clock.run(line.write(fromLatin1('/?!\r\n')));
    expect((await clock.run(readTo(line, '\n'))).end).toBe('no answer');
    expect(line.trace.entries.at(-1)?.text).toBe('11 characters came before the request had left: no answer to it');
  });

  it('takes a bad character before the last bit of the request for no answer either', async () => {
    const { clock, port, line } = await bench({ framing: '8E1' });
    void clock.sleep(20).then(() => port.arrive({ kind: 'line-error', error: 'framing' }));
    await clock.run(line.write(fromLatin1('/?!\r\n')));
    expect((await clock.run(readTo(line, '\n'))).text).toBe('');
  });

  it('keeps what comes at any time where the other side speaks by itself', async () => {
    const { clock, line, arriveAfter } = await bench();
    arriveAfter(10, 'report');
    await clock.run(line.write(fromLatin1('/?!\r\n'), [], 'anytime'));
    arriveAfter(10, ' goes on\n');
    expect((await clock.run(readTo(line, '\n'))).text).toBe('report goes on\n');
  });

  it.each([
    ['even', (bytes: Uint8Array) => withParity(bytes, 'even')],
    ['odd', (bytes: Uint8Array) => withParity(bytes, 'odd')],
    ['none', (bytes: Uint8Array) => bytes],
    ['mark', (bytes: Uint8Array) => bytes.map((byte) => byte | 0x80)],
  ])('recognizes %s parity by itself and gives the text all the same', async (parity, send) => {
    const { clock, port, line } = await bench();
    port.arrive({ kind: 'data', bytes: send(fromLatin1('/ISk5ME162-0033\r\n')) });
    expect((await clock.run(readTo(line, '\n'))).text).toBe('/ISk5ME162-0033\r\n');
    expect(line.receivedParity).toBe(parity);
  });

  it('marks the characters whose parity is wrong, in the read and in the trace', async () => {
    const { clock, port, line } = await bench();
    const bytes = withParity(fromLatin1('12345\n'), 'even');
    bytes[2] = (bytes[2] ?? 0) ^ 0x80;
    port.arrive({ kind: 'data', bytes });
    expect(await clock.run(readTo(line, '\n'))).toEqual({ text: '12345\n', end: 'done', wrong: 1 });
    expect(line.trace.entries.at(-1)).toMatchObject({ direction: 'received', parityErrors: [2] });
  });

  it('keeps the place of a character that the chip swallowed', async () => {
    const { clock, port, line, arriveAfter } = await bench({ framing: '8E1' });
    port.arrive({ kind: 'line-error', error: 'parity' });
    port.arrive({ kind: 'data', bytes: fromLatin1('x\n') });
    arriveAfter(0, '');
    expect(await clock.run(readTo(line, '\n'))).toEqual({ text: '\0x\n', end: 'done', wrong: 1 });
  });

  it('gives what came before a loss, then says so', async () => {
    const { clock, port, line } = await bench();
    port.arrive({ kind: 'data', bytes: withParity(fromLatin1('half'), 'even') });
    port.arrive({ kind: 'lost', reason: 'unplugged' });
    let text = '';
    const reading = line.read((byte) => ((text += String.fromCharCode(byte)), 'more'), DEADLINES);
    await expect(clock.run(reading)).rejects.toThrow(PortError);
    expect(text).toBe('half');
    await expect(clock.run(line.write(new Uint8Array(1)))).rejects.toThrow('unplugged');
  });

  it('stops at once when it is told to', async () => {
    const { clock, line, stopAfter } = await bench();
    stopAfter(70);
    await expect(clock.run(readTo(line, '\n'))).rejects.toThrow('enough of this');
    expect(clock.monotonic()).toBe(70);
  });

  it('forgets an expected echo and old characters when it changes the rate', async () => {
    const { clock, port, line, arriveAfter } = await bench();
    await clock.run(line.write(fromLatin1('\x06252\r\n')));
    port.arrive({ kind: 'data', bytes: Uint8Array.of(0xff) });
    await clock.run(line.change({ baudRate: 9600 }));
    // Mode E meters repeat the acknowledge at the new rate: that is no echo of the head.
    arriveAfter(10, '\x06252\r\n');
    expect((await clock.run(readTo(line, '\n'))).text).toBe('\x06252\r\n');
    expect(port.settings.at(-1)?.baudRate).toBe(9600);
    expect([line.baudRate, line.framing]).toEqual([9600, '7E1']);
  });

  it('reports a port that does not open', async () => {
    const clock = virtualClock();
    const port = scriptedPort(clock, { open: () => Promise.reject(new PortError('busy', 'in use')) });
    const opening = openLine(port, { baudRate: 300, framing: '7E1', clock });
    await expect(opening).rejects.toMatchObject({ failure: 'busy' });
  });

  it('knows when it heard last, and since when it hears so', async () => {
    const { clock, port, line } = await bench();
    expect([line.lastReceivedAt, line.hearsSince]).toEqual([0, 0]);
    await clock.run(clock.sleep(40));
    port.arrive({ kind: 'line-error', error: 'parity' });
    expect([line.lastReceivedAt, line.hearsSince]).toEqual([40, 0]);
    await clock.run(clock.sleep(40));
    port.arrive({ kind: 'data', bytes: Uint8Array.of(1) });
    await clock.run(line.change({ baudRate: 9600 }));
    expect([line.lastReceivedAt, line.hearsSince]).toEqual([80, 80]);
  });

  it('drops what was not read when it is told to', async () => {
    const { clock, port, line, arriveAfter } = await bench();
    port.arrive({ kind: 'data', bytes: withParity(fromLatin1('old\n'), 'even') });
    line.flush();
    arriveAfter(10, 'new\n');
    expect((await clock.run(readTo(line, '\n'))).text).toBe('new\n');
  });

  it('waits four characters and 30 ms for more after there was enough, unless told otherwise', async () => {
    const { clock, line, arriveAfter } = await bench();
    arriveAfter(10, '!');
    await clock.run(line.read(() => 'enough', { firstByteMs: 1500, interByteMs: 1500 }));
    expect(clock.monotonic()).toBeCloseTo(10 + 40_000 / 300 + 30, 6);
  });

  it('says in the trace where the port checks no parity', async () => {
    const clock = virtualClock();
    const port = scriptedPort(clock, {}, { lineErrors: false });
    const line = await openLine(port, { baudRate: 2400, framing: '8E1', clock });
    expect(line.trace.entries[0]?.text).toBe('open, 2400 Bd 8E1, the port tells no parity errors');
  });
});

describe('a change of the rate', () => {
  it('hands out nothing that came with the old settings, and loses nothing that came with the new ones', async () => {
    const clock = virtualClock();
    const even = (text: string) => ({ kind: 'data', bytes: withParity(fromLatin1(text), 'even') }) as const;
    const scripted = scriptedPort(
      clock,
      {
        change: async (_settings, tell) => {
          tell(even('old\n'));
          tell({ kind: 'ready' });
          tell(even('new\n'));
        },
      },
      { reconfigure: 'in-place' },
    );
    const line = await openLine(scripted, { baudRate: 300, framing: '7E1', clock });
    await clock.run(line.change({ baudRate: 9600 }));
    expect((await clock.run(readTo(line, '\n'))).text).toBe('new\n');
  });

  it('does not touch the port where its settings stay the same', async () => {
    const { clock, port, line } = await bench();
    await clock.run(line.change({ baudRate: 300, framing: '8N1' }));
    expect(port.settings).toHaveLength(1);
    expect(line.framing).toBe('8N1');
    await clock.run(line.change({ framing: '8E1' }));
    expect(port.settings).toHaveLength(2);
  });

  it('is timed by port, and one slow change counts for nothing', async () => {
    const clock = virtualClock();
    const delays = [20, 900, 22];
    const scripted = scriptedPort(
      clock,
      { change: () => clock.sleep(delays.shift() ?? 0) },
      { reconfigure: 'in-place' },
    );
    for (const rate of [9600, 300, 9600]) {
      const line = await openLine(scripted, { baudRate: rate === 300 ? 9600 : 300, framing: '7E1', clock });
      if (rate === 9600 && delays.length === 3) expect(line.switchMs).toBeUndefined();
      await clock.run(line.change({ baudRate: rate }));
      await line.close();
    }
    const line = await openLine(scripted, { baudRate: 300, framing: '7E1', clock });
    expect(line.switchMs).toBe(22);
  });

  it('waits for what Stop cut short on the wire', async () => {
    const { clock, port, line, stopAfter } = await bench();
    stopAfter(70);
    await expect(clock.run(line.write(new Uint8Array(6)))).rejects.toThrow('enough of this');
    await clock.run(line.change({ baudRate: 9600 }));
    expect([clock.monotonic(), port.settings.length]).toEqual([200, 2]);
  });

  it('is refused in words where the port stays as it is, and nothing is touched', async () => {
    const fixed = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' } as const;
    const clock = virtualClock();
    const port = scriptedPort(clock, {}, { reconfigure: 'unavailable', fixed });
    const line = await openLine(port, { baudRate: 9600, framing: '7E1', clock });
    await expect(line.change({ baudRate: 300 })).rejects.toMatchObject({
      failure: 'unsupported',
      message: 'The meter wants 300 Bd 8N1; Scripted stays at 9600 Bd 8N1.',
    });
    await clock.run(line.change({ framing: '7O1' }));
    port.arrive({ kind: 'data', bytes: withParity(fromLatin1('still\n'), 'odd') });
    expect((await clock.run(readTo(line, '\n'))).text).toBe('still\n');
    expect([line.baudRate, line.framing, port.settings.length]).toEqual([9600, '7O1', 1]);
    const another = openLine(port, { baudRate: 300, framing: '8E1', clock });
    await expect(another).rejects.toMatchObject({ failure: 'failed' });
    await line.close();
    await expect(openLine(port, { baudRate: 9600, framing: '8E1', clock })).rejects.toMatchObject({
      failure: 'unsupported',
      message: 'The meter wants 9600 Bd 8E1; Scripted stays at 9600 Bd 8N1.',
    });
  });

  it('is refused where the port has no such format', async () => {
    const clock = virtualClock();
    const port = scriptedPort(clock, {}, { formats: ['8N1'] });
    const line = await openLine(port, { baudRate: 300, framing: '7E1', clock });
    await expect(line.change({ framing: '7E1 hardware' })).rejects.toMatchObject({
      failure: 'unsupported',
      message: 'The meter wants 300 Bd 7E1; Scripted can do 8N1 only.',
      checklist: [expect.stringContaining('eight bits')],
    });
  });
});

describe('Stop', () => {
  const change = (line: Line) => line.change({ baudRate: 9600 });
  const write = (line: Line) => line.write(fromLatin1('\x01B0\x03q'));
  const isFirst = () => {
    let calls = 0;
    return () => calls++ === 0;
  };

  it.each([
    ['a write', () => ({ write: hangs }), write],
    ['the closing of a change', () => ({ close: hangs }), change],
    [
      'the opening of a change',
      () => {
        const first = isFirst();
        return { open: () => (first() ? Promise.resolve() : hangs()) };
      },
      change,
    ],
  ])('does not wait for a driver that hangs in %s', async (_what, driver, call) => {
    const { clock, line, stopAfter } = await bench({}, driver());
    stopAfter(70);
    await expect(clock.run(call(line))).rejects.toThrow('enough of this');
    expect(clock.monotonic()).toBe(70);
  });

  it('gives up an opening, closed again', async () => {
    const clock = virtualClock();
    const stop = new AbortController();
    let closed = 0;
    const port = scriptedPort(clock, {
      open: (_settings, _signals, _tell, end) => clock.sleep(5000, end),
      close: async () => {
        closed++;
      },
    });
    void clock.sleep(70).then(() => stop.abort(new Error('enough of this')));
    const opening = openLine(port, { baudRate: 300, framing: '7E1', clock, signal: stop.signal });
    await expect(clock.run(opening)).rejects.toThrow('enough of this');
    expect([clock.monotonic(), closed]).toEqual([70, 1]);
  });

  it('leaves a change under way to its end before anything else goes out', async () => {
    for (const call of [write, (line: Line) => line.change({ baudRate: 300 })]) {
      const { clock, port, line, stopAfter } = await bench({}, { close: () => clock.sleep(100) });
      stopAfter(70);
      await expect(clock.run(change(line))).rejects.toThrow('enough of this');
      await clock.run(call(line));
      expect(port.settings.map(({ baudRate }) => baudRate).slice(0, 2)).toEqual([300, 9600]);
      expect(clock.monotonic()).toBeGreaterThan(100);
    }
  });

  it('lets nothing out any more when the farewell begins too late', async () => {
    const { clock, port, line, stopAfter } = await bench();
    stopAfter(70);
    await expect(clock.run(line.pause(500))).rejects.toThrow('enough of this');
    await clock.run(clock.sleep(10_000));
    await expect(clock.run(write(line))).rejects.toThrow('enough of this');
    expect(port.written).toHaveLength(0);
  });

  it('is told to the next call where none was under way, and once only', async () => {
    const { clock, port, line, stopAfter } = await bench();
    stopAfter(70);
    await clock.run(clock.sleep(80));
    await expect(clock.run(write(line))).rejects.toThrow('enough of this');
    expect(port.written).toHaveLength(0);
    await clock.run(write(line));
    expect(port.written).toHaveLength(1);
  });

  it('leaves ten seconds for a farewell, at another rate too', async () => {
    const { clock, port, line, stopAfter, arriveAfter } = await bench();
    stopAfter(70);
    await expect(clock.run(line.pause(500))).rejects.toThrow('enough of this');
    await clock.run(change(line));
    await clock.run(write(line));
    arriveAfter(200, '\x06');
    expect(await clock.run(line.read(() => 'done', DEADLINES))).toBe('done');
    expect(port.written).toHaveLength(1);
    await expect(clock.run(line.pause(60_000))).rejects.toThrow('enough of this');
    expect(clock.monotonic()).toBe(10_070);
    await expect(clock.run(write(line))).rejects.toThrow('enough of this');
  });

  it('that came before it was opened opens nothing', async () => {
    const clock = virtualClock();
    const stop = new AbortController();
    stop.abort(new Error('enough of this'));
    const port = scriptedPort(clock);
    const opening = openLine(port, { baudRate: 300, framing: '7E1', clock, signal: stop.signal });
    await expect(clock.run(opening)).rejects.toThrow('enough of this');
    expect(port.settings).toEqual([]);
  });

  it('leaves no timer behind once the line is closed', async () => {
    const { clock, port, line, stopAfter } = await bench();
    stopAfter(70);
    await expect(clock.run(line.pause(500))).rejects.toThrow('enough of this');
    const waiting = clock.run(line.pause(9000)).catch((error: unknown) => String(error));
    await clock.run(line.close());
    port.arrive({ kind: 'data', bytes: Uint8Array.of(1) });
    expect(line.trace.entries).toHaveLength(1);
    expect(await waiting).toMatch(/enough of this|abort/i);
    expect(clock.monotonic()).toBe(70);
  });

  it('ends a wait for something else', async () => {
    const { clock, line, stopAfter } = await bench();
    stopAfter(70);
    await expect(clock.run(line.until(hangs()))).rejects.toThrow('enough of this');
  });
});

describe('a driver that hangs', () => {
  it('is given up in words after some seconds', async () => {
    const { clock, line } = await bench({}, { write: hangs });
    await expect(clock.run(line.write(fromLatin1('/?!\r\n')))).rejects.toMatchObject({ failure: 'timeout' });
    expect(clock.monotonic()).toBeLessThan(6000);
  });

  it('is told to whoever closes, and to whoever opens then', async () => {
    const { clock, port, line } = await bench({}, { close: hangs });
    await expect(clock.run(line.close())).rejects.toMatchObject({ failure: 'stuck' });
    const again = openLine(port, { baudRate: 300, framing: '7E1', clock });
    await expect(clock.run(again)).rejects.toMatchObject({ failure: 'stuck' });
  });
});

describe('a secret', () => {
  const password = fromLatin1('\x01P1\x02(SECRET)\x03!');
  const hidden = [
    [5, 11],
    [13, 14],
  ] as const;
  const shown = '\x01P1\x02(\0\0\0\0\0\0)\x03\0';
  const seen = (line: Line, direction: string) =>
    line.trace.entries
      .filter((entry) => entry.direction === direction)
      .map(({ bytes }) => toLatin1(bytes))
      .join('');

  it('goes out whole and stays out of the trace, its check sum too', async () => {
    const { clock, port, line } = await bench({ framing: '8N1' });
    await clock.run(line.write(password, hidden));
    expect(toLatin1(port.written[0] ?? new Uint8Array(0))).toBe(toLatin1(password));
    expect(seen(line, 'sent')).toBe(shown);
    expect(line.trace.entries.at(-1)?.hidden).toEqual([5, 6, 7, 8, 9, 10, 13]);
  });

  it('does not come back with the echo, be it garbled or late, and an answer is seen whole', async () => {
    const { clock, port, line } = await bench({ framing: '8N1' });
    const raw = (text: string) => port.arrive({ kind: 'data', bytes: fromLatin1(text) });
    void clock.sleep(100).then(() => raw('\x01P1\x02(SEC'));
    await clock.run(line.write(password, hidden));
    await clock.run(clock.sleep(40));
    raw('RET)\x03!');
    raw('\x06');
    expect(line.echo).toBe('echoes');
    expect(seen(line, 'received')).not.toMatch(/[SECRT!]/);
    expect(seen(line, 'received').at(-1)).toBe('\x06');
    const unknown = await bench({ framing: '8N1' });
    void unknown.clock.sleep(100).then(() => {
      unknown.port.arrive({ kind: 'data', bytes: fromLatin1('xP1\x02(SECRET)\x03!') });
    });
    await unknown.clock.run(unknown.line.write(password, hidden));
    expect(seen(unknown.line, 'received')).not.toMatch(/[SECRT!]/);
    void clock.sleep(100).then(() => raw('xP1\x02(SECRET)\x03!'));
    await clock.run(line.write(password, hidden));
    expect(seen(line, 'received')).not.toMatch(/[SECRT!]/);
  });
});

describe('the echo filter', () => {
  const write = fromLatin1('\x01\x05\x00\x13\xff\x00\x7d\xff');
  const raw = (port: ScriptedPort, bytes: Uint8Array) => port.arrive({ kind: 'data', bytes });

  async function readAll({ clock, line }: Bench): Promise<number[]> {
    const seen: number[] = [];
    await clock.run(line.read((byte) => (seen.push(byte), 'more'), { firstByteMs: 300, interByteMs: 50 }));
    return seen;
  }

  it('compares all eight bits on an eight-bit line', async () => {
    const made = await bench({ baudRate: 9600, framing: '8N1' });
    await made.clock.run(made.line.write(write));
    raw(
      made.port,
      write.map((byte) => byte ^ 0x80),
    );
    expect(await readAll(made)).toHaveLength(8);
  });

  it('leaves the answer of a silent head alone though it repeats the request', async () => {
    const made = await bench({ baudRate: 9600, framing: '8N1' });
    // Once known it may answer as soon as an echo would come.
    for (const ms of [60, 5]) {
      await made.clock.run(made.line.write(write));
      await made.clock.run(made.clock.sleep(ms));
      raw(made.port, write);
      expect(await readAll(made)).toEqual([...write]);
    }
    expect(made.line.echo).toBe('silent');
  });

  it('takes a garbled echo that comes late, as adapters hold it back, for no answer', async () => {
    const made = await bench();
    made.arriveAfter(10, '/?!\r\n');
    await made.clock.run(made.line.write(fromLatin1('/?!\r\n')));
    void made.clock.sleep(200 + 16).then(() => raw(made.port, withParity(fromLatin1('\x0605x\r\n'), 'even')));
    await made.clock.run(made.line.write(fromLatin1('\x06050\r\n')));
    expect(await readAll(made)).toEqual([]);
  });

  it('looks for the echo of an unknown head as long, and no longer', async () => {
    for (const [delay, echo] of [
      [29, 'echoes'],
      [31, 'silent'],
    ] as const) {
      const made = await bench();
      await made.clock.run(made.line.write(fromLatin1('/?!')));
      made.arriveAfter(delay, '/?!');
      await readAll(made);
      expect(made.line.echo).toBe(echo);
    }
  });

  it('learns nothing from a stray character while it sends', async () => {
    const made = await bench();
    void made.clock.sleep(5).then(() => raw(made.port, Uint8Array.of(0xff)));
    await made.clock.run(made.line.write(fromLatin1('/?!\r\n')));
    expect(made.line.echo).toBe('unknown');
    made.arriveAfter(20, '/?!\r\n');
    await made.clock.run(made.line.write(fromLatin1('/?!\r\n')));
    expect(await readAll(made)).toEqual([]);
    expect(made.line.echo).toBe('echoes');
  });
});

describe('the trace', () => {
  const told = (line: Line) => line.trace.entries.filter(({ text }) => text !== '').map(({ text }) => text);

  it('says what the port says, and how it is set', async () => {
    const { clock, port, line } = await bench();
    await clock.run(clock.sleep(5));
    port.arrive({ kind: 'line-error', error: 'framing' });
    port.arrive({ kind: 'notice', text: 'DTR not set' });
    await clock.run(line.change({ framing: '8N1' }));
    await clock.run(line.change({ baudRate: 9600 }));
    port.arrive({ kind: 'lost', reason: 'unplugged' });
    expect(told(line)).toEqual([
      'open, 300 Bd 7E1',
      'framing error',
      'DTR not set',
      '300 Bd 8N1',
      '9600 Bd 8N1, switched in 0 ms',
      'port lost: unplugged',
    ]);
    expect(line.trace.entries.map(({ time }) => time)).toEqual([0, 5, 5, 5, 5, 5]);
    expect(line.trace.entries.map(({ baudRate }) => baudRate)).toEqual([300, 300, 300, 300, 9600, 9600]);
  });

  it('is handed on entry by entry, and that of an endless job is not kept', async () => {
    for (const isEndless of [false, true]) {
      const seen: TraceEntry[] = [];
      const { clock, port, line } = await bench({ onTrace: (entry) => seen.push(entry), isEndless });
      await clock.run(line.write(fromLatin1('/?!')));
      port.arrive({ kind: 'data', bytes: withParity(fromLatin1('ab'), 'even') });
      expect(seen.map(({ direction, bytes }) => `${direction} ${toLatin1(bytes)}`)).toEqual([
        'event ',
        'sent /?!',
        'received ab',
      ]);
      expect(seen[1]).not.toHaveProperty('hidden');
      expect(seen[2]).not.toHaveProperty('parityErrors');
      expect(line.trace.entries).toEqual(isEndless ? [] : seen);
      expect(line.trace.startedAt).toBe(clock.now() - clock.monotonic());
    }
  });

  it('stays bounded on a line that never falls silent, and says so once', async () => {
    const { port, line } = await bench();
    for (let n = 0; n < 60_000; n++) port.arrive({ kind: 'data', bytes: Uint8Array.of(0x55) });
    expect(line.trace.entries).toHaveLength(50_001);
    expect(line.trace.entries.at(-1)).toMatchObject({
      direction: 'event',
      text: expect.stringContaining('full') as string,
    });
  });
});
