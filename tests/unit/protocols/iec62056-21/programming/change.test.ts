import { afterEach, describe, expect, it, vi } from 'vitest';
import fc from 'fast-check';
import { fromLatin1, toLatin1 } from '../../../../../src/common/bytes.ts';
import type { Values } from '../../../../../src/common/form.ts';
import { fits } from '../../../../../src/common/form.ts';
import { Secret } from '../../../../../src/common/secret.ts';
import type { ChangeResult } from '../../../../../src/protocols/change.ts';
import { iecChanges } from '../../../../../src/protocols/iec62056-21/programming/change-task.ts';
import { iecChanger } from '../../../../../src/protocols/iec62056-21/programming/changer.ts';
import { writeCommands } from '../../../../../src/protocols/iec62056-21/programming/command.ts';
import { loadProfile, withPassword } from '../../../../../src/protocols/iec62056-21/simulated/devices.ts';
import type { FarEnd } from '../../../../../src/simulator/far-end.ts';
import { onLine } from '../../on-line.ts';
import { B0, block, scriptedMeter } from './scripted-meter.ts';

interface Changed {
  readonly proved: ChangeResult;
  readonly result: ChangeResult | undefined;
  /** Everything that went to the meter, with dots for what is hidden. */
  readonly sent: readonly string[];
  /** Those behind the proof. */
  readonly writes: readonly string[];
  readonly said: readonly string[];
}

interface Options {
  readonly password?: string;
  readonly stopAfterMs?: number;
  readonly between?: () => void;
  /** Given the wall clock of the line. */
  readonly begin?: (now: () => number) => void;
}

async function change(
  farEnd: FarEnd,
  { id, values }: { readonly id: string; readonly values: Values },
  { password, stopAfterMs, between, begin }: Options = {},
): Promise<Changed> {
  const task = { id, address: '', values, settings: {} };
  const said: string[] = [];
  const access = {
    secret: () => Promise.resolve(password === undefined ? undefined : new Secret(fromLatin1(password))),
    secretSaid: (name: string, how: string) => {
      said.push(`${name} ${how}`);
      return Promise.resolve();
    },
  };
  return await onLine(
    farEnd,
    async ({ line, clock, stop }) => {
      begin?.(clock.now);
      const proved = await iecChanger.prove(line, task, access);
      const isWrite = (text: string) => /^\x01[WE]/.test(text);
      const texts = () =>
        line.trace.entries.filter(({ direction }) => direction === 'sent').map(({ bytes }) => toLatin1(bytes));
      // A proof writes nothing, and is signed off.
      expect(texts().filter(isWrite)).toEqual([]);
      if (proved.errorCode === 0) expect(texts().at(-1)).toBe('\x01B0\x03q');
      between?.();
      if (stopAfterMs !== undefined) void clock.sleep(stopAfterMs).then(stop);
      const result = proved.plan && (await iecChanger.change(line, task, proved.plan, access));
      return { proved, result, sent: texts(), writes: texts().filter(isWrite), said };
    },
    { baudRate: 300, framing: '7E1' },
  );
}

const write = (register: string, value: string, more: Values = {}) => ({
  id: 'write',
  values: { register, value, ...more },
});
const ACK = '\x06';
const NAK = '\x15';
const commandOf = ({ proved }: Changed) => proved.plan?.frames.filter(({ isCommand }) => isCommand) ?? [];

