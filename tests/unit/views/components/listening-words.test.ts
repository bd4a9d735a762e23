import { expect, test } from 'vitest';
import type { ListeningState } from '../../../../src/engine/ams-api.ts';
import { agoText, listeningFacts, listeningWords } from '../../../../src/views/components/listening-words.ts';

const NOW = Date.UTC(2026, 10, 20, 10);
const state = (change: Partial<ListeningState> = {}): ListeningState => ({
  portId: 'one',
  state: 'listening',
  text: 'listening at 9600 Bd',
  heard: 0,
  kept: 0,
  dropped: 0,
  ...change,
});

test('says when something was heard last and how many records there are', () => {
  expect(listeningWords(state(), NOW)).toBe('listening, nothing heard yet, 0 kept');
  expect(listeningWords(state({ heard: 9, kept: 5, lastHeardAt: NOW - 12_000 }), NOW)).toBe(
    'listening, last heard 12 s ago, 5 kept',
  );
});

test('says what it waits for, and that it does not listen', () => {
  expect(listeningWords(state({ state: 'aside', text: 'waits: this port is reading' }), NOW)).toMatch(
    /^waits: this port is reading, /,
  );
  expect(listeningWords(state({ state: 'failed', text: 'in use' }), NOW)).toMatch(/^not listening, /);
});

test('what a clock that was set back puts in the future is just now', () => {
  expect(agoText(NOW + 60_000, NOW)).toBe('just now');
});

test('lists what was dropped with the reason, and only where something was', () => {
  const dropped = { at: NOW - 90_000, reason: 'A telegram broke off.' };
  const rows = listeningFacts(state({ heard: 1, kept: 1, dropped: 2, lastHeardAt: NOW, lastDropped: dropped }), NOW);
  expect(rows).toContainEqual(['Heard', '1 telegram, last just now']);
  expect(rows.find(([name]) => name === 'Dropped')?.[1]).toMatch(/^2, last .* ago: A telegram broke off\.$/);
  expect(listeningFacts(state(), NOW).find(([name]) => name === 'Dropped')?.[1]).toBe('');
});
