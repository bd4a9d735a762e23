import { describe, expect, test } from 'vitest';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import { fromLatin1 } from '../../../../src/common/bytes.ts';
import { createTries } from '../../../../src/common/tries.ts';
import { Secret } from '../../../../src/common/secret.ts';
import type { Values } from '../../../../src/common/form.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import type { TraceEntry } from '../../../../src/line/trace.ts';
import { readWithRetries } from '../../../../src/ams/retries.ts';
import { dlmsErrors } from '../../../../src/protocols/dlms/errors.ts';
import { dlmsDialogue } from '../../../../src/protocols/dlms/ask.ts';
import { parseDlmsAddress } from '../../../../src/protocols/dlms/address.ts';
import type { Authentication } from '../../../../src/protocols/dlms/client.ts';
import { plainAccess } from '../../../../src/protocols/dlms/access.ts';
import { decodeDlms } from '../../../../src/protocols/dlms/decode.ts';
import { readDlms } from '../../../../src/protocols/dlms/session.ts';
import { dlmsSettings } from '../../../../src/protocols/dlms/settings.ts';
import { headMeter, type HeadSpec } from '../../../../src/protocols/dlms/simulated/head-meter.ts';
import { household } from '../../../../src/protocols/dlms/simulated/household.ts';
import { meterAt } from '../../../../src/protocols/dlms/simulated/secondary.ts';
import { signOn } from '../../../../src/protocols/dlms/sign-on.ts';
import { hdlcLink } from '../../../../src/protocols/dlms/hdlc/link.ts';
import { dlmsReader } from '../../../../src/protocols/dlms/reader.ts';
import { dlmsExplainer } from '../../../../src/protocols/dlms/explainer.ts';
import { demand, threePhase } from '../../../../src/protocols/iec62056-21/simulated/devices.ts';
import '../../../../src/protocols/iec62056-21/session.ts';
import { deviceAt, type FarEnd } from '../../../../src/simulator/far-end.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { onLine, type LineOptions, type OnLine } from '../on-line.ts';
import { bytesOf, meterOn, sealed, type IndependentMeter, type Mishap } from './independent-meter.ts';

interface How {
  readonly settings?: Values;
  readonly faults?: readonly Fault[];
  readonly authentication?: Authentication;
  readonly during?: (on: OnLine) => void;
  readonly before?: (on: OnLine) => Promise<void>;
  readonly line?: LineOptions;
}

const lineSettings = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' } as const;

async function read(farEnd: FarEnd, address: string, how: How = {}) {
  let trace: readonly TraceEntry[] = [];
  const readout: Readout = await onLine(
    farEnd,
    async (on) => {
      how.during?.(on);
      await how.before?.(on);
      trace = on.line.trace.entries;
      return await readDlms(
        on.line,
        parseDlmsAddress(address),
        dlmsSettings(how.settings ?? {}),
        {},
        how.authentication && plainAccess(how.authentication),
      );
    },
    { faults: how.faults ?? [], ...how.line },
  );
  const readings = decodeDlms(readout);
  return { readout, readings, trace };
}

const shown = ({ value }: Reading): string => {
  switch (value.type) {
    case 'number':
      return formatDecimal(value.decimal);
    case 'time':
      return value.time.iso;
    case 'text':
      return value.text;
    case 'bytes':
      return `${value.bytes.length} bytes`;
  }
};
const line = (reading: Reading) => `${reading.label} ${reading.quantity}: ${shown(reading)} ${reading.unit}`.trimEnd();

const simulated = meterAt(household, lineSettings);

