import { decodeMbus } from '../../../../src/protocols/mbus/decode.ts';
import { describe, expect, it } from 'vitest';
import { fittingValues, settingsOf, type Values } from '../../../../src/common/form.ts';
import type { ReadProgress } from '../../../../src/protocols/protocol.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import { parseMbusAddress } from '../../../../src/protocols/mbus/address.ts';
import { mbusDialogue } from '../../../../src/protocols/mbus/ask.ts';
import { mbusForm } from '../../../../src/protocols/mbus/form.ts';
import { readMbus } from '../../../../src/protocols/mbus/session.ts';
import { mbusSettings } from '../../../../src/protocols/mbus/settings.ts';
import { parseTelegrams } from '../../../../src/protocols/mbus/telegram.ts';
import { bcdRecord } from '../../../../src/protocols/mbus/simulated/records.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import type { MbusMeterSpec } from '../../../../src/protocols/mbus/simulated/slave.ts';
import { house } from '../../../../src/protocols/mbus/simulated/meters.ts';
import { bytesOf } from './samples.ts';
import { meter, onBus } from './bus.ts';

interface Outcome {
  readonly readout: Readout;
  readonly sent: readonly string[];
  readonly progress: readonly ReadProgress[];
  readonly tookMs: number;
}

interface Attempt {
  readonly faults?: readonly Fault[];
  readonly knobs?: Values;
  readonly stopAfterMs?: number;
  /** A fault goes away after this long. */
  readonly healAfterMs?: number;
  /** On the plate. */
  readonly knownNumber?: string;
}

async function read(
  meters: readonly MbusMeterSpec[],
  address: string,
  { faults = [], knobs = {}, stopAfterMs, healAfterMs, knownNumber }: Attempt = {},
): Promise<Outcome> {
  const parsed = parseMbusAddress(address);
  const settings = mbusSettings(knobs);
  const progress: ReadProgress[] = [];
  return await onBus(
    meters,
    async ({ line, clock, sent, faults: active, stop }) => {
      if (stopAfterMs !== undefined) void clock.sleep(stopAfterMs).then(stop);
      if (healAfterMs !== undefined) void clock.sleep(healAfterMs).then(() => active.clear());
      const began = clock.monotonic();
      const readout = await readMbus(line, parsed, settings, {
        ...(knownNumber === undefined ? {} : { knownNumber }),
        onProgress: (event) => progress.push(event),
      });
      return { readout, sent: sent(), progress, tookMs: clock.monotonic() - began };
    },
    { faults, ...mbusDialogue.lineOf({ address, settings: knobs }) },
  );
}

const telegramsOf = ({ data }: Readout) => parseTelegrams(bytesOf(data));
const one = meter('12345678', { primaryAddress: 5 });
const three = meter('87654321', {
  primaryAddress: 9,
  telegrams: () => [1, 2, 3].map((n) => bcdRecord([0x13], n)),
});

