import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withParity } from '../../../src/line/framing.ts';
import type { Line, ReadEnd } from '../../../src/line/line.ts';
import { openLine, type LineOptions } from '../../../src/line/open-line.ts';
import { PortError } from '../../../src/line/port.ts';
import { fromLatin1, toLatin1 } from '../../../src/common/bytes.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { scriptedPort, type ScriptedPort } from './scripted-port.ts';

const DEADLINES = { firstByteMs: 1500, interByteMs: 200 };

interface Bench {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly port: ScriptedPort;
  readonly line: Line;
  /** Text with even parity in bit 7, as a meter sends it, `ms` from now. */
  arriveAfter(ms: number, text: string): void;
}

async function bench(options: Partial<LineOptions> = {}): Promise<Bench> {
  const clock = virtualClock();
  const port = scriptedPort();
  const line = await openLine(port, { baudRate: 300, framing: '7E1', clock, ...options });
  return {
    clock,
    port,
    line,
    arriveAfter: (ms, text) =>
      void clock.sleep(ms).then(() => port.arrive({ kind: 'data', bytes: withParity(fromLatin1(text), 'even') })),
  };
}

/** Reads to the end character, or to a deadline. */
async function readTo(
  line: Line,
  last: string,
  signal?: AbortSignal,
): Promise<{ text: string; end: ReadEnd; wrong: number }> {
  let text = '';
  let wrong = 0;
  const end = await line.read(
    (byte, parityOk) => {
      text += String.fromCharCode(byte);
      if (!parityOk) wrong++;
      return text.endsWith(last) ? 'done' : 'more';
    },
    DEADLINES,
    signal,
  );
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
    const { clock, line } = await bench();
    const stop = new AbortController();
    void clock.sleep(70).then(() => stop.abort(new Error('enough of this')));
    await expect(clock.run(readTo(line, '\n', stop.signal))).rejects.toThrow('enough of this');
    expect(clock.monotonic()).toBe(70);
  });

  it('forgets an expected echo and old characters when it changes the rate', async () => {
    const { clock, port, line, arriveAfter } = await bench();
    await clock.run(line.write(fromLatin1('\x06252\r\n')));
    port.arrive({ kind: 'data', bytes: Uint8Array.of(0xff) });
    await clock.run(line.changeBaud(9600));
    // Mode E meters repeat the acknowledge at the new rate: that is no echo of the head.
    arriveAfter(10, '\x06252\r\n');
    expect((await clock.run(readTo(line, '\n'))).text).toBe('\x06252\r\n');
    expect(port.settings.at(-1)?.baudRate).toBe(9600);
    expect([line.baudRate, line.framing]).toEqual([9600, '7E1']);
  });

  it('reports a port that does not open', async () => {
    const port = scriptedPort({ open: () => Promise.reject(new PortError('busy', 'in use')) });
    const opening = openLine(port, { baudRate: 300, framing: '7E1', clock: virtualClock() });
    await expect(opening).rejects.toMatchObject({ failure: 'busy' });
  });
});

describe('a change of the rate', () => {
  it('hands out nothing that came with the old settings, and loses nothing that came with the new ones', async () => {
    const scripted: ScriptedPort = scriptedPort({
      reconfigure: () => {
        scripted.arrive({ kind: 'data', bytes: withParity(fromLatin1('old\n'), 'even') });
        scripted.arrive({ kind: 'ready' });
        scripted.arrive({ kind: 'data', bytes: withParity(fromLatin1('new\n'), 'even') });
        return Promise.resolve();
      },
    });
    const clock = virtualClock();
    const line = await openLine(scripted, { baudRate: 300, framing: '7E1', clock });
    await clock.run(line.changeBaud(9600));
    expect((await clock.run(readTo(line, '\n'))).text).toBe('new\n');
  });

  it('does not touch the port where its settings stay the same', async () => {
    const { clock, port, line } = await bench();
    await clock.run(line.changeBaud(300, '8N1'));
    expect(port.settings).toHaveLength(1);
    expect(line.framing).toBe('8N1');
    await clock.run(line.changeBaud(300, '8E1'));
    expect(port.settings).toHaveLength(2);
  });

  it('is timed by port, and one slow change counts for nothing', async () => {
    const clock = virtualClock();
    const delays = [20, 900, 22];
    const scripted = scriptedPort({ reconfigure: () => clock.sleep(delays.shift() ?? 0) });
    for (const rate of [9600, 300, 9600]) {
      const line = await openLine(scripted, { baudRate: rate === 300 ? 9600 : 300, framing: '7E1', clock });
      if (rate === 9600 && delays.length === 3) expect(line.switchMs).toBeUndefined();
      await clock.run(line.changeBaud(rate));
      await line.close();
    }
    const line = await openLine(scripted, { baudRate: 300, framing: '7E1', clock });
    expect(line.switchMs).toBe(22);
  });
});

describe('a driver that hangs in a write', () => {
  const hanging = { write: () => new Promise<void>(() => undefined) };

  it('is given up in words after some seconds', async () => {
    const { clock, line } = await stuck();
    await expect(clock.run(line.write(fromLatin1('/?!\r\n')))).rejects.toMatchObject({ failure: 'timeout' });
    expect(clock.monotonic()).toBeLessThan(6000);
  });

  it('does not hold up Stop', async () => {
    const { clock, line } = await stuck();
    const stop = new AbortController();
    void clock.sleep(70).then(() => stop.abort(new Error('enough of this')));
    await expect(clock.run(line.write(fromLatin1('/?!\r\n'), stop.signal))).rejects.toThrow('enough of this');
    expect(clock.monotonic()).toBe(70);
  });

  async function stuck() {
    const clock = virtualClock();
    return { clock, line: await openLine(scriptedPort(hanging), { baudRate: 300, framing: '7E1', clock }) };
  }
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
    for (let turn = 0; turn < 2; turn++) {
      await made.clock.run(made.line.write(write));
      await made.clock.run(made.clock.sleep(60));
      raw(made.port, write);
      expect(await readAll(made)).toEqual([...write]);
    }
    expect(made.line.echo).toBe('silent');
  });

  it('learns nothing from a stray character while it sends', async () => {
    const made = await bench();
    void made.clock.sleep(5).then(() => raw(made.port, Uint8Array.of(0xff)));
    await made.clock.run(made.line.write(fromLatin1('/?!\r\n')));
    expect(made.line.echo).toBe('unknown');
    made.arriveAfter(20, '/?!\r\n');
    await made.clock.run(made.line.write(fromLatin1('/?!\r\n')));
    expect(await readAll(made)).toEqual([0x7f]);
    expect(made.line.echo).toBe('echoes');
  });
});

describe('the trace', () => {
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
