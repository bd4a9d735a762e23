import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromLatin1, toLatin1 } from '../../../../src/common/bytes.ts';
import { blockCheckCharacter, dsmrCrc, sevenBitSum } from '../../../../src/protocols/iec62056-21/block-check.ts';
import { dataMessageReceiver } from '../../../../src/protocols/iec62056-21/data-message.ts';
import type { DataMessage, DataMessageOptions } from '../../../../src/protocols/iec62056-21/data-message.ts';

interface Fed {
  readonly result: DataMessage;
  readonly states: readonly string[];
  readonly text: string;
  readonly lines: number;
}

function feed(input: string | Uint8Array, options: Partial<DataMessageOptions> = {}, badParity: number[] = []): Fed {
  const bytes = typeof input === 'string' ? fromLatin1(input) : input;
  const receiver = dataMessageReceiver({ blockCheck: 'strict', ...options });
  const states = Array.from(bytes, (byte, i) => receiver.accept(byte, !badParity.includes(i)));
  return { result: receiver.result(), states, text: receiver.text, lines: receiver.lines };
}

const BLOCK = '1.8.0(000123.4*kWh)\r\n2.8.0(000000.0*kWh)\r\n';

/** STX … ETX BCC with the right check character. */
function framed(body: string, check: (bytes: Uint8Array) => number = blockCheckCharacter): string {
  return `\x02${body}\x03${String.fromCharCode(check(fromLatin1(`${body}\x03`)))}`;
}

describe('framed messages', () => {
  it('end with the block check character and keep the block as received', () => {
    const { result, states, text, lines } = feed(framed(`${BLOCK}!\r\n`));
    expect(states.at(-1)).toBe('done');
    expect(states.slice(0, -1).every((state) => state === 'more')).toBe(true);
    expect(result).toMatchObject({
      block: BLOCK,
      blockCheck: 'ok',
      framed: true,
      complete: true,
      parityErrors: 0,
      errorCode: 0,
      deviations: [],
    });
    expect([text, lines]).toEqual([BLOCK, 2]);
  });

  it.each([
    ['strict', 'bad', 66053],
    ['warn', 'bad', 0],
    ['sum7', 'bad', 66053],
    ['none', 'not checked', 0],
  ] as const)('a wrong check character under %s', (blockCheck, verdict, errorCode) => {
    const message = framed(`${BLOCK}!\r\n`, (bytes) => sevenBitSum(bytes) ^ blockCheckCharacter(bytes) ^ 1);
    const { result } = feed(message, { blockCheck });
    expect(result).toMatchObject({ blockCheck: verdict, errorCode, block: BLOCK });
    expect(result.receivedBcc).not.toBe(result.expectedBcc);
  });

  it('knows the seven-bit sum', () => {
    const message = framed(`${BLOCK}!\r\n`, sevenBitSum);
    expect(feed(message, { blockCheck: 'sum7' }).result).toMatchObject({ blockCheck: 'ok', errorCode: 0 });
    expect(feed(message).result.deviations).toEqual([expect.stringContaining('7-bit sum')]);
  });

  it.each([
    ['garbage', '\x7f\x00\xff'],
    ['a question mark', '?'],
    ['an acknowledge echo', '\x06050\r\n'],
    ['a second identification', '/XYZ5A\r\n'],
    ['a request echo and an identification', '/?!\r\n/XYZ5A\r\n'],
    ['an acknowledge echo without a line end', '\x06050'],
    ['text without data sets', 'noise\r\n'],
  ])('pass over %s before STX', (_, before) => {
    const { result } = feed(before + framed(`${BLOCK}!\r\n`));
    expect(result).toMatchObject({ block: BLOCK, blockCheck: 'ok', errorCode: 0 });
    expect(result.deviations).toHaveLength(1);
    expect(result.range.start).toBe(before.length + 1);
  });

  it.each([
    ['glued to the last set', '1.6(0)!\r\n', '1.6(0)'],
    ['inside brackets is data', 'C.1(a!b)\r\n!\r\n', 'C.1(a!b)\r\n'],
    ['closes a bracket left open', '1.8.0(123*kWh!\r\n', '1.8.0(123*kWh'],
    ['after a bracket left open on another line', 'C.1(123\r\n!\r\n', 'C.1(123\r\n'],
    ['of an empty block', '!\r\n', ''],
    ['after NULs and lone LFs', '1.8.0(1)\n\n\x00!\r\n', '1.8.0(1)\n\n\x00'],
  ])('the exclamation mark %s', (_, body, block) => {
    expect(feed(framed(body)).result).toMatchObject({ block, blockCheck: 'ok', complete: true, errorCode: 0 });
  });

  it('an answer in programming mode ends at ETX', () => {
    const { result } = feed(framed('(0001.2*kWh)'));
    expect(result).toMatchObject({ block: '(0001.2*kWh)', blockCheck: 'ok', complete: true, errorCode: 0 });
    expect(result.deviations).toEqual(["no '!' before ETX"]);
  });

  it('EOT ends a partial block, SOH begins a command', () => {
    const body = 'P0\x02(1)';
    const check = String.fromCharCode(blockCheckCharacter(fromLatin1(`${body}\x04`)));
    const { result } = feed(`\x01${body}\x04${check}`);
    expect(result).toMatchObject({ block: body, blockCheck: 'ok', complete: true });
    expect(result.deviations.join()).toContain('partial block');
  });

  it.each([
    [`\x02${BLOCK}!X\n\x03A`, 66051],
    [`\x02${BLOCK}!\r\nCA`, 66052],
    [`\x02${BLOCK}!${'X'.repeat(40)}`, 66051],
  ])('a wrong end %#', (message, errorCode) => {
    const { result, states } = feed(message);
    expect(states.at(-1)).toBe('done');
    expect(result).toMatchObject({ errorCode, block: BLOCK });
  });

  it('tell when they broke off', () => {
    const whole = framed(`${BLOCK}!\r\n`);
    for (let length = 0; length < whole.length; length++) {
      const { result, states } = feed(whole.slice(0, length));
      expect(states).not.toContain('done');
      expect(result).toMatchObject({ complete: false, errorCode: 0 });
      expect(BLOCK.startsWith(result.block)).toBe(true);
    }
  });
});

