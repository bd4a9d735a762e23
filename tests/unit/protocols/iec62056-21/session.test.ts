import { describe, expect, it } from 'vitest';
import { openLine } from '../../../../src/line/open-line.ts';
import type { Port } from '../../../../src/line/port.ts';
import type { TraceEntry } from '../../../../src/line/trace.ts';
import { toLatin1 } from '../../../../src/common/bytes.ts';
import type { LearnedSettings, MeterMemory } from '../../../../src/protocols/meter-access.ts';
import type { ReadProgress } from '../../../../src/protocols/protocol.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import { parseIecAddress } from '../../../../src/protocols/iec62056-21/address.ts';
import { decodeIec } from '../../../../src/protocols/iec62056-21/decode.ts';
import { iecDialogue } from '../../../../src/protocols/iec62056-21/ask.ts';
import { readIec } from '../../../../src/protocols/iec62056-21/session.ts';
// Loaded with the first read, which takes real time: virtual time would run ahead of it.
import '../../../../src/protocols/iec62056-21/session.ts';
import { defaultIecSettings, type IecSettings } from '../../../../src/protocols/iec62056-21/settings.ts';
import { iecSimulated } from '../../../../src/protocols/iec62056-21/simulated/index.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { simulatedPort } from '../../../../src/simulator/simulated-port.ts';
import { simulatedMeter } from './simulated/host.ts';
import { virtualClock } from '../../../../src/simulator/virtual-clock.ts';

interface Attempt {
  readonly faults?: readonly Fault[];
  readonly settings?: Partial<IecSettings>;
  readonly address?: string;
  readonly memory?: MeterMemory;
  readonly stopAfterMs?: number;
  /** The meter never hears a NAK, as many do not know it. */
  readonly deafToNak?: boolean;
}

interface Outcome {
  readonly readout: Readout;
  readonly trace: readonly TraceEntry[];
  readonly sent: readonly string[];
  readonly progress: readonly ReadProgress[];
  readonly tookMs: number;
}

/** Reads a meter of the catalog in virtual time, set as the catalog says unless told otherwise. */
async function read(
  id: string,
  { faults = [], settings = {}, address, memory, stopAfterMs, deafToNak }: Attempt = {},
): Promise<Outcome> {
  const meter = simulatedMeter(id);
  const clock = virtualClock();
  const wired = simulatedPort(meter, clock, () => new Set(faults));
  const port: Port = deafToNak
    ? { ...wired, write: (bytes) => (((bytes[0] ?? 0) & 0x7f) === 0x15 ? Promise.resolve() : wired.write(bytes)) }
    : wired;
  const whole = { ...defaultIecSettings, ...meter.settings, ...settings };
  const parsed = parseIecAddress(address ?? meter.address ?? '');
  const progress: ReadProgress[] = [];
  const stop = new AbortController();
  const run = async () => {
    const line = await openLine(port, {
      ...iecDialogue.lineOf({ address: address ?? meter.address ?? '', settings: { ...whole } }),
      clock,
      signal: stop.signal,
    });
    if (stopAfterMs !== undefined) void clock.sleep(stopAfterMs).then(() => stop.abort());
    const began = clock.monotonic();
    const readout = await readIec(line, parsed, whole, {
      onProgress: (event) => progress.push(event),
      ...(memory ? { memory } : {}),
    });
    const tookMs = clock.monotonic() - began;
    await line.close();
    return { readout, trace: line.trace.entries, tookMs };
  };
  const { readout, trace, tookMs } = await clock.run(run());
  const sent = trace.filter(({ direction }) => direction === 'sent').map(({ bytes }) => toLatin1(bytes));
  return { readout, trace, sent, progress, tookMs };
}

function memoryOf(): MeterMemory & { readonly learned: Map<string, LearnedSettings> } {
  const learned = new Map<string, LearnedSettings>();
  return { learned, recall: (key) => learned.get(key), remember: (key, value) => void learned.set(key, value) };
}

