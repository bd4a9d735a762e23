import { expect, test } from 'vitest';
import { dlmsBrowser } from '../../../../src/protocols/dlms/browser.ts';
import { dlmsDialogue } from '../../../../src/protocols/dlms/ask.ts';
import '../../../../src/protocols/dlms/session.ts';
import '../../../../src/protocols/dlms/access.ts';
import { decodeDlms } from '../../../../src/protocols/dlms/decode.ts';
import { household } from '../../../../src/protocols/dlms/simulated/household.ts';
import { meterAt } from '../../../../src/protocols/dlms/simulated/secondary.ts';
import { onLine } from '../on-line.ts';

const farEnd = meterAt(household, { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' });
const target = { address: '1/17@9600|1-0:2.8.0', settings: { read: 'profile' } };

const read = (from: typeof target | ReturnType<typeof dlmsBrowser.list>) =>
  onLine(farEnd, async ({ line }) => {
    const readout = await dlmsDialogue.read(line, from, {});
    const sent = line.trace.entries.filter(({ direction }) => direction === 'sent').length;
    return { readout, sent };
  });

test('what a meter has is listed in words, and nothing else is read for it', async () => {
  const list = dlmsBrowser.list(target);
  expect(list).toEqual({ address: '1/17@9600|15:0-0:40.0.0:2', settings: { read: 'objects' } });
  const { readout } = await read(list);
  expect(readout.data).toMatch(/^15:0-0:40\.0\.0\*255:2=01[0-9A-F]+$/);
  const objects = dlmsBrowser.objects(readout.data);
  expect(objects?.map(({ code, name, kind, group }) => [code, name, kind, group])).toEqual([
    ['1-0:1.8.0', 'Active energy import', 'Register', 'Registers'],
    ['1-0:1.8.1', 'Active energy import, tariff 1', 'Register', 'Registers'],
    ['1-0:1.8.2', 'Active energy import, tariff 2', 'Register', 'Registers'],
    ['1-0:2.8.0', 'Active energy export', 'Register', 'Registers'],
    ['1-0:1.7.0', 'Active power import', 'Register', 'Registers'],
    ['1-0:32.7.0', 'Voltage L1', 'Register', 'Registers'],
    ['1-0:1.6.0', expect.stringContaining('aximum'), 'Extended register', 'Registers'],
    ['1-0:99.1.0', 'Load profile', 'Profile', 'Profiles'],
    ['0-0:42.0.0', 'Logical device name', 'Data', 'Data'],
    ['0-0:96.1.0', 'Meter number', 'Data', 'Data'],
    ['0-0:1.0.0', 'Date and time', 'Clock', 'Clock, tariffs and billing'],
    ['0-0:40.0.0', 'Association', 'Association', 'Security and associations'],
  ]);
  expect(objects?.[6]).toMatchObject({ parts: 'value, scaler and unit, status, capture time', isReadable: true });
  expect(objects?.at(-1)).toMatchObject({ isReadable: false });
});

test('what is chosen is read and nothing beyond it, and stands in the address', async () => {
  expect(dlmsBrowser.chosen(target.address)).toEqual(['3:1-0:2.8.0']);
  const chosen = dlmsBrowser.choose(target, ['8:0-0:1.0.0', '3:1-0:1.8.0']);
  expect(chosen.address).toBe('1/17@9600|8:0-0:1.0.0,1-0:1.8.0');
  const { readout } = await read(chosen);
  expect(decodeDlms(readout).map(({ obis }) => obis)).toEqual(['0-0:1.0.0', '1-0:1.8.0']);
  expect(dlmsBrowser.chosen(chosen.address)).toEqual(['8:0-0:1.0.0', '3:1-0:1.8.0']);
});

test('what is no list lists nothing, and too many are refused in words', () => {
  expect(dlmsBrowser.objects('')).toBeUndefined();
  expect(dlmsBrowser.objects('15:0-0:40.0.0*255:2=ERR3')).toBeUndefined();
  expect(dlmsBrowser.objects('15:0-0:40.0.0*255:2=01FF')).toBeUndefined();
  expect(dlmsBrowser.chosen('nonsense')).toEqual([]);
  const many = Array.from({ length: 101 }, (_, at) => `3:1-0:${at}.7.0`);
  expect(() => dlmsBrowser.choose(target, many)).toThrow('100 objects are the most');
});

test.each([
  ['70:0-0:96.3.10*255:3=1602', 'Breaker state, state', 'ready to be connected'],
  ['18:0-0:44.0.0*255:6=1603', 'Image transfer, status', 'verified'],
  ['23:0-0:22.0.0*255:2=1605', 'HDLC setup, rate', '9600 Bd'],
  ['64:0-0:43.0.0*255:3=1601', 'Security setup, suite', 'AES-GCM-128, ECDSA P-256'],
  [
    '22:0-0:15.0.0*255:4=0101020209040000000009 05FFFFFF01FF'.replace(' ', ''),
    'End of the billing period, times',
    '[(00000000, FFFFFF01FF)]',
  ],
  ['15:0-0:40.0.0*255:3=020211101200 01'.replace(' ', ''), 'Association, partners', '(16, 1)'],
])('%s in words', (data, quantity, text) => {
  expect(decodeDlms({ identification: '', data })).toMatchObject([{ quantity, value: { type: 'text', text } }]);
});