describe('the simulated household', () => {
  test('gives the objects that are asked for, figures with their unit', async () => {
    const { readout, readings } = await read(
      simulated,
      '1/17|1.8.0,1-0:32.7.0,8:0-0:1.0.0,1:0-0:96.1.0,4:1-0:1.6.0,1.8.9,1:1-0:1.8.0',
    );
    expect(readout.errorCode).toBe(0);
    expect(readout.data).toMatch(
      /^3:1-0:1\.8\.0\*255:2=06[0-9A-F]{8},3:1-0:1\.8\.0\*255:3=02020F00161E,3:1-0:32\.7\.0\*255:2=12[0-9A-F]{4},3:1-0:32\.7\.0\*255:3=02020FFF1623,8:0-0:1\.0\.0\*255:2=090C[0-9A-F]{24},1:0-0:96\.1\.0\*255:2=09083030303831343032,/,
    );
    expect(readings.map(line)).toEqual([
      expect.stringMatching(/^1-0:1\.8\.0 Active energy import: \d{5,} Wh$/),
      expect.stringMatching(/^1-0:32\.7\.0 Voltage L1: 2\d\d\.\d V$/),
      expect.stringMatching(/^0-0:1\.0\.0 .*: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
      '0-0:96.1.0 Meter number: 00081402',
      expect.stringMatching(/^1-0:1\.6\.0 .*: 3\d\d\d W$/),
      expect.stringContaining('refused: there is no such object'),
      expect.stringContaining('refused: there is no such object'),
      expect.stringContaining('refused: the object is of another class'),
    ]);
    expect(readings[4]?.time?.iso).toMatch(/^\d{4}-\d\d-\d\dT19:00:00$/);
    expect(readings[4]?.kind).toBe('maximum');
    expect(readings[0]?.state).toBe('whole');
    expect(readout.circumstances?.notes).toContain('1:1-0:1.8.0*255:2 was refused: the object is of another class.');
  });

  test('gives whatever it lists where nothing is asked for', async () => {
    const { readout, readings } = await read(simulated, '1/17');
    expect(readout.errorCode).toBe(0);
    expect(readings.map(({ obis }) => obis)).toEqual([
      '0-0:42.0.0',
      '0-0:96.1.0',
      '0-0:1.0.0',
      '1-0:1.8.0',
      '1-0:1.8.1',
      '1-0:1.8.2',
      '1-0:2.8.0',
      '1-0:1.7.0',
      '1-0:32.7.0',
      '1-0:1.6.0',
    ]);
    const [total, day, night] = readings.slice(3, 6).map((one) => Number(shown(one)));
    expect(Math.abs((total ?? 0) - (day ?? 0) - (night ?? 0))).toBeLessThanOrEqual(2);
  });

  test('gives its profile in blocks; null in the clock’s column is a period later', async () => {
    const { readings } = await read(simulated, '1/17|7:1-0:99.1.0');
    expect(readings).toHaveLength(96 * 31);
    const times = readings.map(({ time }) => Date.parse(`${time?.iso ?? ''}Z`));
    for (const [at, time] of times.entries()) expect(time).toBe((times[0] ?? 0) + at * 900_000);
    expect(readings.map(({ obis, kind }) => [obis, kind])).toEqual(
      Array.from({ length: 96 * 31 }, () => ['1-0:1.8.0', 'stored']),
    );
    expect(readings[0]).toMatchObject({ state: 'whole', unit: 'Wh' });
    // The buffer alone says neither columns nor scale.
    const bare = await read(simulated, '1/17|7:1-0:99.1.0:2');
    expect(bare.readings).toMatchObject([{ value: { type: 'bytes' } }]);
  });

  test.each(['wrong-bcc-once', 'garbage-before-answer', 'echo'] as const)('is read in spite of %s', async (fault) => {
    const { readout } = await read(simulated, '1/17|1.8.0', { faults: [fault] });
    expect(readout).toMatchObject({ errorCode: 0, data: expect.stringMatching(/^3:.*=06.*161E$/) as string });
  });

  test.each([
    ['silent', 4325380],
    ['wrong-bcc', 4325380],
    ['stops-in-mid-readout', 4325380],
  ] as const)('that is or has %s ends in words', async (fault, code) => {
    const { readout } = await read(simulated, '1/17|1.8.0', { faults: [fault] });
    expect(readout).toMatchObject({ errorCode: code, data: '' });
    expect(readout.circumstances?.message).toMatch(
      /^Server 1\/17 did not answer the SNRM of client 16 within 3000 ms at 9600 Bd 8N1/,
    );
  });

  test('is signed off when a person stops the read', async () => {
    const { readout, trace } = await read(simulated, '1/17|7:1-0:99.1.0', {
      during: ({ clock, stop }) => void clock.sleep(1500).then(stop),
    });
    expect(readout.errorCode).toBe(4325377);
    const sent = trace.filter(({ direction }) => direction === 'sent');
    expect(sent.at(-1)?.bytes[6]).toBe(0x53);
  });
});

describe('behind an optical head', () => {
  const head = (spec: Partial<HeadSpec> = {}) =>
    headMeter({ ...household, identification: 'OHU5\\2DLMS-1', baudRate: 9600, ...spec });
  const settings = { opening: 'mode E' };
  const begin: Pick<How, 'settings' | 'line'> = { settings, line: { baudRate: 300, framing: '7E1' } };

  test('goes over to HDLC at the rate that the meter says', async () => {
    const { readout, trace } = await read(head(), '1/17|1.8.0', begin);
    expect(readout).toMatchObject({
      errorCode: 0,
      identification: 'OHU5\\2DLMS-1',
      data: expect.stringMatching(/^3:1-0:1\.8\.0\*255:2=06/) as string,
      circumstances: { mode: 'E', manufacturer: 'OHU', baudRate: 9600 },
    });
    const sent = trace.filter(({ direction }) => direction === 'sent');
    expect(sent.slice(0, 2).map(({ bytes, baudRate }) => [String.fromCharCode(...bytes), baudRate])).toEqual([
      ['/?!\r\n', 300],
      ['\x06252\r\n', 300],
    ]);
    expect(sent[2]).toMatchObject({ baudRate: 9600 });
  });

  test.each([
    ['its echo at the new rate', { text: '\x06252\r\n', isAtFirstRate: false }],
    ['its echo at the first rate', { text: '\x06252\r\n', isAtFirstRate: true }],
    ['something else', { text: '\x062 2\r\n', isAtFirstRate: false }],
    ['a flag', { text: '~~~~', isAtFirstRate: false }],
  ])('takes %s for the confirmation', async (_name, confirmation) => {
    const { readout } = await read(head({ confirmation }), '1/17|1.8.0', begin);
    expect(readout.errorCode).toBe(0);
  });

  test('finds a meter that stays at its first rate', async () => {
    const { readout } = await read(head({ staysAtFirstRate: true }), '1/17|1-0:32.7.0', begin);
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { baudRate: 300 } });
    expect(readout.circumstances?.notes).toContain('The meter stayed at 300 Bd, though it named a higher rate.');
  });

  test('says what the meter offers where that is not mode E, and no readout either', async () => {
    const { readout } = await read(head({ identification: 'OHU5TARIFF' }), '1/17|1.8.0', begin);
    expect(readout).toMatchObject({ errorCode: 4325386, data: '' });
    expect(readout.circumstances?.message).toMatch(
      /“OHU5TARIFF” does not offer HDLC .* It does not give its table either: ./,
    );
  });

  test('reads the table in mode C where the identification does not offer mode E', async () => {
    const { readout } = await read(threePhase, '1/17|1.8.0', begin);
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { mode: 'C' } });
    expect(readout.circumstances?.notes?.[0]).toContain('does not offer HDLC (mode E)');
    expect(await dlmsReader.decode(readout)).toContainEqual(
      expect.objectContaining({ quantity: 'Active energy import' }),
    );
    expect(dlmsExplainer.describe({ ...readout, facts: [] }).kind).toBe('IEC 62056-21 readout');
  });

  test('reads the table of one that offers mode E and goes on in mode C', async () => {
    const { readout } = await read(demand, '1/17|1.8.0', begin);
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { mode: 'C' } });
  });

  test.each([
    ['NAK', '\x15'],
    ['mode C', '\x06050\r\n'],
    ['its readout', '\x021.8.0(000123.4*kWh)\r\n!\r\n\x03'],
  ])('takes %s for a refusal of mode E', async (_name, text) => {
    const { readout, trace } = await read(head({ refusal: text }), '1/17|1.8.0', begin);
    expect(readout.errorCode).toBe(4325386);
    expect(trace.filter(({ bytes, direction }) => direction === 'sent' && bytes[0] === 0x7e)).toEqual([]);
  });

  test('asks for a lower rate where the one that is named gives nothing', async () => {
    const { readout } = await read(head({ muteAt: 9600 }), '1/17|1.8.0', begin);
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { baudRate: 4800 } });
    expect(readout.circumstances?.notes).toContain(
      'The meter did not answer at the rate it named, and does at 4800 Bd.',
    );
  });

  test('ends the connection of an earlier dialogue, in which the meter is deaf to a sign-on', async () => {
    const { readout } = await read(head(), '1/17|1.8.0', {
      ...begin,
      before: async ({ line }) => {
        const tries = createTries(0, dlmsErrors);
        await signOn({ line, tries, onStep: () => undefined, endEarlier: async () => undefined });
        const link = hdlcLink(line, { client: 16, server: household.address, timeoutMs: 500, tries });
        await link.connect();
      },
    });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { attempts: 2 } });
  });

  test('says that nobody answered', async () => {
    const { readout } = await read(head(), '1/17|1.8.0', { ...begin, faults: ['silent'] });
    expect(readout).toMatchObject({ errorCode: 4325380, circumstances: { attempts: 3 } });
    expect(readout.circumstances?.message).toBe('The meter did not answer the sign-on request at 300 Bd 7E1.');
  });

  test('can be read again at once', async () => {
    const { readout } = await read(head(), '1/17|1.8.0', {
      ...begin,
      before: async (on) => {
        await readDlms(on.line, parseDlmsAddress('1/17|1.7.0'), dlmsSettings(settings), {});
        await on.line.change({ baudRate: 300, framing: '7E1' });
      },
    });
    expect(readout.errorCode).toBe(0);
  });
});

