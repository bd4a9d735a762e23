import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AtError } from '../../../src/at/at-error.ts';
import { commands } from '../../../src/at/commands/index.ts';
import { type AtAsked, createAtInterpreter } from '../../../src/at/interpreter.ts';
import { MAX_LINE_LENGTH } from '../../../src/at/line-reader.ts';
import { answer, ERROR, memoryHost, OK, openTerminal } from './terminal.ts';

describe('conversation', () => {
  test('AT is OK, whatever else is not a command is ERROR', async () => {
    const { type } = openTerminal();
    expect(await type('AT')).toBe(OK);
    expect(await type('at')).toBe(OK);
    for (const line of [
      'AT^NOPE',
      'AT^SCAMS',
      'AT^SCAMS=',
      'AT^SCAMS="NOPE"',
      'ATX',
      'AT!',
      'AT^SCPORT0?',
      'AT^SCPORT9?',
    ]) {
      expect(await type(line), line).toBe(ERROR);
    }
  });

  test('echo as received, until it is switched off', async () => {
    const { send } = openTerminal();
    expect(await send('aT\r')).toBe(`aT\r${OK}`);
    expect(await send('AT\r\n')).toBe(`AT\r${OK}`);
    expect(await send('AT\n')).toBe(`AT\n${OK}`);
    expect(await send('ATE0\r')).toBe(`ATE0\r${OK}`);
    expect(await send('AT\r')).toBe(OK);
    expect(await send('ATE1\r')).toBe(OK);
    expect(await send('AT\r')).toBe(`AT\r${OK}`);
    expect(await send('ATE\r')).toBe(`ATE\r${OK}`);
    expect(await send('AT\r')).toBe(OK);
  });

  test('words or digits, or nothing', async () => {
    const { send } = openTerminal();
    expect(await send('ATE0V0\r')).toBe('ATE0V0\r0\r');
    expect(await send('ATI\r')).toBe('Hand-held unit\r\n0\r');
    expect(await send('ATX\r')).toBe('4\r');
    expect(await send('ATQ1\r')).toBe('');
    expect(await send('ATI\r')).toBe('Hand-held unit\r\n');
    expect(await send('ATZ\r')).toBe(OK);
  });

  test('who this is', async () => {
    const { type } = openTerminal();
    expect(await type('ATI')).toBe(answer('Hand-held unit'));
    expect(await type('ATI0')).toBe(answer('Hand-held unit'));
    expect(await type('ATI3')).toBe(answer('1.2.3'));
    expect(await type('ATI4')).toBe(answer('0001'));
    expect(await type('ATI7')).toBe(ERROR);
    for (const prefix of ['+G', '+CG']) {
      expect(await type(`AT${prefix}MI`)).toBe(answer('OpenHHU'));
      expect(await type(`AT${prefix}MM`)).toBe(answer('Hand-held unit'));
      expect(await type(`AT${prefix}MR`)).toBe(answer('1.2.3'));
      expect(await type(`AT${prefix}SN`)).toBe(answer('0001'));
    }
    expect(await type('AT+GMI=?')).toBe(OK);
  });

  test('A/ repeats at once, without CR', async () => {
    const { send, state } = openTerminal();
    expect(await send('A/')).toBe(`A/${ERROR}`);
    await send('AT^SCDATA="DEL_OLDEST",2\r');
    expect(await send('a/')).toBe(`a/${OK}`);
    expect(state.deleted).toEqual([2, 2]);
  });

  test('several commands on a line; the first error stops the rest and keeps what was done', async () => {
    const { type, state } = openTerminal();
    expect(await type('AT^SCAMS="ENABLE",1;^SCAMS="ENABLE";+GMI')).toBe(
      `\r\n^SCAMS: "ENABLE",1\r\n${answer('OpenHHU')}`,
    );
    expect(await type('ATE1+GMI;^SCAMS="RETRY",3')).toBe(answer('OpenHHU'));
    expect(await type('AT^SCAMS="RETRY",5;^SCAMS="RETRY",99;^SCAMS="RETRY",7')).toBe(ERROR);
    expect(state.retries).toBe(5);
    expect(await type('AT^SCAMS="RETRY",6;^SCAMS="RETRY')).not.toContain('OK');
  });

  test('a semicolon in quotes separates nothing', async () => {
    const { type, state } = openTerminal();
    expect(await type('AT^SCDATA="GET_FILTERED","TIME>1;TIME<9";^SCAMS="RETRY",4')).toBe(OK);
    expect(state.filters).toEqual(['TIME>1;TIME<9']);
    expect(state.retries).toBe(4);
  });

  test('quoted numbers, bare names, blanks, leading zeros, either case, commas at the end', async () => {
    const { type, state } = openTerminal();
    expect(await type(' at ^ScAms = "dev_add" , "2" , mbus , "1 2" , "2H" , , ')).toBe(OK);
    expect(await type('AT^SCAMS=dev_add,02,"2","1 2",2h,,')).toBe(OK);
    expect(await type('AT^SCAMS="DEV_ADD",0000000000000000000002,"0002","1 2","2H"')).toBe(OK);
    expect(await type('AT^SCPORT002="BAUDRATE",02400;^SCPORT2="BAUDRATE"')).toBe(answer('^SCPORT2: "BAUDRATE",2400'));
    expect(await type('ATE01;+CMEE=002;+CMEE=0')).toBe(OK);
    expect(state.meters[1]).toMatchObject({ ...state.meters[0], id: 'm2' });
    expect(state.meters[2]).toMatchObject({ ...state.meters[0], id: 'm3' });
    expect(state.meters).toMatchObject([{}, { port: 2, protocol: 'MBUS', address: '1 2', interval: '2H' }, {}]);
    expect(await type('AT^SCAMS="DEV_ADD",2,,"1","2H"')).toBe(ERROR);
  });

  test('escapes and line ends within quotes', async () => {
    const { send, state } = openTerminal();
    expect(await send('AT^SCAMS="DEV_ADD",2,1,"a\\22b\\5Cc\\0Dd\\z","1H"\r')).toContain('OK');
    expect(await send('AT^SCAMS="DEV_ADD",2,1,"x\r\ny\rz","1H"\r')).toContain('OK');
    expect(state.meters.map(({ address }) => address)).toEqual(['a"b\\c\rd\\z', 'x\r\ny\rz']);
  });

  test('a forgotten quote swallows nothing that follows', async () => {
    const { send, state } = openTerminal();
    expect(await send('AT^SCAMS="RETRY,1\r')).not.toContain('ERROR');
    const rest = await send('AT^SCAMS="RETRY",2\r\n');
    expect(rest).toContain(ERROR);
    expect(rest.endsWith(OK)).toBe(true);
    expect(state.retries).toBe(2);
  });

  test('backspace edits, Ctrl-C drops the line, other control characters count for nothing', async () => {
    const { send } = openTerminal();
    expect(await send('ATX\bI3\r')).toBe(`ATX\b \bI3\r${answer('1.2.3')}`);
    expect(await send('\b\x7fAT\x00\x1b\r')).toBe(`AT\r${OK}`);
    expect(await send('AT^SCAMS="\x03AT\r')).toBe(`AT^SCAMS="\r\nAT\r${OK}`);
    expect(await send('AT"\bI3\r')).toContain('1.2.3');
  });

  test('a line without AT gets no answer: a peer that echoes must not start an endless exchange', async () => {
    const { send } = openTerminal();
    await send('ATE0\r');
    const listing = await send('AT^SCDATA=?\r');
    expect(await send(`OK\rERROR\r\r${listing}`)).toBe('');
    expect(await send('\xff~AT\r')).toBe(OK);
  });

  test('seven bits count, and are echoed as received', async () => {
    const { send } = openTerminal();
    const even = (text: string) =>
      Array.from(text, (character) => {
        const code = character.charCodeAt(0);
        return String.fromCharCode(code.toString(2).replaceAll('0', '').length % 2 === 1 ? code | 0x80 : code);
      }).join('');
    expect(await send(even('ATI3\r'))).toBe(`${even('ATI3\r')}${answer('1.2.3')}`);
    expect(await send(even('A/'))).toBe(`${even('A/')}${answer('1.2.3')}`);
    // A line at rest that is disturbed reads as 0xFF, which takes nothing back.
    expect(await send('ATI\xff3\r')).toContain('1.2.3');
  });

  test('S3, S4 and S5: what ends a line, what follows it in answers, what takes a character back', async () => {
    const { send, type } = openTerminal();
    expect(await type('ATS3?')).toBe(answer('013'));
    expect(await type('ATS4?S5?')).toBe(`\r\n010\r\n${answer('008')}`);
    expect(await type('ATS3=013S4=10E1S5=8')).toBe(OK);
    for (const line of ['ATS3=128', 'ATS3=', 'ATS3', 'ATS7?', 'ATS3=x']) expect(await type(line), line).toBe(ERROR);

    // The result code of the line that sets it has the new character already.
    expect(await send('ATS3=30\r')).toBe('ATS3=30\r\x1e\nOK\x1e\n');
    expect(await send('ATI3\x1e')).toBe('ATI3\x1e\x1e\n1.2.3\x1e\n\x1e\nOK\x1e\n');
    expect(await send('AT\r\nI3\x1e')).toBe('ATI3\x1e\x1e\n1.2.3\x1e\n\x1e\nOK\x1e\n');
    expect(await send('ATV0\x1e')).toBe('ATV0\x1e0\x1e');
    expect(await send('ATS3=13V1\x1e')).toBe(`ATS3=13V1\x1e${OK}`);

    expect(await send('ATS4=38\r')).toBe('ATS4=38\r\r&OK\r&');
    expect(await send('ATS4=10\r')).toBe(`ATS4=10\r${OK}`);
    expect(await send('ATS5=35\r')).toBe(`ATS5=35\r${OK}`);
    expect(await send('ATX#I3\r')).toBe(`ATX\b \bI3\r${answer('1.2.3')}`);
    expect(await send('ATI3\b\x7f\r')).toBe(`ATI3\r${answer('1.2.3')}`);
    expect(await send('ATZ\r')).toBe(`ATZ\r${OK}`);
    expect(await type('ATS3?S4?S5?')).toBe(`\r\n013\r\n\r\n010\r\n${answer('008')}`);
  });

  test('a line that is too long is refused as a whole and the next one is read', async () => {
    const { send, state } = openTerminal();
    await send('ATE0\r');
    expect(await send(`AT${';'.repeat(MAX_LINE_LENGTH)}^SCAMS="RETRY",9\rAT\r`)).toBe(ERROR + OK);
    expect(await send(`AT"${'x'.repeat(MAX_LINE_LENGTH)}\rAT\r`)).toBe(ERROR + OK);
    // One that is no command gets no answer, as long as it may be.
    expect(await send(`^SCDATA: "AMS",${'x'.repeat(MAX_LINE_LENGTH)}\rAT\r`)).toBe(OK);
    expect(state.retries).toBe(0);
  });

  test('+CMEE is off at first; it gives code or text', async () => {
    const { type } = openTerminal();
    expect(await type('AT+CMEE?')).toBe(answer('+CMEE: 0'));
    expect(await type('AT+CMEE=?')).toBe(answer('+CMEE: 0-2'));
    expect(await type('AT+CMEE=1')).toBe(OK);
    expect(await type('AT^NOPE')).toBe('\r\n+CME ERROR: 4\r\n');
    expect(await type('AT+CMEE=2')).toBe(OK);
    expect(await type('AT^SCAMS="RETRY",99')).toBe('\r\n+CME ERROR: A number from 0 to 9 is expected.\r\n');
    expect(await type('ATZ')).toBe(OK);
    expect(await type('AT^NOPE')).toBe(ERROR);
  });
});