describe('messages without STX', () => {
  it('have enough from the exclamation mark on', () => {
    const { result, states } = feed(`\r\n${BLOCK}!\r\n`);
    expect(states.slice(-3)).toEqual(['enough', 'enough', 'enough']);
    expect(states.slice(0, -3).every((state) => state === 'more')).toBe(true);
    expect(result).toMatchObject({ block: BLOCK, blockCheck: 'absent', framed: false, complete: true, errorCode: 0 });
    expect(result.deviations).toEqual([]);
  });

  it('are checked by the CRC of DSMR over identification and data', () => {
    const preamble = fromLatin1('/XYZ5A\r\n');
    const upTo = fromLatin1(`\r\n${BLOCK}!`);
    const digits = dsmrCrc(preamble, upTo).toString(16).toUpperCase().padStart(4, '0');
    const message = concatBytes(upTo, fromLatin1(`${digits}\r\n`));
    const { result, states } = feed(message, { preamble });
    expect(states.at(-1)).toBe('done');
    expect(result).toMatchObject({ block: BLOCK, blockCheck: 'ok', errorCode: 0 });
    expect(feed(message).result.blockCheck).toBe('not checked');
    expect(feed(concatBytes(preamble, message)).result).toMatchObject({ block: BLOCK, blockCheck: 'ok' });
    const wrong = message.map((byte, i) => (i === 10 ? byte ^ 1 : byte));
    expect(feed(wrong, { preamble }).result).toMatchObject({ blockCheck: 'bad', errorCode: 66053 });
    expect(feed(wrong, { preamble, blockCheck: 'warn' }).result.errorCode).toBe(0);
  });

  it('knows the CRC of the string 123456789 (CRC-16/ARC)', () => {
    expect(dsmrCrc(fromLatin1('123456789'))).toBe(0xbb3d);
  });

  it('may still end with ETX and BCC', () => {
    const whole = framed(`${BLOCK}!\r\n`).slice(1);
    const { result, states } = feed(whole);
    expect(states.at(-1)).toBe('done');
    expect(result).toMatchObject({ block: BLOCK, blockCheck: 'ok', framed: false, deviations: ['STX is missing'] });
  });

  it.each([
    ['a lone LF', `${BLOCK}!\n`],
    ['nothing', `${BLOCK}!`],
    ['a stray character', `${BLOCK}!\r\nh`],
  ])('may end with %s', (_, message) => {
    const { result } = feed(message);
    expect(result).toMatchObject({ block: BLOCK, complete: true, errorCode: 0 });
    expect(result.deviations.length).toBeGreaterThan(0);
  });

  it('noise in front that looks like an acknowledge loses no data', () => {
    expect(feed(`\x06${BLOCK}!\r\n`).result.block).toBe(BLOCK);
    expect(feed(`\x06(1)!\r\n`).result.block).toBe('(1)');
  });
});

