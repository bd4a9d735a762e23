import { describe, expect, test } from 'vitest';
import { dlmsDialogue } from '../../../../src/protocols/dlms/ask.ts';
import '../../../../src/protocols/dlms/access.ts';
import { dlmsBrowser } from '../../../../src/protocols/dlms/browser.ts';
import { decodeDlms } from '../../../../src/protocols/dlms/decode.ts';
import '../../../../src/protocols/dlms/profile/read-profile.ts';
import { dlmsSearcher } from '../../../../src/protocols/dlms/search/searcher.ts';
import '../../../../src/protocols/dlms/session.ts';
import '../../../../src/protocols/dlms/short-names.ts';
import { deviceAt } from '../../../../src/simulator/far-end.ts';
import type { SearchEvent } from '../../../../src/protocols/search.ts';
import { onLine } from '../on-line.ts';
import { meterOn, type IndependentMeter } from './independent-meter.ts';

/** An old meter, as its messages are written down: short names only. */
const accepted = '6129a109060760857405080102a203020100a305a103020100be10040e0800065f1f0400180220007dfa00';
const refused = '6117a109060760857405080102a203020101a305a103020102';
const element = (base: string, classId: string, name: string) => `020410${base}12${classId}11000906${name}`;
const list = `0104${element('fa00', '000c', '0000280000ff')}${element('0110', '0003', '0100010800ff')}${element('0210', '0001', '0000600100ff')}${element('0310', '0007', '0100630100ff')}`;

function shortMeter(answers: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const meter: IndependentMeter = {
    address: '03',
    answer(message) {
      asked.push(message);
      if (message.startsWith('60')) return message.includes('060760857405080102') ? accepted : refused;
      if (message.startsWith('62')) return '6303800100';
      return (
        answers[message] ??
        {
          '050102fa08': `0c0100${list}`,
          '0501020118': '0c010006000030 39'.replace(' ', ''),
          '0501020120': '0c010002020f00161e',
          '0501020218': '0c010009083030303831343032',
        }[message] ??
        '0c010104'
      );
    },
  };
  return { farEnd: deviceAt(() => meterOn(meter).device), asked };
}

async function read(address: string, answers: Readonly<Record<string, string>> = {}) {
  const { farEnd, asked } = shortMeter(answers);
  const target = { address, settings: { names: 'short', retries: 0, timeoutMs: 500 } };
  const readout = await onLine(farEnd, ({ line }) => dlmsDialogue.read(line, target, {}));
  return { readout, readings: decodeDlms(readout), asked };
}

describe('a meter with short names', () => {
  test('is read by the names of its list', async () => {
    const { readout, readings, asked } = await read('1|1.8.0,1:0-0:96.1.0,1.8.9,1:1-0:1.8.0');
    expect(readout.errorCode).toBe(0);
    expect(readings.map(({ obis, unit }) => `${obis ?? ''} ${unit}`.trim())).toEqual(
      ['1-0:1.8.0 Wh', '0-0:96.1.0', '1-0:1.8.9', '1-0:1.8.9 ', '1-0:1.8.0'].map((text) => text.trim()),
    );
    expect(readout.data).toContain('3:1-0:1.8.9*255:2=ERR4');
    expect(readout.data).toContain('1:1-0:1.8.0*255:2=ERR9');
    // The list once, whatever is read.
    expect(asked.filter((message) => message === '050102fa08')).toHaveLength(1);
    expect(asked.at(-1)).toBe('6203800100');
  });

  test('gives what it lists, and its list to choose from', async () => {
    const { readings } = await read('1');
    expect(readings.map(({ obis }) => obis)).toEqual(['1-0:1.8.0', '0-0:96.1.0']);
    const { readout } = await read('1|15:0-0:40.0.0:2');
    expect(dlmsBrowser.objects(readout.data)?.map(({ code, kind }) => `${code} ${kind}`)).toEqual([
      '1-0:1.8.0 Register',
      '1-0:99.1.0 Profile',
      '0-0:96.1.0 Data',
      '0-0:40.0.0 Association (short names)',
    ]);
  });

  test('that answers in blocks is asked for the next', async () => {
    const { readings } = await read('1|1:0-0:96.1.0', {
      '0501020218': '0c01020000010701000908303038',
      '0501050001': '0c01020100020531343032 00'.replace(' ', ''),
    });
    expect(readings[0]).toMatchObject({ obis: '0-0:96.1.0' });
  });

  test.each([
    ['blocks out of order', { '0501020218': '0c010200000104010009083030', '0501050001': '0c0102010003023030' }],
    ['no list', { '050102fa08': '0c010103' }],
    ['nonsense', { '050102fa08': '0cff' }],
  ])('that gives %s ends in words', async (_name, answers) => {
    const { readout } = await read('1|1:0-0:96.1.0', answers);
    expect(readout.errorCode).toBeGreaterThan(4_325_375);
    expect(readout.circumstances?.message).not.toBe('');
  });

  test('is found as what it is', async () => {
    const { farEnd } = shortMeter();
    const task = { id: 'one meter', values: { ways: 'direct', rates: '9600', minutes: 2, number: '' }, settings: {} };
    const events = await onLine(farEnd, async ({ line }) => {
      const told: SearchEvent[] = [];
      for await (const event of dlmsSearcher.search(line, task, {})) told.push(event);
      return told;
    });
    expect(events.at(-1)).toMatchObject({
      kind: 'ended',
      meters: [{ address: '1@9600', number: '00081402', settings: { names: 'short' } }],
    });
  });
});
