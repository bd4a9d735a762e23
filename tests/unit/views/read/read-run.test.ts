import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ReadingsRequest } from '../../../../src/archive/api.ts';
import type { ReadEvent, ReadRequest, ReadResult } from '../../../../src/engine/api.ts';
import type { EngineClient } from '../../../../src/engine/client.ts';
import type { AmsRecord } from '../../../../src/log/record.ts';
import { decodeStored } from '../../protocols/decode-stored.ts';
import { iec62056 } from '../../../../src/protocols/iec62056-21/index.ts';
import { ReadRun } from '../../../../src/views/read/read-run.svelte.ts';
import { Announcer } from '../../../../src/views/shell/announcer.svelte.ts';

const request: ReadRequest = { portId: 'p', protocol: 'IEC62056-21', address: '', settings: {} };
const record = (data: string): AmsRecord => ({
  type: 'AMS',
  time: 0,
  seq: 7,
  protocol: 'IEC62056-21',
  index: 0,
  errorCode: 0,
  identification: 'OHU5',
  data,
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function setUp(decode = (asked: ReadingsRequest) => Promise.resolve(decodeStored(asked.protocol, asked.stored))) {
  const asked: ReadingsRequest[] = [];
  let emit: (event: ReadEvent) => void = () => undefined;
  let finish: (result: ReadResult) => void = () => undefined;
  const call = (_method: string, _input: unknown, options: { onEvent?: (event: never) => void } = {}) => {
    emit = options.onEvent as typeof emit;
    return new Promise<never>((resolve) => (finish = resolve as unknown as typeof finish));
  };
  const announcer = new Announcer();
  const run = new ReadRun(
    { call } as unknown as EngineClient,
    {
      call: (_method, input) => {
        asked.push(input as ReadingsRequest);
        return decode(input as ReadingsRequest);
      },
    },
    iec62056,
    request,
    announcer,
  );
  const arrive = async (data: string) => {
    emit({ kind: 'progress', progress: { kind: 'data', data } });
    await vi.advanceTimersByTimeAsync(100);
  };
  const end = async (data: string) => {
    finish({ kept: true, record: record(data) });
    await run.finished;
    await vi.advanceTimersByTimeAsync(0);
  };
  const labels = () => run.readings.map(({ label }) => label);
  return { asked, run, arrive, end, labels, announcer };
}

test('what arrives is decoded by the archive, and shown without the value that is on its way', async () => {
  const { asked, announcer, arrive, end, labels, run } = setUp();
  await arrive('1.8.0(5*kWh)\r\n2.8.0(1');
  expect(labels()).toEqual(['1.8.0']);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toHaveLength(1);
  await arrive('1.8.0(5*kWh)\r\n2.8.0(17*kWh)\r\n');
  await end('1.8.0(5*kWh)\r\n2.8.0(17*kWh)\r\n3.8.0(1');
  expect(labels()).toEqual(['1.8.0', '2.8.0', '3.8.0']);
  expect(asked.map(({ stored }) => stored.circumstances?.partial)).toEqual([true, true, undefined]);
  expect(run.running).toBe(false);
  await vi.advanceTimersByTimeAsync(2000);
  expect(announcer.text).toBe('3 registers read. Saved as record 7.');
});

test('nothing of a try that was repeated stays, and no late answer brings it back', async () => {
  const answers: (() => void)[] = [];
  const { arrive, end, labels } = setUp(
    ({ protocol, stored }) => new Promise((resolve) => answers.push(() => resolve(decodeStored(protocol, stored)))),
  );
  await arrive('1.8.0(5*kWh)\r\n');
  await arrive('');
  answers[0]?.();
  await arrive('2.8.0(1*kWh)\r\n');
  expect(labels()).toEqual([]);
  answers[1]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(labels()).toEqual(['2.8.0']);
  await end('2.8.0(1*kWh)\r\n');
});

test('a reading is none the worse for an archive that does not answer, or breaks', async () => {
  const silent = setUp(() => new Promise(() => undefined));
  await silent.arrive('1.8.0(5*kWh)\r\n');
  await silent.end('1.8.0(5*kWh)\r\n');
  expect(silent.run.running).toBe(false);
  expect(silent.run.record?.seq).toBe(7);

  const broken = setUp(() => Promise.reject(new Error('it has ended')));
  await broken.arrive('1.8.0(5*kWh)\r\n');
  expect(broken.run.notDecoded).toBe(true);
  await broken.end('1.8.0(5*kWh)\r\n');
  expect(broken.run.record?.seq).toBe(7);
  expect(broken.run.readings).toEqual([]);
});
