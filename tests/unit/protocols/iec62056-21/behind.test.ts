import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { decodeIec } from '../../../../src/protocols/iec62056-21/decode.ts';

const decode = (...sets: string[]) => decodeIec({ identification: '', data: sets.join('\r\n') });
const behind = (...sets: string[]) =>
  Object.fromEntries(decode(...sets).flatMap(({ label, of }) => (of ? [[label, of]] : [])));

describe('the meter behind the one that was read', () => {
  test('has the number and the medium of its channel, whatever the order of the lines', () => {
    const gas = { number: 'G0047303', medium: 'Gas', channel: 1 };
    expect(
      behind(
        '0-0:96.1.1(E0030123)',
        '0-1:24.2.1(101209112500W)(1*m3)',
        '1-0:1.8.0(5*kWh)',
        '0-1:96.1.0(4730303437333033)',
        '0-1:24.1.0(003)',
        '0-0:1.0.0(101209113020W)',
        '1-1:1.7.0(1*kW)',
      ),
    ).toEqual({ '0-1:24.2.1': gas, '0-1:96.1.0': gas, '0-1:24.1.0': gas });
  });

  test('is told by its channel where its number is missing, no number, or damaged', () => {
    const nobody = { number: '', medium: '', channel: 2 };
    expect(behind('0-2:24.2.1(101209112500W)(1*m3)')['0-2:24.2.1']).toEqual(nobody);
    expect(behind('0-2:24.2.1(101209112500W)(1*m3)', '0-2:96.1.0(00000000)')['0-2:24.2.1']).toEqual(nobody);
    const damaged = decodeIec({
      identification: '',
      data: '0-2:24.2.1(101209112500W)(1*m3)\r\n0-2:96.1.0(G0047303)',
      circumstances: { blockCheck: 'bad' },
    });
    expect(damaged[0]?.of).toEqual(nobody);
  });

  test('is none on a channel that nothing is paired with, and none of channels that are no M-Bus', () => {
    expect(behind('0-2:24.1.0(003)', '0-2:96.1.0()', '0-2:24.2.1(632525252525S)(00000.000)')).toEqual({});
    expect(behind('0-0:96.1.0(12345678)', '0-64:96.1.0(12345678)', '0-100:24.2.1(5*m3)')).toEqual({});
  });
});

const captures = fileURLToPath(new URL('../../../../../shared/vectors/iec62056-21-captures.json', import.meta.url));

test.skipIf(!existsSync(captures))(
  'DSMR captures: every gas reading names its meter as the line of its channel does',
  () => {
    interface Capture {
      readonly ascii?: string;
    }
    const { records } = JSON.parse(readFileSync(captures, 'utf8')) as { readonly records: readonly Capture[] };
    let named = 0;
    for (const { ascii = '' } of records) {
      const data = ascii.replace(/^\/.*\r\n\r\n/, '').replace(/!.*$/s, '');
      const readings = decodeIec({ identification: '', data });
      for (const { label, of, state, value } of readings) {
        const channel = /^0-(\d+):24\.2\.1$/.exec(label)?.[1];
        if (channel === undefined || value.type !== 'number' || state !== 'whole') continue;
        const line = new RegExp(`^0-${channel}:96\\.1\\.0\\(([0-9A-F]*)\\)`, 'm').exec(data)?.[1] ?? '';
        const text = Buffer.from(line, 'hex').toString('latin1');
        expect(of).toMatchObject({ medium: 'Gas', channel: Number(channel) });
        expect([text, line, '']).toContain(of?.number);
        if (of?.number) named++;
      }
    }
    expect(named).toBeGreaterThan(5);
  },
);
