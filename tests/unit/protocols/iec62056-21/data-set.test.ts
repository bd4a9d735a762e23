import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDataBlock } from '../../../../src/protocols/iec62056-21/data-set.ts';
import { renderDataBlock } from './render-data-block.ts';
import type { DataSet } from '../../../../src/protocols/iec62056-21/data-set.ts';

const setsOf = (text: string): DataSet[] => parseDataBlock(text).filter((item) => item.kind === 'data set');

/** Address and values as short text: `address|value unit|…`, a missing unit as nothing. */
const summary = (text: string): string[] =>
  setsOf(text).map(({ address, values }) =>
    [address, ...values.map(({ value, unit }) => (unit === undefined ? value : `${value} ${unit}`))].join('|'),
  );

describe('parseDataBlock', () => {
  it.each([
    ['1.8.0(0001*kWh)\r\n2.8.0(2*kWh)\r\n', ['1.8.0|0001 kWh', '2.8.0|2 kWh']],
    ['6.8(1*GJ)6.26(2*m3)9.21(00012345)', ['6.8|1 GJ', '6.26|2 m3', '9.21|00012345']],
    ['0-1:24.3.0(a)(m3)\r\n(1.001)\r\n', ['0-1:24.3.0|a|m3', '|1.001']],
    ['1.6.1(0.5*kW)(2211120730)', ['1.6.1|0.5 kW|2211120730']],
    ['9.4(098.5*C&096.1*C)', ['9.4|098.5 C|096.1 C']],
    ['9.2(&&)', ['9.2|||']],
    ['1.8.0(024562 kWh)', ['1.8.0|024562 kWh']],
    ['1.8.0(001.322kW)', ['1.8.0|001.322 kW']],
    ['1.8.0(0013.5*)', ['1.8.0|0013.5 ']],
    ['C.1(00012.0(22:48 18-11-13)', ['C.1|00012.0|22:48 18-11-13']],
    ['C.1(123\r\n2.8.0(1)', ['C.1|123', '2.8.0|1']],
    ['1-0:1.8.100001.001*kWh)', ['1-0:1.8.1|00001.001 kWh']],
    [' 1.8.0(1)  2.8.0(2)', ['1.8.0|1', '2.8.0|2']],
    ['\x00\x021.8.0(1)Y\x02\x01', ['1.8.0|1']],
    ['52.6.0,5(202601270620)', ['52.6.0,5|202601270620']],
    ['1.8.1&07(3*kWh)', ['1.8.1&07|3 kWh']],
    ['(1-0:1.5.0)', ['|1-0:1.5.0']],
    [`0-0:96.13.0(${'3'.repeat(160)})`, [`0-0:96.13.0|${'3'.repeat(160)}`]],
    ['0.3.3(00250*imp/kWh)', ['0.3.3|00250 imp/kWh']],
    ['FF()', ['FF|']],
    ['', []],
    ['no brackets\r\n', []],
    ['stray)\r\n', []],
  ])('%j', (text, sets) => {
    expect(summary(text)).toEqual(sets);
    expect(renderDataBlock(parseDataBlock(text))).toBe(text);
  });

  // Hexadecimal status words, season marks and times must not lose their last letters to a unit.
  it.each([
    '0F66',
    '80005ED02E',
    '101209113020W',
    '190816125118S',
    '07D0',
    '12 m',
    '1A',
    '5.16&5.16&F',
    'V01.69',
    '001h',
  ])('takes no unit from %s', (value) => {
    expect(setsOf(`X(${value})`)[0]?.values.every(({ unit }) => unit === undefined)).toBe(true);
  });

  it('says where everything stands', () => {
    const text = 'x\r\n1.6.1(0.5*kW)(22&23)';
    const [set] = setsOf(text);
    expect(text.slice(set?.start, set?.end)).toBe('1.6.1(0.5*kW)(22&23)');
    expect(set?.values.map(({ start, end }) => text.slice(start, end))).toEqual(['(0.5*kW)', '(22', '&23)']);
  });

  it('gives every text back and covers it without gap', () => {
    const likely = fc
      .array(fc.constantFrom('(', ')', '*', '&', '!', '\r', '\n', ' ', '1.8.0', '1', '.', 'kWh', '\0', 'é', ','))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(likely, fc.string({ unit: 'binary' })), (text) => {
        const items = parseDataBlock(text);
        expect(renderDataBlock(items)).toBe(text);
        let at = 0;
        for (const item of items) {
          expect(item.start).toBe(at);
          at = item.end;
          if (item.kind === 'data set') {
            for (const { open, value, separator, unit = '', close, start, end } of item.values) {
              expect(text.slice(start, end)).toBe(open + value + separator + unit + close);
            }
          }
        }
        expect(at).toBe(text.length);
      }),
      { numRuns: 500 },
    );
  });

  // Quadratic work on the longest block a receiver takes would need minutes.
  it('takes a hostile block in linear time', () => {
    for (const filler of ['(', ')', '(&', '1.8.0(', ' a', '&', '(1*', '1-0:1.8.1)', '\r']) {
      const text = filler.repeat(Math.ceil((256 * 1024) / filler.length));
      expect(renderDataBlock(parseDataBlock(text)) === text).toBe(true);
    }
  });
});
