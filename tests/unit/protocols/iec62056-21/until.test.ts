import { describe, expect, it } from 'vitest';
import { decodeIec } from '../../../../src/protocols/iec62056-21/decode.ts';
import { damaging, readMeterOf } from './bench.ts';

/** A table that takes half a minute at 300 Bd, with what is wanted at its beginning. */
const LONG = `0.0.0(04710815)\r\n1-0:1.8.0*255(036483.251*kWh)\r\n2.8.0(000021.004*kWh)\r\n${'C.7.0(0001)\r\n'.repeat(70)}!\r\n`;
const slow = { readout: () => LONG, baudCharacter: '0' };

describe('a table that is ended behind what is wanted', () => {
  it('is kept up to there, as a part that only its parity vouches for, and takes so much less time', async () => {
    const whole = await readMeterOf(slow);
    const early = await readMeterOf(slow, { settings: { until: '1.8.0, 2.8.0' } });
    expect(early.readout).toMatchObject({ errorCode: 0, circumstances: { partial: true, blockCheck: 'not checked' } });
    expect(early.readout.data.trimEnd()).toBe(LONG.slice(0, LONG.indexOf('C.7.0')).trimEnd());
    expect(early.readout.circumstances?.notes?.join()).toContain('ended behind 1.8.0, 2.8.0, as set');
    expect(decodeIec(early.readout).map(({ label, state }) => `${label} ${state}`)).toEqual([
      '0.0.0 unchecked',
      '1-0:1.8.0*255 unchecked',
      '2.8.0 unchecked',
    ]);
    expect(early.tookMs).toBeLessThan(whole.tookMs / 4);
    // It hears nothing while it sends: no NAK, no second request.
    expect(early.sent).toHaveLength(2);
  });

  it('comes to its end where one of them does not come, and is whole then', async () => {
    const { readout } = await readMeterOf(slow, { settings: { until: '1.8.0, 9.9.9' } });
    expect(readout).toMatchObject({ errorCode: 0, circumstances: { blockCheck: 'ok' } });
    expect(readout.circumstances?.partial).toBeUndefined();
  });

  it('with a damaged character is no good reading', async () => {
    const { readout } = await readMeterOf(slow, {
      settings: { until: '1.8.0', retries: 0 },
      wrap: damaging((byte, count) => (count === 60 ? byte ^ 1 : byte)),
    });
    expect(readout.errorCode).not.toBe(0);
  });

  it('says what is no register', async () => {
    const { readout } = await readMeterOf(slow, { settings: { until: '1.8.0!' } });
    expect(readout).toMatchObject({ errorCode: 1 });
    expect(readout.circumstances?.message).toContain('1.8.0!');
  });

  it('stopped by hand keeps what came', async () => {
    const { readout } = await readMeterOf(slow, { stopAfterMs: 8000 });
    expect(readout).toMatchObject({ errorCode: 65537, circumstances: { partial: true } });
    expect(readout.data).toContain('1.8.0*255(036483.251*kWh)');
  });
});
