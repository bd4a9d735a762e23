import { describe, expect, it } from 'vitest';
import { withParity } from '../../../../src/line/framing.ts';
import type { PortEvent } from '../../../../src/line/port.ts';
import { fromLatin1 } from '../../../../src/common/bytes.ts';
import type { LearnedSettings, MeterMemory } from '../../../../src/protocols/meter-access.ts';
import { defaultIecSettings } from '../../../../src/protocols/iec62056-21/settings.ts';
import { dataMessage } from '../../../../src/protocols/iec62056-21/simulated/messages.ts';
import { iecMeter } from '../../../../src/protocols/iec62056-21/simulated/meter.ts';
import { randomSource } from '../../../../src/simulator/random.ts';
import { BLOCK, READOUT, benchOf, damaging, farEnd, readBench, readMeterOf, spec, type BenchRead } from './bench.ts';

function memoryOf(known?: LearnedSettings): MeterMemory & { last: LearnedSettings | undefined } {
  const memory = {
    last: known,
    recall: () => memory.last,
    remember: (_key: string, learned: LearnedSettings) => void (memory.last = learned),
  };
  return memory;
}

const acknowledges = (sent: readonly string[]) => sent.filter((text) => text.startsWith('\x06'));

describe('a readout without STX behind a late switch of the rate', () => {
  const unframed = { blockCheck: 'none' } as const;
  const slowAdapter = { port: { openMs: 260 } };

  it('is asked for again: its beginning went by before the port heard', async () => {
    const { readout, sent } = await readMeterOf(unframed, slowAdapter);
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
    expect(sent).toContain('\x15');
  });

  it('is marked where the meter does not repeat, in words of its own, and read at 300 Bd where it may be tried again', async () => {
    const deaf: BenchRead = {
      ...slowAdapter,
      wrap: (port) => ({
        ...port,
        write: (bytes) => (((bytes[0] ?? 0) & 0x7f) === 0x15 ? Promise.resolve() : port.write(bytes)),
      }),
    };
    const once = await readMeterOf(unframed, { ...deaf, settings: { retries: 0 } });
    expect(once.readout).toMatchObject({ errorCode: 66053, circumstances: { partial: true } });
    expect(once.readout.circumstances?.hint).toContain('Stay at the first rate');
    const again = await readMeterOf(unframed, deaf);
    expect(again.readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { baudRate: 300 } });
    expect(again.readout.circumstances?.notes?.join()).toMatch(/adapter .*: read at 300 Bd/);
  });

  it('is no damage where the port heard in time: read twice, as all without a check, and no repeat wanted', async () => {
    const { readout, sent } = await readMeterOf(unframed);
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
    expect(sent).toEqual(['/?!\r\n', '\x06050\r\n', '/?!\r\n', '\x06050\r\n']);
  });

  it('of a fast meter too', async () => {
    const { sent, readout } = await readMeterOf({ ...unframed, manufacturer: 'ISk' });
    expect(readout.data).toBe(BLOCK);
    expect(sent).not.toContain('\x15');
  });
});

describe('an answer that began before the port heard', () => {
  const pausing = (gap: number) =>
    farEnd((message, end, meter) => {
      if (message.endsWith('/?!\r\n')) return meter.say('/ZPA5PAUSE\r\n', 300, end + 200);
      meter.listenAt(9600);
      let at = end + 200;
      for (const line of READOUT.split(/(?<=\n)/)) at = meter.say(line, 9600, at) + gap;
      return at;
    });

  it.each([60, 120, 200])('is asked for again where the meter pauses %i ms between its lines', async (gap) => {
    const { readout, sent } = await readBench(pausing(gap), { port: { openMs: 260 } });
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
    expect(sent).toContain('\x15');
  });

  it.each([
    [30, 70],
    [60, 120],
  ])('and where it takes %i ms for the acknowledge, but 250 for the request', async (reaction, openMs) => {
    const quick = farEnd((message, end, meter) => {
      if (message.endsWith('/?!\r\n')) meter.say('/ZPA5QUICK\r\n', 300, end + 250);
      else {
        meter.listenAt(9600);
        meter.say(dataMessage(READOUT, 'none'), 9600, end + reaction);
      }
    });
    const { readout, sent } = await readBench(quick, { port: { openMs } });
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
    expect(sent).toContain('\x15');
  });

  it.each(['xor', 'none'] as const)(
    'is repeated, not read at 300 Bd, at the next read too (%s)',
    async (blockCheck) => {
      const meter = iecMeter({ ...spec, blockCheck, manufacturer: 'ISk' }, () => new Set());
      const bench = benchOf(meter, { port: { openMs: 40 } });
      for (let turn = 0; turn < 3; turn++) {
        const { readout, sent } = await bench.read();
        expect(readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { baudRate: 9600 } });
        // Twice where no check vouches for the data.
        expect(acknowledges(sent)).toEqual(Array(blockCheck === 'none' ? 2 : 1).fill('\x06050\r\n'));
        await bench.clock.run(bench.clock.sleep(5000));
      }
    },
  );
});

