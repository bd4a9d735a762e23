import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/common/bytes.ts';
import { mainReading, serialNumberOf } from '../../src/common/telling-readings.ts';
import { inputOf, numbers, paste, present, states } from './field-cases.ts';

describe.skipIf(!present)('field cases that people paste (skipped where ../shared/vectors is absent)', () => {
  it.each(['text', 'hex'] as const)(
    'fi-02 as %s: the telegram behind a torn one is shown, the torn one is marked',
    async (as) => {
      const [torn, whole, ...others] = await paste(inputOf('fi-02')[as]);
      expect(others).toEqual([]);
      expect(torn && states(torn)).toEqual(new Set(['unchecked']));
      expect(torn?.item.problems).toHaveLength(1);
      expect(whole?.item).toMatchObject({ identification: 'DD3BZ06ETA_107', problems: [] });
      expect(whole?.readings).toHaveLength(9);
      expect(numbers(whole?.readings, '1-0:1.8.0*255')).toEqual([422.20196574]);
      expect(numbers(whole?.readings, '1-0:16.7.0*255')).toEqual([369.54]);
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
    expect(numbers(shown?.readings, '1-0:1.8.0')).toEqual([1540.369]);
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
    expect(numbers(shown?.readings, '1.8.0')).toEqual([16069.4]);
    expect(numbers(shown?.readings, '2.8.0')).toEqual([19425.1]);
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

  it.each([
    ['as posted', (text: string) => text],
    ['without the tag', (text: string) => text.replaceAll('(V) ', '')],
    ['30 bytes a line', (text: string) => (text.replace(/\(V\)|\s/g, '').match(/.{1,60}/g) ?? []).join('\n')],
  ])('fi-03 %s: hexadecimal that was wrapped is one readout', async (_, form) => {
    const [shown, ...others] = await paste(form(inputOf('fi-03').text ?? ''));
    expect(others).toEqual([]);
    expect(shown?.item).toMatchObject({ circumstances: { blockCheck: 'ok' }, problems: [] });
    expect(
      ['1.8.0', '2.8.0', '3.8.0', '4.8.0', '1.7.0'].map((code) => numbers(shown?.readings, `1-0:${code}`)[0]),
    ).toEqual([26849.551, 0.001, 46.335, 7040.657, 3.651]);
  });

  it('fi-05: the figure is the meter’s own, and a gas meter that stands still is said to', async () => {
    const [shown] = await paste(inputOf('fi-05').text);
    expect(mainReading(shown?.readings ?? [])?.reading.label).toBe('1-0:1.8.1');
    const gas = shown?.readings.filter(({ label }) => /24\.2\.1/.test(label));
    expect(gas?.map(({ of, note }) => [of?.channel, note])).toEqual([
      [1, 'stands still since 2017-01-13'],
      [2, undefined],
    ]);
    expect(numbers(shown?.readings, '0-2:24.2.1')).toEqual([6805.499]);
  });

  it('fi-06: a slot that nobody was paired with has no reading of zero', async () => {
    const [shown] = await paste(inputOf('fi-06').text);
    const [slot, gas] = (shown?.readings ?? []).filter(({ label }) => /24\.2\.1/.test(label));
    expect(slot).toMatchObject({ state: 'not available' });
    expect(slot).not.toHaveProperty('time');
    expect(gas).toMatchObject({ state: 'whole', unit: 'm³', time: { iso: '2019-11-08T14:55:05' } });
    expect(numbers(shown?.readings, '0-2:24.2.1')).toEqual([241.773]);
  });

  it('fi-08: past peaks are named, and each stands at its time', async () => {
    const [shown] = await paste(inputOf('fi-08').text);
    expect(shown?.item.circumstances).toMatchObject({ blockCheck: 'ok' });
    const peaks = shown?.readings.filter(({ label }) => label === '1-0:1.6.0') ?? [];
    expect(numbers(peaks, '1-0:1.6.0')).toEqual([2.401, 2.772, 2.6]);
    expect(peaks.map(({ kind, time, note }) => [kind, time?.iso, note])).toEqual([
      ['maximum', '2023-02-01T17:00:00', undefined],
      ['maximum', '2022-12-02T16:45:00', 'month ending 2023-01-01'],
      ['maximum', '2023-01-25T17:00:00', 'month ending 2023-02-01'],
    ]);
  });

  it('fi-15: heat behind a gateway that has no number, its check sum a digit short', async () => {
    const [shown] = await paste(inputOf('fi-15').text);
    expect(shown?.item.circumstances).toMatchObject({ blockCheck: 'ok' });
    expect(numbers(shown?.readings, '0-1:24.2.1')).toEqual([0.005]);
    expect(serialNumberOf(shown?.readings ?? [])).toBe('123456789A1B234C');
  });

  it('fi-16: KWh is kWh and counts', async () => {
    const [shown] = await paste(inputOf('fi-16').text);
    expect(numbers(shown?.readings, '1.8.1')).toEqual([18675.062]);
    expect(numbers(shown?.readings, '1.8.2')).toEqual([29872]);
    expect(mainReading(shown?.readings ?? [])).toMatchObject({ counts: true, reading: { unit: 'kWh' } });
  });

  it('fi-18: a spoilt identification does not cost the registers', async () => {
    const [shown] = await paste(inputOf('fi-18').text);
    expect(numbers(shown?.readings, '1-0:1.8.0*255')).toEqual([6049.6981]);
    expect(shown?.item.problems).toHaveLength(1);
  });

  it('fi-19: one error register, and the energy is none', async () => {
    const [shown] = await paste(inputOf('fi-19').text);
    expect(shown?.readings.filter(({ quantity }) => quantity === 'Error register').map(({ label }) => label)).toEqual([
      'F.F',
    ]);
    expect(mainReading(shown?.readings ?? [])?.reading.label).toBe('F.8.0*00');
    expect(numbers(shown?.readings, 'F.8.0*00')).toEqual([1.32]);
  });

  it('fi-21: a control character in the identification is a remark, a sum is no stored reading, no date is guessed', async () => {
    const [shown] = await paste(inputOf('fi-21').text);
    expect(shown?.item.problems).toHaveLength(1);
    expect(shown?.readings.find(({ label }) => label === '1.8.0*96')).toMatchObject({
      quantity: 'Active energy import, last day',
    });
    expect(shown?.readings.find(({ label }) => label === '1.8.0*96')).not.toHaveProperty('storage');
    expect(shown?.readings.find(({ label }) => label === '0.9.2')).toMatchObject({
      state: 'unchecked',
      value: { type: 'text' },
    });
    expect(numbers(shown?.readings, '1.6.0')).toEqual([2.612]);
  });

  it.each([
    ['as posted', (text: string) => text],
    [
      'of another program',
      (text: string) => text.replaceAll('[D][uart_debug:158]: <<< "', ' DEBUG: ').replaceAll('\\r\\n"', '^M'),
    ],
  ])('fi-23 %s: a telegram within a log is one readout, with its check sum', async (_, form) => {
    const [shown, ...others] = await paste(form(inputOf('fi-23').text ?? ''));
    expect(others).toEqual([]);
    expect(shown?.item).toMatchObject({ identification: 'KAIFA-METER', circumstances: { blockCheck: 'bad' } });
    expect(numbers(shown?.readings, '1-0:1.8.1')).toEqual([5234.402]);
    expect(shown && states(shown)).toEqual(new Set(['unchecked']));
  });

  it('fi-24: a parity bit that was pasted as Latin-1 is taken off', async () => {
    const withParity = (text: string) =>
      Array.from(text, (character) => {
        const code = character.charCodeAt(0);
        const ones = Array.from(code.toString(2)).filter((bit) => bit === '1').length;
        return String.fromCharCode(ones % 2 === 0 ? code : code | 0x80);
      }).join('');
    const text = inputOf('fi-16').text ?? '';
    for (const lost of [text, text.replace(/[\r\x02\x03]/g, '')]) {
      const [shown] = await paste(withParity(lost));
      expect(numbers(shown?.readings, '1.8.1')).toEqual([18675.062]);
      expect(numbers(shown?.readings, '1.8.2')).toEqual([29872]);
    }
  });
});
