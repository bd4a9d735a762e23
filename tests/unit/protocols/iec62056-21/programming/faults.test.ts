import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../../../../src/common/bytes.ts';
import { MeterError } from '../../../../../src/common/meter-error.ts';
import type { Readout } from '../../../../../src/common/readout.ts';
import { HIDDEN } from '../../../../../src/common/hidden.ts';
import { parseIecAddress } from '../../../../../src/protocols/iec62056-21/address.ts';
import { decodeIec } from '../../../../../src/protocols/iec62056-21/decode.ts';
import { beginDialogue } from '../../../../../src/protocols/iec62056-21/dialogue.ts';
import { inProgrammingMode } from '../../../../../src/protocols/iec62056-21/programming/session.ts';
import { readIec } from '../../../../../src/protocols/iec62056-21/session.ts';
import { defaultIecSettings, type IecSettings } from '../../../../../src/protocols/iec62056-21/settings.ts';
import { signOn } from '../../../../../src/protocols/iec62056-21/sign-on.ts';
import { loadProfile, withPassword } from '../../../../../src/protocols/iec62056-21/simulated/devices.ts';
import { traceLines } from '../../../../../src/protocols/iec62056-21/wire-text.ts';
import type { FarEnd } from '../../../../../src/simulator/far-end.ts';
import { onLine } from '../../on-line.ts';
import { B0, P0, block, scriptedMeter, type Script } from './scripted-meter.ts';

const read = (farEnd: FarEnd, settings: Partial<IecSettings>): Promise<Readout> =>
  onLine(farEnd, ({ line }) => readIec(line, parseIecAddress(''), { ...defaultIecSettings, ...settings }, {}), {
    baudRate: 300,
    framing: '7E1',
  });

async function run(script: Script, settings: Partial<IecSettings>) {
  const { farEnd, sessions } = scriptedMeter(script);
  const readout = await read(farEnd, settings);
  return { readout, sessions };
}

const one: Partial<IecSettings> = { read: 'registers', registers: '1.8.0' };
const two: Partial<IecSettings> = { read: 'registers', registers: '1.8.0, 2.8.0' };
const given = block('1.8.0(000001.5*kWh)');

