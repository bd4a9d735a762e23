import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import { decodeMbus } from '../../../../src/protocols/mbus/decode.ts';
import { encodeFrame } from '../../../../src/protocols/mbus/frame.ts';
import { encodeManufacturer } from '../../../../src/protocols/mbus/manufacturer.ts';

/** The readings of records in a whole answer of a maker's electricity meter, without those of its header. */
function readingsOf(maker: string, records: string): readonly Reading[] {
  const code = encodeManufacturer(maker) ?? 0;
  const header = Uint8Array.of(0x78, 0x56, 0x34, 0x12, code & 0xff, code >> 8, 1, 2, 1, 0, 0, 0);
  const data = Uint8Array.of(...header, ...(fromHex(records) ?? []));
  const frame = encodeFrame({ kind: 'long', control: 0x08, address: 1, controlInformation: 0x72, data });
  return decodeMbus({ identification: '', data: toHex(frame) }).slice(2);
}

const told = ({ quantity, value, unit, state, note, kind }: Reading) =>
  [quantity, value.type === 'number' ? `${formatDecimal(value.decimal)} ${unit}` : value.type, kind, state, note].join(
    ' | ',
  );
const first = (maker: string, records: string) => readingsOf(maker, records).map(told)[0];

describe("makers' own VIFEs", () => {
  test('a conductor, with the status behind it', () => {
    const [voltage] = readingsOf('ABB', '04FDC8FF8100EB080000');
    expect(voltage && told(voltage)).toBe('Voltage, L1 | 228.3 V | instantaneous | whole | L1 as ABB numbers it');
    expect(voltage?.obis).toMatch(/32\.7\.0/);
    expect(first('ABB', '04FDC8FF8500EB080000')).toContain('Voltage, L1–L2 |');
  });

  test('no value is none, where the status says so', () => {
    expect(first('ABB', '04FDC8FF8115EB080000')).toBe(
      'Voltage, L1 | 228.3 V | error | not available | the meter reports: no data available',
    );
    expect(first('ABB', '04FDC8FF8118EB080000')).toContain('not available | the meter reports: data error');
    // A conductor without a status behind it is no fault.
    expect(first('ABB', '04FDC8FF01EB080000')).toBe(
      'Voltage, L1 | 228.3 V | instantaneous | whole | L1 as ABB numbers it',
    );
    // The same of the standard, in any meter.
    expect(first('LUG', '04FDC815EB080000')).toContain('error | not available');
  });

  test.each(['EMU', 'IME', 'SBC', 'SEC'])('a phase of %s', (maker) => {
    expect(first(maker, '04FDC8FF03EB080000')).toContain(
      `Voltage, L3 | 228.3 V | instantaneous | whole | L3 as ${maker}`,
    );
  });

  test('what no manual tells stays the maker’s', () => {
    expect(first('SEC', '04FDC8FF0DEB080000')).toContain(
      'Voltage | 228.3 V | instantaneous | whole | manufacturer-specific',
    );
    expect(first('LUG', '04FDC8FF01EB080000')).toContain(
      'Voltage | 228.3 V | instantaneous | whole | manufacturer-specific',
    );
    expect(first('ABB', '04FDC8FF818200EB080000')).toContain('manufacturer-specific VIFE 81 82 00');
  });

  test('subunit 2 is reactive at those who say so', () => {
    expect(first('ABB', '8E804004260100000000')).toBe(
      'Reactive energy | 1.26 kvarh | instantaneous | whole | subunit 2 is reactive at ABB',
    );
    expect(first('EMU', '8E804004260100000000')).toContain('Energy | 1.26 kWh |');
    expect(first('ABB', '8E4004260100000000')).toContain('Energy | 1.26 kWh |');
  });
});