describe('with a password', () => {
  const secured = meterAt({ ...household, password: 'Secret12' }, lineSettings);
  const low = (password: string): Authentication => ({ mechanism: 1, password: fromLatin1(password) });
  const settings = { client: 32 };

  test('reads, and shows it nowhere', async () => {
    const { readout, trace } = await read(secured, '1/17|1.8.0', { settings, authentication: low('Secret12') });
    expect(readout.errorCode).toBe(0);
    const all = JSON.stringify([readout, trace.map(({ bytes }) => String.fromCharCode(...bytes))]);
    expect(all).not.toContain('Secret');
    expect(trace.some(({ hidden }) => hidden?.length === 'Secret12'.length + 2)).toBe(true);
  });

  test('is refused in words where it is wrong or missing', async () => {
    const wrong = await read(secured, '1/17|1.8.0', { settings, authentication: low('12345678') });
    expect(wrong.readout).toMatchObject({
      errorCode: 4325383,
      circumstances: { message: 'The meter refused the association: the password or key is wrong.' },
    });
    const missing = await read(secured, '1/17|1.8.0', { settings });
    expect(missing.readout.circumstances?.message).toBe('The meter refused the association: it wants authentication.');
  });

  test('takes the one that is kept for the meter, and sends a wrong one once', async () => {
    const asKept = (text: string, client = 32) =>
      onLine(secured, async ({ line }) => {
        const asked: string[] = [];
        const secret = (name: string) => {
          asked.push(name);
          return Promise.resolve(new Secret(fromLatin1(text)));
        };
        const target = { address: '1/17|8:0-0:1.0.0', settings: { client } };
        const told: string[] = [];
        const secretSaid = (_name: string, how: string) => {
          told.push(how);
          return Promise.resolve();
        };
        const readout = await dlmsDialogue.read(line, target, { secret, secretSaid });
        const sent = line.trace.entries.filter(({ direction }) => direction === 'sent');
        return { readout, asked, told, proposals: sent.filter(({ hidden }) => hidden !== undefined).length };
      });
    expect(await asKept('Secret12')).toMatchObject({
      readout: { errorCode: 0 },
      asked: ['association password'],
      told: ['taken'],
      proposals: 1,
    });
    expect(await asKept('12345678')).toMatchObject({
      readout: { errorCode: 4325383 },
      told: ['refused'],
      proposals: 1,
    });
    expect(await asKept('12345678', 16)).toMatchObject({
      readout: { errorCode: 0 },
      asked: [],
      told: [],
      proposals: 0,
    });
  });

  test('the public client sees the clock only', async () => {
    const { readout } = await read(secured, '1/17|1.8.0,8:0-0:1.0.0');
    expect(readout.data).toMatch(/^3:1-0:1.8.0\*255:2=ERR3,3:1-0:1.8.0\*255:3=ERR3,8:0-0:1.0.0\*255:2=09/);
  });
});