describe('what is no readout', () => {
  it.each([
    ['(ER23)', 'ER23'],
    ['(E23)', 'E23'],
    ['(NAK)', 'NAK'],
    ['ER23', 'ER23'],
    ['( ERROR )\r\n', 'ERROR'],
  ])('an error message (%j) is an error, with the words of the meter', async (content, words) => {
    const { readout } = await readMeterOf({ readout: () => content }, { settings: { retries: 0 } });
    expect(readout.errorCode).toBe(65546);
    expect(readout.circumstances?.message).toContain(`“${words}”`);
  });

  it.each(['(036483.251*kWh)', 'C.1.0(E23)\r\n!\r\n', '0.0.0()\r\n!\r\n'])('%j is data', async (content) => {
    const { readout } = await readMeterOf({ readout: () => content }, { settings: { retries: 0 } });
    expect(readout.errorCode).toBe(0);
  });

  it.each(['!\r\n', '\r\n!\r\n', '', '()', '( )\r\n'])('an empty block (%j) is an error', async (content) => {
    const { readout } = await readMeterOf({ readout: () => content }, { settings: { retries: 0 } });
    expect(readout).toMatchObject({
      errorCode: 65546,
      circumstances: { message: expect.stringContaining('nothing in it') as string },
    });
  });

  const blocks = ['1.8.0(036483.251*kWh)\r\n', '2.8.0(000021.004*kWh)\r\n', '0.0.0(04710815)\r\n'];
  /** Sends its data in blocks closed by EOT, the last by ETX; `given`: how many it has before it falls silent. */
  const inBlocks = (given: number) =>
    farEnd((message, end, meter) => {
      if (message.endsWith('/?!\r\n')) return meter.say('/ZPA0BLOCKS\r\n', 300, end + 200);
      if (message.startsWith('\x06')) turn = message.length > 1 ? 0 : turn + 1;
      if (turn >= given) return 0;
      const whole = dataMessage(blocks[turn] ?? '', 'xor');
      const last = turn === blocks.length - 1;
      // EOT instead of ETX differs in three bits, and so does the check.
      const text = last
        ? whole
        : whole.slice(0, -2) + '\x04' + String.fromCharCode(whole.charCodeAt(whole.length - 1) ^ 7);
      return meter.say(text, 300, end + 200);
    });
  let turn = 0;

  it('a block closed by EOT is a part: the others are asked for', async () => {
    const { readout, sent } = await readBench(inBlocks(3));
    expect(readout).toMatchObject({ errorCode: 0, data: blocks.join('') });
    expect(sent.slice(2)).toEqual(['\x06', '\x06']);
  });

  it('and where the rest does not come, what came is kept as a part', async () => {
    const { readout } = await readBench(inBlocks(1), { settings: { retries: 0 } });
    expect(readout).toMatchObject({ errorCode: 65546, data: blocks[0], circumstances: { partial: true } });
  });
});