describe('damage', () => {
  it('unprintable characters and single wrong parities count where no block check vouches for the block', () => {
    expect(feed(`1.8.0(1\x012)\r\n${BLOCK}!\r\n`).result).toMatchObject({ errorCode: 66049 });
    expect(feed(`${BLOCK}!\r\n`, {}, [8]).result).toMatchObject({ errorCode: 66049, parityErrors: 1 });
    expect(feed(framed(`1.8.0(1\x012)\r\n${BLOCK}!\r\n`)).result).toMatchObject({ errorCode: 0 });
  });

  it('a wrong parity is damage even where the block check matches: it is blind to the same bit flipped twice', () => {
    const whole = fromLatin1(framed(`${BLOCK}!\r\n`));
    const at = [10, 12];
    const damaged = whole.map((byte, i) => (at.includes(i) ? byte ^ 1 : byte));
    for (const blockCheck of ['strict', 'warn', 'none'] as const) {
      const { result } = feed(damaged, { blockCheck, parity: { ours: 'even', known: 'even' } }, at);
      expect(result).toMatchObject({ errorCode: 66049, parityErrors: 2 });
    }
    expect(feed(damaged, {}, at).result).toMatchObject({ blockCheck: 'ok', errorCode: 66049 });
  });

  it.each(['even', 'odd', 'none', 'mark'] as const)('is told by the parity the meter uses: %s', (sent) => {
    const whole = fromLatin1(framed(`${BLOCK}!\r\n`));
    const asSeen = (bytes: Uint8Array, flipped: number) =>
      Array.from(bytes.keys()).filter((i) => {
        const oddOnes = ((bytes[i] ?? 0).toString(2).replaceAll('0', '').length & 1) === 1;
        const bit7 = sent === 'even' ? oddOnes : sent === 'odd' ? !oddOnes : sent === 'mark';
        return (i === flipped ? !bit7 : bit7) !== oddOnes;
      });
    for (const parity of [{ ours: 'even', known: sent } as const, { ours: 'even' } as const]) {
      expect(feed(whole, { parity }, asSeen(whole, -1)).result).toMatchObject({ errorCode: 0, parityErrors: 0 });
      expect(feed(whole, { parity }, asSeen(whole, 7)).result).toMatchObject({ errorCode: 66049, parityErrors: 1 });
    }
  });

  it('noise before the message and behind an unframed one is none', () => {
    expect(feed(`\x7f\xff${framed(`${BLOCK}!\r\n`)}`, {}, [0, 1]).result).toMatchObject({ errorCode: 0 });
    expect(feed(`${BLOCK}!\r\nh`, {}, [BLOCK.length + 3]).result).toMatchObject({ errorCode: 0 });
  });

  it('too long a block ends with 66050 and what fits', () => {
    const { result, states } = feed(`\x02${'1.8.0(1)\r\n'.repeat(100)}`, { maxBytes: 500 });
    expect(states.at(-1)).toBe('done');
    expect(result).toMatchObject({ errorCode: 66050, complete: false });
    expect(result.raw.length).toBe(500);
  });
});

describe('whatever comes in', () => {
  const options = fc.constantFrom<DataMessageOptions['blockCheck']>('strict', 'warn', 'sum7', 'none');
  const noise = fc.uint8Array({ maxLength: 200 });
  const likely = fc
    .array(
      fc.constantFrom('\x02', '\x03', '\x01', '\x04', '\x06', '!', '(', ')', '\r', '\n', '/', '?', '1', '.', 'A', '\0'),
    )
    .map((parts) => fromLatin1(parts.join('')));

  it('never throws, keeps every byte and stays where it was once done', () => {
    fc.assert(
      fc.property(fc.oneof(noise, likely), options, (bytes, blockCheck) => {
        const { result, states } = feed(bytes, { blockCheck });
        const done = states.indexOf('done');
        const used = done < 0 ? bytes.length : done + 1;
        expect(result.raw).toEqual(bytes.subarray(0, used));
        expect(states.slice(used).every((state) => state === 'done')).toBe(true);
        expect(toLatin1(result.raw.subarray(result.range.start, result.range.end))).toBe(result.block);
      }),
    );
  });

  it('gives the same result for every prefix, however often it is asked', () => {
    fc.assert(
      fc.property(likely, (bytes) => {
        const receiver = dataMessageReceiver({ blockCheck: 'strict' });
        bytes.forEach((byte, i) => {
          receiver.accept(byte, true);
          expect(receiver.result()).toEqual(feed(bytes.subarray(0, i + 1)).result);
          expect(receiver.text).toBe(receiver.result().block);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('stays bounded whatever goes on and on', () => {
    for (const filler of ['\x02(', '1.8.0(1)\r\n', '\x00', '/', '\x06', '!(']) {
      const receiver = dataMessageReceiver({ blockCheck: 'strict' });
      const bytes = fromLatin1(filler);
      for (let taken = 0; taken < 300 * 1024; taken++) receiver.accept(bytes[taken % bytes.length] ?? 0, true);
      expect(receiver.result().raw.length).toBeLessThanOrEqual(256 * 1024);
    }
  });
});