describe('a meter of others', () => {
  const accepted = '6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f040000101d007d0007';
  /** What is answered to GETs is written down for the number 1, and goes with that of the request. */
  const answering = (answers: Readonly<Record<string, string>>): IndependentMeter => {
    let number = '1';
    const numbered = (hex: string) => hex.replace(/^(c[04]0.[c8])./, `$1${number}`);
    return {
      address: '03',
      answer(message) {
        if (message.startsWith('60')) return answers['60'] ?? accepted;
        if (message.startsWith('62')) return undefined;
        number = /^c00.c(.)/.exec(message)?.[1] ?? number;
        const given = answers[message.replace(/^(c00.c)./, '$11')];
        return given === undefined ? 'd80102' : numbered(given);
      },
    };
  };
  const readOf = (meter: IndependentMeter, address = '1|1.8.0', mishap?: Mishap) =>
    read(
      deviceAt(() => meterOn(meter, mishap).device),
      address,
      { settings: { retries: 1, timeoutMs: 500 } },
    );
  const value = 'c001c100030100010800ff0200';
  const scaler = 'c001c100030100010800ff0300';

  test('that ignores the release is read', async () => {
    const { readout, readings } = await readOf(
      answering({ [value]: 'c401c1000600003039', [scaler]: 'c401c10002020f03161e' }),
    );
    expect(readout.errorCode).toBe(0);
    // It is asked for it once: that is no repeat of the read.
    expect(readout.circumstances?.attempts).toBe(1);
    expect(readings.map(line)).toEqual(['1-0:1.8.0 Active energy import: 12345000 Wh']);
  });

  test('that answers with another priority, blocks from 0, and bytes behind a value', async () => {
    const { readings } = await readOf(
      answering({
        [value]: 'c40281000000000000030600 00'.replace(' ', ''),
        c002c100000000: 'c402810100000001000330390f',
        [scaler]: 'c40181000 2020ffd161e090c'.replace(' ', ''),
      }),
    );
    expect(readings.map(line)).toEqual(['1-0:1.8.0 Active energy import: 12.345 Wh']);
  });

  test('that does not say the scale gives a figure that is not whole', async () => {
    const { readings, readout } = await readOf(answering({ [value]: 'c401c1000600003039', [scaler]: 'c401c10103' }));
    expect(readout.errorCode).toBe(0);
    expect(readings[0]).toMatchObject({ state: 'unchecked', unit: '', note: 'the meter did not say scale and unit' });
  });

  test('that refuses with an exception gives ERR, and the rest', async () => {
    const { readout } = await readOf(answering({ [scaler]: 'c401c10002020f03161e' }));
    expect(readout).toMatchObject({
      errorCode: 0,
      data: '3:1-0:1.8.0*255:2=ERR250,3:1-0:1.8.0*255:3=02020F03161E',
    });
  });

  test('that answers in blocks of any message is acknowledged', async () => {
    const meter = answering({
      [value]: 'e00000010000 05c401c10006'.replace(' ', ''),
      e0810001000100: 'e0800002000104 00003039'.replace(' ', ''),
      [scaler]: 'c401c10002020f00161e',
    });
    const { readings } = await readOf(meter);
    expect(readings.map(line)).toEqual(['1-0:1.8.0 Active energy import: 12345 Wh']);
  });

  test.each([
    ['nothing', { [value]: '' }, 4325382],
    [
      'a block out of order',
      { [value]: 'c402c1000000000100020600', c002c100000001: 'c402c101000000030003003039' },
      4325382,
    ],
    ['a refusal of lists that it agreed to', { '60': accepted.replace('00101d', '00121d') }, 0],
    ['a value without end', { [value]: 'c401c1000184ffffffff' }, 4325382],
    [
      'a refusal of the version',
      { '60': '611fa109060760857405080101a203020101a305a103020101be0604040e010601' },
      4325383,
    ],
    ['an association without contents', { '60': '61' }, 4325382],
  ] as const)('that answers with %s', async (_name, answers, code) => {
    const { readout } = await readOf(answering(answers));
    expect(readout.errorCode).toBe(code);
  });
});