describe('a read ends', () => {
  const babbling = (text: string, baudRate: number) =>
    farEnd((message, end, meter) => {
      if (message.endsWith('/?!\r\n')) meter.say(`/ZPA${baudRate === 300 ? '0' : '5'}BABBLE\r\n`, 300, end + 200);
      else if (message.startsWith('\x06')) void babble(meter, text, baudRate);
    });
  async function babble(
    meter: {
      say(text: string, rate: number, at?: number): number;
      clock: { sleep(ms: number): Promise<void>; monotonic(): number };
    },
    text: string,
    baudRate: number,
  ): Promise<void> {
    await meter.clock.sleep(250);
    meter.say('\x02', baudRate);
    for (let n = 0; n < 4000; n++) await meter.clock.sleep(meter.say(text, baudRate) - meter.clock.monotonic());
  }

  it('after its longest time, in words, and is not begun again: ten minutes unless told', async () => {
    expect(defaultIecSettings.longestMs).toBe(600_000);
    const device = babbling('1.8.0(000123.4*kWh)\r\n'.repeat(5), 300);
    const { readout, tookMs } = await readBench(device, { settings: { longestMs: 60_000 } });
    expect(readout).toMatchObject({ errorCode: 66050, circumstances: { partial: true, attempts: 1 } });
    expect(readout.circumstances?.message).toMatch(/still sending after 1 min \(\d+ characters so far\)/);
    expect(tookMs).toBeLessThan(61_000);
  });

  it('with 256 KiB, and no repeat is asked for', async () => {
    const flood = fromLatin1(`\x02${'1.8.0(000123.4*kWh)\r\n'.repeat(14_000)}`);
    let tell: (event: PortEvent) => void = () => undefined;
    const { readout, sent } = await readMeterOf(
      {},
      {
        faults: ['ignores-acknowledge'],
        wrap: (port) => ({
          ...port,
          listen: (listener) => port.listen((tell = listener)),
          async reconfigure(settings) {
            await port.reconfigure(settings);
            tell({ kind: 'data', bytes: withParity(flood, 'even') });
          },
        }),
      },
    );
    expect(readout).toMatchObject({ errorCode: 66050, circumstances: { attempts: 1 } });
    expect(sent).not.toContain('\x15');
  });

  it('in seconds when the data turns into noise', async () => {
    const random = randomSource(5);
    const noise = Array.from({ length: 400 }, () => String.fromCharCode(5 + random() * 123)).join('');
    const { readout, tookMs } = await readBench(babbling(`1.8.0(000123.4*kWh)\r\n${noise}`, 9600), {
      wrap: damaging((byte, count) => (count > 100 && random() < 0.5 ? byte ^ 0x80 : byte)),
    });
    expect(readout.errorCode).toBe(66049);
    expect(readout.circumstances?.message).toContain('noise');
    expect(readout.circumstances?.notes?.join()).toContain('did not fall silent');
    expect(tookMs).toBeLessThan(10_000);
  });

  it('in seconds when there is nothing but noise', async () => {
    const random = randomSource(9);
    const flood = farEnd(() => 0);
    const { readout, tookMs } = await readBench((wire) => {
      const listener = flood(wire);
      return {
        ...listener,
        hostListens: (listens) => {
          if (!listens) return;
          const noise = Uint8Array.from({ length: 3000 }, () => random() * 256);
          wire.send(noise, { baudRate: 300, dataBits: 8, stopBits: 1, parity: 'none' }, wire.clock.monotonic());
        },
      };
    });
    expect(readout.errorCode).not.toBe(0);
    expect(tookMs).toBeLessThan(20_000);
  });
});

describe('the error shown is that of the telling try', () => {
  it('of a meter that was identified once and then fell silent', async () => {
    let asked = 0;
    const device = farEnd((message, end, meter) => {
      if (message.endsWith('/?!\r\n') && asked++ === 0) meter.say('/ZPA5ONCE\r\n', 300, end + 200);
    });
    const { readout } = await readBench(device);
    expect(readout).toMatchObject({ errorCode: 65543, identification: 'ONCE', circumstances: { attempts: 2 } });
  });

  it.each(['G', 'H', 'I'])(
    'a baud character that stands for no rate (%s) costs nothing: the data comes as it is',
    async (z) => {
      const { readout } = await readMeterOf({ baudCharacter: z });
      expect(readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { baudRate: 300 } });
      expect(readout.circumstances?.notes?.join()).toContain(`“${z}” stands for no rate`);
    },
  );

  it('a mode A meter with a letter of mode B is read, though it knows no NAK', async () => {
    const device = farEnd((message, end, meter) => {
      if (!message.endsWith('/?!\r\n')) return;
      meter.say(`/ZPAEMODEA\r\n`, 300, end + 200);
      meter.say(dataMessage(READOUT, 'xor'), 300, end + 200 + 400 + 200);
    });
    const memory = memoryOf();
    const { readout } = await readBench(device, { memory });
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { baudRate: 300 } });
    expect(memory.last?.staysAtFirstRate).toBe(true);
  });
});

