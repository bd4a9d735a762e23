import { describe, expect, it } from 'vitest';
import { eightBits, type Device } from '../../../../src/simulator/device.ts';
import { iecMeter } from '../../../../src/protocols/iec62056-21/simulated/meter.ts';
import { randomSource } from '../../../../src/simulator/random.ts';
import { dataMessage } from '../../../../src/protocols/iec62056-21/simulated/messages.ts';
import { BLOCK, damaging, readMeterOf, spec, benchOf, farEnd, readBench } from './bench.ts';

/** Characters of the identification message `/ZPA5ZE3BENCH` CR LF. */
const HEAD = 15;

/** Flips the same bit in two digits of the first copy of the data, which leaves its block check as it was. */
function twoFlips(copies: number) {
  const one = HEAD + 1 + BLOCK.indexOf('036483') + 5;
  const other = HEAD + 1 + BLOCK.indexOf('012345') + 5;
  const length = BLOCK.length + 5;
  return damaging((byte, count) => {
    const copy = Math.floor((count - HEAD) / length);
    const at = count - copy * length;
    return copy >= 0 && copy < copies && (at === one || at === other) ? byte ^ 1 : byte;
  });
}

describe('a parity error in the data', () => {
  it('is damage though the block check matches: asked again', async () => {
    const { readout, sent } = await readMeterOf({}, { wrap: twoFlips(1) });
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
    expect(sent).toEqual(['/?!\r\n', '\x06050\r\n', '\x15']);
  });

  it('that stays is 66049, whatever the block check setting', async () => {
    for (const blockCheck of ['strict', 'warn', 'none'] as const) {
      const { readout } = await readMeterOf({}, { wrap: twoFlips(9), settings: { blockCheck, retries: 0 } });
      expect(readout.errorCode).toBe(66049);
      expect(readout.circumstances?.notes?.join()).toContain('wrong parity in 2 characters');
    }
  });

  it.each(['wrong-parity', 'no-parity'] as const)('counts at a meter with %s too', async (fault) => {
    const { readout } = await readMeterOf({}, { faults: [fault] });
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
    const flipped = damaging((byte, count) => (count === HEAD + 20 ? byte ^ 0x80 : byte));
    const damaged = await readMeterOf({}, { faults: [fault], wrap: flipped });
    expect(damaged.sent).toContain('\x15');
    expect(damaged.readout).toMatchObject({ errorCode: 0, data: BLOCK });
  });

  it.each([
    ['no-parity', 1, true],
    ['no-parity', 0, false],
    ['wrong-parity', 1, false],
  ] as const)(
    'where a block check cannot see all of it, that is said: %s, %i copies damaged',
    async (fault, copies, isSaid) => {
      const damaged = damaging((byte, count) => (copies > 0 && count === HEAD + 20 ? byte ^ 1 : byte));
      const { readout } = await readMeterOf({}, { faults: [fault], wrap: damaged });
      expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
      expect(readout.circumstances?.notes?.join().includes('two damaged alike') ?? false).toBe(isSaid);
    },
  );

  it('leaves nothing false under code 0, at any bit error rate', async () => {
    let damaged = 0;
    for (let seed = 1; seed <= 120; seed++) {
      const random = randomSource(seed);
      const rate = [3e-5, 3e-4, 1e-3, 3e-3][seed % 4] ?? 0;
      const wrap = damaging((byte) => {
        let flipped = byte;
        for (let bit = 0; bit < 8; bit++) if (random() < rate) flipped ^= 1 << bit;
        if (flipped !== byte) damaged++;
        return flipped;
      });
      const device = iecMeter(spec, () => new Set());
      const { readout } = await benchOf(device, { wrap }).read({ settings: { retries: 0 } });
      if (readout.errorCode === 0) expect(readout.data).toBe(BLOCK);
    }
    expect(damaged).toBeGreaterThan(100);
  });

  it.each([
    ['A', 'none'],
    ['C', 'none'],
    ['A', 'xor'],
    ['C', 'xor'],
  ] as const)('is not passed over in mode %s, block check %s, whichever bit of the data it is', async (mode, check) => {
    const head = mode === 'C' ? '/PAF0LOSSY\r\n' : '/PAFXLOSSY\r\n';
    const readout = 'F.F(00)\r\n11.7.0(005.20*A)\r\n!\r\n';
    const whole = readout.slice(0, -3);
    for (const first of check === 'none' ? ['', 'F.F(00)\r\n'] : ['']) {
      const text = dataMessage(readout.slice(first.length), check);
      for (let at = 0; at < text.length; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const device = farEnd((message, end, meter) => {
            if (message.endsWith('/?!\r\n')) {
              const ended = meter.say(head, 300, end + 200);
              if (mode === 'A') meter.say(text, 300, ended + 200);
            } else if (message.startsWith('\x06') || message === '\x15') meter.say(text, 300, end + 200);
          });
          const wrap = damaging((byte, count) => (count === head.length + at ? byte ^ (1 << bit) : byte));
          const outcome = await readBench(device, { settings: { retries: 0 }, wrap });
          const { errorCode, data } = outcome.readout;
          if (errorCode === 0) expect(data, `bit ${bit} of character ${at}`).toBe(whole.slice(first.length));
        }
      }
    }
  });
});

