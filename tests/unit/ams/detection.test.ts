import { describe, expect, it } from 'vitest';
import type { MeterError } from '../../../src/common/meter-error.ts';
import { detectMeters, detectionCodes } from '../../../src/ams/detection.ts';
import { detectionErrors } from '../../../src/common/detection-errors.ts';
import { mbusError } from '../../../src/protocols/mbus/errors.ts';
import { mbusSearcher } from '../../../src/protocols/mbus/searcher.ts';
import type { Found, SearchEvent } from '../../../src/protocols/search.ts';
import type { Line } from '../../../src/line/line.ts';
import { house } from '../../../src/protocols/mbus/simulated/meters.ts';
import { meter, onBus } from '../protocols/mbus/bus.ts';

function found(primaryAddress: number, secondaryAddress: string, address = `*${secondaryAddress}@2400`): SearchEvent {
  const listed = { primaryAddress, secondaryAddress, address };
  const meter: Found = { address, number: secondaryAddress, name: '', facts: [], place: '', listed };
  return { kind: 'found', meter };
}

const end = (error?: MeterError, outcome: 'failed' | 'stopped' = 'failed'): SearchEvent => ({
  kind: 'ended',
  outcome: error ? outcome : 'complete',
  meters: [],
  effort: '',
  ...(error ? { error } : {}),
});

const searchOf = (line: Line) =>
  mbusSearcher.search(line, { id: 'secondary', values: { rates: '2400' }, settings: {} }, {});

async function* telling(...events: SearchEvent[]): AsyncGenerator<SearchEvent> {
  yield* events;
}

const detect = (expectedCount: number, ...events: SearchEvent[]) =>
  detectMeters({ expectedCount, search: () => telling(...events) });

describe('detection', () => {
  it('0: as many as expected, to be added by secondary address with the rate', async () => {
    const slow = found(9, '00000003', '*00000003@300');
    const result = await detect(3, found(1, '00000001'), found(19, '00000002'), slow, end());
    expect(result).toEqual({
      errorCode: 0,
      message: '',
      hint: '',
      found: [
        { primaryAddress: 1, secondaryAddress: '00000001', address: '*00000001@2400' },
        { primaryAddress: 19, secondaryAddress: '00000002', address: '*00000002@2400' },
        { primaryAddress: 9, secondaryAddress: '00000003', address: '*00000003@300' },
      ],
    });
  });

  it('ends the search when the expected number is met', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<SearchEvent> {
      try {
        for (let n = 0; ; n++) yield found(n, String(10_000_000 + n));
      } finally {
        closed = true;
      }
    }
    const result = await detectMeters({ expectedCount: 2, search: endless });
    expect(result.found).toHaveLength(2);
    expect(result.errorCode).toBe(0);
    expect(closed).toBe(true);
  });

  it('65286: another number, with the meters found', async () => {
    const result = await detect(3, found(1, '00000001'), found(19, '00000002'), end());
    expect(result).toMatchObject({ errorCode: 65286, message: '2 meters were found, 3 were expected.' });
    expect(result.found).toHaveLength(2);
  });

  it('131094: a collision, without meters; but not once the expected number is met', async () => {
    const collision: SearchEvent = {
      kind: 'problem',
      address: '*00000009',
      error: mbusError(131094),
      isCollision: true,
    };
    expect(await detect(3, found(1, '00000001'), collision, end())).toMatchObject({ errorCode: 131094, found: [] });
    expect(await detect(1, collision, found(1, '00000001'), end())).toMatchObject({ errorCode: 0 });
    const mute: SearchEvent = { kind: 'problem', address: '*00000009', error: mbusError(131082), isCollision: false };
    expect(await detect(3, mute, end())).toMatchObject({ errorCode: 65286 });
  });

  it('65281: nothing is searched', async () => {
    const search = () => {
      throw new Error('searched');
    };
    expect(await detectMeters({ expectedCount: 65, search })).toMatchObject({ errorCode: 65281 });
    const full = { expectedCount: 9, capacity: 8, search } as const;
    expect(await detectMeters(full)).toMatchObject({ errorCode: 65281 });
  });

  it('65282, 65283, 65285: what else a search can come to', async () => {
    const search = () => {
      throw new Error('no port');
    };
    expect(await detectMeters({ expectedCount: 1, search })).toMatchObject({
      errorCode: 65282,
      message: 'no port',
    });
    expect(await detect(2, found(1, '00000001'))).toMatchObject({ errorCode: 65283 });
    for (const unreadable of ['0000F001', '0000G001', '']) {
      expect(await detect(1, found(1, unreadable))).toMatchObject({ errorCode: 65285, found: [] });
    }
    // Some makers number in hexadecimal.
    expect(await detect(1, found(1, '050002EA'))).toMatchObject({
      errorCode: 0,
      found: [{ address: '*050002EA@2400' }],
    });
  });

  it('hands on the code of a search that failed or was stopped', async () => {
    expect(await detect(2, found(1, '00000001'), end(mbusError(131090)))).toMatchObject({
      errorCode: 131090,
      found: [],
    });
    const stopped = await detect(2, found(1, '00000001'), end(mbusError(131073), 'stopped'));
    expect(stopped).toMatchObject({ errorCode: 131073 });
    expect(stopped.found).toHaveLength(1);
  });

  it('has a row in the error table for every code', () => {
    const rows = new Set(detectionErrors.map(({ code }) => code));
    for (const code of Object.values(detectionCodes)) expect(rows.has(code)).toBe(true);
  });
});

describe('detection on a simulated bus', () => {
  it('finds the meters of the demo bus; the two of one number with what tells them apart', async () => {
    const result = await onBus(house, ({ line }) =>
      detectMeters({
        expectedCount: 7,
        search: () => searchOf(line),
      }),
    );
    expect(result.errorCode).toBe(0);
    expect(result.found.map(({ secondaryAddress }) => secondaryAddress).sort()).toEqual(
      house.map(({ identification }) => identification).sort(),
    );
    expect(result.found.map(({ address }) => address)).toContain('*40404040/SEN.0C.07@2400');
    expect(result.found.map(({ address }) => address)).toContain('*40404040/ZRI.81.07@2400');
  });

  it('stops early: most of the bus is not asked', async () => {
    const meters = Array.from({ length: 10 }, (_, n) => meter(`5000000${n}`));
    const task = (line: Line, expectedCount: number) => detectMeters({ expectedCount, search: () => searchOf(line) });
    const [first, asked] = await onBus(meters, async ({ line, sent }) => [await task(line, 2), sent().length] as const);
    expect(first).toMatchObject({ errorCode: 0 });
    const all = await onBus(meters, async ({ line, sent }) => {
      await task(line, 10);
      return sent().length;
    });
    expect(asked).toBeLessThan(all / 2);
  });
});
