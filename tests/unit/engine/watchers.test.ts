import { expect, test } from 'vitest';
import { applyChange, type StateChange } from '../../../src/engine/state-change.ts';
import { createWatchers } from '../../../src/engine/watchers.ts';

test('whoever comes later is told all, then both are told what changes, until they go', async () => {
  const state = { ports: ['head'], count: 1 };
  const { changed, watch } = createWatchers(() => state);
  const watcher = () => {
    const stop = new AbortController();
    const heard: StateChange[] = [];
    const ended = watch((change) => heard.push(change), stop.signal);
    return { stop, heard, ended, shown: () => heard.reduce<unknown>(applyChange, undefined) };
  };

  changed(); // nobody watches
  const first = watcher();
  state.count = 2;
  const second = watcher();
  expect(first.heard).toEqual([{ set: { ports: ['head'], count: 1 } }, { members: [['count', { set: 2 }]] }]);
  expect(second.heard).toEqual([{ set: { ports: ['head'], count: 2 } }]);

  // In place, which must not reach them unseen.
  state.ports.push('simulated');
  changed();
  changed();
  expect(first.heard).toHaveLength(3);
  expect(first.shown()).toEqual(state);
  expect(second.shown()).toEqual(state);

  first.stop.abort();
  expect(await first.ended).toBeUndefined();
  state.count = 3;
  changed();
  expect(first.heard).toHaveLength(3);
  expect(second.shown()).toEqual(state);
});