describe('bit 7', () => {
  const READOUT_OF_HEAT = '6.8(012345.6*MWh)\r\n6.29(0045.2*\xb0C)\r\n!\r\n';
  const codes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const xor = (text: string) => codes(text).reduce((sum, code) => sum ^ code, 0);

  /** A meter that sends these characters as they are, all eight bits. */
  function eightBitMeter(data: string): Device {
    return (wire) => {
      let heard = '';
      wire.listen(eightBits(300));
      const say = (text: string, end: number) => {
        heard = '';
        wire.send(codes(text), eightBits(300), end + 200);
      };
      return {
        received(raw, end) {
          heard += String.fromCharCode(raw & 0x7f);
          if (heard.endsWith('/?!\r\n')) say('/ZPA0HEAT\r\n', end);
          else if (heard.endsWith('\x06000\r\n') || heard === '\x15') say(data, end);
        },
      };
    };
  }

  it.each([0x7f, 0xff])(
    'belongs to the text of a meter without parity, by its block check under mask %i',
    async (mask) => {
      const check = String.fromCharCode(xor(`${READOUT_OF_HEAT}\x03`) & mask);
      const { readout, sent } = await readBench(eightBitMeter(`\x02${READOUT_OF_HEAT}\x03${check}`));
      expect(readout).toMatchObject({ errorCode: 0, data: READOUT_OF_HEAT.slice(0, -3) });
      expect(sent).not.toContain('\x15');
      expect(readout.circumstances?.notes?.join()).not.toContain('wrong parity');
    },
  );

  it.each([0x7f, 0xff])('of a digit is damage at a meter without parity, mask %i', async (mask) => {
    const check = String.fromCharCode(xor(`${READOUT_OF_HEAT}\x03`) & mask);
    const turned = READOUT_OF_HEAT.replace('012345', '0\xb12345');
    const { readout, sent } = await readBench(eightBitMeter(`\x02${turned}\x03${check}`));
    expect(sent).toContain('\x15');
    expect(readout.errorCode).toBe(66049);
  });

  it('of the block check does not count where a meter sends it without parity', async () => {
    const text = dataMessage(BLOCK, 'xor');
    const check = HEAD + text.length - 1;
    const odd = damaging((byte, count) => (count === check ? byte ^ 0x80 : byte));
    const device = farEnd((message, end, meter) => {
      if (message.endsWith('/?!\r\n')) meter.say('/ZPA0ZE3BENCH\r\n', 300, end + 200);
      else meter.say(text, 300, end + 200);
    });
    const { readout, sent } = await readBench(device, { wrap: odd });
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK });
    expect(sent).not.toContain('\x15');
  });
});
