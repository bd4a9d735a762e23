import { describe, expect, it } from 'vitest';
import { parseMbusAddress } from '../../../../src/protocols/mbus/address.ts';
import type { MbusChange } from '../../../../src/protocols/mbus/change-plan.ts';
import { preview } from '../../../../src/protocols/mbus/change-plan.ts';
import { configure, prove } from '../../../../src/protocols/mbus/configure.ts';
import { readMbus } from '../../../../src/protocols/mbus/session.ts';
import { defaultMbusSettings } from '../../../../src/protocols/mbus/settings.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import type { MbusMeterSpec } from '../../../../src/protocols/mbus/simulated/slave.ts';
import { meter, onBus } from './bus.ts';
import { onIndependentBus, type Slave } from './independent-bus.ts';

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
      await line.change({ baudRate: again.baudRate });
      const read = await readMbus(line, again, defaultMbusSettings, {});
      return { result, sent: sentByChange, read: read.errorCode };
    },
    { faults },
  );
}

const hexOf = (address: string, what: MbusChange) => preview(parseMbusAddress(address), what).map(({ hex }) => hex);

/** Frames with data for the meter, a reset or a rate: what changes something. */
const commandOf = (sent: readonly string[]) =>
  sent.filter((hex) => hex.startsWith('68') && /^(50|51|B[89A-F])/.test(hex.slice(12)));

describe('preview', () => {
  it('shows the exact frames of a new primary address', () => {
    const what: MbusChange = { kind: 'primary address', newAddress: 17 };
    expect(hexOf('5', what)).toEqual([
      '1040115116',
      '107B118C16',
      '1040054516',
      '107B058016',
      '68060668530551017A113516',
      '107B118C16',
    ]);
    expect(hexOf('*12345678', what)).toEqual([
      '1040115116',
      '107B118C16',
      '1040FD3D16',
      '680B0B6853FD5278563412FFFFFFFFB216',
      '107BFD7816',
      '6806066853FD51017A112D16',
      '107B118C16',
      '1040FD3D16',
    ]);
  });

  it('selects all of the meter that was proved', () => {
    const proved = { identification: '12345678', manufacturer: 'OHU', version: 1, medium: 7 };
    const frames = preview(parseMbusAddress('*12345678'), { kind: 'application reset' }, proved);
    const selections = frames.filter(({ text }) => text.startsWith('select')).map(({ text }) => text);
    expect(selections).toEqual(['select *12345678', 'select *12345678/OHU.01.07 alone']);
  });

  it('checks a new rate at the new rate', () => {
    const frames = preview(parseMbusAddress('5'), { kind: 'baud rate', newBaudRate: 9600 });
    expect(frames.map(({ hex, baudRate, purpose }) => [hex, baudRate, purpose])).toEqual([
      ['1040054516', 2400, 'none'],
      ['107B058016', 2400, 'proof'],
      ['680303685305BD1516', 2400, 'command'],
      ['107B058016', 9600, 'check'],
    ]);
  });

  it('shows an application reset with its subcode', () => {
    expect(hexOf('5', { kind: 'application reset' })).toContain('68030368530550A816');
    expect(hexOf('5', { kind: 'application reset', subcode: 0x10 })).toContain('6804046853055010B816');
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
    expect(result).toMatchObject({ errorCode: 0, message: '', meter: { identification: '12345678' } });
    expect(sent).toEqual(preview(parseMbusAddress(address), what, result.meter).map(({ hex }) => hex));
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
    expect(result.errorCode).toBe(0);
    expect(result.frames.at(-1)).toMatchObject({ purpose: 'command', answerHex: 'E5' });
  });

  it.each(['77', '*99999999'])('sends no command where nobody is: %s', async (address) => {
    const { result, sent } = await change(address, { kind: 'primary address', newAddress: 17 });
    expect([131082, 131088]).toContain(result.errorCode);
    expect(commandOf(sent)).toEqual([]);
  });

  it('sends the command once, and says that the meter did not take it', async () => {
    const heard: string[] = [];
    const result = await onIndependentBus(
      [{ id: '12345678', primary: 5, refusesCommands: true }],
      async ({ line, sent }) => {
        const made = await configure(line, parseMbusAddress('5'), { kind: 'application reset' }, defaultMbusSettings);
        heard.push(...sent);
        return made;
      },
    );
    expect(result.errorCode).toBe(131097);
    expect(commandOf(heard)).toHaveLength(1);
  });

  it('is stopped with 131073', async () => {
    const result = await onBus([one], ({ line, stop }) => {
      stop();
      return configure(line, parseMbusAddress('5'), { kind: 'application reset' }, defaultMbusSettings);
    });
    expect(result).toMatchObject({ errorCode: 131073, frames: [] });
  });
});