describe('reading by primary address', () => {
  it('resets the link, asks once with FCB 1, and gives the frame as received', async () => {
    const { readout, sent, progress, tookMs } = await read([one, three], '5');
    expect(sent).toEqual(['1040054516', '107B058016']);
    expect(readout).toMatchObject({ errorCode: 0, identification: '' });
    expect(readout.data).toMatch(/^68(..)(?:\1)6808057278563412[0-9A-F]+16$/);
    expect(readout.circumstances).toMatchObject({ manufacturer: 'OHU', baudRate: 2400, attempts: 1 });
    expect(readout.circumstances?.partial).toBeUndefined();
    expect(progress).toContainEqual({
      kind: 'identification',
      manufacturer: 'OHU',
      identification: '12345678',
      baudRate: 2400,
    });
    expect(progress.at(-1)).toEqual({ kind: 'data', data: readout.data });
    expect(tookMs).toBeLessThan(900);
  });

  it('goes on while records follow, toggling FCB, and joins the telegrams', async () => {
    const { readout, sent, progress } = await read([three], '9');
    expect(sent).toEqual(['1040094916', '107B098416', '105B096416', '107B098416']);
    expect(telegramsOf(readout)).toHaveLength(3);
    expect(decodeMbus(readout).filter(({ unit }) => unit === 'm³')).toHaveLength(3);
    const steps = progress.flatMap((event) => (event.kind === 'step' ? [event.text] : []));
    expect(steps).toContain('telegram 2');
    expect(readout.circumstances?.partial).toBeUndefined();
  });

  it('stops at the limit of telegrams and says so', async () => {
    const { readout } = await read([three], '9', { knobs: { maxTelegrams: 2 } });
    expect(telegramsOf(readout)).toHaveLength(2);
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { partial: true } });
    expect(readout.circumstances?.notes?.[0]).toMatch(/more telegrams/);
  });

  it('asks again with the same FCB for a garbled answer, so that no telegram is passed over', async () => {
    const { readout, sent } = await read([three], '9', { faults: ['wrong-bcc-once'] });
    expect(sent.slice(1)).toEqual(['107B098416', '107B098416', '105B096416', '105B096416', '107B098416', '107B098416']);
    expect(readout.errorCode).toBe(0);
    expect(telegramsOf(readout)).toHaveLength(3);
    expect(readout.circumstances?.attempts).toBe(4);
  });

  it('does not go round for ever with a meter that ignores FCB', async () => {
    const stubborn = { ...three, ignoresFrameCount: true };
    const { readout } = await read([stubborn], '9');
    expect(telegramsOf(readout)).toHaveLength(1);
    expect(readout.circumstances?.partial).toBe(true);
  });

  it('reads the only meter by /254, and what is selected by /253', async () => {
    expect((await read([one], '/254')).readout.errorCode).toBe(0);
    expect((await read([one], '/253')).readout.errorCode).toBe(131082);
  });

  it.each([30, 150, 400])(
    'reads nobody by /254 where two answer, the other %i ms after the request',
    async (reactionMs) => {
      const second = { ...one, identification: '87654321', primaryAddress: 6, reactionMs };
      const { readout } = await read([one, second], '/254');
      expect(readout.errorCode).not.toBe(0);
      expect(decodeMbus(readout).every(({ state }) => state !== 'whole')).toBe(true);
    },
  );

  it('asks for alarms and resets the application where the settings say so', async () => {
    const { readout, sent } = await read([one], '5', { knobs: { requestUd1: true, resetSubcode: 16 } });
    expect(sent).toEqual(['1040054516', '6804046853055010B816', '107A057F16', '105B056016']);
    expect(readout.errorCode).toBe(0);
    expect(readout.circumstances?.notes).toEqual(['The meter has no alarm (class 1 data).']);
  });

  it('reads through a converter that wants 8N1', async () => {
    expect((await read([one], '5', { knobs: { framing: '8N1' } })).readout.errorCode).toBe(0);
  });

  it.each(['300', '9600', '38400'])('reads at %s Bd', async (rate) => {
    const fast = { ...one, baudRate: Number(rate) } as MbusMeterSpec;
    expect((await read([fast], `5@${rate}`)).readout.errorCode).toBe(0);
  });
});

