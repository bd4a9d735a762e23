import { describe, expect, it } from 'vitest';
import { parseMbusAddress } from '../../../../src/protocols/mbus/address.ts';
import type { MbusChange } from '../../../../src/protocols/mbus/configure.ts';
import { configure, preview } from '../../../../src/protocols/mbus/configure.ts';
import { readMbus } from '../../../../src/protocols/mbus/session.ts';
import { defaultMbusSettings } from '../../../../src/protocols/mbus/settings.ts';
import type { Fault, MbusMeterSpec } from '../../../../src/simulator/index.ts';
import { meter, onBus } from './bus.ts';

const one = meter('12345678', { primaryAddress: 5 });
const other = meter('87654321', { primaryAddress: 9 });

async function change(
  address: string,
  what: MbusChange,
  { meters = [one, other], faults = [], readAs }: { meters?: MbusMeterSpec[]; faults?: Fault[]; readAs?: string } = {},
) {
  const parsed = parseMbusAddress(address);
  return await onBus(
    meters,
    async ({ line, sent }) => {
      const result = await configure(line, parsed, what, defaultMbusSettings);
      const sentByChange = sent();
      if (readAs === undefined) return { result, sent: sentByChange, read: undefined };
      const again = parseMbusAddress(readAs);
      await line.changeBaud(again.baudRate);
      const read = await readMbus(line, again, defaultMbusSettings, {});
      return { result, sent: sentByChange, read: read.errorCode };
    },
    { faults },
  );
}

const hexOf = (address: string, what: MbusChange) => preview(parseMbusAddress(address), what).map(({ hex }) => hex);

describe('preview', () => {
  it('shows the exact frames of a new primary address', () => {
    expect(hexOf('5', { kind: 'primary address', newAddress: 17 })).toEqual(['68060668530551017A113516', '1040115116']);
    expect(hexOf('*12345678', { kind: 'primary address', newAddress: 17 })).toEqual([
      '1040FD3D16',
      '680B0B6853FD5278563412FFFFFFFFB216',
      '6806066853FD51017A112D16',
      '1040115116',
      '1040FD3D16',
    ]);
  });

  it('checks a new rate at the new rate', () => {
    const frames = preview(parseMbusAddress('5'), { kind: 'baud rate', newBaudRate: 9600 });
    expect(frames.map(({ hex, baudRate, purpose }) => [hex, baudRate, purpose])).toEqual([
      ['680303685305BD1516', 2400, 'command'],
      ['1040054516', 9600, 'check'],
    ]);
  });

  it('shows an application reset with its subcode', () => {
    expect(hexOf('5', { kind: 'application reset' })).toEqual(['68030368530550A816']);
    expect(hexOf('5', { kind: 'application reset', subcode: 0x10 })).toEqual(['6804046853055010B816']);
  });

  it('refuses an address that is none', () => {
    expect(() => hexOf('5', { kind: 'primary address', newAddress: 251 })).toThrow(
      expect.objectContaining({ code: 131074 }),
    );
  });
});

describe('configure', () => {
  it.each(['5', '*12345678'])('sets the primary address of %s, sending what was shown', async (address) => {
    const what: MbusChange = { kind: 'primary address', newAddress: 17 };
    const { result, sent, read } = await change(address, what, { readAs: '17' });
    expect(result).toMatchObject({ errorCode: 0, message: '' });
    expect(sent).toEqual(hexOf(address, what));
    expect(result.frames.filter(({ purpose }) => purpose !== 'none').every(({ answerHex }) => answerHex === 'E5')).toBe(
      true,
    );
    expect(read).toBe(0);
  });

  it.each(['5', '*12345678'])('switches %s to another rate', async (address) => {
    const { result, read } = await change(
      address,
      { kind: 'baud rate', newBaudRate: 9600 },
      { readAs: `${address}@9600` },
    );
    expect(result.errorCode).toBe(0);
    expect(read).toBe(0);
  });

  it('resets the application', async () => {
    const { result } = await change('5', { kind: 'application reset', subcode: 1 });
    expect(result).toMatchObject({ errorCode: 0, frames: [{ answer: 'acknowledge', answerHex: 'E5' }] });
  });

  it('sends the command once, and says that nobody took it', async () => {
    const { result, sent } = await change('77', { kind: 'primary address', newAddress: 17 });
    expect(result).toMatchObject({ errorCode: 131097, frames: [{ answer: 'silence', answerHex: '' }] });
    expect(sent).toHaveLength(1);
  });

  it('changes nothing when nobody can be selected', async () => {
    const { result, sent } = await change('*99999999', { kind: 'baud rate', newBaudRate: 300 });
    expect(result.errorCode).toBe(131088);
    expect(sent.some((frame) => frame.startsWith('68030368'))).toBe(false);
  });

  it('says so when the check shows a second meter at the new address', async () => {
    const { result, sent } = await change('5', { kind: 'primary address', newAddress: 9 });
    expect(result.errorCode).not.toBe(0);
    expect(result.frames.map(({ purpose }) => purpose)).toEqual(['command', 'check']);
    expect(sent[1]).toBe('1040094916');
  });

  it('says so when the meter is silent', async () => {
    const { result } = await change('5', { kind: 'application reset' }, { faults: ['silent'] });
    expect(result).toMatchObject({ errorCode: 131097, frames: [{ answer: 'silence' }] });
  });

  it('is stopped with 131073', async () => {
    const result = await onBus([one], ({ line }) =>
      configure(line, parseMbusAddress('5'), { kind: 'application reset' }, defaultMbusSettings, AbortSignal.abort()),
    );
    expect(result).toMatchObject({ errorCode: 131073, frames: [] });
  });
});