describe('a command', () => {
  it('that the meter did not understand is sent again', async () => {
    const { readout, sessions } = await run({ answer: (_, n) => (n < 2 ? '\x15' : given) }, one);
    expect(readout).toMatchObject({ errorCode: 0, data: '1.8.0(000001.5*kWh)\r\n' });
    expect(sessions).toEqual([['051', 'R5 1.8.0()', 'R5 1.8.0()', 'R5 1.8.0()', 'B0']]);
  });

  it('that it refuses is left at that, and the session goes on', async () => {
    const { readout, sessions } = await run({ answer: (m) => (m.includes('2.8.0') ? '\x15' : given) }, two);
    expect(readout).toMatchObject({ errorCode: 0, data: '1.8.0(000001.5*kWh)\r\n' });
    expect(readout.circumstances?.notes).toContain('2.8.0: the meter does not give it (NAK)');
    expect(sessions).toHaveLength(1);
  });

  it('that it only acknowledges is given in the other form', async () => {
    const answer = (message: string) => (message.startsWith('R1') ? block('(1*kWh)') : '\x06');
    const { readout, sessions } = await run({ answer }, two);
    expect(readout.errorCode).toBe(0);
    expect(sessions[0]?.slice(1, 4)).toEqual(['R5 1.8.0()', 'R1 1.8.0()', 'R1 2.8.0()']);
  });

  it('whose answer is damaged has it repeated', async () => {
    const wrong = given.slice(0, -1) + 'x';
    const { readout, sessions } = await run({ answer: (_, n) => (n < 2 ? wrong : given) }, one);
    expect(readout.errorCode).toBe(0);
    expect(sessions[0]).toEqual(['051', 'R5 1.8.0()', 'NAK', 'NAK', 'B0']);
  });

  it('whose answer stays damaged fails, and nothing of it is kept', async () => {
    const { readout, sessions } = await run({ answer: () => given.slice(0, -1) + 'x' }, one);
    expect(readout).toMatchObject({ errorCode: 66053, data: '' });
    expect(sessions.every((session) => session.at(-1) === 'B0')).toBe(true);
  });

  it('is not sent to a meter that has ended the session behind its answer', async () => {
    const { readout, sessions } = await run(
      { answer: (message, n) => (message.includes('1.8.0') ? given + (n === 0 ? B0 : '') : block('2.8.0(2*kWh)')) },
      two,
    );
    expect(sessions[0]).toEqual(['051', 'R5 1.8.0()']);
    // What it gave is not asked for again.
    expect(sessions[1]).toEqual(['051', 'R5 2.8.0()', 'B0']);
    expect(readout).toMatchObject({ errorCode: 0, data: '1.8.0(000001.5*kWh)\r\n2.8.0(2*kWh)\r\n' });
  });

  it('that is never answered costs its own register only', async () => {
    const { readout } = await run(
      { answer: (message) => (message.includes('1.8.0') ? undefined : block('2.8.0(2*kWh)')) },
      { ...two, retries: 2 },
    );
    expect(readout).toMatchObject({ errorCode: 0, data: '2.8.0(2*kWh)\r\n' });
    expect(readout.circumstances?.notes).toContain('1.8.0: no answer, left out');
  });

  it.each([
    ['names its register', true],
    ['names none', false],
  ])('whose answer comes twice, late, is not taken for the next (%s)', async (_, isNamed) => {
    const answer = (message: string) => {
      const [, register = ''] = / ([^(]*)/.exec(message) ?? [];
      return block(`${isNamed ? register : ''}(${register.startsWith('1') ? 1 : 2}*kWh)`);
    };
    const { readout } = await run({ reactionMs: (n) => (n === 0 ? 6000 : n === 1 ? 3500 : 200), answer }, two);
    expect(readout).toMatchObject({ errorCode: 0, data: '1.8.0(1*kWh)\r\n2.8.0(2*kWh)\r\n' });
  });

  it('in whose place another register is answered is listened for on', async () => {
    const other = block('9.8.0(9*kWh)');
    const { readout, sessions } = await run({ answer: () => other + given }, one);
    expect(readout).toMatchObject({ errorCode: 0, data: '1.8.0(000001.5*kWh)\r\n' });
    expect(sessions).toEqual([['051', 'R5 1.8.0()', 'B0']]);
    const never = await run({ answer: () => other }, { ...one, retries: 0 });
    expect(never.readout).toMatchObject({ data: '' });
    expect(never.readout.errorCode).not.toBe(0);
    expect(never.readout.circumstances?.notes?.join()).toContain('something else');
  });

  it('is not answered by what came of the one that sought the meter, where P0 was late', async () => {
    const { readout } = await run(
      {
        greeting: '',
        answer: (message, n) => (n === 0 ? [P0, block('(101415)')] : block(`(${message.length}*kWh)`)),
      },
      one,
    );
    expect(readout).toMatchObject({ errorCode: 0, data: '1.8.0(10*kWh)\r\n' });
  });

  it('finds a meter whose P0 was missed', async () => {
    const { readout } = await run({ greeting: '', answer: () => given }, one);
    expect(readout.errorCode).toBe(0);
  });

  it('finds a meter that stays at 300 Bd, and signs off there', async () => {
    const { readout, sessions } = await run({ staysAt300: true, greeting: '', answer: () => given }, one);
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { baudRate: 300 } });
    expect(sessions[0]?.at(-1)).toBe('B0');
  });
});

