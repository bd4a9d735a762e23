import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../../../src/common/form.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import type { Line } from '../../../../src/line/line.ts';
import { portSettings } from '../../../../src/line/framing.ts';
import { PortError, type PortFailure } from '../../../../src/line/port.ts';
import { inmatDialogue } from '../../../../src/protocols/inmat/ask.ts';
import { inmatErrors } from '../../../../src/protocols/inmat/errors.ts';
import { deviceAt } from '../../../../src/simulator/far-end.ts';
import '../../../../src/protocols/inmat/session.ts';
import { onLine, type LineOptions, type OnLine } from '../on-line.ts';
import { bytesOf, sealed, stationsOn, type Mishap, type StationSpec } from './independent-station.ts';

const plain: StationSpec = {
  station: 5,
  answers: {
    '01021200': '0A 00 0000AC41',
    '01000100': '08 00 F9FF',
    '01011400': '0A 00 15CD5B07',
    '01032000': '0A 00 426F696C657200',
    '031000FDFF1A00': `0A 00 ${'1A'.repeat(26)}`,
    '0402200001000000': '0A 00 0000803F',
    '050220000000000001000200': '0A 00 0000803F00000040',
    '00': '0A 00 494E4D415400',
    '0102EE00': '01',
    '0102EF00': '02',
    '0102F000': '03',
  },
};
const codes: Values = { functionE: '04', functionB: '05', functionI: '00' };

interface How extends LineOptions {
  readonly settings?: Values;
  readonly mishaps?: (count: number) => Mishap | undefined;
  readonly during?: (on: OnLine) => void;
  readonly through?: (line: Line) => Line;
}

async function read(specs: readonly StationSpec[], address: string, how: How = {}) {
  const { settings = codes, mishaps, during, through = (line: Line) => line, ...options } = how;
  const { device, requests } = stationsOn(specs, portSettings('8E1', 9600), mishaps);
  const readout: Readout = await onLine(
    deviceAt(() => device),
    async (on) => {
      during?.(on);
      return await inmatDialogue.read(through(on.line), { address, settings }, {});
    },
    { framing: '8E1', ...options },
  );
  return { readout, requests };
}

test('the result is as the manual writes it, command after command', async () => {
  const address = '5|I,S:F:12,S:I:01,S:L:14,S:S:20,E:F:20:1:0,B:F:20:0:0:1:2,M:0010:FFFD:1A';
  const { readout, requests } = await read([plain], address);
  expect(readout).toMatchObject({ errorCode: 0, identification: '' });
  expect(readout.data).toBe(
    `5|I=494E4D415400,S:F:12=0000AC41,S:I:01=F9FF,S:L:14=15CD5B07,S:S:20=426F696C657200,E:F:20:1:0=0000803F,B:F:20:0:0:1:2=0000803F00000040,M:0010:FFFD:1A=${'1A'.repeat(26)}`,
  );
  expect(requests[0]).toBe('10050049' + '4E16');
  expect(requests).toContain('6807076805004D010212006716');
  expect(readout.circumstances?.meaning).toEqual({ byteOrder: 'little' });
});

test('one that is refused is ERR and stops none of the others', async () => {
  const { readout } = await read([plain], '5|S:F:EE,S:F:12,S:F:EF,S:F:F0,S:F:77,S:I:01');
  expect(readout.errorCode).toBe(0);
  expect(readout.data).toBe('5|S:F:EE=ERR,S:F:12=0000AC41,S:F:EF=ERR,S:F:F0=ERR,S:F:77=ERR,S:I:01=F9FF');
  expect(readout.circumstances?.notes?.join()).toMatch(/user error.*no resource.*not activated.*no data/);
});

test('a response code that the profile calls a refusal is ERR as well', async () => {
  const spec = { ...plain, answers: { ...plain.answers, '01021300': '0A 07' } };
  const settings = { ...codes, refusalCodes: '06, 07' };
  const { readout } = await read([spec], '5|S:F:13,S:F:12', { settings });
  expect(readout).toMatchObject({ errorCode: 0, data: '5|S:F:13=ERR,S:F:12=0000AC41' });
});

test('every station type is a station that is there', async () => {
  for (const status of [0x00, 0x10, 0x20, 0x30]) {
    const { readout } = await read([{ ...plain, status }], '5|S:I:01');
    expect(readout.errorCode).toBe(0);
  }
});

