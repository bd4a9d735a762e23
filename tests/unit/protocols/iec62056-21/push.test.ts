import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, fromLatin1 } from '../../../../src/common/bytes.ts';
import { dsmrCrc } from '../../../../src/protocols/iec62056-21/block-check.ts';
import { dataMessageReceiver } from '../../../../src/protocols/iec62056-21/data-message.ts';
import { charactersOf } from '../../../../src/protocols/iec62056-21/simulated/messages.ts';
import { pusher, readBench, type BenchRead, type Pushing } from './bench.ts';

const path = new URL('../../../../../shared/vectors/field-cases.json', import.meta.url);
const present = existsSync(path);
if (!present) console.warn('field cases skipped: ../shared/vectors is absent');

interface FieldCase {
  readonly id: string;
  readonly input: { readonly hex?: string; readonly hex_e?: string; readonly hex_f?: string; readonly text?: string };
}

const cases = present ? (JSON.parse(readFileSync(path, 'utf8')) as { cases: FieldCase[] }).cases : [];
const fieldCase = (id: string) => cases.find((candidate) => candidate.id === id)?.input ?? {};
const bytesOf = (hex = '') => fromHex(hex.replace('…', '')) ?? new Uint8Array(0);
const bytesOfCase = (id: string) => {
  const { hex, text = '' } = fieldCase(id);
  return hex === undefined ? fromLatin1(text) : bytesOf(hex);
};

const P1: Pushing = { baudRate: 115_200, parity: 'none', everyMs: 1000 };
const EBZ: Pushing = { baudRate: 9600, parity: 'even', everyMs: 1000 };
const listening = { mode: 'D', retries: 0 } as const;

const telegram = (reading: string, power = '000369.54*W') =>
  `/EBZ5DD3BENCH\r\n\r\n1-0:0.0.0*255(1EBZ0100000001)\r\n1-0:1.8.0*255(${reading}*kWh)\r\n1-0:16.7.0*255(${power})\r\n!\r\n`;

const dsmr = (lines: readonly string[], change: (body: string) => string = (same) => same) => {
  const body = `/XMX5LGFBENCH\r\n\r\n${lines.join('\r\n')}\r\n!`;
  const crc = dsmrCrc(fromLatin1(body)).toString(16).toUpperCase().padStart(4, '0');
  return `${change(body)}${crc}\r\n`;
};
const LINES = ['1-3:0.2.8(50)', '1-0:1.8.1(000095.052*kWh)', '1-0:1.8.2(000038.828*kWh)', '1-0:32.32.0(00009)'];

const hear = (texts: readonly (string | Uint8Array)[], pushing: Pushing, how: BenchRead = {}) =>
  readBench(pusher(texts, pushing), {
    ...how,
    settings: { ...listening, baudRate: pushing.baudRate, ...how.settings },
  });

