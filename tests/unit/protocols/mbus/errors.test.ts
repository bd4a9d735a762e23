import { describe, expect, it } from 'vitest';
import { detectionErrors } from '../../../../src/common/detection-errors.ts';
import { mbusError, mbusErrors } from '../../../../src/protocols/mbus/errors.ts';

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);

describe('error tables', () => {
  it('have every row of the SmartCOM, once, with text and advice', () => {
    expect(mbusErrors.map(({ code }) => code)).toEqual([...range(131072, 131097), ...range(131329, 131335)]);
    expect(detectionErrors.map(({ code }) => code)).toEqual(range(65280, 65291));
    for (const { text, advice } of [...mbusErrors, ...detectionErrors]) expect([text, advice]).not.toContain('');
  });

  it('make errors with the row’s advice', () => {
    expect(mbusError(131332)).toMatchObject({ code: 131332, message: 'The checksum of the answer is wrong.' });
    expect(mbusError(131332, 'seen').message).toBe('seen');
    expect(mbusError(131332).hint).toContain('8E1');
  });
});