test('a value of another size than its type is kept, and said', async () => {
  const spec = { ...plain, answers: { '01021200': '0A 00 AC41' } };
  const { readout } = await read([spec], '5|S:F:12');
  expect(readout).toMatchObject({ errorCode: 0, data: '5|S:F:12=AC41' });
  expect(readout.circumstances?.notes).toContain('S:F:12 gave 2 bytes instead of 4.');
});

test('requests alternate their frame count bit where that is set', async () => {
  const settings = { ...codes, frameCount: true };
  const mishaps = (count: number) => (count === 2 ? () => undefined : undefined);
  const { readout, requests } = await read([plain], '5|S:F:12,S:I:01,S:L:14', { settings, mishaps });
  expect(readout.errorCode).toBe(0);
  // The repeated one has the bit that it had.
  expect(requests.slice(1).map((one) => one.slice(12, 14))).toEqual(['7D', '7D', '5D', '7D']);
});

describe('check sums', () => {
  const carry: StationSpec = { ...plain, sum: 'carry' };
  // Without a carry both are the same.
  const address = '5|S:I:01,S:L:14,S:F:12';
  test('both are taken, and the record says which came', async () => {
    const usual = await read([plain], address);
    expect(usual.readout.circumstances?.notes).toContain('Check sums seen: modulo 256 (PROFIBUS).');
    const other = await read([carry], address, { settings: { ...codes, checkSum: 'ones' } });
    expect(other.readout.data).toBe(usual.readout.data);
    expect(other.readout.circumstances?.notes).toContain('Check sums seen: with the carry added (AMiT DB-Net).');
    const either = await read([plain], '5|S:F:99');
    expect(either.readout.circumstances?.notes).toContain('Check sums seen: they fit either way of summing.');
  });
  test('the one that is not sent counts when it comes twice, even where nothing may be repeated', async () => {
    // It takes requests without a carry only, and sums its answers its own way.
    const mishaps = () => (answer: readonly number[]) =>
      answer[0] === 0x10 ? answer : sealed(answer.slice(4, -2), 'carry');
    const { readout, requests } = await read([plain], address, { mishaps, settings: { ...codes, retries: 0 } });
    expect(readout).toMatchObject({ errorCode: 0, data: '5|S:I:01=F9FF,S:L:14=15CD5B07,S:F:12=0000AC41' });
    expect(readout.circumstances?.notes?.join()).toContain('which is not what is sent');
    expect(requests).toHaveLength(5);
  });
  test('one wrong bit that makes the other one right is no value', async () => {
    // The sum of this answer has one carry: the lowest bit of a byte that is one less is right with the carry added.
    const spec = { ...plain, answers: { '01021200': '0A 00 0000AC81' } };
    const spoilt = (answer: readonly number[]) =>
      answer.map((byte, at) => (at === answer.length - 3 ? byte ^ 1 : byte));
    for (const bad of [2, 3]) {
      const mishaps = (count: number) => (count === bad ? spoilt : undefined);
      const { readout } = await read([spec], '5|S:F:12,S:F:12', { mishaps });
      expect(readout).toMatchObject({ errorCode: 0, data: '5|S:F:12=0000AC81,S:F:12=0000AC81' });
    }
  });
});