describe('writing a register', () => {
  it('is shown with dots for the password, sent once behind the value, read back and signed off', async () => {
    const changed = await change(loadProfile, write('0.2.2', '00000007'), { password: '00000000' });
    expect(changed.proved.plan?.meter).toBe('/EMH5\\@SIMLZQ, number 00815001; 0.2.2: “00000001”');
    expect(commandOf(changed)).toEqual([
      {
        hex: `01573502302E322E3228303030303030303729` + `28${'••'.repeat(8)}2903••`,
        baudRate: 9600,
        text: 'write 0.2.2: becomes “00000007”',
        isCommand: true,
      },
    ]);
    expect(changed.proved.plan?.frames.map(({ text }) => text)).toEqual([
      'sign on',
      'go to programming mode',
      'read 0.2.2 as it is',
      'write 0.2.2: becomes “00000007”',
      'read 0.2.2 back',
      'sign off',
    ]);
    expect(changed.result).toMatchObject({ errorCode: 0, headline: 'The meter now has “00000007” in 0.2.2.' });
    expect(changed.writes).toEqual([`\x01W5\x020.2.2(00000007)(${'\0'.repeat(8)})\x03\0`]);
    expect(changed.sent.at(-1)).toBe('\x01B0\x03q');
    expect(JSON.stringify([changed.proved, changed.result])).not.toContain('3030303030303030' + '29');
  });

  it('goes by W1 behind P1 where the make wants that', async () => {
    const changed = await change(withPassword, write('0.2.2', '42', { command: 'W1' }), { password: '12345678' });
    expect(changed.proved.plan?.frames.find(({ text }) => text === 'the password')?.hex).toBe(
      `0150310228${'••'.repeat(8)}2903••`,
    );
    expect(changed.result).toMatchObject({ errorCode: 0, headline: 'The meter now has “42” in 0.2.2.' });
    expect(changed.writes).toHaveLength(1);
    expect(changed.said).toEqual(['password taken', 'password taken']);
  });

  it('a wrong password ends it at the proof, and it is not sent twice', async () => {
    const changed = await change(withPassword, write('0.2.2', '42', { command: 'W1' }), { password: '11111111' });
    expect(changed.proved).toMatchObject({
      headline: 'Nothing was changed.',
      message: 'The meter got the password and ended the session.',
    });
    expect(changed.said).toEqual(['password refused']);
    expect(changed.sent.filter((text) => text.startsWith('\x01P'))).toHaveLength(1);
  });

  it('that the meter refuses in words is told as that', async () => {
    const changed = await change(loadProfile, write('0.2.2', '5'), {});
    expect(changed.proved.plan?.meter).toContain('no password is kept');
    expect(changed.result).toMatchObject({
      headline: 'Nothing was changed.',
      message: 'The meter answered “ERROR”; it holds “00000001” in 0.2.2 as before.',
    });
    expect(changed.result?.errorCode).not.toBe(0);
    expect(changed.writes).toHaveLength(1);
  });

  it.each<[string, string | undefined, string, string, boolean]>([
    ['NAK and the old value', NAK, '1', 'Nothing was changed.', false],
    ['ACK and the old value', ACK, '1', 'Nothing was changed.', false],
    ['ACK and another value', ACK, '3', 'It is not sure what the meter has now.', false],
    ['silence and the new value', undefined, '2', 'The meter now has “2” in 7.7.7.', true],
    ['NAK and the new value', NAK, '2', 'The meter now has “2” in 7.7.7.', true],
    ['the new value with zeros and a unit', ACK, '0002.0*kW', 'The meter now has “0002.0*kW” in 7.7.7.', true],
    ['a damaged answer and the old value', '\x02x\x03\x00', '1', 'Nothing was changed.', false],
  ])('what the register holds afterwards counts: %s', async (_, answer, after, headline, isGood) => {
    let isWritten = false;
    const meter = scriptedMeter({
      answer: (message) => {
        if (message.startsWith('W')) {
          isWritten = true;
          return answer;
        }
        if (message.startsWith('R5 7.7.7')) return block(`7.7.7(${isWritten ? after : '1'})`);
        return message.startsWith('R5 0.0.0') ? block('0.0.0(4711)') : block('(ERROR)');
      },
    });
    const changed = await change(meter.farEnd, write('7.7.7', '2'));
    expect(changed.result?.headline).toBe(headline);
    expect(changed.result?.errorCode === 0).toBe(isGood);
    expect(changed.writes).toHaveLength(1);
  });

  it('a number in another unit is another value', async () => {
    let isWritten = false;
    const meter = scriptedMeter({
      answer: (message) => {
        if (message.startsWith('W')) {
          isWritten = true;
          return ACK;
        }
        return message.startsWith('R5 7') ? block(isWritten ? '7.7.7(2*Wh)' : '7.7.7(1*Wh)') : block('0.0.0(4711)');
      },
    });
    const changed = await change(meter.farEnd, write('7.7.7', '2*kWh'));
    expect(changed.result?.headline).toBe('It is not sure what the meter has now.');
  });

  it('is read back in another session where the meter ended that one', async () => {
    let isWritten = false;
    const meter = scriptedMeter({
      answer: (message) => {
        if (message.startsWith('W')) {
          isWritten = true;
          return B0;
        }
        return message.startsWith('R5 7') ? block(`7.7.7(${isWritten ? 2 : 1})`) : block('0.0.0(4711)');
      },
    });
    const changed = await change(meter.farEnd, write('7.7.7', '2'));
    expect(changed.result).toMatchObject({
      errorCode: 0,
      message: 'It ended the session, and has the new value.',
    });
    expect(meter.sessions).toHaveLength(3);
    expect(meter.sessions.flat().filter((message) => message.startsWith('W'))).toHaveLength(1);
    expect(changed.result?.frames.find(({ isCommand }) => isCommand)?.answer).toContain('B0');
  });

  it('is read back from the same meter only, and in another session where it says nothing more in that one', async () => {
    let isWritten = false;
    let number = '4711';
    let session: () => number = () => 0;
    let deaf = -1;
    const meter = scriptedMeter({
      answer: (message) => {
        if (message.startsWith('W')) {
          isWritten = true;
          deaf = session();
          return ACK;
        }
        if (session() === deaf) return undefined;
        return message.startsWith('R5 7') ? block(`7.7.7(${isWritten ? 2 : 1})`) : block(`0.0.0(${number})`);
      },
    });
    session = () => meter.sessions.length;
    const silent = await change(meter.farEnd, write('7.7.7', '2'));
    expect(silent.result).toMatchObject({ errorCode: 0, headline: 'The meter now has “2” in 7.7.7.' });
    expect(silent.writes).toHaveLength(1);

    isWritten = false;
    const swapped = scriptedMeter({
      answer: (message) => {
        if (message.startsWith('W')) {
          number = '4712';
          isWritten = true;
          return B0;
        }
        return message.startsWith('R5 7') ? block(`7.7.7(${isWritten ? 2 : 1})`) : block(`0.0.0(${number})`);
      },
    });
    const other = await change(swapped.farEnd, write('7.7.7', '2'));
    expect(other.result?.errorCode).not.toBe(0);
    expect(other.result?.headline).toBe('It is not sure what the meter has now.');
    expect(other.result?.message).toContain('Another meter');
  });

  it('sends no password to a meter that calls itself otherwise than the one it was shown for', async () => {
    let isOther = false;
    const meter = scriptedMeter({
      says: () => (isOther ? 'EMH5\\@STRANGER' : 'EMH5\\@SCRIPT'),
      answer: (message) =>
        message.startsWith('P1') ? ACK : block(message.includes('0.0.0') ? '0.0.0(4711)' : '7.7.7(1)'),
    });
    const change1 = write('7.7.7', '2', { command: 'W1' });
    const other = await change(meter.farEnd, change1, { password: '12345678', between: () => (isOther = true) });
    expect(other.proved.errorCode).toBe(0);
    expect(other.result).toMatchObject({ headline: 'Nothing was changed.' });
    expect(other.result?.message).toContain('Another meter');
    expect(other.sent.filter((text) => text.startsWith('\x01P1'))).toHaveLength(1);
    expect(other.writes).toEqual([]);
  });

  it('is not made where another meter answers, or the register has another value by then', async () => {
    let number = '4711';
    let value = '1';
    const meter = scriptedMeter({
      answer: (message) => (message.startsWith('R5 0.0.0') ? block(`0.0.0(${number})`) : block(`7.7.7(${value})`)),
    });
    const other = await change(meter.farEnd, write('7.7.7', '2'), { between: () => (number = '4712') });
    expect(other.result).toMatchObject({ headline: 'Nothing was changed.' });
    expect(other.result?.message).toContain('Another meter');
    expect(other.writes).toEqual([]);
    const changed = await change(meter.farEnd, write('7.7.7', '2'), { between: () => (value = '5') });
    expect(changed.result?.message).toContain('“5” now');
    expect(changed.writes).toEqual([]);
  });

  it('stopped behind the command it says that nobody knows, and signs off', async () => {
    const meter = scriptedMeter({
      answer: (message) =>
        message.startsWith('W') ? undefined : message.startsWith('R5 7') ? block('7.7.7(1)') : block('0.0.0(4711)'),
    });
    const changed = await change(meter.farEnd, write('7.7.7', '2'), { stopAfterMs: 5500 });
    expect(changed.result).toMatchObject({ errorCode: 65537, headline: 'It is not sure what the meter has now.' });
    expect(changed.writes).toHaveLength(1);
    expect(meter.sessions.at(-1)?.at(-1)).toBe('B0');
  });

  it('goes in partial blocks, each acknowledged, and ends with the one that is not', async () => {
    const long = '0123456789'.repeat(25);
    const blocks: string[] = [];
    let refuseAt = 99;
    const meter = scriptedMeter({
      answer: (message) => {
        if (!message.startsWith('W')) return message.startsWith('R5 0.0.0') ? block('0.0.0(4711)') : block('(ERROR)');
        blocks.push(message);
        return blocks.length === refuseAt ? NAK : ACK;
      },
      partial: true,
    });
    const whole = await change(meter.farEnd, write('7.7.7', long, { command: 'W6' }), { password: '00000000' });
    expect(whole.result).toMatchObject({
      errorCode: 0,
      headline: 'The meter acknowledged the command.',
      message: 'It cannot be read back.',
    });
    expect(blocks.map((text) => text.slice(3)).join('')).toBe(`7.7.7(${long})(00000000)`);
    expect(commandOf(whole)).toHaveLength(blocks.length);
    blocks.length = 0;
    refuseAt = 2;
    const refused = await change(meter.farEnd, write('7.7.7', long, { command: 'W6' }), { password: '00000000' });
    expect(blocks).toHaveLength(2);
    // Perhaps it keeps the block it acknowledged.
    expect(refused.result).toMatchObject({ headline: 'It is not sure what the meter has now.' });
  });
});

