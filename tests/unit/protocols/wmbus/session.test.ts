import { describe, expect, test } from 'vitest';
import { fromHex } from '../../../../src/common/bytes.ts';
import { settingsOf, type Values } from '../../../../src/common/form.ts';
import { wmbusDialogue } from '../../../../src/protocols/wmbus/ask.ts';
import { decodeRadio } from '../../../../src/protocols/wmbus/decode.ts';
import { wmbusForm } from '../../../../src/protocols/wmbus/form.ts';
import '../../../../src/protocols/wmbus/session.ts';
import { stick, type RadioMeter } from '../../../../src/protocols/wmbus/simulated/stick.ts';
import { cellarMeters, cellarStick } from '../../../../src/protocols/wmbus/simulated/surroundings.ts';
import { deviceAt } from '../../../../src/simulator/far-end.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { shown } from '../mbus/samples.ts';
import { onLine } from '../on-line.ts';

interface Asked {
  readonly faults?: readonly Fault[];
  readonly settings?: Values;
  readonly stopAfterMs?: number;
  readonly meters?: readonly RadioMeter[];
}

async function read(
  address: string,
  { faults = [], settings = {}, stopAfterMs = 0, meters = cellarMeters }: Asked = {},
) {
  const steps: string[] = [];
  const target = { address, settings: settingsOf(wmbusForm, { set: settings }) };
  const farEnd = deviceAt(stick(cellarStick, meters));
  const readout = await onLine(
    farEnd,
    async ({ line, clock, stop }) => {
      if (stopAfterMs > 0) void clock.sleep(stopAfterMs).then(stop);
      return await wmbusDialogue.read(line, target, {
        onProgress: (told) => {
          if (told.kind === 'step') steps.push(told.text);
        },
      });
    },
    { faults },
  );
  return { readout, steps };
}

describe('a read of a radio meter', () => {
  test('is its next telegram, whoever speaks before', async () => {
    const { readout, steps } = await read('26000002');
    expect(readout).toMatchObject({
      errorCode: 0,
      identification: '26000002',
      circumstances: { notes: ['heard with -77 dBm'] },
    });
    expect(decodeRadio(readout).map(shown)).toContain('366 HCA');
    expect(steps).toContain('1 other meters were heard, 26000001 at last; waiting for 26000002');
    expect(steps.some((text) => text.startsWith('IMST iU891A') && text.includes('hears mode C+T'))).toBe(true);
  });

  test('takes its maker in front of the number, and then no other one', async () => {
    expect((await read('OHU26000002')).readout).toMatchObject({ errorCode: 0, identification: '26000002' });
    const { readout } = await read('KAM26000002', { settings: { listenMs: 200_000 } });
    expect(readout.errorCode).toBe(4456455);
  });

  test('passes over what the meter sends without values', async () => {
    const [water, allocator] = cellarMeters;
    if (!water || !allocator) throw new Error('There are no meters.');
    let said = 0;
    const empty = fromHex('44153D01000026030780' + '00'.repeat(12)) ?? new Uint8Array(0);
    const turns = { ...water, telegramAt: (at: number) => (said++ === 0 ? empty : water.telegramAt(at)) };
    const { readout, steps } = await read('26000001', { meters: [turns, allocator] });
    expect(decodeRadio(readout)[2]).toMatchObject({ quantity: 'Volume', state: 'whole' });
    expect(steps).toContain('26000001 sent something without values; waiting for the next');
  });

  test('without a number is whatever speaks first', async () => {
    const { readout } = await read('');
    expect(readout).toMatchObject({ errorCode: 0, identification: '26000001' });
    expect(decodeRadio(readout)[2]).toMatchObject({ quantity: 'Volume', unit: 'm³', state: 'whole' });
  });

  test('says who spoke where it was not this one', async () => {
    const { readout } = await read('99999999', { settings: { listenMs: 200_000 } });
    expect(readout).toMatchObject({
      errorCode: 4456455,
      circumstances: { message: expect.stringMatching(/26000001.*spoke, and not 99999999/) as string },
    });
  });

  test('says that no stick answers', async () => {
    const { readout } = await read('26000001', { faults: ['silent'] });
    expect(readout).toMatchObject({
      errorCode: 4456452,
      circumstances: { message: 'No radio stick answers on this port.' },
    });
  });

  test('ends when it is told to', async () => {
    const { readout } = await read('99999999', { stopAfterMs: 60_000 });
    expect(readout).toMatchObject({ errorCode: 4456449 });
  });

  test('takes no address that is none', () => {
    expect(() => wmbusDialogue.normal('1234')).toThrow('no number of a radio meter');
    expect(wmbusDialogue.normal(' 12 34 56 ab ')).toBe('123456AB');
  });
});
