import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyChange, changeBetween } from '../../../src/engine/state-change.ts';

/** Few different names and values, so that two of them have much in common. */
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(0, 1, '', 'a', true, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), tie('value'), { noNullPrototype: true }),
  ),
})).value;

test('what changed, made to what was, gives what is; over the wire too', () => {
  fc.assert(
    fc.property(data, data, (before, after) => {
      const copy = structuredClone(before);
      const change = changeBetween(before, after);
      const made = change ? applyChange(before, structuredClone(change)) : before;
      expect(made).toEqual(after);
      expect(before).toEqual(copy);
      expect(changeBetween(made, after)).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

test('what did not change is neither told nor made anew', () => {
  const before = {
    meters: [
      { id: '1', state: 'waiting' },
      { id: '2', state: 'waiting' },
    ],
    ports: [{ id: 'a' }],
  };
  const after = {
    meters: [
      { id: '1', state: 'waiting' },
      { id: '2', state: 'reading' },
    ],
    ports: [{ id: 'a' }],
  };
  const change = changeBetween(before, after);
  expect(change).toEqual({
    members: [['meters', { items: [[1, { members: [['state', { set: 'reading' }]] }]], length: 2 }]],
  });
  const made = change && (applyChange(before, change) as typeof before);
  expect(made?.ports).toBe(before.ports);
  expect(made?.meters[0]).toBe(before.meters[0]);
});