/** Meters are delivered at 0, and one housing may hold two. */
describe('a change meets one meter or none', () => {
  const heat: Slave = { id: '20110045', maker: 'BMT', medium: 0x04 };
  const cooling: Slave = { id: '20110045', maker: 'BMT', medium: 0x0a };
  const elsewhere: Slave = { id: '33333333', primary: 5, reactionMs: 25 };
  const toFive: MbusChange = { kind: 'primary address', newAddress: 5 };

  async function make(
    slaves: readonly Slave[],
    address: string,
    what: MbusChange,
    expected?: Parameters<typeof configure>[4],
  ) {
    return await onIndependentBus(slaves, async ({ line, sent, slaves: states }) => {
      const result = await configure(line, parseMbusAddress(address), what, defaultMbusSettings, expected);
      return { result, sent: [...sent], primaries: states.map(({ primary }) => primary) };
    });
  }

  it.each([
    ['two at 0 that answer together', '0', [heat, { ...cooling, id: '20110046' }]],
    ['two at 0, one after the other', '0', [heat, { ...cooling, id: '20110046', reactionMs: 60 }]],
    ['two of one number', '*20110045', [heat, cooling]],
    ['two of one number, 30 ms apart', '*20110045', [heat, { ...cooling, reactionMs: 50 }]],
    ['a number with wildcards', '*2011FFFF', [heat, { ...cooling, id: '20110046' }]],
    ['everybody', '/254', [heat, elsewhere]],
  ] as const)('%s: refused with 131094, and nothing is sent', async (_, address, slaves) => {
    for (const what of [toFive, { kind: 'baud rate', newBaudRate: 300 }, { kind: 'application reset' }] as const) {
      const { result, sent, primaries } = await make(
        slaves,
        address,
        what.kind === 'primary address' ? { ...what, newAddress: 9 } : what,
      );
      expect(result.errorCode).toBe(131094);
      expect(commandOf(sent)).toEqual([]);
      expect(primaries).toEqual(slaves.map((slave) => ('primary' in slave ? slave.primary : 0)));
    }
  });

  it.each([[heat], [{ ...heat, muteToReset: true }]])(
    'a new address that is taken is refused and says by whom',
    async (taking) => {
      const { result, sent } = await make([{ ...taking, primary: 5 }, { id: '44444444' }], '0', toFive);
      expect(result).toMatchObject({ errorCode: 131094 });
      expect(result.message).toMatch(/The new address is taken: (BMT 20110045|a meter) answers there/);
      expect(commandOf(sent)).toEqual([]);
    },
  );

  it('tells which meter it would be before anything is changed', async () => {
    await onIndependentBus([heat, elsewhere], async ({ line, sent }) => {
      const proof = await prove(
        line,
        parseMbusAddress('*20110045'),
        { kind: 'application reset' },
        defaultMbusSettings,
      );
      expect(proof).toMatchObject({
        errorCode: 0,
        meter: { identification: '20110045', manufacturer: 'BMT', medium: 4 },
      });
      expect(commandOf(sent)).toEqual([]);
    });
  });

  it('does not change another meter than the one that was confirmed', async () => {
    const confirmed = { identification: '11111111', manufacturer: 'BMT', version: 1, medium: 4 };
    const { result, sent } = await make([heat], '0', toFive, confirmed);
    expect(result).toMatchObject({ errorCode: 131085 });
    expect(commandOf(sent)).toEqual([]);
  });

  it('moves the one that is meant, although another has its number', async () => {
    const { result, primaries } = await make([heat, cooling, elsewhere], '*20110045/BMT.01.0A', {
      ...toFive,
      newAddress: 9,
    });
    expect(result).toMatchObject({ errorCode: 0, meter: { medium: 0x0a } });
    expect(primaries).toEqual([0, 9, 5]);
  });
});