describe('what goes wrong once is asked again, and does no harm', () => {
  const change = (at: number, to: number) => (answer: readonly number[]) => answer.with(at, to);
  test.each<[string, Mishap]>([
    ['silence', () => undefined],
    ['a late answer', 900],
    ['a wrong check', (answer) => answer.with(answer.length - 2, (answer.at(-2) ?? 0) ^ 0x20)],
    ['a wrong end', (answer) => answer.with(answer.length - 1, 0)],
    ['a torn answer', (answer) => answer.slice(0, 5)],
    ['noise before it', (answer) => [0xff, 0x00, ...answer]],
    ['another station before it', (answer) => [...sealed([0, 9, 0]), ...answer]],
    ['another station instead', () => sealed([0, 9, 0])],
    ['another master’s request before it', (answer) => [...sealed([9, 2, 0x49]), ...answer]],
    ['a wrong start', change(0, 0)],
  ])('%s', async (_what, mishap) => {
    for (const when of [1, 2, 3]) {
      const mishaps = (count: number) => (count === when ? mishap : undefined);
      const { readout } = await read([plain], '5|S:F:12,S:I:01', { mishaps });
      expect(readout).toMatchObject({ errorCode: 0, data: '5|S:F:12=0000AC41,S:I:01=F9FF' });
    }
  });

  test('a late answer is taken for the request it belongs to, never for the next one', async () => {
    const mishaps = (count: number) => (count === 2 ? 800 : undefined);
    const { readout, requests } = await read([plain], '5|S:F:12,S:L:14', { mishaps });
    expect(readout.data).toBe('5|S:F:12=0000AC41,S:L:14=15CD5B07');
    expect(requests).toHaveLength(3);
    expect(readout.circumstances?.notes).toContain('An answer took longer than 500 ms.');
  });

  test.each([700, 1100, 1400, 2300])('with every answer %d ms late none is taken for another one’s', async (lateMs) => {
    const { readout } = await read([plain], '5|S:F:12,S:L:14,E:F:20:1:0,S:I:01', { mishaps: () => lateMs });
    const whole = '5|S:F:12=0000AC41,S:L:14=15CD5B07,E:F:20:1:0=0000803F,S:I:01=F9FF';
    expect(readout.errorCode === 0 ? readout.data === whole : whole.startsWith(readout.data)).toBe(true);
  });

  test.each([0, 40])('an adapter that echoes, with %d ms in its buffer', async (latencyMs) => {
    const { readout } = await read([plain], '5|S:F:12', { faults: ['echo'], latencyMs });
    expect(readout).toMatchObject({ errorCode: 0, data: '5|S:F:12=0000AC41' });
  });
});

/** The status is request 1, the first command 2; nothing is repeated. */
const onlyAt = (when: number, mishap: Mishap) => (count: number) => (count === when ? mishap : undefined);
const settings = { ...codes, retries: 0 };
const sd2 =
  (...counted: readonly number[]) =>
  () =>
    sealed(counted);
const changed =
  (at: number, to: number): Mishap =>
  (answer) =>
    answer.map((byte, index) => (index === at ? to : byte));