describe('a session begun again', () => {
  const p0 = (operand: string) => {
    const checked = `P0\x02(${operand})\x03`;
    return `\x01${checked}${String.fromCharCode(Array.from(checked).reduce((sum, c) => sum ^ c.charCodeAt(0), 0))}`;
  };

  it.each<[string, Partial<Script>]>([
    ['identification', { says: (n) => (n === 0 ? 'EMH5\\@FIRST' : 'EMH5\\@OTHER') }],
    ['number', { greeting: (n) => p0(n === 0 ? '00815001' : '00815002') }],
  ])('with a meter of another %s goes on with nothing of the first', async (_, other) => {
    const { readout, sessions } = await run(
      {
        ...other,
        answer: (message, n) =>
          message.includes('1.8.0')
            ? block(`1.8.0(${n === 0 ? 1 : 7}*kWh)`) + (n === 0 ? B0 : '')
            : block('2.8.0(8*kWh)'),
      },
      two,
    );
    expect(sessions[1]).toEqual(['051', 'R5 1.8.0()', 'R5 2.8.0()', 'B0']);
    expect(readout).toMatchObject({ errorCode: 0, data: '1.8.0(7*kWh)\r\n2.8.0(8*kWh)\r\n' });
    expect(readout.circumstances?.notes?.join()).toContain('another meter');
  });

  it('with the same meter goes on, whatever key it gives each time', async () => {
    const { sessions } = await run(
      {
        greeting: (n) => p0(`A0815001FFEE${n}`),
        answer: (message, n) => (message.includes('1.8.0') ? given + (n === 0 ? B0 : '') : block('2.8.0(8*kWh)')),
      },
      two,
    );
    expect(sessions[1]).toEqual(['051', 'R5 2.8.0()', 'B0']);
  });
});

