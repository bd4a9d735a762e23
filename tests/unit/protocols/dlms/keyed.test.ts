import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import type { Values } from '../../../../src/common/form.ts';
import type { KeptCounter } from '../../../../src/common/kept-counter.ts';
import { Secret } from '../../../../src/common/secret.ts';
import { dlmsDialogue } from '../../../../src/protocols/dlms/ask.ts';
import { encipherBlocks } from '../../../../src/protocols/dlms/security/gcm.ts';
import { keyed } from '../../../../src/protocols/dlms/simulated/keyed.ts';
import { headMeter } from '../../../../src/protocols/dlms/simulated/head-meter.ts';
import { meterAt } from '../../../../src/protocols/dlms/simulated/secondary.ts';
import type { FarEnd } from '../../../../src/simulator/far-end.ts';
import { onLine } from '../on-line.ts';

/** The simulated meter with keys, read as the house reads it: keys and counter come from outside. */

const settings = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' } as const;
const EK = '4F70656E4848552D64656D6F2D454B31';
const AK = '4F70656E4848552D64656D6F2D414B31';
const WRONG = 'FF'.repeat(16);
const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);

/** What is on disk of a counter; `given` out, in order. */
function disk(last?: number) {
  const state = { last, given: [] as number[], titles: 1 };
  const counter = (): Promise<KeptCounter> =>
    Promise.resolve({
      title: bytes(`4F4855000000000${state.titles}`),
      last: state.last,
      next: (after) => {
        state.last = Math.max(state.last ?? 0, after) + 1;
        state.given.push(state.last);
        return Promise.resolve(state.last);
      },
      renew: (behind) => {
        state.last = behind;
        state.titles++;
        return counter();
      },
    });
  return { state, counter };
}

interface How {
  readonly keys?: Readonly<Record<string, string>>;
  readonly set?: Values;
  readonly counter?: () => Promise<KeptCounter>;
  readonly address?: string;
  readonly line?: Parameters<typeof onLine>[2];
}

async function read(farEnd: FarEnd, how: How = {}) {
  const { keys = { 'encryption key': EK, 'authentication key': AK }, set = {}, address = '1/17|1.8.0' } = how;
  const said: string[] = [];
  return await onLine(
    farEnd,
    async ({ line }) => {
      const readout = await dlmsDialogue
        .read(
          line,
          { address, settings: { client: 1, security: 'HLS 5', ...set } },
          {
            secret: (name) => Promise.resolve(keys[name] === undefined ? undefined : new Secret(bytes(keys[name]))),
            secretSaid: (name, what) => Promise.resolve(void said.push(`${name} ${what}`)),
            counter: how.counter ?? disk().counter,
          },
        )
        .catch((error: unknown) => ({ error: String(error), hint: (error as { hint?: string }).hint }));
      const sent = line.trace.entries.filter(({ direction }) => direction === 'sent').map((one) => toHex(one.bytes));
      const all = toHex(Uint8Array.from(line.trace.entries.flatMap((one) => [...one.bytes])));
      return { readout, said, sent, all };
    },
    how.line ?? {},
  );
}
const meter = () => meterAt(keyed, settings);
/** Our title and the number of each message under a key that went out: no two are ever the same. */
function numbersIn(sent: readonly string[]): readonly string[] {
  const title = sent.map((frame) => /A60A0408([0-9A-F]{16})/.exec(frame)?.[1]).find((one) => one !== undefined);
  const messages = /(?:BE230421..|BE340432..|CB..|DB08[0-9A-F]{16}..)30([0-9A-F]{8})/g;
  return sent.flatMap((frame) => [...frame.matchAll(messages)].map((one) => `${title} ${one[1]}`));
}