describe('one lost acknowledge', () => {
  it('teaches nothing of the meter', async () => {
    const memory = memoryOf();
    const { readout } = await readMeterOf({}, { faults: ['ignores-acknowledge'], memory });
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
    expect(memory.last).toBeUndefined();
    expect(readout.circumstances?.notes).toContain('the meter did not hear the acknowledge and went on at 300 Bd');
  });

  it('a meter that answers at 300 Bd as soon as it usually does is remembered, with the time', async () => {
    const memory = memoryOf();
    await readMeterOf({}, { faults: ['stays-at-first-rate'], memory });
    expect(memory.last).toMatchObject({ staysAtFirstRate: true, learnedAt: expect.any(Number) as number });
    const { sent } = await readMeterOf({}, { faults: ['stays-at-first-rate'], memory });
    expect(acknowledges(sent)).toEqual(['\x06000\r\n']);
  });

  it('the higher rate is tried again after a day, and the habit forgotten when it works', async () => {
    const now = Date.UTC(2026, 0, 14, 9, 15);
    for (const learnedAt of [now - 25 * 3_600_000, now + 3_600_000]) {
      const memory = memoryOf({ staysAtFirstRate: true, learnedAt });
      const { sent } = await readMeterOf({}, { memory });
      expect(acknowledges(sent)).toEqual(['\x06050\r\n']);
      expect(memory.last?.staysAtFirstRate).toBe(false);
    }
    const recent = memoryOf({ staysAtFirstRate: true, learnedAt: now - 3_600_000 });
    const { sent, readout } = await readMeterOf({}, { memory: recent });
    expect(acknowledges(sent)).toEqual(['\x06000\r\n']);
    expect(readout.circumstances?.notes?.join()).toContain('known to stay at 300 Bd');
  });
});

describe('the switch after the acknowledge', () => {
  const pauseOf = (trace: readonly { direction: string; time: number; text: string; bytes: Uint8Array }[]) => {
    const sent = trace.find(({ direction, bytes }) => direction === 'sent' && bytes[0] === 0x06);
    const switched = trace.find(({ text }) => text.startsWith('9600 Bd'));
    return (switched?.time ?? 0) - (sent?.time ?? 0) - 200;
  };

  it('leaves a 200 ms meter 40 ms and more, a fast one what there is', async () => {
    const usual = benchOf(iecMeter(spec, () => new Set()));
    await usual.read();
    await usual.clock.run(usual.clock.sleep(3000));
    const second = await usual.read();
    // The switch itself takes 8 ms here.
    expect(pauseOf(second.trace)).toBeGreaterThanOrEqual(40 + 8);
    const fast = benchOf(iecMeter({ ...spec, manufacturer: 'ISk' }, () => new Set()));
    await fast.read();
    await fast.clock.run(fast.clock.sleep(3000));
    const { readout, trace } = await fast.read();
    expect(pauseOf(trace)).toBeLessThan(20);
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
  });

  it('is not made where the adapter is known to be slower than the meter: 000, and said', async () => {
    const slow = benchOf(
      iecMeter(spec, () => new Set()),
      { port: { openMs: 300 } },
    );
    await slow.read();
    await slow.clock.run(slow.clock.sleep(3000));
    const { sent, readout } = await slow.read();
    expect(acknowledges(sent)).toEqual(['\x06000\r\n']);
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { baudRate: 300 } });
    expect(readout.circumstances?.notes?.join()).toContain('the adapter takes 300 ms to change its rate');
  });

  it.each([
    ['7', 38_400],
    ['8', 57_600],
    ['9', 115_200],
  ])('goes to the rate %s stands for: %i Bd', async (baudCharacter, baudRate) => {
    const { readout } = await readMeterOf({ baudCharacter });
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { baudRate, attempts: 1 } });
  });

  it('is left out where the baud character came damaged', async () => {
    // The fifth character of the identification, a 5, arrives as a 4.
    const { sent, readout } = await readMeterOf(
      {},
      { wrap: damaging((byte, count) => (count === 4 ? byte ^ 1 : byte)) },
    );
    expect(acknowledges(sent)).toEqual(['\x06000\r\n']);
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
    expect(readout.circumstances?.notes?.join()).toContain('the baud character came damaged');
  });
});