describe('the end of a message without STX', () => {
  it('is no exclamation mark out of place: no single wrong bit of a P1 telegram is taken for good', () => {
    const whole = fromLatin1(dsmr(LINES));
    const good = dataMessageReceiver({ blockCheck: 'strict' });
    whole.forEach((byte) => good.accept(byte, true));
    const { block } = good.result();
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 7; bit++) {
        const receiver = dataMessageReceiver({ blockCheck: 'strict' });
        const damaged = whole.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));
        for (const byte of damaged) if (receiver.accept(byte, true) === 'done') break;
        const result = receiver.result();
        if (result.errorCode === 0 && result.complete) expect([at, bit, result.block]).toEqual([at, bit, block]);
      }
    }
  });

  it.each([
    ['1-0:!.8.1(', (body: string) => body.replace('1-0:1.8.1', '1-0:!.8.1')],
    ['*kWh!', (body: string) => body.replace('095.052*kWh)', '095.052*kWh!')],
    ['!-0:', (body: string) => body.replace('\r\n1-0:1.8.2', '\r\n!-0:1.8.2')],
  ])('%s goes on to the check sum, which does not match', (_, change) => {
    const receiver = dataMessageReceiver({ blockCheck: 'strict' });
    for (const byte of fromLatin1(dsmr(LINES, change))) receiver.accept(byte, true);
    expect(receiver.result()).toMatchObject({ blockCheck: 'bad', errorCode: 66053 });
  });

  it('names a P1 version or comes from a meter that sent a check sum before: no good without one', () => {
    const take = (text: string, expectsCrc = false) => {
      const receiver = dataMessageReceiver({ blockCheck: 'strict', expectsCrc });
      for (const byte of fromLatin1(text)) receiver.accept(byte, true);
      return receiver.result().errorCode;
    };
    expect(take('1-3:0.2.8(50)\r\n1-0:1.8.1(000095.052*kWh)\r\n!\r\n')).toBe(66053);
    expect(take('1-0:1.8.1(000095.052*kWh)\r\n!\r\n')).toBe(0);
    expect(take('1-0:1.8.1(000095.052*kWh)\r\n!\r\n', true)).toBe(66053);
  });

  it('compares a check sum that lacks its leading zeros as a number', () => {
    for (let n = 0; n < 200; n++) {
      const text = dsmr([...LINES, `0-0:96.14.0(${String(n).padStart(4, '0')})`]);
      const short = text.replace(/!0+(?=.)/, '!');
      if (short === text) continue;
      const receiver = dataMessageReceiver({ blockCheck: 'strict' });
      for (const byte of fromLatin1(short)) receiver.accept(byte, true);
      expect(receiver.result()).toMatchObject({ blockCheck: 'ok', errorCode: 0 });
      return;
    }
    throw new Error('no check sum with a leading zero found');
  });

  it('is where another telegram begins: what was before is torn', () => {
    const receiver = dataMessageReceiver({ blockCheck: 'strict' });
    const text = '/EBZ5DD3\r\n\r\n1-0:1.8.0(0004/EBZ5DD3\r\n';
    const states = Array.from(fromLatin1(text), (byte) => receiver.accept(byte, true));
    expect(states.indexOf('done')).toBe(text.lastIndexOf('/') + 4);
    expect(receiver.result()).toMatchObject({ errorCode: 65545, complete: false, block: '1-0:1.8.0(0004' });
    expect(receiver.rest).toEqual(fromLatin1('/EBZ5'));
  });
});

