import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeIec } from '../../../../../src/protocols/iec62056-21/decode.ts';
import { profileBook } from '../../../../../src/protocols/iec62056-21/programming/profile-book.ts';

const PERIOD = 15;
const START = Date.UTC(2026, 9, 24) / 60_000;

interface Row {
  readonly at: number;
  readonly text: string;
}

/** Normal time as the meter has it: summer time until the night to 25 October. */
const CHANGE = START + 24 * 60 + 2 * 60;

function stamp(at: number): string {
  const isSummer = at < CHANGE;
  const local = new Date((at + (isSummer ? 60 : 0)) * 60_000).toISOString().replace(/\D/g, '').slice(2, 14);
  return (isSummer ? '1' : '0') + local;
}

const summer = (at: number) => at < CHANGE;

/** Rows as a meter sends them: a new header each day, at a gap, and where the season changes. */
function sent(rows: readonly Row[]): string {
  return rows
    .map(({ at, text }, i) => {
      const before = rows[i - 1];
      const isNew = before?.at !== at - PERIOD || summer(before.at) !== summer(at) || stamp(at).slice(7, 11) === '0015';
      return (isNew ? `P.01(${stamp(at)})(00000000)(${PERIOD})(2)(1.5)(kW)(2.5)(kW)\r\n` : '') + text + '\r\n';
    })
    .join('');
}

const rowsOf = (numbers: readonly number[]): Row[] =>
  numbers.map((n) => ({ at: START + n * PERIOD, text: `(${n}.001)(0.${n})` }));

function book(from = -Infinity) {
  return profileBook(from);
}

describe('a profile from several answers', () => {
  it('keeps one answer as it came', () => {
    const text = sent(rowsOf([1, 2, 3, 7, 8]));
    const kept = book();
    expect(kept.add(text)).toEqual({ rows: 5, periodMinutes: 15, hasSeason: true, isWhole: true });
    expect(kept.data).toBe(text);
    expect(kept.lastAt).toBe(START + 8 * PERIOD);
  });

  it('gives a header the time of its first row where earlier ones are known', () => {
    const kept = book();
    kept.add(sent(rowsOf([1, 2, 3])));
    expect(kept.add(sent(rowsOf([2, 3, 4]))).rows).toBe(1);
    expect(kept.data).toBe(sent(rowsOf([1, 2, 3])) + sent(rowsOf([4])));
  });

  it('leaves out what lies before the time asked for', () => {
    const kept = book(START + 2 * PERIOD);
    kept.add(sent(rowsOf([1, 2, 3])));
    expect(kept.data).toBe(sent(rowsOf([3])));
  });

  it('has both hours that the clock shows twice', () => {
    const all = rowsOf(Array.from({ length: 120 }, (_, i) => 90 + i));
    const kept = book();
    for (let i = 0; i < all.length; i += 7) kept.add(sent(all.slice(Math.max(0, i - 3), i + 7)));
    const times = decodeIec({ identification: '', data: kept.data })
      .filter(({ label }) => label === '1.5')
      .map(({ time, note }) => [`${time?.season} ${time?.iso}`, note]);
    expect(new Set(times.map(([time]) => time)).size).toBe(120);
    expect(times.every(([, note]) => note === undefined)).toBe(true);
  });

  it.each([
    ['P.01', true],
    ['P.01()', true],
    ['', true],
    ['P.01(ERROR)', false],
    ['1.8.0(1*kWh)', false],
    ['(1)(2)', false],
    ['P.01(1261024001500)(00)(15)(2)(1.5)(kW)', false],
    ['P.01(1261024001500)(00)(15)(1)(1.5)(kW)\r\n(1)\r\nP.02(x)', false],
    ['P.01(1261024001500)(00)(15)(2)(1.5)(kW)(2.5)(kW)\r\n(1)(2)\r\n(3)', false],
  ])('%j is whole: %s', (text, isWhole) => {
    expect(book().add(text).isWhole).toBe(isWhole);
  });

  it('takes of an answer that broke off the whole rows, and goes on without doubles or holes', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(200), { minLength: 1, maxLength: 80 }),
        fc.array(fc.nat(4000), { maxLength: 5 }),
        (numbers, cuts) => {
          const all = rowsOf(numbers.toSorted((a, b) => a - b));
          const kept = book();
          for (const cut of cuts) {
            const asked = all.filter(({ at }) => at >= (kept.lastAt ?? -Infinity));
            kept.add(sent(asked).slice(0, cut));
          }
          kept.add(sent(all.filter(({ at }) => at >= (kept.lastAt ?? -Infinity))));
          const found = decodeIec({ identification: '', data: kept.data });
          const whole = decodeIec({ identification: '', data: sent(all) });
          const told = (readings: typeof found) =>
            readings.map(({ label, value, time, state }) => ({ label, value, time, state }));
          expect(told(found)).toEqual(told(whole));
          expect(kept.rows).toBe(all.length);
        },
      ),
    );
  });

  it('puts no cell in another column, whichever is lost', () => {
    const rows = rowsOf([1, 2, 3, 4, 5]);
    const right = sent(rows);
    for (const { index, 0: cell } of right.matchAll(/\(\d+\.\d+\)(?=[\r(])/g)) {
      const kept = book();
      const added = kept.add(right.slice(0, index) + right.slice(index + cell.length));
      expect(added.isWhole).toBe(false);
      expect(right.startsWith(kept.data)).toBe(true);
      expect(added.rows).toBeLessThan(rows.length);
      // Asked again it is complete.
      kept.add(right);
      expect(decodeIec({ identification: '', data: kept.data }).map(({ value }) => value)).toEqual(
        decodeIec({ identification: '', data: right }).map(({ value }) => value),
      );
    }
  });

  it.each(['hello', 'SUPPLY FAILED'])('does not take %j for an empty profile', (text) => {
    expect(book().add(text)).toMatchObject({ rows: 0, isWhole: false });
  });

  describe('of a meter whose clock was set back', () => {
    const at = (hour: string, ...rows: readonly string[]) =>
      `P.01(0261119${hour}00)(00)(15)(1)(1.5)(kW)\r\n${rows.map((row) => `(${row})\r\n`).join('')}`;

    it('has no row twice where the next answer begins before the change', () => {
      const kept = book();
      const first = at('2330', '0.1', '0.2', '0.3') + at('2345', '0.4');
      kept.add(first);
      expect(kept.add(at('2345', '0.2', '0.3') + at('2345', '0.4', '0.5')).rows).toBe(1);
      const values = decodeIec({ identification: '', data: kept.data }).map(({ value }) => value);
      expect(values).toEqual(
        decodeIec({ identification: '', data: first.trimEnd() + '\r\n(0.5)\r\n' }).map(({ value }) => value),
      );
    });

    it('keeps every row behind the change, also those that read like earlier ones', () => {
      const kept = book();
      kept.add(at('2330', '0.0', '0.0', '0.0'));
      // From the last row on: its own, and then, the clock set back, the same time and figure once more.
      expect(kept.add(at('2345', '0.0', '0.0') + at('2345', '0.0')).rows).toBe(1);
    });
  });

  it('never throws, and holds no more than came', () => {
    const part = fc.constantFrom(
      'P.01',
      '(1261024001500)',
      '(15)',
      '(2)',
      '(1.5)',
      '(kW)',
      '()',
      '(',
      ')',
      '\r\n',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.array(part, { maxLength: 40 }), { maxLength: 4 }), (answers) => {
        const kept = book();
        for (const answer of answers) kept.add(answer.join(''));
        expect(kept.rows).toBeLessThanOrEqual(answers.flat().length);
      }),
    );
  });
});
