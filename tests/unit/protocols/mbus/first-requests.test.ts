import { describe, expect, test } from 'vitest';
import { agreementOn, type Field, type Values } from '../../../../src/common/form.ts';
import { concatBytes, toHex } from '../../../../src/common/bytes.ts';
import { parseMbusAddress } from '../../../../src/protocols/mbus/address.ts';
import { mbusDialogue } from '../../../../src/protocols/mbus/ask.ts';
import { decodeMbus } from '../../../../src/protocols/mbus/decode.ts';
import { mbusForm } from '../../../../src/protocols/mbus/form.ts';
import { firstRequests } from '../../../../src/protocols/mbus/first-requests.ts';
import { readMbus } from '../../../../src/protocols/mbus/session.ts';
import { mbusSettings } from '../../../../src/protocols/mbus/settings.ts';
import { bcdRecord, integerRecord } from '../../../../src/protocols/mbus/simulated/records.ts';
import type { MbusMeterSpec } from '../../../../src/protocols/mbus/simulated/slave.ts';
import { parseTelegrams } from '../../../../src/protocols/mbus/telegram.ts';
import { meter, onBus } from './bus.ts';
import { bytesOf } from './samples.ts';

/** As if a person had confirmed what is sent. */
function agreed(settings: Values): Values {
  const field = mbusForm.find((one: Field) => one.asks);
  return field ? { ...settings, firstSendAgreed: agreementOn(field, settings) } : settings;
}

const read = (meters: readonly MbusMeterSpec[], address: string, settings: Values) =>
  readAs(meters, address, agreed(settings));

const readAs = (meters: readonly MbusMeterSpec[], address: string, settings: Values) =>
  onBus(
    meters,
    async ({ line, sent, clock }) => {
      const began = clock.monotonic();
      const readout = await readMbus(line, parseMbusAddress(address), mbusSettings(settings), {});
      return { readout, sent: sent(), tookMs: clock.monotonic() - began };
    },
    mbusDialogue.lineOf({ address, settings }),
  );

const eastron = meter('12345678', {
  primaryAddress: 1,
  own: { controlInformation: 0xb1, records: () => concatBytes(integerRecord([0xfd, 0x48], 2300, 2)) },
  telegrams: () => [bcdRecord([0x03], 1234)],
});

describe('what is sent before the values (field case FM09)', () => {
  test('an answer with data is the first telegram of one readout', async () => {
    const { readout, sent } = await read([eastron], '1', { firstSend: 'eastron-instantaneous' });
    expect(sent).toEqual(['1040014116', '680303685301B10516', '107B017C16']);
    expect(readout.errorCode).toBe(0);
    expect(readout.circumstances?.partial).toBeUndefined();
    expect(parseTelegrams(bytesOf(readout.data))).toHaveLength(2);
    expect(decodeMbus(readout).map(({ quantity }) => quantity)).toEqual(expect.arrayContaining(['Voltage', 'Energy']));
  });

  test('it reaches a meter that was selected, and an acknowledgment is enough', async () => {
    const { readout, sent } = await read([meter('87654321')], '*87654321', {
      firstSend: 'own',
      ownRequests: '50 10; 54',
    });
    expect(sent.filter((frame) => frame.startsWith('68'))).toEqual([
      expect.stringContaining('52'),
      '6804046853FD5010B016',
      '6803036853FD54A416',
    ]);
    expect(readout.errorCode).toBe(0);
  });

  test('nobody answers it: said, and nothing is taken for a reading', async () => {
    const { readout } = await read([meter('12345678', { primaryAddress: 1 })], '1', {
      firstSend: 'eastron-instantaneous',
    });
    expect(readout).toMatchObject({ errorCode: 131097, data: '' });
  });

  test('what the meter tells again is kept once', async () => {
    const same = () => bcdRecord([0x03], 1234);
    const twin = meter('12345678', {
      primaryAddress: 1,
      own: { controlInformation: 0xb1, records: same },
      telegrams: () => [same()],
    });
    const { readout } = await read([twin], '1', { firstSend: 'eastron-instantaneous' });
    expect(parseTelegrams(bytesOf(readout.data))).toHaveLength(1);
    expect(readout.circumstances?.partial).toBeUndefined();
  });

  test.each(['BB', '51 01 7A 05', '51 0C 79 78 56 34 12', '51 04 13 00 00 00 00 01 7A 01', '55 01 7A 05'])(
    'a change of the meter is refused before anything is sent: %s',
    async (ownRequests) => {
      const { readout, sent } = await read([eastron], '1', { firstSend: 'own', ownRequests });
      expect(readout.errorCode).toBe(131074);
      expect(sent).toEqual([]);
    },
  );

  test('ready ones and own ones as bytes', () => {
    const bytes = (settings: Values) =>
      firstRequests(mbusSettings(agreed(settings)), new Date(2014, 7, 17, 23, 4, 5)).map(
        ({ controlInformation, data }) => toHex(Uint8Array.of(controlInformation, ...data)),
      );
    expect(bytes({})).toEqual([]);
    // The manual's example has this day as D1 18.
    expect(bytes({ firstSend: 'abb-previous' })).toEqual(['5102ECFFF919D118']);
    expect(bytes({ firstSend: 'abb-profile' })).toEqual(['5102ECFFF910D118']);
    expect(bytes({ firstSend: 'abb-log' })).toEqual(['51CE40EDFFF932050423170814']);
    expect(bytes({ firstSend: 'own', ownRequests: '50 10;b1' })).toEqual(['5010', 'B1']);
    expect(bytes({ firstSend: 'own' })).toEqual([]);
  });
});

describe('what nobody has confirmed', () => {
  const own = { firstSend: 'own', ownRequests: '50 10' };

  test.each([
    ['a ready one', { firstSend: 'eastron-instantaneous' }],
    ['one of somebody’s own', own],
    ['one that was changed since', { ...agreed(own), ownRequests: '50 20' }],
    ['another choice than the one that was confirmed', { ...agreed(own), firstSend: 'abb-log' }],
  ])('is not sent: %s', async (_, settings) => {
    const { readout, sent } = await readAs([eastron], '1', settings);
    expect(readout).toMatchObject({ errorCode: 131074, data: '' });
    expect(readout.circumstances?.message).toContain('Nobody has confirmed');
    expect(sent).toEqual([]);
  });

  test('is nothing where no bytes are given, and 254 gets none at all', async () => {
    expect((await readAs([eastron], '1', { firstSend: 'own' })).readout.errorCode).toBe(0);
    const { readout, sent } = await read([eastron], '/254', own);
    expect(readout.errorCode).toBe(131074);
    expect(sent).toEqual([]);
  });
});

describe('a meter that sleeps behind an optical head (field case FM12)', () => {
  const sleeper = meter('12345678', { primaryAddress: 0, sleeps: true });

  test('is silent until it is woken', async () => {
    expect((await read([sleeper], '0', {})).readout.errorCode).not.toBe(0);
  });

  test('is woken with 55 for 2.2 s without parity, then read as any other', async () => {
    const { readout, sent, tookMs } = await read([sleeper], '0', { wakeUp: true });
    expect(sent[0]).toMatch(/^(?:55){528}$/);
    expect(sent.slice(1)).toEqual(['1040004016', '107B007B16']);
    expect(readout.errorCode).toBe(0);
    expect(tookMs).toBeGreaterThan(2200);
  });
});
