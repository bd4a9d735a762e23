import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../src/common/bytes.ts';
import { formatDecimal } from '../../src/common/decimal.ts';
import type { Readout } from '../../src/common/readout.ts';
import type { Reading } from '../../src/common/reading.ts';
import { dlmsReader } from '../../src/protocols/dlms/reader.ts';
import { hearPushes } from '../../src/protocols/dlms/push/hear.ts';
import { deviceAt } from '../../src/simulator/far-end.ts';
import { onLine } from '../unit/protocols/on-line.ts';
import { dlmsFragments, dlmsRecords } from './dlms-records.ts';

/** Every telegram that meters sent by themselves, as it came on the wire. */

const settings = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' } as const;

/** What a listener makes of bytes on the wire. */
async function heard(bytes: Uint8Array) {
  const farEnd = deviceAt(() => (wire) => {
    wire.send(bytes, settings, 10);
    return { received: () => undefined };
  });
  return await onLine(farEnd, async ({ line }) => {
    const readouts: Readout[] = [];
    const dropped: string[] = [];
    await hearPushes(
      line,
      {
        onTelegram: ({ readout }) => {
          readouts.push(readout);
        },
        onDropped: (reason) => dropped.push(reason),
        onStep: () => undefined,
      },
      () => false,
      20_000,
    );
    const readings: (readonly Reading[])[] = [];
    for (const readout of readouts) readings.push(await dlmsReader.decode(readout));
    return { telegrams: readouts, dropped, readings };
  });
}

const bytesOf = (id: string) =>
  fromHex([...dlmsRecords, ...dlmsFragments].find((record) => record.id === id)?.hex ?? '') ?? new Uint8Array(0);
const shown = ({ value, unit }: Reading) =>
  `${value.type === 'number' ? formatDecimal(value.decimal) : value.type === 'text' ? value.text : value.type === 'time' ? value.time.iso : toHex(value.bytes)} ${unit}`.trim();
const linesOf = (readings: readonly Reading[] = []) => readings.map((one) => `${one.label} ${shown(one)} ${one.state}`);

/** What stands behind the head of a message alone, with one in front of it. */
const HEAD = Uint8Array.of(0x0f, 0x40, 0, 0, 0, 0);
const body = (id: string) => concatBytes(HEAD, bytesOf(id));

describe.skipIf(dlmsRecords.length === 0)('a telegram as it came', () => {
  test.each([
    // One figure in an array, in an unnumbered frame.
    ['dlms-136', ['1-0:1.7.0 1661 W whole']],
    ['dlms-231', ['1-0:1.7.0 367 W whole']],
    // Pairs and triples.
    ['dlms-166', ['0-0:96.1.0 7359992890941742 whole', '1-0:32.7.0 250.0 V whole']],
    ['dlms-167', ['0-0:1.0.0 2019-12-16T07:59:40 whole', '1-0:51.7.0 7.5 A whole', '1-0:1.8.0 10049926 Wh whole']],
    // Segments; a number that is a text of six bytes.
    ['dlms-160', ['0-0:96.1.1 160456 whole', '1-0:31.7.0 0.63 A whole', '1-0:2.8.2 13185 Wh whole']],
    // Blocks; a list of objects first, in which the list itself is the first.
    [
      'dlms-148',
      ['0-8:25.9.0 name 0-8:25.9.0*255 whole', '0-0:42.0.0 LGZ1030655933512 whole', '1-1:1.8.0 886977 unchecked'],
    ],
    ['dlms-233', ['0-0:42.0.0 LGZ1020782546371 whole', '0-0:96.14.0 RATE2 whole', '1-0:1.8.0 7136726 unchecked']],
    ['dlms-154', ['0-0:1.0.0 2023-06-06T17:31:20 whole', '1-1:1.8.0 21956 unchecked', '1-0:31.7.0 6 unchecked']],
    ['dlms-152', []],
    ['dlms-153', []],
    // Descriptions without a tag, and no frame around: nothing vouches for it.
    ['dlms-170', ['0-0:42.0.0 EGD012345 unchecked', '0-0:96.3.10 state connected unchecked', '1-0:1.8.0 8 unchecked']],
    ['dlms-172', ['0-0:96.1.1 5100005149 unchecked', '1-0:1.8.0 4913794 unchecked']],
    // Enciphered: in blocks, in the carrier of the M-Bus, and bare.
    ['dlms-165', [expect.stringMatching(/^message DB084C475A67735DD3A9.* not available$/) as string]],
    ['dlms-168', [expect.stringMatching(/^message DB08454C536570000001.* not available$/) as string]],
    ['dlms-026', [expect.stringMatching(/^message DB082F19229199164103.* not available$/) as string]],
  ])('%s', async (id, lines) => {
    const { telegrams, readings, dropped } = await heard(bytesOf(id));
    expect(telegrams, dropped.join()).toHaveLength(1);
    expect(linesOf(readings[0])).toEqual(expect.arrayContaining(lines));
  });

  test('of which a frame was changed on its way, or parts are missing, is dropped with a word', async () => {
    for (const id of ['dlms-164', 'dlms-150']) {
      const { telegrams, dropped } = await heard(bytesOf(id));
      expect(telegrams.length, id).toBe(0);
      expect(dropped.length, id).toBeGreaterThan(0);
    }
  });

  test('what is said in a dialogue of others is no telegram', async () => {
    for (const { id, hdlc_frames: frames = [] } of dlmsRecords)
      if (frames.length > 0 && frames.every(({ type }) => type !== 'UI' && type !== 'I'))
        expect((await heard(bytesOf(id))).telegrams, id).toEqual([]);
  });

  test.each([
    ['dlms-116', ['1-0:1.7.0 280 W unchecked']],
    ['dlms-117', ['1-1:0.2.129 AIDON_V0001 unchecked', '0-0:96.1.0 7359992892587665 unchecked']],
    ['dlms-118', ['1-1:0.2.129 AIDON_V0001 unchecked']],
    [
      'dlms-125',
      ['1-1:0.0.5 5705705705705707 unchecked', '1-1:1.7.0 826 unchecked', 'element 1 Kamstrup_V0001 unchecked'],
    ],
    ['dlms-126', ['element 1 Kamstrup_V0001 unchecked']],
    ['dlms-127', ['element 1 Kamstrup_V0001 unchecked']],
    ['dlms-129', ['element 1 Kamstrup_V0001 unchecked']],
    ['dlms-130', ['element 1 Kamstrup_V0001 unchecked']],
  ])('the body %s', async (id, lines) => {
    const { telegrams, readings } = await heard(body(id));
    expect(telegrams).toHaveLength(1);
    expect(linesOf(readings[0])).toEqual(expect.arrayContaining(lines));
  });

  test.each(['dlms-112', 'dlms-119', 'dlms-137'])(
    'with the LLC header in front, or in a numbered frame: %s',
    async (id) => {
      const { telegrams, readings } = await heard(bytesOf(id));
      expect(telegrams).toHaveLength(1);
      expect(readings[0]?.length).toBeGreaterThan(0);
    },
  );
});
