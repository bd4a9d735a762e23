import { describe, expect, it } from 'vitest';
import { toLatin1 } from '../../../../../src/common/bytes.ts';
import type { Readout } from '../../../../../src/common/readout.ts';
import type { FarEnd } from '../../../../../src/simulator/far-end.ts';
import type { Fault } from '../../../../../src/simulator/faults.ts';
import { parseIecAddress } from '../../../../../src/protocols/iec62056-21/address.ts';
import { decodeIec } from '../../../../../src/protocols/iec62056-21/decode.ts';
import { readIec } from '../../../../../src/protocols/iec62056-21/session.ts';
import { defaultIecSettings, type IecSettings } from '../../../../../src/protocols/iec62056-21/settings.ts';
import { loadProfile, withPassword, threePhase } from '../../../../../src/protocols/iec62056-21/simulated/devices.ts';
import { formatDecimal } from '../../../../../src/common/decimal.ts';
import { onLine } from '../../on-line.ts';
import { block, scriptedMeter } from './scripted-meter.ts';

interface Outcome {
  readonly readout: Readout;
  readonly sent: readonly string[];
  readonly rates: readonly number[];
}

async function read(
  farEnd: FarEnd,
  settings: Partial<IecSettings>,
  { faults = [], stopAfterMs }: { readonly faults?: readonly Fault[]; readonly stopAfterMs?: number } = {},
): Promise<Outcome> {
  return await onLine(
    farEnd,
    async ({ line, clock, stop }) => {
      if (stopAfterMs !== undefined) void clock.sleep(stopAfterMs).then(stop);
      const whole = { ...defaultIecSettings, ...settings };
      const readout = await readIec(line, parseIecAddress(''), whole, {});
      const sent = line.trace.entries.filter(({ direction }) => direction === 'sent');
      return { readout, sent: sent.map(({ bytes }) => toLatin1(bytes)), rates: sent.map(({ baudRate }) => baudRate) };
    },
    { baudRate: 300, framing: '7E1', faults },
  );
}

const BREAK = '\x01B0\x03q';
const registers = (text: string): Partial<IecSettings> => ({ read: 'registers', registers: text });

const values = ({ readout }: Outcome) =>
  decodeIec(readout).map(({ label, value, unit, state }) =>
    [label, value.type === 'number' ? formatDecimal(value.decimal) : value.type, unit, state].join(' '),
  );

describe('chosen registers', () => {
  it('are read in programming mode, and the session is signed off', async () => {
    const outcome = await read(loadProfile, registers('0.0.0, 1.8.0'));
    expect(outcome.readout).toMatchObject({
      errorCode: 0,
      circumstances: { mode: 'C', baudRate: 9600, blockCheck: 'ok' },
    });
    expect(outcome.sent).toEqual(['/?!\r\n', '\x06051\r\n', '\x01R5\x020.0.0()\x03W', '\x01R5\x021.8.0()\x03^', BREAK]);
    expect(outcome.rates).toEqual([300, 300, 9600, 9600, 9600]);
    expect(outcome.readout.data).toMatch(/^0\.0\.0\(00815001\)\r\n1\.8\.0\(\d{6}\.\d{3}\*kWh\)\r\n$/);
  });

  it('have the address that was asked for where the meter leaves it out; what it does not have stops nothing', async () => {
    const outcome = await read(withPassword, registers('1.8.0 9.9.9 2.8.0'));
    expect(outcome.readout.errorCode).toBe(0);
    expect(values(outcome)).toEqual([
      expect.stringMatching(/^1\.8\.0 [\d.]+ kWh whole$/),
      '9.9.9 text  not available',
      expect.stringMatching(/^2\.8\.0 [\d.]+ kWh whole$/),
    ]);
    expect(outcome.readout.circumstances?.notes).toContain('9.9.9: the meter answered “ERROR”');
  });

  it('take less time than the table', async () => {
    const { readout } = await read(loadProfile, registers('1.8.0'));
    expect(readout.circumstances?.durationMs).toBeLessThan(3500);
  });

  it('that are none are refused before anything is asked twice', async () => {
    const { readout, sent } = await read(loadProfile, registers('1.8.0!'));
    expect(readout.errorCode).toBe(1);
    expect(readout.circumstances?.message).toContain('1.8.0!');
    expect(sent).toHaveLength(1);
  });

  it('of a meter that takes no commands: its table is read instead, and says so', async () => {
    const { readout } = await read(threePhase, registers('1.8.0'));
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { baudRate: 9600 } });
    expect(readout.circumstances?.notes).toContain('the meter takes no commands: its whole table was read');
    const profile = await read(threePhase, { read: 'profile', retries: 0 });
    expect(profile.readout.circumstances?.message).toBe('The meter did not go to programming mode.');
  });
});