describe('safety', () => {
  test.each([
    ['deletes', ['DEV_REMOVE', 'DEV_CLEAR', '^SCAMSADD', 'DEL_OLDEST', 'DEL_ALL']],
    [
      'changes',
      [
        ...['ENABLE', 'RETRY', 'DEV_ADD', 'DEV_INTERVAL'],
        ...['BAUDRATE', 'DATA_BITS', 'STOP_BITS', 'PARITY', 'SAVE', 'SRESTART'],
      ],
    ],
  ] as const)('what %s', (wanted, expected) => {
    const names = commands.flatMap((command) => [
      ...(command.set?.effect === wanted ? [command.name] : []),
      ...(command.subcommands ?? []).filter(({ effect }) => effect === wanted).map(({ name }) => name),
    ]);
    expect(names).toEqual(expected);
  });

  test('they are asked about where there is somebody to ask', async () => {
    const asked: AtAsked[] = [];
    let yes = false;
    const terminal = openTerminal({
      permit: (question) => {
        asked.push(question);
        return Promise.resolve(yes);
      },
    });
    expect(await terminal.type('AT^SCDATA="DEL_ALL"')).toBe(ERROR);
    expect(terminal.state.deleted).toEqual([]);
    yes = true;
    expect(await terminal.type('AT^SCDATA="DEL_ALL";^SCAMS?')).toBe(answer('^SCAMS: NO DEVICE'));
    expect(terminal.state.deleted).toEqual(['all']);
    // What tells a setting is not asked about, what sets it is.
    expect(await terminal.type('AT^SCAMS="RETRY";^SCPORT2="PARITY";^SCAMS="RETRY",2')).toContain('OK');
    expect(asked.map(({ effect, line }) => `${effect} ${line.slice(0, 20)}`)).toEqual([
      'deletes AT^SCDATA="DEL_ALL"',
      'deletes AT^SCDATA="DEL_ALL";',
      'changes AT^SCAMS="RETRY";^SC',
    ]);
  });

  test('a host that fails gives ERROR; what was not foreseen is reported', async () => {
    const errors: unknown[] = [];
    const broken = new Error('disk');
    const terminal = openTerminal(
      { onError: (error) => errors.push(error) },
      {
        recordCount: () => Promise.reject(broken),
        clearMeters: () => Promise.reject(new AtError(3)),
      },
    );
    expect(await terminal.type('AT^SCDATA="MESS_CNT"')).toBe(ERROR);
    expect(await terminal.type('AT^SCAMS="DEV_CLEAR"')).toBe(ERROR);
    expect(errors).toEqual([broken]);
    expect(await terminal.type('AT')).toBe(OK);
  });

  test('what is typed while a command runs waits its turn; cancel ends the command', async () => {
    const terminal = openTerminal(
      {},
      {
        directRead: (_request, { signal }) =>
          new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      },
    );
    const all = terminal.send('AT^SCAMS="DIRECT_READ",2,1,"1"\r');
    const next = terminal.interpreter.input('ATI3\r');
    await new Promise((resolve) => setImmediate(resolve));
    expect(terminal.chunks.join('')).toBe('AT^SCAMS="DIRECT_READ",2,1,"1"\r');
    terminal.interpreter.cancel();
    await Promise.all([all, next]);
    expect(terminal.chunks.join('')).toBe(`AT^SCAMS="DIRECT_READ",2,1,"1"\r${ERROR}ATI3\r${answer('1.2.3')}`);
    terminal.interpreter.cancel();
  });

  test('long answers come in pieces, and wait for a slow peer', async () => {
    const { host, state } = memoryHost();
    state.records = Array.from({ length: 5 }, (_, i) => `line ${i}`);
    let writing = 0;
    let most = 0;
    const chunks: string[] = [];
    const interpreter = createAtInterpreter(host, async (text) => {
      most = Math.max(most, ++writing);
      await new Promise((resolve) => setImmediate(resolve));
      writing--;
      chunks.push(text);
    });
    await interpreter.input('ATE0\rAT^SCDATA="GET_OLDEST",5\r');
    expect(most).toBe(1);
    expect(chunks.slice(2)).toEqual(['\r\nline 0\r\nline 1\r\n', 'line 2\r\nline 3\r\n', 'line 4\r\n', OK]);
  });

  test('an output that is lost rejects the input and is no failure of the command', async () => {
    const { host } = memoryHost();
    let lost = true;
    const interpreter = createAtInterpreter(host, (text) => {
      if (lost && text.includes('OpenHHU')) throw new Error('port lost');
    });
    await expect(interpreter.input('AT+GMI\r')).rejects.toThrow('port lost');
    lost = false;
    await expect(interpreter.input('AT+GMI\r')).resolves.toBeUndefined();
  });

  test('too much input at once is refused with ERROR, and the next line is read', async () => {
    const terminal = openTerminal();
    expect(await terminal.send(`${'x'.repeat(1 << 20)}\r`)).toBe(ERROR);
    expect(await terminal.type('AT')).toBe(OK);
    // Refused in the midst of a line: the rest of that line is no command either.
    expect(await terminal.send(`AT^SCAMS="RETRY",${'9'.repeat(1 << 20)}`)).toBe(ERROR);
    expect(await terminal.send('AT^SCDATA="DEL_ALL"\r')).toBe('');
    // Ctrl-C ends it too.
    expect(await terminal.send(`${'x'.repeat(1 << 20)}\x03`)).toBe(ERROR);
    expect(await terminal.type('AT')).toBe(OK);
    expect(terminal.state.deleted).toEqual([]);
  });

  test('what floods in while a command runs is refused once; what fits before it is answered in order', async () => {
    let end: () => void = () => undefined;
    const terminal = openTerminal(
      {},
      {
        recordCount: () => new Promise((resolve) => (end = () => resolve(7))),
        deleteAllRecords: () => Promise.reject(new Error('no')),
      },
    );
    await terminal.send('ATE0\r');
    terminal.chunks.length = 0;
    const all = terminal.interpreter.input('AT^SCDATA="MESS_CNT"\r');
    await new Promise((resolve) => setImmediate(resolve));
    void terminal.interpreter.input('ATI3\rAT^SCDATA=');
    for (let i = 0; i < 300; i++) void terminal.interpreter.input('"DEL_ALL"\r'.padStart(5000, ' '));
    end();
    await all;
    const count = answer('^SCDATA: "MESS_CNT",7');
    expect(terminal.chunks.join('').startsWith(count + answer('1.2.3'))).toBe(true);
    expect(terminal.chunks.join('').endsWith(ERROR)).toBe(true);
    expect(await terminal.send('AT\r')).toBe(OK);
  });
});