describe('reading by secondary address', () => {
  it('ends any selection, selects, reads, and ends the selection', async () => {
    const { readout, sent, progress } = await read([one, three], '*12345678');
    expect(sent).toEqual(['1040FD3D16', '680B0B6853FD5278563412FFFFFFFFB216', '107BFD7816', '1040FD3D16']);
    expect(readout.errorCode).toBe(0);
    expect(progress).toContainEqual({ kind: 'step', step: 'asking', text: 'selecting *12345678' });
  });

  it('takes wildcards, manufacturer, version and medium', async () => {
    for (const address of ['*1234567F', '*FFFFFFFF/OHU.01.07', '*12345678/*.*.07'])
      expect((await read([one], address)).readout.errorCode).toBe(0);
    expect((await read([one], '*12345678/OHU.02.07')).readout.errorCode).toBe(131088);
  });

  it('takes a fabrication number', async () => {
    const twins = [1, 2].map((n) =>
      meter('11111111', { fabrication: `0000000${n}`, telegrams: () => [bcdRecord([0x13], n)] }),
    );
    const { readout } = await read(twins, '*11111111/*.*.*/00000002');
    expect(readout.errorCode).toBe(0);
    expect((await read(twins, '*11111111')).readout.errorCode).not.toBe(0);
  });

  it.each(house.map(({ identification, manufacturer }) => [identification, manufacturer]))(
    'reads %s %s of the demo bus whole',
    async (identification, manufacturer) => {
      const { readout } = await read(house, `*${identification}/${manufacturer}.*.*`);
      expect(readout).toMatchObject({ errorCode: 0, circumstances: { manufacturer } });
      const readings = decodeMbus(readout);
      expect(readings.length).toBeGreaterThan(4);
      expect(readings.filter(({ kind }) => kind === 'error')).toEqual([]);
      expect(readings.every(({ value }) => value.type !== 'bytes')).toBe(true);
    },
  );
});

describe('the meter that answers', () => {
  const fabrication = Uint8Array.of(0x0c, 0x78, 0x78, 0x56, 0x34, 0x12);
  const radio = meter('00000017', { primaryAddress: 5, telegrams: () => [fabrication] });

  it.each([
    ['another one at a primary address', one, '5', '31004711'],
    ['another one behind wildcards', one, '*1234567F', '12345679'],
  ])('is flagged where its number is not the one on the plate: %s', async (_, there, address, knownNumber) => {
    const { readout } = await read([there], address, { knownNumber });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { otherMeter: '12345678' } });
    expect(readout.circumstances?.notes).toContain('Another meter answered: the data names 12345678.');
    expect(telegramsOf(readout)).toHaveLength(1);
  });

  it.each([
    ['its number', one, '5', '12345678'],
    ['its number with the maker in front', one, '5', '8OHU12345678'],
    ['what its maker calls it', radio, '5', '12345678'],
    ['whom its whole number selected, whatever its plate says', one, '*12345678', '31004711'],
    ['nobody knows who', one, '5', undefined],
  ])('is the right one: %s', async (_, there, address, knownNumber) => {
    const { readout } = await read([there], address, knownNumber === undefined ? {} : { knownNumber });
    expect(readout.errorCode).toBe(0);
    expect(readout.circumstances).not.toHaveProperty('otherMeter');
  });

  it('is not told by damaged data', async () => {
    const { readout } = await read([one], '5', { faults: ['wrong-bcc'], knownNumber: '31004711' });
    expect(readout.errorCode).not.toBe(0);
    expect(readout.circumstances).not.toHaveProperty('otherMeter');
  });
});

