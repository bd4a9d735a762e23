import { expect, test } from 'vitest';
import type { EngineClient } from '../../../../src/engine/client.ts';
import { Announcer } from '../../../../src/views/shell/announcer.svelte.ts';
import { FindDesk } from '../../../../src/views/tools/find/find-desk.svelte.ts';
import { taskKinds } from '../../../../src/views/tools/task-kinds.ts';

const searchKinds = await taskKinds('searches');

test('what will be searched, in words', () => {
  const engine = { call: () => Promise.reject(new Error('not asked')) } as unknown as EngineClient;
  const find = new FindDesk(engine, new Announcer(), searchKinds);
  find.fill('rates', '300,2400');
  find.fill('mask', '4FFFFFFF');
  expect(find.words).toBe('by number, 300 Bd and 2400 Bd, only 4FFFFFFF');
  find.kind = searchKinds.find(({ form }) => form.id === 'primary');
  expect(find.words).toBe('by address, 300 Bd and 2400 Bd');
  find.fill('askSilent', true);
  expect(find.words).toBe('by address, 300 Bd and 2400 Bd, ask silent addresses for data too');
  expect(find.values).toMatchObject({ askSilent: true });
});

test('a port is searched by what is read through it, until somebody chooses otherwise', () => {
  const find = new FindDesk({} as unknown as EngineClient, new Announcer(), searchKinds);
  const [first] = searchKinds;
  const other = searchKinds.find(({ protocol }) => protocol !== first?.protocol);
  if (!first || !other) throw new Error('There is one protocol only to search for.');
  find.suit('a', other.protocol);
  expect(find.kind).toBe(other);
  find.kind = first;
  find.suit('a', other.protocol);
  expect(find.kind).toBe(first);
  find.suit('b', other.protocol);
  expect(find.kind).toBe(other);
});