describe('a meter with HLS 5 and ciphering', () => {
  test('is read with its keys; what the public client may read says the counter first', async () => {
    const { state, counter } = disk();
    const { readout, said, all, sent } = await read(meter(), { counter });
    expect(readout).toMatchObject({
      errorCode: 0,
      data: expect.stringMatching(/^3:1-0:1\.8\.0\*255:2=06[0-9A-F]{8},3:1-0:1\.8\.0\*255:3=02020F00161E$/) as string,
      circumstances: { security: 'authenticated and encrypted' },
    });
    expect(state.given[0]).toBe(1001);
    expect(said).toEqual(['encryption key taken', 'authentication key taken']);
    // Nothing of it is on the line in the open.
    expect(all).not.toContain('0100010800FF');
    expect(all).not.toContain(EK);
    expect(numbersIn(sent)).toEqual([...new Set(numbersIn(sent))]);
  });

  test.each([
    ['a key for the connection', { dedicated: true }],
    ['everything it lists', {}, '1/17'],
    ['its profile', {}, '1/17|7:1-0:99.1.0'],
  ])('is read with %s', async (_name, set, address = '1/17|1.8.0') => {
    expect((await read(meter(), { set, address })).readout).toMatchObject({ errorCode: 0 });
  });

  test.each([1, 2] as const)('is read with suite %i, which no live meter was seen with', async (suite) => {
    const long = suite === 2 ? [EK + EK, AK + AK] : [EK, AK];
    const [encryption, authentication] = long.map(bytes);
    const target = meterAt(
      {
        ...keyed,
        keys: { ...must(keyed.keys), suite, encryption: must(encryption), authentication: must(authentication) },
      },
      settings,
    );
    const keys = { 'encryption key': long[0] ?? '', 'authentication key': long[1] ?? '' };
    for (const dedicated of [false, true])
      expect((await read(target, { keys, set: { suite, dedicated } })).readout).toMatchObject({ errorCode: 0 });
    const other = await read(target, { keys, set: { suite: suite === 2 ? 1 : 2 } });
    expect(other.sent).toEqual([]);
    expect(other.readout).toMatchObject({
      error: expect.stringMatching(/The encryption key has \d\d bytes/) as string,
    });
  });

  test.each([
    ['authenticated', 0x10, 'authenticated, not encrypted', /C003C.0200030100010800FF/],
    ['encrypted', 0x20, 'encrypted, not authenticated', /D4..20|DB08/],
  ] as const)('is read where messages are %s only', async (protection, control, security, seen) => {
    const target = meterAt({ ...keyed, keys: { ...must(keyed.keys), control } }, settings);
    const { readout, all } = await read(target, { set: { protection } });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { security } });
    expect(all).toMatch(seen);
    const wrong = await read(target, {
      set: { protection },
      keys: { 'encryption key': WRONG, 'authentication key': AK },
    });
    expect(wrong.readout).toMatchObject({ data: '' });
    // One that protects less than we do is not believed, nor the other way round.
    expect((await read(target)).readout).toMatchObject({ data: '' });
  });

  test('is read by HLS 2 too, with the counter that it keeps for this client (India)', async () => {
    const secret = '53656372657420323031382D32303236';
    const target = meterAt(
      { ...keyed, keys: { ...must(keyed.keys), secret: bytes(secret), counterAt: 3, counter: 77 } },
      settings,
    );
    const { counter, state } = disk();
    const keys = { 'encryption key': EK, 'authentication key': AK, 'HLS secret': secret };
    const set = { client: 48, security: 'HLS 2' };
    const { readout, said } = await read(target, { keys, set, counter });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { security: 'authenticated and encrypted' } });
    expect(said).toEqual(['encryption key taken', 'authentication key taken', 'HLS secret taken']);
    expect(state.given[0]).toBe(78);
    const wrong = await read(target, { keys: { ...keys, 'HLS secret': WRONG }, set, counter });
    expect(wrong.readout).toMatchObject({
      errorCode: 4325383,
      circumstances: { message: expect.stringContaining('does not accept our proof') as string },
    });
    expect(wrong.said).toEqual(['HLS secret refused']);
  });

  test('shows no proof of a short secret where messages are not encrypted', async () => {
    const secret = '53656372657420323031382D32303236';
    const keysOfIt = { ...must(keyed.keys), control: 0x10 as const, secret: bytes(secret), counterAt: 3, counter: 77 };
    const keys = { 'encryption key': EK, 'authentication key': AK, 'HLS secret': secret };
    const set = { client: 48, security: 'HLS 2', protection: 'authenticated' };
    const { readout, all } = await read(meterAt({ ...keyed, keys: keysOfIt }, settings), { keys, set });
    expect(readout).toMatchObject({ errorCode: 0 });
    const asked = /AA128010([0-9A-F]{32})/.exec(all)?.[1] ?? '';
    expect(all).not.toContain(toHex(encipherBlocks(bytes(secret), bytes(asked))));
    // Nor the other half of what the meter answers.
    expect(all).toMatch(/AC128010(00){16}/);
  });

  test('at an optical head is signed on to once more after the counter', async () => {
    const head = headMeter({ ...keyed, identification: 'OHU5\\2DLMS-1', baudRate: 9600 });
    const { readout, sent } = await read(head, {
      set: { opening: 'mode E' },
      line: { baudRate: 300, framing: '7E1' },
    });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { security: 'authenticated and encrypted' } });
    expect(sent.filter((frame) => frame === '2F3F210D0A')).toHaveLength(2);
  });

  test.each([
    ['encryption key', { 'encryption key': WRONG, 'authentication key': AK }],
    ['authentication key', { 'encryption key': EK, 'authentication key': WRONG }],
  ])('refuses a wrong %s, which is sent once', async (_name, keys) => {
    const { readout, said, sent } = await read(meter(), { keys });
    expect(readout).toMatchObject({
      errorCode: 4325385,
      data: '',
      circumstances: {
        message: expect.stringContaining(
          'the encryption key (EK) or the authentication key (AK) does not fit',
        ) as string,
      },
    });
    expect(said).toEqual(['encryption key refused', 'authentication key refused']);
    expect(sent.filter((frame) => frame.includes('BE230421') || /60..A109060760857405080103/.test(frame))).toHaveLength(
      1,
    );
  });

  test('is not asked where a key is missing, and told which', async () => {
    const { readout, sent } = await read(meter(), { keys: { 'encryption key': EK } });
    expect(readout).toMatchObject({
      error: expect.stringContaining('The authentication key of this meter is not known') as string,
    });
    expect(sent).toEqual([]);
  });

  test('whose counter is far above ours waits for a word, and goes on with it', async () => {
    const far = meterAt({ ...keyed, keys: { ...must(keyed.keys), counter: 262150 } }, settings);
    const { counter, state } = disk(10);
    const first = await read(far, { counter });
    expect(first.readout).toMatchObject({
      errorCode: 4325387,
      circumstances: {
        message: 'The meter’s counter is 262151, yours 10.',
        offer: { label: 'Go on with 262151', set: { counterUpTo: 262151 } },
      },
    });
    expect(state.given).toEqual([]);
    const second = await read(far, { counter, set: { counterUpTo: 262151 } });
    expect(second.readout).toMatchObject({ errorCode: 0 });
    expect(state.given[0]).toBe(262151);
  });

  test('that does not tell its counter is followed where it refuses ours', async () => {
    const mute = meterAt({ ...keyed, keys: { ...must(keyed.keys), hidesCounter: true, counter: 50 } }, settings);
    const { counter, state } = disk(10);
    const { readout } = await read(mute, { counter });
    expect(readout).toMatchObject({
      errorCode: 0,
      circumstances: { notes: ['The meter does not tell its message counter to the public client (16).'] },
    });
    expect(state.given.slice(0, 2)).toEqual([11, 51]);
  });

  test('never sees a number twice, wherever the program is killed', async () => {
    const target = meter();
    const { counter } = disk();
    const onTheLine: string[] = [];
    for (let kill = 1; kill < 9; kill++) {
      let left = kill;
      const killed = async (): Promise<KeptCounter> => {
        const kept = await counter();
        return {
          ...kept,
          async next(after) {
            const number = await kept.next(after);
            // On disk, and not sent.
            if (--left === 0) throw new Error('killed');
            return number;
          },
        };
      };
      const { sent } = await read(target, { counter: killed }).catch(() => ({ sent: [] }));
      onTheLine.push(...numbersIn(sent));
    }
    const { readout, sent } = await read(target, { counter });
    onTheLine.push(...numbersIn(sent));
    expect(readout).toMatchObject({ errorCode: 0 });
    expect(onTheLine.length).toBeGreaterThan(10);
    expect(new Set(onTheLine).size).toBe(onTheLine.length);
  });

  test('whose disk is full is sent nothing under a key', async () => {
    const lost = () => Promise.reject(new Error('disk full'));
    const full = (): Promise<KeptCounter> =>
      Promise.resolve({ title: bytes('4F48550102030405'), last: 5, next: lost, renew: lost });
    const failed: unknown = await read(meter(), { counter: full }).catch((error: unknown) => error);
    expect(JSON.stringify(failed) + String(failed)).toContain('disk full');
  });
});

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there');
  return value;
}
