import { expect, test } from 'vitest';
import type { AtPortMode } from '../../../src/engine/ams-api.ts';
import { createAtPermission } from '../../../src/engine/at-permission.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

const LINE = 'AT^SCDATA="DEL_ALL"';
const asked = { effect: 'deletes', help: 'Deletes all records', line: LINE } as const;

function permissionOf(mode: AtPortMode) {
  const clock = virtualClock(0);
  const shown: unknown[] = [];
  let number = 6;
  const permission = createAtPermission({
    mode,
    clock,
    newNumber: () => ++number,
    onChange: () => shown.push(permission.state),
  });
  return { clock, permission, shown };
}

test('full asks nobody, read-only refuses and counts', () => {
  const full = permissionOf('full');
  expect(full.permission.permit(asked)).toBe(true);
  expect(full.shown).toEqual([]);

  const { permission, shown } = permissionOf('read-only');
  expect(permission.permit(asked)).toBe(false);
  expect(permission.permit({ ...asked, line: 'AT^SCAMS="ENABLE",1' })).toBe(false);
  expect(shown).toEqual([
    { refused: 1, lastRefused: LINE },
    { refused: 2, lastRefused: 'AT^SCAMS="ENABLE",1' },
  ]);
});

test('only the answer to the question that waits counts, and only the first', async () => {
  const { clock, permission, shown } = permissionOf('confirm');
  const permitted = permission.permit(asked);
  permission.answer(6, false);
  permission.answer(7, true);
  permission.answer(7, false);
  expect(await clock.run(Promise.resolve(permitted))).toBe(true);
  expect(shown).toEqual([{ refused: 0, question: { number: 7, line: LINE, help: asked.help } }, { refused: 0 }]);
});

test('no answer within a minute is a no, and so is the end of the port', async () => {
  const { clock, permission } = permissionOf('confirm');
  expect(await clock.run(Promise.resolve(permission.permit(asked)))).toBe(false);
  expect(clock.monotonic()).toBe(60_000);

  const permitted = permission.permit(asked);
  permission.end();
  permission.answer(8, true);
  expect(await clock.run(Promise.resolve(permitted))).toBe(false);
  expect(permission.state).toEqual({ refused: 2, lastRefused: LINE });
});