describe('a command to be executed', () => {
  it('shows a register before and after', async () => {
    let resets = 3;
    const meter = scriptedMeter({
      answer: (message) => {
        if (message.startsWith('E2')) {
          resets++;
          return ACK;
        }
        return message.startsWith('R5 0.1.0') ? block(`0.1.0(${resets})`) : block('0.0.0(4711)');
      },
    });
    const changed = await change(meter.farEnd, { id: 'execute', values: { dataSet: '0.1.0()', register: '0.1.0' } });
    expect(changed.result).toMatchObject({ errorCode: 0, message: '0.1.0: “4”, before “3”.' });
    expect(changed.writes).toEqual(['\x01E2\x020.1.0()\x03' + (changed.writes[0]?.at(-1) ?? '')]);
  });
});

it('a command that was refused, and yet did something, is not said to have done nothing', async () => {
  let resets = 3;
  const meter = scriptedMeter({
    answer: (message) => {
      if (message.startsWith('E2')) {
        resets++;
        return NAK;
      }
      return message.startsWith('R5 0.1.0') ? block(`0.1.0(${resets})`) : block('0.0.0(4711)');
    },
  });
  const changed = await change(meter.farEnd, { id: 'execute', values: { dataSet: '0.1.0()', register: '0.1.0' } });
  expect(changed.result?.headline).toBe('It is not sure what the meter has now.');
  expect(changed.result?.message).toContain('0.1.0 is “4” and was “3”');
});

