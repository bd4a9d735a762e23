import { beforeAll, describe, expect, it } from 'vitest';
import { openPasted } from '../../src/archive/pasted.ts';
import { bulkDecoder } from '../../src/archive/decode.ts';
import { fromHex } from '../../src/common/bytes.ts';
import { decimalToNumber } from '../../src/common/decimal.ts';
import type { Reading } from '../../src/common/reading.ts';
import { loadRecognition, type Recognition } from '../../src/protocols/recognize.ts';
import type { Recognized } from '../../src/protocols/recognized.ts';
import { protocols } from '../../src/protocols/registry.ts';
import { thirdParty } from './third-party.ts';

type Input = Readonly<Partial<Record<'text' | 'hex' | 'hex_e' | 'hex_f' | 'small', string>>>;

const vectors = thirdParty<{ readonly cases: readonly { readonly id: string; readonly input: Input }[] }>(
  'field-cases.json',
);
const inputOf = (id: string): Input => vectors?.content.cases.find((one) => one.id === id)?.input ?? {};

let recognition: Recognition;
beforeAll(async () => void (recognition = await loadRecognition(protocols)));

interface Shown {
  readonly item: Recognized;
  readonly readings: readonly Reading[];
}

/** What the decoder page shows of a text that somebody pastes. */
async function paste(text = ''): Promise<readonly Shown[]> {
  const decode = bulkDecoder();
  const shown: Shown[] = [];
  for (const item of openPasted(text, recognition).found)
    shown.push({ item, readings: await decode(item.protocol, item) });
  return shown;
}

const numbers = (readings: readonly Reading[], label: string) =>
  readings
    .filter((reading) => reading.label === label || reading.obis === label)
    .map(({ value }) => (value.type === 'number' ? decimalToNumber(value.decimal) : value.type));
const states = ({ readings }: Shown) => new Set(readings.map(({ state }) => state));

describe.skipIf(!vectors)('field cases that people paste (skipped where ../shared/vectors is absent)', () => {
  it.each(['text', 'hex'] as const)(
    'fi-02 as %s: the telegram behind a torn one is shown, the torn one is marked',
    async (as) => {
      const [torn, whole, ...others] = await paste(inputOf('fi-02')[as]);
      expect(others).toEqual([]);
      expect(torn && states(torn)).toEqual(new Set(['unchecked']));
      expect(torn?.item.problems).toHaveLength(1);
      expect(whole?.item).toMatchObject({ identification: 'DD3BZ06ETA_107', problems: [] });
      expect(whole?.readings).toHaveLength(9);
      expect(numbers(whole?.readings ?? [], '1-0:1.8.0*255')).toEqual([422.20196574]);
      expect(numbers(whole?.readings ?? [], '1-0:16.7.0*255')).toEqual([369.54]);
    },
  );

  it.each(['hex_e', 'hex_f'] as const)('fi-02 as %s: two that a hole made one are no fact', async (as) => {
    const [joined, ...others] = await paste(inputOf('fi-02')[as]);
    expect(others).toEqual([]);
    expect(joined && states(joined)).toEqual(new Set(['unchecked']));
    expect(joined?.item.problems.join()).toContain('joined by a hole');
  });

  it('two whole telegrams in one dump are two', async () => {
    const { hex = '' } = inputOf('fi-06');
    const shown = await paste(hex + (inputOf('fi-05').hex ?? ''));
    expect(shown.map(({ item }) => item.identification)).toEqual(['\\2M550E-1012', 'KAIFA-METER']);
    expect(shown.map(({ item }) => item.problems)).toEqual([[], []]);
  });

  it('fi-11: a text filled up with FF spoils nothing and says nothing', async () => {
    const [shown] = await paste(inputOf('fi-11').hex);
    expect(shown?.item.circumstances).toMatchObject({ blockCheck: 'ok' });
    expect(numbers(shown?.readings ?? [], '1-0:1.8.0')).toEqual([1540.369]);
    const text = shown?.readings.find(({ label }) => label === '0-0:96.13.0');
    expect(text?.value).toEqual({ type: 'text', text: '' });
  });

  it('fi-12: encrypted data is called so, and nothing is read of it', async () => {
    const [shown] = await paste(inputOf('fi-12').hex?.replace('…', ''));
    expect(shown?.item.protocol).toBe('IEC62056-21');
    expect(shown?.item.problems.join()).toContain('encrypted');
    expect(shown?.readings).toEqual([]);
  });

  it('fi-13: what is missing is named where it is missing', async () => {
    const [shown] = await paste(inputOf('fi-13').text);
    expect(shown && states(shown)).toEqual(new Set(['unchecked', 'not available', 'partial']));
    expect(shown?.item.problems).toContain('A hole in the data at “*kW)”.');
    const at = shown?.readings.findIndex(({ quantity }) => quantity === 'Hole in the data') ?? -1;
    expect(shown?.readings[at - 1]?.label).toBe('1-0:3.8.0');
    expect(shown?.readings[at + 1]?.label).toBe('1-0:41.7.0');
    expect(shown?.readings[at]).toMatchObject({ label: '*kW)', state: 'partial', kind: 'error' });
    const refused = shown?.readings.filter(({ state }) => state === 'not available');
    expect(refused?.map(({ label }) => label)).toEqual(['0-2:25.6.0', '0-0:25.1.0', '1-0:0.2.0']);
  });

  it('fi-17: noise around the message does not hide it', async () => {
    const [shown, ...others] = await paste(inputOf('fi-17').hex);
    expect(others).toEqual([]);
    expect(shown?.item.circumstances).toMatchObject({ blockCheck: 'ok' });
    expect(numbers(shown?.readings ?? [], '1.8.0')).toEqual([16069.4]);
    expect(numbers(shown?.readings ?? [], '2.8.0')).toEqual([19425.1]);
  });

  it('fi-17: with a character less it is refused', async () => {
    const bytes = fromHex(inputOf('fi-17').hex ?? '') ?? new Uint8Array(0);
    const start = bytes.indexOf(2);
    for (const at of [39, 44, 45, 46]) {
      const cut = Array.from(bytes).filter((_, i) => i !== start + at);
      const [shown] = await paste(cut.map((byte) => byte.toString(16).padStart(2, '0')).join(' '));
      expect(shown && states(shown)).toEqual(new Set(['unchecked']));
    }
  });
});
