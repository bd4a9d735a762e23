import { describe, expect, it } from 'vitest';
import { decodeIec } from '../../../../src/protocols/iec62056-21/decode.ts';
import { charactersOf } from '../../../../src/protocols/iec62056-21/simulated/messages.ts';
import { eightBits, type Device } from '../../../../src/simulator/device.ts';
import { BLOCK, READOUT, readBench, type BenchRead } from './bench.ts';

const COLUMNS = '0012345 0067890 0012345 0006523 0004210 0002313 0000123 0000456 0000789 0000000';

/** Answers `request` at 1200 Bd half a second later, without ever saying who it is. */
const answering =
  (request: string, answer: string, damage: (byte: number, at: number) => number = (byte) => byte): Device =>
  (wire) => {
    let heard = '';
    wire.listen(eightBits(300));
    return {
      received(raw, end) {
        heard += String.fromCharCode(raw & 0x7f);
        if (!heard.endsWith(request)) return;
        heard = '';
        wire.send(charactersOf(answer, 'even').map(damage), eightBits(1200), end + 500);
      },
    };
  };

const settings = { answerRate: 1200, customRequest: '/#1', retries: 0 };
const read = (device: Device, how: BenchRead = {}) =>
  readBench(device, { ...how, settings: { ...settings, ...how.settings } });

describe('a meter that answers without an identification (field case fi-26)', () => {
  it('is heard at the rate that is set, and its columns are kept as they came', async () => {
    const { readout, sent } = await read(answering('/#1', `${COLUMNS}\r\n`));
    expect(sent).toEqual(['/#1']);
    expect(readout).toMatchObject({
      errorCode: 0,
      identification: '',
      data: COLUMNS,
      circumstances: { baudRate: 1200 },
    });
    const readings = decodeIec(readout);
    // Nothing says where it should have ended.
    expect(readings).toMatchObject([{ value: { type: 'text', text: COLUMNS }, state: 'unchecked', unit: '' }]);
  });

  it('may send one figure a line: each is shown', async () => {
    const { readout } = await read(answering('/#1', '0012345\r\nT=21.5\r\nEND\r\n0 17\r\n'));
    expect(readout.errorCode).toBe(0);
    expect(decodeIec(readout)).toMatchObject(
      ['0012345', 'T=21.5', '0 17'].map((text) => ({ value: { type: 'text', text }, state: 'unchecked', unit: '' })),
    );
    // Nobody knows of what it is a part.
    const cut = { ...readout, circumstances: { ...readout.circumstances, partial: true } };
    expect(decodeIec(cut).map(({ state }) => state)).toEqual(['partial', 'partial', 'partial']);
    expect(decodeIec({ identification: '', data: '1.8.0' })).toMatchObject([{ state: 'partial' }]);
  });

  it('may send a data message, which is judged as any other', async () => {
    const { readout, sent } = await read(answering('/?!\r\n', READOUT), { settings: { customRequest: '' } });
    // As any other without a check: twice.
    expect(sent).toEqual(['/?!\r\n', '/?!\r\n']);
    expect(readout).toMatchObject({ errorCode: 0, data: BLOCK, circumstances: { borneOut: true } });
  });

  it('breaks off in words where a data message has no end', async () => {
    const { readout } = await read(answering('/#1', BLOCK));
    expect(readout).toMatchObject({ errorCode: 65545, circumstances: { partial: true } });
  });

  it.each([
    ['a flipped bit', (byte: number, at: number) => (at === 3 ? byte ^ 0x04 : byte)],
    ['a control character', (byte: number, at: number) => (at === 3 ? 0x11 : byte)],
  ])('is not taken with %s', async (_, damage) => {
    const { readout } = await read(answering('/#1', COLUMNS, damage));
    expect(readout.errorCode).toBe(66049);
    expect(decodeIec(readout).every(({ state }) => state === 'unchecked')).toBe(true);
  });

  it('is not there: said, with the rate it was listened at', async () => {
    const { readout, sent } = await read(answering('/#2', COLUMNS));
    expect(sent).toEqual(['/#1']);
    expect(readout).toMatchObject({ errorCode: 65546, data: '' });
    expect(readout.circumstances?.message).toContain('1200 Bd');
  });

  it('is asked with “!” and line end where nobody says that it needs no identification', async () => {
    const { sent } = await readBench(answering('/#9', ''), { settings: { customRequest: '/#1', retries: 0 } });
    expect(sent[0]).toBe('/#1!\r\n');
  });
});
