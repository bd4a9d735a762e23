import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fits } from '../../../../src/common/form.ts';
import { bearsOut, cycleCollector, dataOf } from '../../../../src/protocols/lotos/cycle.ts';
import { lotosForm } from '../../../../src/protocols/lotos/form.ts';
import { DAMAGED, lineCutter } from '../../../../src/protocols/lotos/lines.ts';
import { linePattern, MAX_LINE } from '../../../../src/protocols/lotos/pattern.ts';
import { lotosSettings } from '../../../../src/protocols/lotos/settings.ts';

const usual = lotosSettings({}).pattern;

test.each<[string, string, number, string]>([
  [usual, '1=5', 1, '5'],
  [usual, '  012 : -3,25 ', 12, '-3.25'],
  [usual, '999;+0.5', 999, '+0.5'],
  [usual, '7 42', 7, '42'],
  [usual, '7 \t  -0,5', 7, '-0.5'],
  ['*{id}-{value}', 'B1 12-7', 12, '7'],
  ['*{id} *= *{value}*', 'P 12 (flow) = 7.5 m3', 12, '7.5'],
  ['{value} #{id}', '7.5   #12', 12, '7.5'],
  ['({id}) [{value}]', '(3)[4]', 3, '4'],
])('%s: %s', (pattern, line, id, value) => {
  expect(linePattern(pattern)(line)).toEqual({ id, value });
});

test.each(['', '1', '1=', '=5', '1234=5', '1=5x', 'x1=5', '-1=5', '1=5=6', '1=1.2.3', '12345', '1=.5'])(
  '%j is no value',
  (line) => {
    expect(linePattern(usual)(line)).toBeUndefined();
  },
);

describe('a pattern', () => {
  const field = lotosForm.find(({ key }) => key === 'pattern');
  test.each([usual, '{id}={value}', '{value} {id}', '*{id}*{value}*', 'a.b\\{id}+{value}'])('%s can be set', (text) => {
    expect(field && fits(field, text)).toBe(true);
  });
  test.each(['{id}', '{value}', 'x', '{id}{id}={value}', '**{id}*{value}', '{id}={value}|', '{x}{id}{value}'])(
    '%s can not',
    (text) => {
      expect(field && fits(field, text)).toBe(false);
    },
  );
  test('is the usual one where it is emptied', () => {
    expect(lotosSettings({ pattern: '' }).pattern).toBe(usual);
  });
  test('of any kind comes to an end with any line, and gives numbers only', () => {
    const text = fc.string({ unit: fc.constantFrom(...'a1 .(*+?[\\^$='), maxLength: 8 });
    const pattern = fc
      .tuple(text, text, text, fc.boolean())
      .map(([a, b, c, isTurned]) => (isTurned ? `${a}{value}${b}{id}${c}` : `${a}{id}${b}{value}${c}`))
      .filter((one) => field !== undefined && fits(field, one));
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom(...'0123456789 =-.a'), maxLength: MAX_LINE }),
        (one, line) => {
          const sent = linePattern(one)(line);
          if (!sent) return;
          expect(sent.id).toBeLessThanOrEqual(999);
          expect(sent.value).toMatch(/^[+-]?\d+(?:\.\d+)?$/);
        },
      ),
      { numRuns: 300 },
    );
    const worst = linePattern('*{id}*{value}*x');
    for (const line of ['1', '1 ', '1.1,', ' ', '1  '])
      expect(worst(line.repeat(MAX_LINE).slice(0, MAX_LINE))).toBeUndefined();
  });
});

describe('lines', () => {
  const cut = (text: string, bad: readonly number[] = []) => {
    const cutter = lineCutter();
    return Array.from(text, (one, at) => cutter.take(one.charCodeAt(0), !bad.includes(at))).filter(
      (one) => one !== undefined,
    );
  };
  test('end with CR, LF, STX, ETX; the first one was under way', () => {
    expect(cut('23=4\r\n1=5\r\n\x022=6\x03\x003=7\r4')).toEqual(['1=5', '2=6', '3=7']);
  });
  test('with what cannot be read are damaged', () => {
    expect(cut('\r1=\x805\r2=6\r3=7\r', [11])).toEqual([DAMAGED, '2=6', DAMAGED]);
    expect(cut(`\r${'1'.repeat(MAX_LINE + 1)}\r2=6\r`)).toEqual([DAMAGED, '2=6']);
  });
  test('with a hole are not told', () => {
    const cutter = lineCutter();
    for (const one of '\r1=1') cutter.take(one.charCodeAt(0), true);
    expect(cutter.tear()).toBe(true);
    for (const one of '2=3') cutter.take(one.charCodeAt(0), true);
    expect(cutter.take(0x0d, true)).toBeUndefined();
  });
});

describe('a cycle', () => {
  const sent = (id: number, value = '1') => ({ id, value });
  test('is complete when an identifier comes again', () => {
    const cycles = cycleCollector();
    expect([1, 2, 3].map((id) => cycles.add(sent(id)))).toEqual([undefined, undefined, undefined]);
    const cycle = cycles.add(sent(1, '5'));
    expect(cycle && [...cycle.keys()]).toEqual([1, 2, 3]);
    expect(cycles.add(sent(2))).toBeUndefined();
  });
  test('with a hole in it is none, and the next is', () => {
    const cycles = cycleCollector();
    cycles.add(sent(1));
    cycles.add('lost');
    cycles.add(sent(3));
    expect(cycles.add(sent(1))).toBeUndefined();
    cycles.add(sent(2));
    cycles.add(sent(3));
    expect(cycles.add(sent(1))?.size).toBe(3);
  });
  test('is written ascending, whatever the order', () => {
    expect(
      dataOf(
        new Map([
          [101, '-3.5'],
          [7, '0.50'],
          [0, '1'],
        ]),
      ),
    ).toBe('0=1,7=0.50,101=-3.5');
  });
  test('is borne out by one with the same identifiers and figures that fit', () => {
    const of = (...values: readonly string[]) => new Map(values.map((value, id) => [id, value]));
    expect(bearsOut(of('100.0', '5'), of('101.5', '6'))).toBe(true);
    expect(bearsOut(of('100.0', '5'), of('300.0', '5'))).toBe(false);
    expect(bearsOut(of('100.0', '5'), of('1000', '5'))).toBe(false);
    expect(bearsOut(of('100.0', '5'), of('100.0'))).toBe(false);
    expect(
      bearsOut(
        new Map([
          [1, '1'],
          [2, '2'],
        ]),
        new Map([
          [2, '2'],
          [1, '1'],
        ]),
      ),
    ).toBe(false);
  });
});