describe('a profile', () => {
  const header = 'P.01(0261119{})(00000000)(15)(1)(1.5)(kW)\r\n';
  /** Rows of 19 November 2026 from an hour on. */
  const rows = (hour: number, minute: number, count: number) =>
    header.replace('{}', `${hour}${minute}00`) + Array.from({ length: count }, (_, i) => `(${i}.5)\r\n`).join('');
  const clock = (message: string) =>
    message.includes('0.9.1')
      ? block('0.9.1(0120700)')
      : message.includes('0.9.2')
        ? block('0.9.2(0261119)')
        : undefined;
  const profile: Partial<IecSettings> = { read: 'profile', days: 1 };

  it('in blocks is joined, whatever is damaged on the way', async () => {
    const text = rows(10, 15, 8);
    const parts = text.match(/[^]{1,30}/g) ?? [];
    let at = 0;
    const part = (isWrong: boolean) => {
      const said = block(parts[at] ?? '', at < parts.length - 1 ? '\x04' : '\x03');
      return isWrong ? said.slice(0, -1) + '\x7f' : said;
    };
    const { readout, sessions } = await run(
      {
        answer: (message, n) => {
          if (message.startsWith('R5 P')) return '\x15';
          if (message.startsWith('R6 P.01(0261118')) return block('P.01()');
          if (message.startsWith('R6')) at = 0;
          if (message === 'ACK') at++;
          return clock(message) ?? part(n % 3 === 0);
        },
      },
      profile,
    );
    expect(readout).toMatchObject({ errorCode: 0, data: text });
    expect(sessions[0]).toContain('NAK');
    expect(sessions[0]?.at(-1)).toBe('B0');
  });

  it('that breaks off between two blocks goes on behind its last whole row', async () => {
    let asked = 0;
    const { readout, sessions } = await run(
      {
        answer: (message) => {
          if (message === 'ACK') return undefined;
          if (!message.includes('P.01(02611191') && !message.includes('P.01(02611190'))
            return clock(message) ?? block('P.01()');
          return asked++ === 0 ? block(`${rows(10, 15, 2)}(2.`, '\x04') : block(rows(10, 45, 3).replaceAll('(', '('));
        },
      },
      profile,
    );
    expect(readout.errorCode).toBe(0);
    const times = decodeIec(readout).map(({ time }) => time?.iso.slice(11, 16));
    expect(times).toEqual(['10:15', '10:30', '10:45', '11:00', '11:15']);
    expect(sessions[0]?.some((message) => message.startsWith('R5 P.01(02611191030;'))).toBe(true);
  });

  it('goes on in the next session where the meter ended the first', async () => {
    const { readout, sessions } = await run(
      {
        answer: (message, n) => {
          if (message.startsWith('R5 P.01(0261118')) return block(rows(10, 15, 1).replace('0261119', '0261118'));
          if (message.startsWith('R5 P.01') && n < 4) return B0;
          return clock(message) ?? block(rows(11, 45, 2));
        },
      },
      profile,
    );
    expect(readout.errorCode).toBe(0);
    expect(decodeIec(readout)).toHaveLength(2);
    expect(sessions).toHaveLength(2);
  });

  it('of more days than the meter can give at once is asked for day by day, and a day without rows is named', async () => {
    const { readout, sessions } = await run(
      {
        answer: (message) => {
          const [, from = '', to = ''] = /P\.01\(0(\d{6})\d{4};0(\d{6})\d{4}\)/.exec(message) ?? [];
          if (Number(to) - Number(from) > 1) return block('(ERROR)');
          if (from === '261117') return block('(ERROR)');
          return clock(message) ?? block(rows(10, 15, 8).replace('0261119', `0${from}`));
        },
      },
      { ...profile, days: 5 },
    );
    expect(readout.errorCode).toBe(0);
    const days = new Set(decodeIec(readout).map(({ time }) => time?.iso.slice(8, 10)));
    expect([...days]).toEqual(['15', '16', '18', '19']);
    expect(readout.circumstances?.notes).toContain('P.01: of 2026-11-17 the meter gave none (answered “ERROR”)');
    expect(readout.circumstances?.notes).toContain('P.01: nothing before 2026-11-15 10:15');
    expect(sessions).toHaveLength(1);
  });

  it.each([
    ['a cell is lost', (text: string) => text.replace('(2.5)(92.5)', '(92.5)')],
    ['nothing is a row', () => '1-0:1.6.0(0.5*kW)'],
  ])('in whose answer %s is asked for again, and nothing is passed over', async (_, spoil) => {
    const text = rows(10, 15, 8)
      .replace('(1)(1.5)(kW)', '(2)(1.5)(kW)(2.5)(kW)')
      .replaceAll(/\((\d\.5)\)\r/g, '($1)(9$1)\r');
    let asked = 0;
    const { readout } = await run(
      {
        answer: (message) => {
          if (!message.includes(' P.01')) return clock(message);
          if (!message.includes('P.01(0261119')) return block('P.01()');
          return block(asked++ === 0 ? spoil(text) : text);
        },
      },
      profile,
    );
    expect(readout.errorCode).toBe(0);
    const values = (data: string) =>
      decodeIec({ identification: '', data }).map(({ label, time, value }) => [label, time, value]);
    expect(values(readout.data)).toEqual(values(text));
  });

  it('in whose answer something always is no row leaves out what is behind it there, and says so', async () => {
    const { readout, sessions } = await run(
      {
        answer: (message) =>
          clock(message) ?? block(message.includes('P.01(02611181200') ? 'P.01(odd)' : rows(10, 15, 8)),
      },
      profile,
    );
    expect(readout.errorCode).toBe(0);
    expect(decodeIec(readout)).toHaveLength(8);
    expect(readout.circumstances?.notes?.join()).toContain('is left out');
    expect(sessions[0]?.length).toBeLessThan(30);
    const odd = await run({ answer: (m) => clock(m) ?? block('odd') }, { ...profile, retries: 0 });
    expect(odd.readout.circumstances?.message).toContain('no row');
    expect(odd.sessions[0]?.length).toBeLessThan(40);
  });

  it.each(['by time', 'by place'])(
    'of a meter whose clock was set back over the end of a request has no row twice (%s)',
    async (how) => {
      const at = (stamp: string, ...values: readonly string[]) =>
        header.replace('0261119{}', `0${stamp}00`) + values.map((value) => `(${value})\r\n`).join('');
      const all: readonly (readonly [number, string])[] = [
        [2330, '0.1'],
        [2345, '0.2'],
        [2400, '0.3'],
        [2345, '0.4'],
        [2400, '0.5'],
        [2415, '0.6'],
      ];
      const stampOf = (time: number) =>
        time < 2400 ? `261118${time}` : `261119${String(time - 2400).padStart(4, '0')}`;
      const { readout } = await run(
        {
          answer: (message) => {
            const [, from = '', to = ''] = /P\.01\(0(\d{10});0(\d{10})\)/.exec(message) ?? [];
            if (from === '') return clock(message);
            const isOf = (time: number) => stampOf(time) >= from && stampOf(time) < to;
            const first = all.findIndex(([time]) => isOf(time));
            const given = all.filter(([time], i) => (how === 'by time' ? isOf(time) : i >= first && first >= 0));
            return block(given.map(([time, value]) => at(stampOf(time), value)).join(''));
          },
        },
        profile,
      );
      expect(readout.errorCode).toBe(0);
      const values = decodeIec(readout).map(({ value }) =>
        value.type === 'number' ? value.decimal.coefficient : value,
      );
      expect(values.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    },
  );

  it('that has no rows, and one that is refused, are told apart', async () => {
    const none = await run({ answer: (m) => clock(m) ?? block('P.01()') }, { ...profile, retries: 0 });
    expect(none.readout.circumstances?.message).toContain('no rows');
    const refused = await run({ answer: (m) => clock(m) ?? block('P.01(ERROR04)') }, { ...profile, retries: 0 });
    expect(refused.readout.circumstances?.message).toContain('ERROR04');
    expect(refused.readout.circumstances?.message).toContain('invalid class');
  });

  it('from a meter that sends without end is given up in bounded time', async () => {
    const { readout, sessions } = await run(
      { answer: (m) => clock(m) ?? block('(1.5)\r\n'.repeat(30), '\x04') },
      { ...profile, retries: 0, longestMs: 30_000 },
    );
    expect(readout.errorCode).toBe(66050);
    expect(sessions[0]?.at(-1)).toBe('B0');
  });

  it('over a noisy line comes whole or is an error, and has no row twice', async () => {
    const clean = await read(loadProfile, { read: 'profile', days: 2 });
    const rowsOf = (readout: Readout) =>
      decodeIec(readout)
        .filter(({ label, state }) => label === '1-1:1.5' && state !== 'partial')
        .map(({ time, value }) => JSON.stringify([time, value]));
    for (const noise of [0.0001, 0.0005, 0.002]) {
      const noisy = await onLine(
        loadProfile,
        ({ line }) => readIec(line, parseIecAddress(''), { ...defaultIecSettings, read: 'profile', days: 2 }, {}),
        { baudRate: 300, framing: '7E1', noise },
      );
      const rows = rowsOf(noisy);
      expect(new Set(rows).size).toBe(rows.length);
      for (const row of rows) expect(rowsOf(clean)).toContain(row);
      if (noisy.errorCode === 0) expect(rows).toEqual(rowsOf(clean));
    }
  });
});

describe('a hostile meter', () => {
  it('ends in a reading or an error with words, in bounded time and memory', async () => {
    const piece = fc.oneof(
      fc.constantFrom('\x02', '\x03', '\x04', '\x06', '\x15', '\x01', B0, given, block('P.01'), block('P.01()')),
      fc.string({ unit: 'binary-ascii', maxLength: 30 }),
      fc.string({ unit: 'binary-ascii', maxLength: 30 }).map((text) => block(text)),
      fc.constant(block('P.01(0261119101500)(00)(1440)(99)', '\x04')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 12 }),
        fc.constantFrom<Partial<IecSettings>>(two, { read: 'profile', days: 2 }),
        async (pieces, settings) => {
          const { readout } = await run(
            { answer: (_, n) => pieces[n % pieces.length] },
            { ...settings, retries: 1, longestMs: 120_000 },
          );
          if (readout.errorCode !== 0) expect(readout.circumstances?.message).toBeTruthy();
          expect(readout.data.length).toBeLessThan(600_000);
          decodeIec(readout);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a password', () => {
  async function withSecret(farEnd: FarEnd, text: string) {
    return await onLine(
      farEnd,
      async ({ line }) => {
        const settings = { ...defaultIecSettings };
        const dialogue = beginDialogue(line, {
          address: parseIecAddress(''),
          settings,
          options: {},
          longestMs: settings.longestMs,
        });
        const { baudCharacter: z } = await signOn(dialogue);
        const outcome = await inProgrammingMode(
          dialogue,
          { z, offered: 9600 },
          { password: fromLatin1(text) },
          { run: () => Promise.resolve('in'), readout: () => Promise.resolve('readout') },
        ).catch((error: unknown) => error);
        return { outcome, entries: line.trace.entries, notes: [...dialogue.notes] };
      },
      { baudRate: 300, framing: '7E1' },
    );
  }

  it('opens the session and stands nowhere in the trace', async () => {
    const { outcome, entries } = await withSecret(withPassword, '12345678');
    expect(outcome).toBe('in');
    const shown = traceLines(entries).map(({ text }) => text);
    expect(shown).toContain(`==> <01>P1<02>(${HIDDEN.repeat(8)})<03>${HIDDEN}`);
    expect(shown.join('')).not.toContain('12345678');
  });

  it('that is wrong is not tried again, and says why', async () => {
    const { outcome } = await withSecret(withPassword, '87654321');
    expect(outcome).toBeInstanceOf(MeterError);
    const { farEnd, sessions } = scriptedMeter({
      answer: (message) => (message.startsWith('P1') ? block('(ERROR)') : given),
    });
    const refused = await withSecret(farEnd, '11111111');
    expect(refused.outcome).toMatchObject({ code: 1 });
    expect(sessions).toEqual([['051', 'P1 (11111111)', 'B0']]);
  });

  it('is sent where P0 was missed, but not where it has to be computed from it: said', async () => {
    const answer = (message: string) => (message.startsWith('P') ? '\x06' : block('0.9.1(101415)'));
    const plain = scriptedMeter({ greeting: '', answer });
    expect((await withSecret(plain.farEnd, '12345678')).outcome).toBe('in');
    expect(plain.sessions[0]).toEqual(['051', 'R5 0.9.1()', 'P1 (12345678)', 'B0']);
    const computed = scriptedMeter({ says: 'GEC5A1700', greeting: '', answer });
    const { outcome, notes } = await withSecret(computed.farEnd, 'FEDC0003');
    expect(outcome).toBe('in');
    expect(computed.sessions[0]).toEqual(['051', 'R5 0.9.1()', 'B0']);
    expect(notes.join()).toContain('password was not sent');
  });

  it('is computed from the key of an Elster meter', async () => {
    const greeting = '\x01P0\x02(FD2BA0E29731D230)\x03\x6d';
    const { farEnd, sessions } = scriptedMeter({ says: 'GEC5A1700', greeting, answer: () => '\x06' });
    expect((await withSecret(farEnd, 'FEDC0003')).outcome).toBe('in');
    expect(sessions[0]?.[1]).toBe('P2 (BE2C10B158593B3E)');
    expect((await withSecret(farEnd, 'FEDC')).outcome).toMatchObject({ code: 1 });
  });
});