describe('a load profile', () => {
  const profile = (days: number): Partial<IecSettings> => ({ read: 'profile', days });

  it('is read a day and then several at once, each row once, with its own time', async () => {
    const { readout, sent } = await read(loadProfile, profile(3));
    expect(readout.errorCode).toBe(0);
    const rows = decodeIec(readout).filter(({ label }) => label === '1-1:1.5');
    const times = rows.map(({ time }) => time?.iso ?? '');
    expect(times).toEqual([...new Set(times)].toSorted());
    const gaps = rows.flatMap(({ note }) => Number(/then (\d+) period/.exec(note ?? '')?.[1] ?? 0));
    expect(rows.length + gaps.reduce((sum, gap) => sum + gap, 0)).toBeGreaterThanOrEqual(3 * 96);
    expect(sent.at(-1)).toBe(BREAK);
    expect(sent.filter((text) => text.includes('P.01'))).toHaveLength(2);
  });

  it('of thirty days takes hardly longer than its characters', async () => {
    const { readout, sent } = await read(loadProfile, profile(30));
    expect(readout.errorCode).toBe(0);
    const wireMs = (readout.data.length * 10_000) / 9600;
    expect(Number(readout.circumstances?.durationMs) / wireMs).toBeLessThan(1.07);
    expect(sent.filter((text) => text.includes('P.01'))).toHaveLength(4);
  });

  it('of sixty days comes whole', async () => {
    const { readout } = await read(loadProfile, profile(60));
    expect(readout.errorCode).toBe(0);
    const rows = decodeIec(readout).filter(({ label }) => label === '1-1:1.5');
    const missing = rows.reduce((sum, { note }) => sum + Number(/then (\d+) period/.exec(note ?? '')?.[1] ?? 0), 0);
    expect(rows.length + missing).toBeGreaterThanOrEqual(59 * 96);
    expect(missing).toBeGreaterThan(0);
  });

  it('that wants a password says so, and the session is signed off', async () => {
    const { readout, sent } = await read(withPassword, profile(1));
    expect(readout.errorCode).not.toBe(0);
    expect(readout.circumstances?.message).toContain('ERROR');
    expect(readout.circumstances?.hint).toContain('password');
    expect(sent.at(-1)).toBe(BREAK);
  });
});

