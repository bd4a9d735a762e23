import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../src/common/bytes.ts';
import { decodeRadio } from '../../../../src/protocols/wmbus/decode.ts';
import { layouts } from '../../../../src/protocols/wmbus/makers/index.ts';
import { bytesOf, shown } from '../mbus/samples.ts';

const decode = (hex: string) => decodeRadio({ identification: '', data: hex });

describe.each(layouts.map((layout) => [layout.title, layout] as const))('%s', (_, { example, of }) => {
  const { hex, says } = example;

  it('says what its example says', () => {
    const said = decode(hex).map((reading) => `${reading.quantity} ${shown(reading)}`);
    for (const one of says) expect(said).toContain(one);
  });

  it('shows no value of a telegram that was cut off as another one', () => {
    const bytes = bytesOf(hex);
    const whole = decode(hex).map((reading) => `${reading.label} ${reading.quantity} ${shown(reading)}`);
    const begin = bytes.length - (of === 'telegram' ? 4 : 8);
    for (let end = 10; end < begin; end++) {
      const cut = decode(toHex(bytes.subarray(0, end)));
      // A layout says all that it says, or is not taken: what is left of its bytes is shown as such.
      for (const reading of cut) expect(reading.source.end).toBeLessThanOrEqual(end);
    }
    expect(whole.length).toBeGreaterThan(1);
  });

  it('never throws', () => {
    const bytes = bytesOf(hex);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const damaged = bytes.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        for (const { source } of decode(toHex(damaged))) expect(source.start).toBeLessThanOrEqual(source.end);
      }),
      { numRuns: 200 },
    );
  });
});
