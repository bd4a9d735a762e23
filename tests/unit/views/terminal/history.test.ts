import { expect, test } from 'vitest';
import { linesOfStored, remember, startHistory, step } from '../../../../src/views/tools/terminal/history.ts';

test('goes back through what was sent and forth to what was being typed', () => {
  const history = remember(remember(startHistory([]), 'AT'), 'ATI');
  const first = step(history, -1, 'AT^SC');
  expect(first?.line).toBe('ATI');
  const second = first && step(first.history, -1, 'ATI');
  expect(second?.line).toBe('AT');
  expect(second && step(second.history, -1, 'AT')).toBeUndefined();
  const third = second && step(second.history, 1, 'AT');
  const fourth = third && step(third.history, 1, 'ATI');
  expect([third?.line, fourth?.line]).toEqual(['ATI', 'AT^SC']);
  expect(fourth && step(fourth.history, 1, 'AT^SC')).toBeUndefined();
});

test('keeps no empty line and none twice in a row', () => {
  const sent = ['AT', 'AT', ' ', 'ATI', 'AT'].reduce(remember, startHistory([]));
  expect(sent.lines).toEqual(['AT', 'ATI', 'AT']);
});

test('is bounded, and takes only lines from the store', () => {
  const many = Array.from({ length: 500 }, (_, i) => `AT${i}`).reduce(remember, startHistory([]));
  expect(many.lines).toHaveLength(200);
  expect(many.lines.at(-1)).toBe('AT499');
  expect(linesOfStored(['AT', 7, null])).toEqual(['AT']);
  expect(linesOfStored({ length: 2 })).toEqual([]);
});