describe('what goes wrong has its code', () => {
  it.each<[string, string, Attempt, number]>([
    ['no meter', '77', {}, 131078],
    ['no meter selected', '*99999999', {}, 131088],
    ['silent', '5', { faults: ['silent'] }, 131078],
    ['always garbled', '5', { faults: ['wrong-bcc'] }, 131332],
    ['stops in the middle', '5', { faults: ['stops-in-mid-readout'] }, 131082],
    ['too slow', '5', { faults: ['slow-reaction'], knobs: { retries: 0 } }, 131078],
    ['port pulled out', '5', { faults: ['port-lost'] }, 131072],
    ['stopped', '5', { stopAfterMs: 300 }, 131073],
  ])('%s: %s', async (_, address, attempt, code) => {
    const { readout } = await read([one], address, attempt);
    expect(readout.errorCode).toBe(code);
    expect(readout.circumstances?.message).not.toBe('');
    if (readout.data !== '') expect(readout.circumstances?.partial).toBe(true);
  });

  it('answers an application error with 131084 and keeps the frame', async () => {
    const { readout, sent } = await read([{ ...one, applicationError: 8 }], '5');
    expect(readout.errorCode).toBe(131084);
    expect(readout.circumstances?.message).toMatch(/busy/i);
    expect(sent).toHaveLength(2);
    expect(decodeMbus(readout).some(({ kind }) => kind === 'error')).toBe(true);
  });

  it('two meters at one primary address give a collision, not somebody’s data', async () => {
    const { readout } = await read([one, { ...three, primaryAddress: 5, telegrams: one.telegrams }], '5');
    expect(readout.errorCode).toBeGreaterThanOrEqual(131329);
  });

  it('keeps what was read when a later telegram does not come', async () => {
    const { readout } = await read([three], '9', { stopAfterMs: 400 });
    expect(readout.errorCode).toBe(131073);
    expect(telegramsOf(readout).length).toBeGreaterThan(0);
    expect(readout.circumstances?.partial).toBe(true);
  });

  it('leaves no meter selected when it is stopped, in the midst of an answer too', async () => {
    for (const stopAfterMs of [200, 300, 400, 500, 600]) {
      const { readout, sent, tookMs } = await read([three], '*87654321', { stopAfterMs });
      expect(readout.errorCode).toBe(131073);
      expect(sent.at(-1)).toBe('1040FD3D16');
      expect(tookMs).toBeLessThan(stopAfterMs + 1500);
    }
  });

  it('reads a slow meter with a longer timeout', async () => {
    const { readout } = await read([one], '5', { faults: ['slow-reaction'], knobs: { timeoutMs: 1600 } });
    expect(readout.errorCode).toBe(0);
  });

  it.each<Fault>(['echo', 'garbage-before-answer'])('reads in spite of %s', async (fault) => {
    for (const address of ['5', '*12345678']) {
      const { readout } = await read([one], address, { faults: [fault] });
      expect(readout.errorCode).toBe(0);
    }
  });

  it('asks again as long as retries are left', async () => {
    const { readout, sent } = await read([one], '5', { faults: ['silent'], healAfterMs: 700 });
    expect(readout.errorCode).toBe(0);
    expect(sent).toEqual(['1040054516', '1040054516', '1040054516', '107B058016']);
    const { sent: once } = await read([one], '5', { faults: ['silent'], knobs: { retries: 0 } });
    expect(once).toEqual(['1040054516', '107B058016']);
  });

  it('never rejects, whatever the noise', async () => {
    for (const fault of ['noise', 'wrong-parity', 'no-parity', 'long-gap'] as const) {
      const { readout } = await read([one], '*12345678', { faults: [fault] });
      expect(readout.errorCode === 0 || readout.errorCode >= 131072).toBe(true);
    }
  });
});

describe('settings', () => {
  const framed = (framing: string, set = {}) =>
    settingsOf(mbusForm, { set, port: { baudRate: 300, framing } })['framing'];

  it('is 8E1 unless port or setting say 8N1; what does not fit is its default', () => {
    expect([framed('7E1'), framed('8N1'), framed('8E1', { framing: '8N1' })]).toEqual(['8E1', '8N1', '8N1']);
    expect(mbusSettings({ timeoutMs: 'long', retries: 99, applicationReset: true })).toEqual({
      framing: '8E1',
      retries: 2,
      maxTelegrams: 20,
      requestUd1: false,
      wakeUp: false,
      firstSend: 'nothing',
      applicationReset: true,
    });
  });

  it('takes the subcode of a reset from where an earlier version kept it', () => {
    expect(fittingValues(mbusForm, { applicationReset: 16, timeoutMs: 2000 })).toEqual({
      resetSubcode: 16,
      timeoutMs: 2000,
    });
  });

  it('opens the line at the rate of the address', () => {
    expect(mbusDialogue.lineOf({ address: '5@300', settings: {} })).toEqual({
      baudRate: 300,
      framing: '8E1',
    });
  });
});