describe('a connection of which nothing was heard, or which is stopped, is ended', () => {
  const accepted = '6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f040000101d007d0007';
  const answer = (message: string) =>
    message.startsWith('60') ? accepted : message.startsWith('62') ? '6300' : 'c401c1000600003039';

  async function framesOf(mishap: Mishap, how: How = {}) {
    const meter = meterOn({ address: '03', answer }, mishap);
    const { readout } = await read(
      deviceAt(() => meter.device),
      '1|1:1-0:1.8.0',
      { settings: { retries: 1, timeoutMs: 500 }, ...how },
    );
    return { readout, frames: meter.frames.map((frame) => frame.slice(8, 10)) };
  }
  const refusal = sealed(
    [0x21, 0x03, 0x30],
    bytesOf('e6e700611fa109060760857405080101a203020101a305a10302010dbe0604040e010601'),
  );
  const isUa = (frame: readonly number[]) => frame[5] === 0x73;
  const stopAfter =
    (ms: number) =>
    ({ clock, stop }: OnLine) =>
      void clock.sleep(ms).then(stop);

  test('where the UA is lost', async () => {
    const { readout, frames } = await framesOf((frame) => (isUa(frame) ? undefined : frame));
    expect(readout.errorCode).toBe(4325380);
    expect(frames).toEqual(['93', '93', '53', '53']);
  });
  test('where Stop comes before the UA', async () => {
    const { readout, frames } = await framesOf((frame, at) => (at === 0 ? undefined : frame), {
      during: stopAfter(100),
    });
    expect(readout.errorCode).toBe(4325377);
    expect(frames).toEqual(['93', '53']);
  });
  test('where Stop comes together with a refusal', async () => {
    const stop: { now?: () => void } = {};
    const { readout, frames } = await framesOf((frame) => (frame[8] === 0xe6 ? refusal : frame), {
      during: (on) => (stop.now = on.stop),
      authentication: {
        mechanism: 1,
        password: fromLatin1('Secret12'),
        said: () => {
          stop.now?.();
          return Promise.resolve();
        },
      },
    });
    expect(readout.errorCode).toBe(4325383);
    expect(frames).toEqual(['93', '10', '53']);
  });
  test('at whatever moment Stop comes', async () => {
    for (let ms = 0; ms < 900; ms += 7) {
      const { frames } = await framesOf((frame) => frame, { during: stopAfter(ms) });
      if (frames.includes('93')) expect(frames.at(-1), `after ${ms} ms`).toBe('53');
    }
  });
});

