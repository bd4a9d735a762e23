import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEchoGuard } from '../../../src/at/echo-guard.ts';
import { createAtInterpreter } from '../../../src/at/interpreter.ts';
import { quoted } from '../../../src/log/export/scdata.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { memoryHost } from './terminal.ts';

/** A serial line between a peer and the interpreter that may give back what is sent on it. */

interface LineFaults {
  /** Does the line give back what this side sends? */
  readonly echoes: boolean;
  /** Milliseconds the echo takes. */
  readonly echoMs?: number;
  /** What becomes of the echo on its way: a terminal makes CR LF of CR, noise changes a character. */
  readonly spoil?: (text: string) => string;
  readonly pieces?: number;
}

const CHARACTER_MS = 1;

function openLine({ echoes, echoMs = 5, spoil = (text) => text, pieces = 8 }: LineFaults) {
  const clock = virtualClock(0);
  const { host, state } = memoryHost();
  let sent = '';
  let freeAt = 0;
  let foundEcho = false;
  const echoGuard = createEchoGuard({ clock, holdMs: 300, onEcho: () => (foundEcho = true) });

  const interpreter = createAtInterpreter(
    host,
    async (text) => {
      sent += text;
      if (sent.length > 100_000) throw new Error('storm');
      const start = Math.max(freeAt, clock.monotonic());
      freeAt = start + text.length * CHARACTER_MS;
      if (echoes) void arrive(spoil(text), start + echoMs - clock.monotonic());
      await Promise.resolve();
    },
    { echoGuard },
  );

  /** In pieces, at the pace of the wire. */
  async function arrive(text: string, inMs: number): Promise<void> {
    await clock.sleep(Math.max(0, inMs));
    for (let i = 0; i < text.length; i += pieces) {
      const piece = text.slice(i, i + pieces);
      await clock.sleep(piece.length * CHARACTER_MS);
      void interpreter.input(piece);
    }
  }

  return {
    clock,
    state,
    foundEcho: () => foundEcho,
    sent: () => sent,
    lineEnd: () => interpreter.lineEnd,
    /** What a peer types, and all that comes of it. */
    async say(...lines: readonly string[]) {
      const before = sent.length;
      for (const line of lines) await clock.run(arrive(`${line}\r`, 0).then(() => clock.sleep(20_000)));
      return sent.slice(before);
    },
    async sayAtOnce(...lines: readonly string[]) {
      const before = sent.length;
      await clock.run(arrive(lines.map((line) => `${line}\r`).join(''), 0).then(() => clock.sleep(20_000)));
      return sent.slice(before);
    },
  };
}

const faults: readonly [string, Omit<LineFaults, 'echoes'>][] = [
  ['as it was sent', {}],
  ['in single characters', { pieces: 1 }],
  ['late', { echoMs: 2500 }],
  ['with CR LF for CR', { spoil: (text) => text.replace(/\r(?!\n)/g, '\r\n') }],
  ['with LF for CR LF', { spoil: (text) => text.replaceAll('\r\n', '\n') }],
  [
    'with the eighth bit set',
    { spoil: (text) => text.replace(/[A-Z]/g, (c) => String.fromCharCode(c.charCodeAt(0) | 0x80)) },
  ],
  ['in one piece', { pieces: 10_000 }],
];