describe('reading a simulated meter', () => {
  it.each(iecSimulated.map(({ id, name }) => [id, name]))(
    'reads %s (%s) whole, with its usual settings',
    async (id) => {
      const { readout } = await read(id);
      expect(readout).toMatchObject({ errorCode: 0 });
      expect(readout.identification).not.toBe('');
      expect(readout.data).toMatch(/\)[\r\n]*$/);
      expect(readout.circumstances?.partial).toBeUndefined();
      expect(decodeIec(readout).length).toBeGreaterThan(2);
    },
  );

  it('acknowledges with the rate the meter offers', async () => {
    const { sent, readout } = await read('three-phase');
    expect(sent).toEqual(['/?!\r\n', '\x06050\r\n']);
    expect(readout.circumstances).toMatchObject({
      mode: 'C',
      baudRate: 9600,
      blockCheck: 'ok',
      echo: false,
      parity: 'even',
    });
  });

  it('waits 200 ms before the acknowledge, 20 ms at a fast meter, t2 where it is set', async () => {
    const gap = async (id: string, settings: Partial<IecSettings> = {}) => {
      const { trace } = await read(id, { settings });
      const ack = trace.findIndex(({ direction, bytes }) => direction === 'sent' && bytes[0] === 0x06);
      return (trace[ack]?.time ?? 0) - (trace[ack - 1]?.time ?? 0);
    };
    expect(await gap('three-phase')).toBeCloseTo(200, 3);
    expect(await gap('fast-reaction')).toBeCloseTo(20, 3);
    expect(await gap('three-phase', { t2Ms: 700 })).toBeCloseTo(700, 3);
  });

  it('adds less than 30 ms to the least legal time of the dialogue', async () => {
    const { trace, tookMs } = await read('three-phase');
    const characters = (direction: string, rate: number) =>
      trace
        .filter((e) => e.direction === direction && e.baudRate === rate)
        .reduce((n, { bytes }) => n + bytes.length, 0);
    const wire =
      ((characters('sent', 300) + characters('received', 300)) * 10_000) / 300 +
      (characters('received', 9600) * 10_000) / 9600;
    // The meter's reaction to request and acknowledge, and ours before the acknowledge.
    expect(tookMs - wire - 3 * 200).toBeLessThan(30);
  });

  it('denies the higher rate with 000 and stays at 300 Bd', async () => {
    const { sent, readout } = await read('three-phase', { settings: { denyHigherRate: true } });
    expect(sent[1]).toBe('\x06000\r\n');
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { baudRate: 300 } });
  });

  it('never changes the rate under the switch R', async () => {
    const { sent, trace, readout } = await read('three-phase', { address: '%R' });
    expect(readout.errorCode).toBe(0);
    expect(sent[1]).toBe('\x06000\r\n');
    expect(new Set(trace.map(({ baudRate }) => baudRate))).toEqual(new Set([300]));
  });

  it('reports the steps in words, the identification and the data as it grows', async () => {
    const { progress } = await read('three-phase');
    const steps = progress.flatMap((event) => (event.kind === 'step' ? [event.text] : []));
    expect(steps).toEqual([
      'asking at 300 Bd',
      'ZPA, 9600 Bd offered',
      'acknowledging 9600 Bd',
      'receiving at 9600 Bd',
    ]);
    expect(progress).toContainEqual({
      kind: 'identification',
      manufacturer: 'ZPA',
      identification: 'ZE3SIM.01',
      baudRate: 9600,
    });
    const grown = progress.flatMap((event) => (event.kind === 'data' ? [event.data] : []));
    expect(grown.length).toBeGreaterThan(3);
    grown.slice(1).forEach((data, i) => expect(data.startsWith(grown[i] ?? '-')).toBe(true));
  });

  it('finds the rate of a pushing meter by itself', async () => {
    const { readout } = await read('push-9600', { settings: { baudRate: 300 } });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { mode: 'D', baudRate: 9600 } });
  });
});

describe('a meter that stays at 300 Bd though it announced 9600', () => {
  it('is caught: the whole data is read, by a repeat when the beginning was missed', async () => {
    const { readout, sent } = await read('stays-slow');
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { baudRate: 300, blockCheck: 'ok' } });
    expect(sent).toEqual(['/?!\r\n', '\x06050\r\n', '\x15']);
    expect(readout.circumstances?.notes).toContain('announced a higher rate but stayed at 300 Bd');
  });

  it('is remembered: the next read stays at 300 Bd from the start', async () => {
    const memory = memoryOf();
    const first = await read('stays-slow', { memory });
    const second = await read('stays-slow', { memory });
    expect(second.sent).toEqual(['/?!\r\n', '\x06000\r\n']);
    expect(second.readout).toMatchObject({ errorCode: 0, circumstances: { baudRate: 300 } });
    expect(second.tookMs).toBeLessThan(first.tookMs * 0.6);
  });
});

describe('a meter that knows no NAK', () => {
  it('is asked anew at the rate it was found at when its beginning was missed', async () => {
    const { readout, sent } = await read('stays-slow', { deafToNak: true });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { baudRate: 300, attempts: 2 } });
    expect(sent.filter((text) => text.startsWith('\x06'))).toEqual(['\x06050\r\n', '\x06000\r\n']);
  });

  it('never passes off data without its beginning as whole', async () => {
    const { readout } = await read('stays-slow', { deafToNak: true, settings: { retries: 0 } });
    expect(readout).toMatchObject({ errorCode: 66053, circumstances: { partial: true } });
    expect(readout.circumstances?.message).toBe(
      'The beginning of the data was missed, and the meter did not repeat it.',
    );
  });

  it('is asked anew when its block check was wrong', async () => {
    // The simulated meter sends its first answer to every sign-on with a wrong check.
    const { readout, sent } = await read('three-phase', { faults: ['wrong-bcc-once'], deafToNak: true });
    expect(readout).toMatchObject({ errorCode: 66053, circumstances: { attempts: 2 } });
    expect(sent.filter((text) => text === '/?!\r\n')).toHaveLength(2);
  });
});

