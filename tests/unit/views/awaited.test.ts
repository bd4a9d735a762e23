import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const views = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.svelte'))
  .map((name) => [name, readFileSync(join('src', name), 'utf8')] as const);
const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

test('what a view waits for may fail, and each says what happened then', () => {
  expect(views.reduce((sum, [, text]) => sum + count(text, /\{#await\s/g), 0)).toBeGreaterThan(10);
  for (const [name, text] of views) expect(count(text, /\{:catch\b/g), name).toBe(count(text, /\{#await\s/g));
});
