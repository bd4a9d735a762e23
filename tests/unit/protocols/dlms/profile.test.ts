import { describe, expect, test } from 'vitest';
import type { Values } from '../../../../src/common/form.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import { parseDlmsAddress } from '../../../../src/protocols/dlms/address.ts';
import type { Selection } from '../../../../src/protocols/dlms/apdu/attribute.ts';
import type { Data } from '../../../../src/protocols/dlms/axdr/data.ts';
import { decodeDlms } from '../../../../src/protocols/dlms/decode.ts';
import '../../../../src/protocols/dlms/profile/read-profile.ts';
import { rowBook } from '../../../../src/protocols/dlms/profile/rows.ts';
import { localMs, timeOf } from '../../../../src/protocols/dlms/cosem/date-time.ts';
import { entrySelection, stampBytes } from '../../../../src/protocols/dlms/profile/selection.ts';
import { readDlms } from '../../../../src/protocols/dlms/session.ts';
import { dlmsSettings } from '../../../../src/protocols/dlms/settings.ts';
import { household } from '../../../../src/protocols/dlms/simulated/household.ts';
import { meterAt } from '../../../../src/protocols/dlms/simulated/secondary.ts';
import type { MeterSpec } from '../../../../src/protocols/dlms/simulated/server.ts';
import { onLine, type OnLine } from '../on-line.ts';

const line = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' } as const;
const DAY = 86_400_000;
const QUARTER = 900_000;

type Select = (time: number, selection: Selection) => Data | undefined;

/** The household with another way to give parts of its profile, and what it was asked for. */
function meterWith(change?: (own: Select) => Select | undefined, entriesInUse = true) {
  const asked: Selection[] = [];
  const objects = household.objects.map((object) => {
    if (object.classId !== 7 || !object.select) return object;
    const own = object.select;
    const other = change ? change(own) : own;
    const select: Select = (time, selection) => {
      asked.push(selection);
      return other?.(time, selection);
    };
    const { 7: inUse, ...rest } = object.attributes;
    return { ...object, attributes: entriesInUse && inUse ? { ...rest, 7: inUse } : rest, select };
  });
  const spec: MeterSpec = { ...household, objects };
  return { spec, asked };
}

async function read(spec: MeterSpec, settings: Values, during: (on: OnLine) => void = () => undefined) {
  const readout: Readout = await onLine(meterAt(spec, line), async (on) => {
    during(on);
    return await readDlms(on.line, parseDlmsAddress('1/17'), dlmsSettings(settings), {});
  });
  const readings = decodeDlms(readout);
  return { readout, readings, times: readings.map(({ time }) => Date.parse(`${time?.iso ?? ''}Z`)) };
}

const isWhole = (times: readonly number[]) =>
  times.every((time, at) => at === 0 || time - (times[at - 1] ?? 0) === QUARTER);
const deviationOf = ({ parameter }: Selection) => {
  const from = parameter.type === 'structure' ? parameter.items[1] : undefined;
  return from && 'bytes' in from ? [from.type, ...from.bytes.subarray(9)] : [];
};