describe('errors at their causes', () => {
  test.each<[number, number, Mishap, RegExp]>([
    [4194312, 1, () => undefined, /Station 5 did not answer the status request within 500 ms at 9600 Bd 8E1/],
    [4194312, 1, (answer) => answer.slice(0, 3), /stopped after 3 bytes/],
    [4194313, 1, sd2(0, 5, 0x0a, 0), /Data came instead of a status/],
    [4194313, 1, () => [0xe5], /E5/],
    [4194314, 1, sd2(7, 5, 0), /answered station 7 instead of 0/],
    [4194315, 1, sd2(0, 6, 0), /Station 6 answered instead of station 5/],
    [4194316, 1, sd2(0, 5, 0x02), /status of station 5 is 02: no resource/],
    [4194316, 1, sd2(0, 5, 0x0f), /0F/],
    [4194317, 2, sd2(0, 5, 0x00), /frame control 00 and no data/],
    [4194318, 2, sd2(0, 5, 0x0c, 0, 1), /frame control 0C/],
    [4194321, 2, () => undefined, /did not answer the data request/],
    [4194321, 2, (answer) => answer.slice(0, 9), /stopped after 9 of 14 bytes/],
    [4194322, 2, sd2(7, 5, 0x0a, 0, 1), /answered station 7/],
    [4194323, 2, sd2(0, 6, 0x0a, 0, 1), /Station 6 answered/],
    [4194324, 2, sd2(0, 5, 0x0a, 0x33, 1), /response code is 33, not 00/],
    [4194561, 2, changed(0, 0x67), /do not begin with a start character/],
    [4194562, 2, changed(3, 0x67), /second start/],
    [4194563, 2, changed(13, 0x17), /end character/],
    [4194564, 2, changed(12, 0x55), /check sum/],
    [4194565, 2, changed(2, 0x09), /two different lengths/],
    [4194566, 2, () => bytesOf('68 03 03 68 00 05 0A 0F 16'), /length that no frame has/],
    [4194567, 2, () => new Array<number>(800).fill(0x55), /765 bytes came without a whole frame/],
  ])('%d (%d)', async (code, when, mishap, message) => {
    const { readout } = await read([plain], '5|S:F:12,S:I:01', { settings, mishaps: onlyAt(when, mishap) });
    expect(readout).toMatchObject({ errorCode: code, identification: '', data: '' });
    expect(readout.circumstances?.message).toMatch(message);
    expect(readout.circumstances?.hint).not.toBe('');
  });

  test('what came before is kept, and called partial', async () => {
    const { readout } = await read([plain], '5|S:F:12,S:I:01', { settings, mishaps: onlyAt(3, () => undefined) });
    expect(readout).toMatchObject({ errorCode: 4194321, data: '5|S:F:12=0000AC41', circumstances: { partial: true } });
  });

  test('4194308 where the function is not known, before anything is sent', async () => {
    const { readout, requests } = await read([plain], '5|S:F:12,E:F:20:1:0', { settings: {} });
    expect([readout.errorCode, requests]).toEqual([4194308, []]);
    expect(readout.circumstances?.message).toContain('function code of E is not known');
    expect(readout.circumstances?.hint).toContain('wire profile');
  });

  test.each<[number, number, PortFailure]>([
    [4194310, 1, 'failed'],
    [4194311, 1, 'timeout'],
    [4194319, 2, 'failed'],
    [4194320, 2, 'timeout'],
  ])('%d where write %d fails: %s', async (code, when, failure) => {
    let count = 0;
    const through = (line: Line): Line =>
      Object.create(line, {
        write: {
          value: (bytes: Uint8Array) =>
            ++count === when ? Promise.reject(new PortError(failure, 'It hangs.', ['Plug it in.'])) : line.write(bytes),
        },
      }) as Line;
    const { readout } = await read([plain], '5|S:F:12', { settings, through });
    expect(readout).toMatchObject({ errorCode: code, circumstances: { hint: 'Plug it in.' } });
  });

  test('4194309 where the port fails while it is read', async () => {
    const through = (line: Line): Line =>
      Object.create(line, { read: { value: () => Promise.reject(new PortError('failed', 'It refuses.')) } }) as Line;
    const { readout } = await read([plain], '5|S:F:12', { settings, through });
    expect(readout.errorCode).toBe(4194309);
  });

  test('4194304 where the adapter is pulled out', async () => {
    const { readout } = await read([plain], `5|${'M:10:FFFD:1A,'.repeat(30)}I`, { faults: ['port-lost'] });
    expect(readout.errorCode).toBe(4194304);
  });

  test('4194305 where a person ends it', async () => {
    const during = ({ clock, stop }: OnLine) => void clock.sleep(200).then(stop);
    const { readout } = await read([plain], '5|S:F:12', { mishaps: () => () => undefined, during });
    expect(readout.errorCode).toBe(4194305);
  });

  test('4194325 where the results are more than a record holds', async () => {
    const spec = { station: 5, answers: { '00': `0A 00 ${'AB'.repeat(245)}` } };
    const { readout } = await read([spec], `5|${new Array<string>(200).fill('I').join(',')}`);
    expect(readout).toMatchObject({ errorCode: 4194325, circumstances: { partial: true } });
    expect(readout.data).toMatch(/^5\|I=[AB]{490},.*[AB]{490}$/);
    expect(readout.data.length).toBeLessThanOrEqual(65_536);
  });
});

test('however the adapter cuts what comes, the same is read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 200 }), async (latencyMs, lateMs) => {
      const { readout } = await read([plain], '5|S:F:12,S:I:01', { latencyMs, mishaps: () => lateMs });
      expect(readout).toMatchObject({ errorCode: 0, data: '5|S:F:12=0000AC41,S:I:01=F9FF' });
    }),
    { numRuns: 12 },
  );
});

test('whatever a station sends, a read ends with a code of the table, and invents nothing', async () => {
  const known = new Set(inmatErrors.map(({ code }) => code));
  const hostile = fc.array(
    fc.oneof(fc.constantFrom(0x10, 0x68, 0x16, 0x00, 0x05, 0x0a), fc.integer({ min: 0, max: 255 })),
    {
      maxLength: 40,
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 5 }), async (answers) => {
      const { readout } = await read([plain], '5|S:F:12', {
        mishaps: (count) => () => answers[count % answers.length],
      });
      expect(readout.errorCode === 0 || known.has(readout.errorCode)).toBe(true);
      if (readout.errorCode !== 0) expect(readout.data).toBe('');
    }),
    { numRuns: 60 },
  );
});