describe('a pushed telegram', () => {
  it('without check sum is taken when the next one bears it out', async () => {
    const { readout } = await hear([telegram('000422.20196512'), telegram('000422.20196574', '000370.00*W')], EBZ);
    expect(readout).toMatchObject({
      errorCode: 0,
      identification: 'DD3BENCH',
      circumstances: { attempts: 1, baudRate: 9600 },
    });
    expect(readout.data).toContain('000422.20196574');
    expect(readout.circumstances?.notes).toBeUndefined();
  });

  it('joined of two by a hole is dropped, wherever the hole lies', async () => {
    const one = telegram('000422.20196512');
    const both = one + telegram('000422.20196574');
    for (let from = 20; from < one.length; from += 7) {
      const torn = both.slice(0, from) + both.slice(from + 60);
      const { readout } = await hear([torn, telegram('000422.20196600')], EBZ);
      expect(readout.errorCode).toBe(0);
      expect(readout.data).toBe(
        '1-0:0.0.0*255(1EBZ0100000001)\r\n1-0:1.8.0*255(000422.20196600*kWh)\r\n1-0:16.7.0*255(000369.54*W)\r\n',
      );
    }
  });

  it('whose counter ran away or fell is dropped', async () => {
    const texts = ['000422.20196512', '009422.20196512', '000422.20196600', '000422.20196700'].map((r) => telegram(r));
    const { readout } = await hear(texts, EBZ);
    expect(readout.errorCode).toBe(0);
    expect(readout.data).toContain('000422.20196700');
    expect(readout.circumstances?.notes?.join()).toMatch(/\d of \d telegrams were whole/);
  });

  it('that nothing bears out says so', async () => {
    const { readout } = await hear([telegram('000422.20196512'), ''], EBZ);
    expect(readout.errorCode).toBe(0);
    expect(readout.circumstances?.notes?.join()).toContain('nothing vouches for this telegram');
  });

  it.each([
    ['a register twice', telegram('000422.20196512').replace('!', '1-0:1.8.0*255(000422.2*kWh)\r\n!')],
    ['the unit of another register', telegram('000422.20196512').replace('*kWh', '*W')],
  ])('with %s is torn where nothing better comes', async (_, joined) => {
    const { readout } = await hear([joined, ''], EBZ);
    expect(readout).toMatchObject({ errorCode: 65545, circumstances: { partial: true } });
  });

  it('with a wrong check sum is dropped, the next awaited, and both are counted', async () => {
    const bad = dsmr(LINES, (body) => body.replace('095.052', '095.062'));
    const { readout } = await hear([bad, bad, dsmr(LINES)], P1);
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { blockCheck: 'ok', baudRate: 115_200 } });
    expect(readout.data).toContain('000095.052');
    expect(readout.circumstances?.notes).toContain('1 of 3 telegrams were whole');
  });

  it('is asked for in words when none is good: no advice to take it as it is', async () => {
    const bad = dsmr(LINES, (body) => body.replace('095.052', '095.062'));
    const { readout } = await hear([bad], P1);
    expect(readout.errorCode).toBe(66053);
    expect(readout.circumstances?.hint).not.toMatch(/warn|sum7/);
    expect(readout.circumstances).not.toHaveProperty('ownCheck');
  });

  it.each([1000, 10_000])('of DSMR at 115200 Bd 8N1 is found at the first try, every %i ms', async (everyMs) => {
    const { readout } = await hear(
      [dsmr([...LINES, ...Array.from({ length: 40 }, (_, i) => `1-0:${i + 60}.7.0(000.00*kW)`)])],
      {
        ...P1,
        everyMs,
      },
      { settings: { baudRate: 2400 } },
    );
    expect(readout).toMatchObject({
      errorCode: 0,
      circumstances: { baudRate: 115_200, blockCheck: 'ok', attempts: 1 },
    });
  });

  it('without parity is read whatever its first line', async () => {
    for (const first of ['1-1:1.8.1*1(11111.11*kvarh)', '0-0:0.0.0*0(00000000)', '7-7:77.7.7(1111117)']) {
      const text = `/LOG5LK\r\n\r\n${first}\r\n1-0:1.8.0(006049.6981*kWh)\r\n!\r\n`;
      const { readout } = await hear([text], { ...EBZ, parity: 'none' });
      expect(readout.errorCode).toBe(0);
      expect(readout.data).toContain(first);
    }
  });

  it('with a spoilt identification is read all the same, and says so', async () => {
    const text =
      '\x7fL\x0fG5LK13BE803039\r\n\r\n1-0:1.8.0*255(006049.6981*kWh)\r\n1-0:2.8.0*255(004188.9527*kWh)\r\n!\r\n';
    const { readout } = await hear([text], { ...EBZ, everyMs: 1500 });
    expect(readout).toMatchObject({ errorCode: 0, identification: '' });
    expect(readout.data).toBe('1-0:1.8.0*255(006049.6981*kWh)\r\n1-0:2.8.0*255(004188.9527*kWh)\r\n');
    expect(readout.circumstances?.notes).toContain('the identification was missing or spoilt');
  });

  it('with a text of eight bits passes its check sum, and the text stays as sent', async () => {
    const filled = `0-0:96.13.0(${'\xff'.repeat(64)})`;
    const text = fromLatin1(dsmr([...LINES, filled]));
    const { readout } = await hear([text], P1);
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { blockCheck: 'ok' } });
    expect(readout.data).toContain(filled);
  });

  it('that is encrypted is called so, and nothing is kept', async () => {
    const random = Uint8Array.from({ length: 400 }, (_, i) => (i * 73 + ((i * i) % 251)) & 0xff);
    const cipher = concatBytes(fromLatin1('/EGM5G15\r\n\r\n\x00\x82\x0200'), random);
    const { readout } = await hear([cipher], P1);
    expect(readout).toMatchObject({ errorCode: 66049, data: '' });
    expect(readout.circumstances?.message).toContain('encrypted');
    expect(readout.circumstances?.hint).toContain('key');
  });

  it('that makes no sense at any rate is no silence', async () => {
    const random = Uint8Array.from({ length: 900 }, (_, i) => (i * 89 + ((i * i * i) % 241)) & 0xff);
    const { readout } = await hear([random], { ...P1, everyMs: 100 });
    expect(readout.errorCode).toBe(65541);
    expect(readout.circumstances?.message).toMatch(/\d+ characters came/);
  });
});