describe.each(faults)('a line that gives back what is sent, %s', (_how, fault) => {
  test('a command that deletes is done once', async () => {
    const { say, state, foundEcho } = openLine({ echoes: true, ...fault });
    await say('AT^SCDATA="DEL_OLDEST",5');
    expect(state.deleted).toEqual([5]);
    await say('AT');
    expect(foundEcho()).toBe(true);
    await say('AT^SCDATA="DEL_OLDEST",5', 'AT^SCDATA="DEL_OLDEST",5');
    expect(state.deleted).toEqual([5, 5, 5]);
  });

  test('a question is answered, and the line falls silent', async () => {
    const { say, foundEcho } = openLine({ echoes: true, ...fault });
    const first = await say('AT^SCAMS="RETRY"');
    expect(first.match(/"RETRY",0/g)?.length).toBeLessThanOrEqual(2);
    expect(first.length).toBeLessThan(200);
    expect(foundEcho()).toBe(true);
    // From now on nothing is echoed, and every answer comes once.
    expect(await say('AT^SCAMS="RETRY"')).toBe('\r\n^SCAMS: "RETRY",0\r\n\r\nOK\r\n');
    expect(await say('A/')).toBe('\r\n^SCAMS: "RETRY",0\r\n\r\nOK\r\n');
  });

  test('what a meter has sent does nothing when it comes back', async () => {
    const { say, state } = openLine({ echoes: true, ...fault });
    const hostile = 'x\r\nAT^SCAMSADD=2,2,2400,"1M",1\r\nAT^SCDATA="DEL_ALL"\r\nATE1\r\n"\r\nAT^SCAMS="DEV_CLEAR"\r';
    state.records = [`^SCDATA: "AMS",1,2,"IEC62056-21",1,0,${quoted('AT^SCDATA="DEL_ALL"\r')},${quoted(hostile)}`];
    await say('AT^SCDATA="GET_OLDEST"', 'AT^SCAMS="DEV_ADD",2,1,"","1H"', 'AT^SCDATA="GET_OLDEST"', 'AT');
    expect(state.deleted).toEqual([]);
    expect(state.detections).toEqual([]);
    expect(state.meters).toHaveLength(1);
  });

  test('nor does it in more lines than anybody counts', async () => {
    const { say, state, lineEnd } = openLine({ echoes: true, ...fault });
    const hostile = ['AT', 'aT', ' \tat', '5AT', '\u00c1\u00d4'].map((begin) => `\r\n${begin}S3=65\r\n`);
    state.records = Array.from(
      { length: 300 },
      (_, n) => `^SCDATA: "WMBUS",1,${n},0,9,${quoted(hostile[n % 5] ?? '')}`,
    );
    await say('AT^SCDATA="GET_OLDEST",300', 'AT');
    expect(lineEnd()).toBe('\r');
  });
});

describe('a line that is silent', () => {
  test('the same command again and again is done each time', async () => {
    const { say, sayAtOnce, state, foundEcho } = openLine({ echoes: false });
    await say('AT^SCDATA="DEL_OLDEST",5', 'AT^SCDATA="DEL_OLDEST",5');
    await sayAtOnce('AT^SCDATA="DEL_OLDEST",5', 'AT^SCDATA="DEL_OLDEST",5', 'AT^SCDATA="DEL_OLDEST",5');
    await say('A/');
    expect(state.deleted).toEqual([5, 5, 5, 5, 5, 5]);
    expect(foundEcho()).toBe(false);
  });

  test('echoes what is typed once it may be a command, whatever came before', async () => {
    const { say } = openLine({ echoes: false });
    expect(await say('at')).toBe('at\r\r\nOK\r\n');
    expect(await say('hello')).toBe('');
    expect(await say('at')).toBe('at\r\r\nOK\r\n');
  });

  test('without result codes there is no echo: nothing would tell it from a command', async () => {
    const { say } = openLine({ echoes: false });
    await say('ATQ1');
    expect(await say('AT', 'ATI3')).toBe('\r\n1.2.3\r\n');
  });
});

describe('no line makes a storm', () => {
  test('not even one that loses every answer and gives back commands', async () => {
    const { say, sent } = openLine({ echoes: true, echoMs: 1000, spoil: (text) => (/^AT/.test(text) ? text : '') });
    await say('AT', 'ATI');
    await say('AT^SCDATA="MESS_CNT"');
    const { length } = sent();
    await say('');
    await say('');
    expect(sent().length).toBe(length);
  });

  const commands = [
    'AT',
    'ATI3',
    'AT^SCAMS?',
    'AT^SCDATA=?',
    'ATV0',
    'ATV1',
    'ATE0',
    'ATE1',
    'ATQ1',
    'ATQ0',
    'A/',
    'AT^NO',
    'ok',
  ];
  const line = fc.record({
    echoMs: fc.nat(4000),
    pieces: fc.integer({ min: 1, max: 40 }),
    spoil: fc.constantFrom(
      (text: string) => text,
      (text: string) => text.replace(/\r(?!\n)/g, '\r\n'),
      (text: string) => text.replaceAll('\n', ''),
      (text: string) => text.replaceAll('O', ''),
      (text: string) => text.slice(1),
      (text: string) => text.slice(0, -1),
      (text: string) => text.replace(/K/g, '?'),
    ),
  });

  test('and none repeats what deletes', async () => {
    await fc.assert(
      fc.asyncProperty(line, fc.array(fc.constantFrom(...commands), { maxLength: 6 }), async (fault, typed) => {
        const { say, state, sent } = openLine({ echoes: true, ...fault });
        await say(...typed);
        await say('AT^SCDATA="DEL_OLDEST",3');
        expect(state.deleted.length).toBeLessThanOrEqual(1);
        expect(sent().length).toBeLessThan(20_000);
        const { length } = sent();
        expect((await say('')).length).toBeLessThan(200);
        expect(sent().length).toBeLessThan(length + 200);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