describe('a first rate set higher', () => {
  it('falls back to 300 Bd by itself where the meter answers there only', async () => {
    const { readout, sent } = await readMeterOf({}, { settings: { baudRate: 2400, retries: 0 } });
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { fellBackTo300: true, attempts: 2 } });
    expect(sent.filter((text) => text === '/?!\r\n')).toHaveLength(2);
  });

  it('stays where the meter answers at it, and under the switch R', async () => {
    const fast = await readMeterOf({ firstRate: 2400 }, { settings: { baudRate: 2400 } });
    expect(fast.readout).toMatchObject({ errorCode: 0, data: BLOCK });
    expect(fast.readout.circumstances).not.toHaveProperty('fellBackTo300');
    const kept = await readMeterOf({}, { address: '@2400%R', settings: { retries: 0 } });
    expect(kept.readout).toMatchObject({ errorCode: 65541, circumstances: { attempts: 1 } });
  });
});

describe('the trace', () => {
  it('has each time-out once', async () => {
    const { trace } = await readMeterOf({}, { faults: ['silent'], settings: { retries: 0 } });
    expect(trace.filter(({ text }) => text === 'timeout')).toHaveLength(1);
    const broken = await readMeterOf({}, { faults: ['stops-in-mid-readout'], settings: { retries: 0 } });
    expect(broken.trace.filter(({ text }) => text === 'timeout')).toHaveLength(1);
  });
});

describe('the meter that answers', () => {
  it('is flagged where its number is not the one that was asked for', async () => {
    const somebody = farEnd((message, end, meter) => {
      if (message.endsWith('!\r\n')) meter.say('/ZPA0OTHER\r\n', 300, end + 200);
      else if (message.startsWith('\x06')) meter.say(dataMessage(READOUT, 'xor'), 300, end + 200);
    });
    const other = await readBench(somebody, { address: '04710899' });
    expect(other.readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { otherMeter: '04710815' } });
    expect(other.readout.circumstances?.notes).toContain(
      'another meter answered: the data names 04710815, expected was 04710899',
    );
    const same = await readBench(somebody, { address: '4710815' });
    expect(same.readout.circumstances).not.toHaveProperty('otherMeter');
  });

  it('or not the one on the plate, whatever the address', async () => {
    const how = (knownNumber: string) => ({ address: '04710815', knownNumber });
    expect((await readMeterOf({}, how('31004711'))).readout.circumstances).toMatchObject({ otherMeter: '04710815' });
    expect((await readMeterOf({}, how('1ZPA04710815'))).readout.circumstances).not.toHaveProperty('otherMeter');
  });
});

describe('a character that is missing at the same place each time', () => {
  const lossy = (drop: (message: string) => string) =>
    farEnd((message, end, meter) => {
      const data = drop(dataMessage(READOUT, 'xor'));
      if (message.endsWith('/?!\r\n')) meter.say('/PAF0LOSSY\r\n', 300, end + 200);
      else if (message.startsWith('\x06') || message === '\x15') meter.say(data, 300, end + 200);
    });

  it.each([20, 31, 44, 45])('(%i) is refused, and is not called a check of the meter’s own', async (at) => {
    const { readout } = await readBench(lossy((data) => data.slice(0, at) + data.slice(at + 1)));
    expect(readout.errorCode).toBe(66053);
    expect(readout.circumstances).not.toHaveProperty('ownCheck');
    expect(readout.circumstances?.hint).not.toMatch(/"warn"|sum7/);
    expect(readout.circumstances?.hint).toContain('may be missing, at the same place each time');
  });

  it('stray characters around a whole message cost nothing', async () => {
    const { readout } = await readBench(lossy((data) => `\x1f\x06000\r\n\n\x1e${data}\x7f\x1e\n`));
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { blockCheck: 'ok' } });
  });
});