describe.skipIf(!present)('telegrams from the field', () => {
  const noisy = (hex: string | undefined, parity: 'even' | 'none') => {
    const bytes = bytesOf(hex);
    return parity === 'none' ? bytes : charactersOf(String.fromCharCode(...bytes), 'even');
  };

  it('fi-02: one whole telegram, never a value of two', async () => {
    const { hex, hex_e, hex_f } = fieldCase('fi-02');
    const all = bytesOf(hex);
    const second = all.subarray(String.fromCharCode(...all).lastIndexOf('/EBZ'));
    for (const torn of [hex, hex_e, hex_f]) {
      const { readout } = await hear([noisy(torn, 'even'), charactersOf(String.fromCharCode(...second), 'even')], EBZ);
      expect(readout.errorCode).toBe(0);
      expect(readout.data.match(/\(/g)).toHaveLength(9);
      expect(readout.data).toContain('1-0:1.8.0*255(000422.20196574*kWh)');
      expect(readout.data).toContain('1-0:16.7.0*255(000369.54*W)');
    }
  });

  it('fi-13: a telegram with a hole that no check sum vouches for is dropped, and the next awaited', async () => {
    const whole = fieldCase('fi-13').text?.replace('1234', '') ?? '';
    const good = whole.replace('*kW)\r\n1', '1-0:1.7.0(00.741*kW)\r\n1');
    const { readout } = await hear([whole, whole, good], EBZ);
    expect(readout.errorCode).toBe(0);
    expect(readout.data).toContain('1-0:1.7.0(00.741*kW)');
    const alone = await hear([whole], EBZ);
    expect(alone.readout.errorCode).toBe(66049);
    expect(alone.readout.circumstances?.notes?.join()).toContain('a hole in the data at “*kW)”');
  });

  it('fi-01: refused, the next is taken', async () => {
    const bad = bytesOfCase('fi-01');
    const good = bytesOfCase('fi-10');
    const second = good.subarray(String.fromCharCode(...good).lastIndexOf('/XMX'));
    const { readout } = await hear([bad, second], P1);
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { blockCheck: 'ok' } });
    expect(readout.data).toContain('1-0:1.8.1(000095.052*kWh)');
  });

  it('fi-10: the bad one is dropped', async () => {
    const whole = bytesOfCase('fi-10');
    const cut = String.fromCharCode(...whole).lastIndexOf('/XMX');
    const { readout } = await hear([whole.subarray(0, cut), whole.subarray(cut)], P1);
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { blockCheck: 'ok' } });
    expect(readout.data).toContain('000095.052');
  });

  it('fi-11: eight bits; fi-15: a check sum of three digits; fi-12: encrypted', async () => {
    expect((await hear([bytesOf(fieldCase('fi-11').hex)], P1)).readout).toMatchObject({ errorCode: 0 });
    expect((await hear([bytesOf(fieldCase('fi-15').hex)], P1)).readout).toMatchObject({
      errorCode: 0,
      circumstances: { blockCheck: 'ok' },
    });
    const { readout } = await hear([bytesOf(fieldCase('fi-12').hex)], P1);
    expect(readout.data).toBe('');
    expect(readout.errorCode).not.toBe(0);
  });

  it('fi-18: the registers of a spoilt identification', async () => {
    const text = fieldCase('fi-18').text ?? '';
    const { readout } = await hear([text], { ...EBZ, everyMs: 1500 });
    expect(readout.errorCode).toBe(0);
    expect(readout.data).toContain('1-0:1.8.0*255(006049.6981*kWh)');
  });
});