describe('faults on the line', () => {
  it('asks for a repeat when the block check is wrong, and takes the repeat', async () => {
    const { readout, sent } = await read('three-phase', { faults: ['wrong-bcc-once'] });
    expect(sent.at(-1)).toBe('\x15');
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { blockCheck: 'ok', attempts: 1 } });
  });

  it('keeps data whose block check stays wrong, with code 66053 and both characters', async () => {
    const { readout } = await read('three-phase', { faults: ['wrong-bcc'] });
    expect(readout.errorCode).toBe(66053);
    expect(readout.data).toContain('1.8.0(');
    expect(readout.circumstances?.message).toMatch(/calculated [0-9A-F]{2}, received [0-9A-F]{2}/);
  });

  it('keeps it without an error where the meter is set to warn', async () => {
    const { readout, sent } = await read('three-phase', { faults: ['wrong-bcc'], settings: { blockCheck: 'warn' } });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { blockCheck: 'bad' } });
    expect(readout.circumstances?.notes?.join()).toContain('block check');
    expect(sent).not.toContain('\x15');
  });

  it('says what was sent and that nothing came back: 65541', async () => {
    const { readout, sent } = await read('three-phase', { faults: ['silent'] });
    expect(readout).toMatchObject({ errorCode: 65541, data: '', circumstances: { attempts: 2 } });
    expect(readout.circumstances?.message).toBe(
      'The head sent the request (5 bytes at 300 Bd) and nothing came back in 2.5 s.',
    );
    expect(sent.filter((text) => text === '/?!\r\n')).toHaveLength(2);
  });

  it('knows a silent meter from an echoing head', async () => {
    const { readout } = await read('echo', { faults: ['silent'] });
    expect(readout).toMatchObject({ errorCode: 65541, circumstances: { echo: true } });
    expect(readout.circumstances?.message).toContain('only its own echo came back');
  });

  it('keeps what came when the meter stops in mid-readout: 65545, partial', async () => {
    const { readout } = await read('three-phase', { faults: ['stops-in-mid-readout'] });
    expect(readout).toMatchObject({ errorCode: 65545, circumstances: { partial: true, mode: 'C' } });
    expect(readout.identification).toBe('ZE3SIM.01');
    expect(readout.data).toContain('(');
  });

  it('keeps what came when the adapter is pulled out, and does not try again', async () => {
    const { readout } = await read('three-phase', { faults: ['port-lost'] });
    expect(readout).toMatchObject({ errorCode: 65536, circumstances: { partial: true, attempts: 1 } });
    expect(readout.circumstances?.message).toContain('port was lost');
    expect(readout.data.length).toBeGreaterThan(0);
  });

  it('reads on when the meter did not hear the acknowledge', async () => {
    const { readout } = await read('three-phase', { faults: ['ignores-acknowledge'] });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { baudRate: 300 } });
  });

  it.each([
    ['wrong-parity', 'odd'],
    ['no-parity', 'none'],
  ] as const)('reads a meter with %s', async (fault, parity) => {
    const { readout } = await read('three-phase', { faults: [fault] });
    expect(readout.errorCode).toBe(0);
    expect(readout.circumstances?.notes?.join()).toContain(parity === 'none' ? '8N1' : parity);
  });

  it.each(['garbage-before-answer', 'slow-reaction', 'echo'] as const)('reads through %s', async (fault) => {
    const { readout } = await read('three-phase', { faults: [fault] });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { blockCheck: 'ok' } });
  });

  it('takes a pause of 2 s for a broken message, unless told to be patient', async () => {
    expect((await read('three-phase', { faults: ['long-gap'] })).readout.errorCode).toBe(65545);
    const patient = await read('three-phase', { faults: ['long-gap'], settings: { interCharacterMs: 3000 } });
    expect(patient.readout.errorCode).toBe(0);
  });

  it('only ever acknowledges with the meter’s own rate or with 0', async () => {
    for (const faults of [
      [],
      ['stays-at-first-rate'],
      ['ignores-acknowledge'],
      ['wrong-bcc'],
      ['stops-in-mid-readout'],
    ] as Fault[][]) {
      const { sent } = await read('three-phase', { faults, settings: { retries: 3 } });
      const rates = sent.filter((text) => text.startsWith('\x06')).map((text) => text[2]);
      expect(rates.every((rate) => rate === '5' || rate === '0')).toBe(true);
    }
  });

  it('does not wake a meter that it was not told to wake', async () => {
    expect((await read('heat-battery', { settings: { wakeUp: 'none' } })).readout.errorCode).toBe(65541);
  });

  it('does not read a meter that wants its number without it', async () => {
    expect((await read('by-number', { address: '' })).readout.errorCode).toBe(65541);
  });
});

describe('stopping a read', () => {
  it.each([10, 400, 1500, 1700])(
    'stops within a moment after %i ms, with code 65537 and what came',
    async (stopAfterMs) => {
      const { readout, tookMs } = await read('three-phase', { stopAfterMs });
      expect(readout).toMatchObject({ errorCode: 65537, circumstances: { attempts: 1 } });
      expect(tookMs).toBeLessThan(stopAfterMs + 20);
    },
  );
});