describe('a profile by range', () => {
  test('gives every row of the days once, and no other one', async () => {
    const { spec, asked } = meterWith();
    const { readout, readings, times } = await read(spec, { read: 'profile', days: 5 });
    expect(readout.errorCode).toBe(0);
    expect(readout.circumstances?.notes).toBeUndefined();
    expect(isWhole(times)).toBe(true);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(5 * DAY - QUARTER);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan(5 * DAY + 3_600_000);
    expect(new Set(readings.map(({ state, unit }) => `${state} ${unit}`))).toEqual(new Set(['whole Wh']));
    // A day first, then more at a time.
    expect(asked.length).toBeLessThan(5);
    const [clock] = asked[0]?.parameter.type === 'structure' ? asked[0].parameter.items : [];
    expect(clock).toMatchObject({ items: [{ value: 8 }, {}, { value: 2 }, { value: 0 }] });
  });

  test.each([
    ['its own deviation', ['octet-string', 0xff, 0xc4, 0]],
    ['date-time with a tag', ['date-time', 0x80, 0, 0xff]],
  ])('finds the form that the meter wants: %s', async (_name, form) => {
    const { spec, asked } = meterWith((own) => (time, selection) => {
      if (deviationOf(selection).join() !== form.join()) return undefined;
      const { parameter } = selection;
      if (parameter.type !== 'structure') return undefined;
      const items = parameter.items.map((item): Data =>
        item.type === 'date-time' ? { ...item, type: 'octet-string' } : item,
      );
      return own(time, { ...selection, parameter: { type: 'structure', items } });
    });
    const { times } = await read(spec, { read: 'profile', days: 3 });
    expect(isWhole(times)).toBe(true);
    expect(times.length).toBeGreaterThan(3 * 95);
    // Once it is found, no other one is asked for.
    const first = asked.findIndex((selection) => deviationOf(selection).join() === form.join());
    expect(asked.slice(first).every((selection) => deviationOf(selection).join() === form.join())).toBe(true);
  });

  test('asks wider, so that a limit that does not belong to the range loses no row', async () => {
    const { spec } = meterWith((own) => (time, selection) => {
      const rows = own(time, selection);
      // The first of them takes over nothing.
      return rows?.type === 'array' ? { type: 'array', items: rows.items.slice(0, -1) } : rows;
    });
    const { times } = await read(spec, { read: 'profile', days: 3 });
    expect(isWhole(times)).toBe(true);
  });

  test.each([true, false])('is read by number, or whole, where the meter knows no range (%s)', async (entriesInUse) => {
    const { spec } = meterWith(
      (own) => (time, selection) => (selection.selector === 1 ? undefined : own(time, selection)),
      entriesInUse,
    );
    const { readout, times } = await read(spec, { read: 'profile', days: 2 });
    expect(readout.errorCode).toBe(0);
    expect(isWhole(times)).toBe(true);
    expect(times.length).toBeGreaterThan(2 * 95);
    expect(times.length).toBeLessThan(2 * 96 + 5);
  });

  test('says so where the meter gives nothing', async () => {
    const { spec } = meterWith(() => () => ({ type: 'array', items: [] }));
    const { readout } = await read(spec, { read: 'profile', days: 2 });
    expect(readout.errorCode).toBe(0);
    expect(readout.data).toContain('7:1-0:99.1.0*255:2=0100');
    expect(readout.circumstances?.notes).toContain('The profile 1-0:99.1.0*255 gives nothing of that time.');
  });

  test('goes on behind the last row after the connection broke', async () => {
    let broken = 0;
    const { spec, asked } = meterWith();
    // A request in the midst of it is lost.
    const { readout, times } = await read(
      spec,
      { read: 'profile', days: 8, retries: 0, timeoutMs: 800 },
      ({ line: own, clock }) => {
        const write = own.write.bind(own);
        Object.assign(own, {
          write: async (...parameters: Parameters<typeof write>) => {
            const isTime = asked.length >= 2 && broken < 1;
            if (!isTime) return await write(...parameters);
            broken++;
            await clock.sleep(10);
          },
        });
      },
    );
    expect(readout.errorCode).toBe(0);
    expect(isWhole(times)).toBe(true);
    expect(times.length).toBeGreaterThan(8 * 95);
    expect(readout.circumstances?.notes?.[0]).toMatch(/^The connection broke after \d+ rows of the profile/);
  });

  test('keeps what came where the meter does not come back', async () => {
    const { spec, asked } = meterWith();
    const { readout, times } = await read(
      spec,
      { read: 'profile', days: 20, retries: 0, timeoutMs: 800 },
      ({ line: own }) => {
        const write = own.write.bind(own);
        Object.assign(own, {
          write: async (...parameters: Parameters<typeof write>) => {
            if (asked.length < 3) await write(...parameters);
          },
        });
      },
    );
    expect(readout).toMatchObject({ errorCode: 4325380, circumstances: { partial: true } });
    expect(times.length).toBeGreaterThan(96);
    expect(isWhole(times)).toBe(true);
  });
});

test('the last rows are read by their number', async () => {
  const { spec, asked } = meterWith();
  const { times } = await read(spec, { read: 'entries', entries: 1200 });
  expect(times).toHaveLength(1200);
  expect(isWhole(times)).toBe(true);
  expect(asked.map(({ selector }) => selector)).toEqual([2, 2, 2]);
});

test('rows without a time come once each, though they are asked for in parts', async () => {
  const { spec } = meterWith();
  const timeless = spec.objects.map((object) => {
    if (object.classId !== 7) return object;
    const without = (data: Data | undefined): Data | undefined =>
      data?.type !== 'array'
        ? data
        : {
            type: 'array',
            items: data.items.map((row): Data => {
              const value = row.type === 'structure' ? row.items[1] : undefined;
              return { type: 'structure', items: value ? [value] : [] };
            }),
          };
    const captured = object.attributes[3];
    return {
      ...object,
      attributes: {
        ...object.attributes,
        3: (time: number): Data => {
          const columns = captured?.(time);
          return { type: 'array', items: columns?.type === 'array' ? columns.items.slice(1) : [] };
        },
      },
      select: (time: number, selection: Selection) => without(object.select?.(time, selection)),
    };
  });
  const { readings } = await read({ ...spec, objects: timeless }, { read: 'entries', entries: 1200 });
  expect(readings).toHaveLength(1200);
});