describe('a read that is repeated by itself', () => {
  const accepted = '6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f040000101d007d0007';
  const password: Authentication = { mechanism: 1, password: fromLatin1('Secret12') };
  const high: Authentication = { mechanism: 2, secret: fromLatin1('Secret12'), challenge: fromLatin1('12345678') };
  const ENOUGH = 12;

  /** How often a meter was associated with where the same account is good for all; and what it ended with. */
  async function repeated(
    answer: IndependentMeter['answer'],
    authentication: Authentication,
    mishap: Mishap = (frame) => frame,
    settings: Values = {},
  ) {
    const messages: string[] = [];
    const meter: IndependentMeter = {
      address: '03',
      answer(message) {
        messages.push(message);
        return answer(message);
      },
    };
    const farEnd = deviceAt(() => meterOn(meter, mishap).device);
    const tries = createTries(2, dlmsErrors);
    let dialogues = 0;
    const readout = await onLine(farEnd, ({ line, clock }) => {
      const once = async () => {
        // Without an end the test has one.
        if (++dialogues > ENOUGH) return { errorCode: 1, identification: '', data: '' };
        const typed = dlmsSettings({ timeoutMs: 500, ...settings });
        return await readDlms(line, parseDlmsAddress('1|1.8.0'), typed, { tries }, plainAccess(authentication));
      };
      return readWithRetries(once, { tries, clock });
    });
    const associations = messages.filter((message) => message.startsWith('60')).length;
    return { dialogues, associations, readout };
  }

  const isAnswer = (frame: readonly number[]) => (frame[5] ?? 1) % 2 === 0;
  const dm: Mishap = (frame) => (isAnswer(frame) ? sealed([0x21, 0x03, 0x1f]) : frame);
  const nothing: Mishap = (frame) => (isAnswer(frame) ? undefined : frame);
  const nonsense = (message: string) => (message.startsWith('60') ? '61' : undefined);
  const asking = `${accepted.replace('6129', '6135')}aa0a80080102030405060708`;
  const lets = (message: string) => (message.startsWith('60') ? accepted : undefined);

  test.each([
    ['closes the connection', lets, dm],
    ['answers nonsense', nonsense, undefined],
    [
      'breaks off after each association',
      (message: string) => (message.startsWith('60') ? accepted : 'ff00'),
      undefined,
    ],
  ] as const)(
    'ends after as many repeats as it has, whatever the meter said before it %s',
    async (_, answer, mishap) => {
      const { dialogues, readout } = await repeated(answer, { mechanism: 0 }, mishap);
      expect(readout.circumstances?.attempts).toBe(3);
      expect(dialogues).toBe(3);
    },
  );

  test('repeats no read that used up its tries, though the meter answered the farewell', async () => {
    let gets = 0;
    const answer = (message: string) => {
      if (message.startsWith('60')) return accepted;
      if (message.startsWith('62')) return '6300';
      gets++;
      return undefined;
    };
    expect(await repeated(answer, { mechanism: 0 })).toMatchObject({ dialogues: 1, readout: { errorCode: 4325380 } });
    expect(gets).toBe(1);
  });

  test.each([
    ['closes the connection', password, lets, dm],
    ['answers nonsense', password, nonsense, undefined],
    ['says nothing', password, lets, nothing],
    ['says nothing', high, lets, nothing],
    ['closes the connection', high, lets, dm],
    [
      'lets us in without a proof of its own',
      high,
      (message: string) => (message.startsWith('60') ? asking : 'ff00'),
      undefined,
    ],
    ['accepts with half an answer', password, () => accepted.slice(0, 50).replace('6129', '6117'), undefined],
  ] as const)('gives no secret twice to a meter that %s', async (_, authentication, answer, mishap) => {
    const { dialogues, readout } = await repeated(answer, authentication, mishap);
    expect(dialogues).toBe(1);
    expect(readout.errorCode).toBe(4325383);
    expect(readout.circumstances?.message).toMatch(
      /^The meter was given the (password|proof of the secret) and did not/,
    );
  });
});