/** A meter without a season digit, so many minutes ahead of UTC and so much off, that takes what it is told or does not. */
function clockMeter(minutes: number, offMs: number, takes: (n: number) => 'ACK' | 'NAK' | 'ACK for nothing') {
  let now: () => number = () => 0;
  let off = offMs;
  let reads = 0;
  let written = 0;
  let spoil = 0;
  const shown = () => new Date(now() + off + minutes * 60_000).toISOString().replace(/\D/g, '');
  const meter = scriptedMeter({
    answer(message) {
      if (message.startsWith('R5 0.9.2')) return block(`0.9.2(${shown().slice(2, 8)})`);
      if (message.startsWith('R5 0.9.1'))
        return ++reads === spoil ? undefined : block(`0.9.1(${shown().slice(8, 14)})`);
      if (!message.startsWith('W')) return block('0.0.0(4711)');
      const how = takes(written++);
      const [, time = ''] = /0\.9\.1\(\d?(\d{6})\)/.exec(message) ?? [];
      if (how === 'ACK' && time !== '') {
        const at = new Date(now() + off + minutes * 60_000).toISOString().slice(0, 11);
        const wanted = Date.parse(`${at}${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`);
        off = wanted - minutes * 60_000 - now();
      }
      return how === 'NAK' ? NAK : ACK;
    },
  });
  return {
    ...meter,
    begin: (clock: () => number) => (now = clock),
    spoilNext: (inHowMany: number) => (spoil = reads + inHowMany),
    off: () => off,
  };
}