describe('a log book', () => {
  it('is read over the last days, its events in words', async () => {
    const { readout, sent } = await read(loadProfile, { read: 'profile', profile: 'P.98', days: 60 });
    expect(readout.errorCode).toBe(0);
    expect(sent.filter((text) => text.includes('P.98'))).toHaveLength(1);
    const events = decodeIec(readout).map(({ label, note, time }) => [label, note, time?.iso.slice(11)]);
    expect(events.length).toBeGreaterThan(1);
    expect(events.slice(0, 2)).toEqual([
      ['P.98', 'supply failed', '03:00:00'],
      ['P.98', 'supply restored', '04:30:00'],
    ]);
  });

  it('with nothing in it is no error', async () => {
    const { readout } = await read(withPassword, { read: 'profile', profile: 'P.99', retries: 0 });
    expect(readout.circumstances?.message).toContain('the log book P.99');
    const empty = scriptedMeter({ answer: (m) => (m.includes('P.98') ? block('P.98()') : '\x15') });
    expect((await read(empty.farEnd, { read: 'profile', profile: 'P.98' })).readout).toMatchObject({
      errorCode: 0,
      data: 'P.98()\r\n',
    });
  });

  it('that came damaged is asked for again as a whole', async () => {
    let asked = 0;
    const entry = 'P.98(1220906234904)(00)()(2)(0-0:C.11.0)()(0-0:C.11.10)()(4)(0)\r\n';
    const { farEnd } = scriptedMeter({
      answer: (message) => {
        if (message === 'ACK') return undefined;
        if (!message.includes('P.98')) return '\x15';
        return asked++ === 0 ? block(entry, '\x04') : block(entry + entry);
      },
    });
    const { readout } = await read(farEnd, { read: 'profile', profile: 'P.98' });
    expect(readout).toMatchObject({ errorCode: 0, data: entry + entry });
  });
});

describe('whatever happens', () => {
  it('a check character of another kind is named', async () => {
    const P0 = '\x01P0\x02()\x03\x56';
    const { farEnd } = scriptedMeter({ says: 'EMR5CE', greeting: P0, answer: () => undefined });
    const { readout } = await read(farEnd, registers('ET0PE'));
    expect(readout.errorCode).toBe(66053);
    expect(readout.circumstances?.hint).toContain('Seven-bit sum');
  });

  it('a wrong block check is asked for again', async () => {
    const whole = await read(loadProfile, registers('0.0.0'));
    const { readout, sent } = await read(loadProfile, registers('0.0.0'), { faults: ['wrong-bcc-once'] });
    expect(readout).toMatchObject({ errorCode: 0, data: whole.readout.data });
    expect(sent.at(-1)).toBe(BREAK);
  });

  it.each<Fault>([
    'wrong-bcc',
    'stops-in-mid-readout',
    'silent',
    'no-parity',
    'echo',
    'slow-reaction',
    'long-gap',
    'garbage-before-answer',
  ])('under the fault %s it ends with a reading or an error, and signs off what it has begun', async (fault) => {
    const { readout, sent } = await read(loadProfile, registers('0.0.0'), { faults: [fault] });
    if (readout.errorCode === 0) expect(readout.data).toBe('0.0.0(00815001)\r\n');
    else expect(readout.circumstances?.hint).not.toBe('');
    sent.forEach((text, at) => {
      if (text === '\x06051\r\n') expect(sent.slice(at)).toContain(BREAK);
    });
  });

  it.each([20, 150, 230, 300])('signs off when it is stopped %i ms after the acknowledge was begun', async (ms) => {
    const { farEnd, sessions } = scriptedMeter({ answer: () => undefined });
    const { readout, sent } = await onLine(
      farEnd,
      async ({ line, clock, stop }) => {
        const readout = await readIec(
          line,
          parseIecAddress(''),
          { ...defaultIecSettings, read: 'profile' },
          {
            onProgress: (progress) => {
              if (progress.kind === 'step' && progress.step === 'acknowledging') void clock.sleep(ms).then(stop);
            },
          },
        );
        const sent = line.trace.entries.filter(({ direction }) => direction === 'sent');
        return { readout, sent: sent.map(({ bytes }) => toLatin1(bytes)) };
      },
      { baudRate: 300, framing: '7E1' },
    );
    expect(readout.errorCode).toBe(65537);
    expect(sent.at(-1)).toBe(BREAK);
    if (sessions.length > 0) expect(sessions[0]?.at(-1)).toBe('B0');
  });

  it('signs off when it is stopped', async () => {
    const { readout, sent } = await read(loadProfile, { read: 'profile', days: 9 }, { stopAfterMs: 9000 });
    expect(readout.errorCode).toBe(65537);
    expect(readout.circumstances?.partial).toBe(true);
    expect(sent.at(-1)).toBe(BREAK);
  });
});