describe('a profile with the newest row first', () => {
  /** Each row a quarter of an hour before the one above it, which alone has a time. */
  const newestFirst = () => {
    const { spec, asked } = meterWith((own) => (time, selection) => {
      const entry =
        selection.selector === 2 && selection.parameter.type === 'structure' ? selection.parameter : undefined;
      const [from, to] = (entry?.items ?? []).map((item) => (item.type === 'uint32' ? item.value : 0));
      const all = 96 * 31;
      const turned =
        from === undefined || to === undefined
          ? selection
          : { ...selection, parameter: entrySelection(all + 1 - (to === 0 ? all : to), all + 1 - from).parameter };
      const rows = own(time, turned);
      if (rows?.type !== 'array') return rows;
      const values = rows.items.map((row) => (row.type === 'structure' ? row.items[1] : undefined));
      const first = rows.items[0]?.type === 'structure' ? rows.items[0].items[0] : undefined;
      const start = first?.type === 'octet-string' ? timeOf(first.bytes) : undefined;
      const last = (start && localMs(start)) ?? 0;
      const items = values.reverse().map((value, at): Data => ({
        type: 'structure',
        items: [
          at === 0
            ? { type: 'octet-string', bytes: stampBytes(last + (values.length - 1) * QUARTER) }
            : { type: 'null' },
          value ?? { type: 'null' },
        ],
      }));
      return { type: 'array', items };
    });
    const objects = spec.objects.map((object) =>
      object.classId === 7
        ? { ...object, attributes: { ...object.attributes, 5: (): Data => ({ type: 'enum', value: 2 }) } }
        : object,
    );
    return { spec: { ...spec, objects }, asked };
  };

  test.each([
    ['days', { read: 'profile', days: 3 }, 3 * 96],
    ['rows', { read: 'entries', entries: 700 }, 700],
  ] as const)('is read by %s', async (_name, settings, count) => {
    const { spec } = newestFirst();
    const { readout, times } = await read(spec, settings);
    expect(readout.errorCode).toBe(0);
    expect(isWhole([...times].sort((a, b) => a - b))).toBe(true);
    expect(times.length).toBeGreaterThanOrEqual(count);
    expect(times.length).toBeLessThan(count + 5);
    // The newest are there.
    expect(Math.max(...times)).toBe(Math.max(...(await read(meterWith().spec, settings)).times));
  });
});

describe('rows of several answers', () => {
  const columns = [
    { classId: 8, name: Uint8Array.of(0, 0, 1, 0, 0, 255), attribute: 2, element: 0 },
    { classId: 3, name: Uint8Array.of(1, 0, 1, 8, 0, 255), attribute: 2, element: 0 },
  ];
  const at = Date.UTC(2026, 9, 25, 1);
  const row = (ms: number | null, value: number | null): Data => ({
    type: 'structure',
    items: [
      ms === null ? { type: 'null' } : { type: 'octet-string', bytes: stampBytes(ms) },
      value === null ? { type: 'null' } : { type: 'uint32', value },
    ],
  });
  const buffer = (...items: readonly Data[]): Data => ({ type: 'array', items });

  test('a row whose row before is dropped says by itself what it took over', () => {
    const book = rowBook(columns, 900, [at, Infinity]);
    book.add(buffer(row(at - QUARTER, 5), row(null, null), row(null, 6)));
    expect(book.value).toEqual(buffer(row(at, 5), row(null, 6)));
    expect(book.add(buffer(row(at + QUARTER, 6), row(null, null)))).toEqual({ rows: 1, isTimed: true });
    expect(book.value).toEqual(buffer(row(at, 5), row(null, 6), row(at + 2 * QUARTER, 6)));
  });

  test('an hour that comes twice in one answer stays', () => {
    const book = rowBook(columns, 0, [at, Infinity]);
    book.add(buffer(row(at, 1), row(at + QUARTER, 2), row(at, 3), row(at + QUARTER, 4)));
    expect(book.rows).toBe(4);
  });
});