describe('the clock', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('that was right before is not called set where the meter refused it', async () => {
    const meter = clockMeter(0, 0, () => 'NAK');
    const changed = await change(meter.farEnd, { id: 'clock', values: {} }, { begin: meter.begin });
    expect(changed.proved.plan?.meter).toContain('(UTC+00:00), right');
    expect(changed.result?.errorCode).not.toBe(0);
    expect(changed.result?.headline).toBe('Nothing was changed.');
    expect(changed.writes).toHaveLength(1);
  });

  it('is looked at in the time it was given, and not in that in which it looks best', async () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    // Keeps UTC, and is told normal time, which it acknowledges and leaves alone.
    const meter = clockMeter(0, 0, () => 'ACK for nothing');
    const changed = await change(meter.farEnd, { id: 'clock', values: { zone: 'normal' } }, { begin: meter.begin });
    expect(changed.result?.errorCode).not.toBe(0);
    expect(changed.result?.message).toContain('60 min 0 s behind');
  });

  it('that was not put back in autumn is an hour ahead', async () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    const meter = clockMeter(120, 0, () => 'ACK for nothing');
    const changed = await change(meter.farEnd, { id: 'clock', values: {} }, { begin: meter.begin });
    expect(changed.proved.plan?.meter).toMatch(/\(UTC\+01:00\), 60 min 0 s ahead/);
  });

  it('is given the time it is then, also where an answer before stayed away', async () => {
    const meter = clockMeter(0, 30_000, () => 'ACK');
    const changed = await change(
      meter.farEnd,
      { id: 'clock', values: {} },
      { begin: meter.begin, between: () => meter.spoilNext(1) },
    );
    expect(changed.result).toMatchObject({ errorCode: 0, headline: 'The clock of the meter is set.' });
    expect(Math.abs(meter.off())).toBeLessThan(1000);
  });

  it.each([
    ['VDEW', loadProfile, '00000000'],
    ['W1', withPassword, '12345678'],
  ])('is read, shown with how far it is off, set and read back: %s', async (manner, meter, password) => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    const changed = await change(meter, { id: 'clock', values: { manner } }, { password });
    expect(changed.proved.plan?.meter).toMatch(
      /its clock says 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d \(UTC\+01:00\), .* s (ahead|behind) \(± 0\.\d s\)/,
    );
    expect(changed.proved.plan?.meter).toContain('nobody has checked');
    expect(changed.result).toMatchObject({ errorCode: 0, headline: 'The clock of the meter is set.' });
    expect(changed.result?.message).toMatch(/right, as far as can be told/);
    expect(changed.writes.length).toBeGreaterThanOrEqual(1);
    expect(changed.writes.at(-1)).toMatch(/^\x01W[15]\x020\.9\.1\(0?\d{6}\)/);
  });

  it('that did not take it is told with what it says', async () => {
    const changed = await change(loadProfile, { id: 'clock', values: {} });
    expect(changed.result?.errorCode).not.toBe(0);
    expect(changed.result?.headline).toBe('Nothing was changed.');
    expect(changed.result?.message).toMatch(/answered “ERROR”; its clock says/);
    expect(changed.writes).toHaveLength(1);
  });
});

it('LEM’s published message is what is sent, to the byte', () => {
  const [command] = writeCommands('W5', { dataSet: '1-0:0.9.129*255(1301031605000002)', password: '00000000' }, 'xor');
  expect(toLatin1(command?.bytes ?? new Uint8Array())).toBe(
    '\x01W5\x021-0:0.9.129*255(1301031605000002)(00000000)\x03\x5e',
  );
  const [clock] = writeCommands('W5', { dataSet: '0.9.1(0101415)', password: '00000000' }, 'xor');
  expect(clock?.bytes.at(-1)).toBe(0x6b);
});

it('whatever the blocks, the password is hidden in all of them and nothing is lost', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[0-9A-Za-z.]{1,400}$/),
      fc.stringMatching(/^[a-z]{1,32}$/),
      fc.constantFrom('W3' as const, 'W6' as const, 'W5' as const),
      (value, password, name) => {
        fc.pre(name !== 'W5' || value.length < 150);
        const commands = writeCommands(name, { dataSet: `9.9.9(${value})`, password }, 'xor');
        const joined = commands.map(({ bytes }) => toLatin1(bytes.subarray(4, -2))).join('');
        expect(joined).toBe(`9.9.9(${value})(${password})`);
        const dotted = commands.map(({ bytes, hidden }) =>
          toLatin1(bytes.map((byte, i) => (hidden.some(([a, b]) => i >= a && i < b) ? 0 : byte)).subarray(4, -2)),
        );
        expect(dotted.join('')).toBe(`9.9.9(${value})(${'\0'.repeat(password.length)})`);
      },
    ),
  );
});

it('no message about what cannot be sent says the password', () => {
  expect(() => writeCommands('W5', { dataSet: '1.1.1(a!b)', password: 'geheim' }, 'xor')).toThrow(/a!b/);
  for (const dataSet of ['1.1.1(a!b)', `1.1.1(${'x'.repeat(300)})`, 'ä()'])
    try {
      writeCommands('W5', { dataSet, password: 'geheim' }, 'xor');
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain('geheim');
    }
});

it('what the forms let through can be sent, and what they name is theirs', () => {
  for (const { fields } of iecChanges)
    for (const field of fields) if ('default' in field) expect(fits(field, field.default ?? '')).toBe(true);
});