describe('any text', () => {
  const word = fc.constantFrom(
    ...[
      'AT',
      'at',
      'A/',
      '^SCAMS',
      '^SCDATA',
      '+GMI',
      '+CMEE',
      'E0',
      'E1',
      'I3',
      'Z',
      '=',
      '=?',
      '?',
      ';',
      ',',
      '"',
      '\\22',
    ],
    ...[
      '"ENABLE"',
      '"DEV_ADD"',
      '"DEL_ALL"',
      '"GET_OLDEST"',
      '1',
      '99',
      '"1H"',
      'mbus',
      ' ',
      '\r',
      '\r\n',
      '\n',
      '\b',
      '\x03',
      'é',
    ],
  );
  const text = fc.oneof(
    fc.array(word, { maxLength: 60 }).map((words) => words.join('')),
    fc.string(),
  );

  test('cut into any pieces gives the same answers, and nothing throws', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat({ max: 12 }), { maxLength: 40 }), async (input, cuts) => {
        const errors: unknown[] = [];
        const whole = openTerminal({ onError: (error) => errors.push(error) });
        await whole.interpreter.input(input);
        const pieces = openTerminal();
        let rest = input;
        const parts: Promise<void>[] = [];
        for (const cut of cuts) {
          parts.push(pieces.interpreter.input(rest.slice(0, cut)));
          rest = rest.slice(cut);
          if (cut % 3 === 0) await parts.at(-1);
        }
        parts.push(pieces.interpreter.input(rest));
        await Promise.all(parts);
        expect(pieces.chunks.join('')).toBe(whole.chunks.join(''));
        expect(errors).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('after it, a cancelled line and a reset, the terminal answers as ever', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (input) => {
        const { send } = openTerminal();
        await send(`${input}\x03ATZ\r`);
        expect(await send('ATI3\r')).toBe(`ATI3\r${answer('1.2.3')}`);
      }),
    );
  });
});
