import { describe, expect, it } from 'vitest';
import { generalErrors } from '../../../../src/common/general-errors.ts';
import { iecError, iecErrors } from '../../../../src/protocols/iec62056-21/errors.ts';

describe('error table', () => {
  it('has every code of the SmartCOM once, in order', () => {
    const codes = [...Array.from({ length: 11 }, (_, i) => 65536 + i), 65793, 65794, 65795, 65796];
    expect(iecErrors.map(({ code }) => code)).toEqual([...codes, 66049, 66050, 66051, 66052, 66053]);
    expect(generalErrors.map(({ code }) => code)).toEqual([0, 1, 2, 3, 4]);
  });

  it('says something of each', () => {
    for (const { text, advice } of iecErrors) {
      expect(text.length).toBeGreaterThan(10);
      expect(advice).toMatch(/\.$/);
    }
    expect(new Set(iecErrors.map(({ text }) => text)).size).toBe(iecErrors.length);
  });

  it('makes an error by name', () => {
    const cause = new Error('below');
    const error = iecError('identification timeout', 'nothing came in', { cause });
    expect(error).toMatchObject({ code: 65541, message: 'nothing came in', cause });
    expect(error.hint).toContain('head');
    expect(iecError('ETX', 'x', { hint: 'do this' })).toMatchObject({ code: 66052, hint: 'do this' });
  });
});
