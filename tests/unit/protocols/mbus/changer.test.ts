import { expect, test } from 'vitest';
import { MeterError } from '../../../../src/common/meter-error.ts';
import { mbusChanger } from '../../../../src/protocols/mbus/changer.ts';
import { mbusChanges, mbusSearches } from '../../../../src/protocols/mbus/tasks.ts';
import { fits } from '../../../../src/common/form.ts';

const task = { id: 'primary address', address: '*55500047', values: { newAddress: 7 }, settings: {} };

test('that several meters would obey is warned of', () => {
  const plain = mbusChanger.warnings(task).length;
  expect(mbusChanger.warnings({ ...task, address: '*5550004F' })).toHaveLength(plain + 1);
});

test('254 changes nothing: every meter would obey', () => {
  for (const { id } of mbusChanges)
    expect(() => mbusChanger.preview({ ...task, id, address: '/254' })).toThrow(/254 means every meter/);
});

test('what would be sent is shown before anybody is asked, the command as such', () => {
  for (const { id, fields } of mbusChanges) {
    const values = {
      ...task.values,
      ...Object.fromEntries(fields.flatMap(({ key, default: d }) => (d === undefined ? [] : [[key, d]]))),
    };
    const frames = mbusChanger.preview({ ...task, id, values });
    expect(
      frames.filter(({ isCommand }) => isCommand),
      id,
    ).toHaveLength(1);
  }
});

test('what can not be sent is refused in words', () => {
  for (const wrong of [
    { ...task, values: {} },
    { ...task, id: 'colour' },
    { ...task, address: '251' },
  ]) {
    expect(() => mbusChanger.preview(wrong)).toThrow(MeterError);
  }
});

test.each([
  ['', true],
  ['4fffffff', true],
  ['*0157FFFF/LUG.*.07', true],
  ['4', false],
  ['0157FFFF@300', false],
  ['*0157FFFG', false],
  ['/254', false],
])('the mask %j: %s', (text, right) => {
  const mask = mbusSearches[0]?.fields.find(({ key }) => key === 'mask');
  expect(mask && fits(mask, text)).toBe(right);
});
