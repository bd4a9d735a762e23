import { afterEach, expect, test, vi } from 'vitest';
import { Lazy, loadPart } from '../../../src/views/lazy.svelte.ts';
import { eventually } from '../eventually.ts';

afterEach(() => vi.unstubAllGlobals());

const failing = new TypeError('Failed to fetch dynamically imported module: https://example.test/app/assets/x-1.js');

test('what failed is fetched past the cache and tried once more', async () => {
  const fetched = vi.fn(() => Promise.resolve(new Response()));
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('location', { origin: 'https://example.test' });
  const load = vi.fn<() => Promise<string>>().mockRejectedValueOnce(failing).mockResolvedValueOnce('part');
  expect(await loadPart(load)).toBe('part');
  expect(fetched).toHaveBeenCalledWith('https://example.test/app/assets/x-1.js', { cache: 'reload' });
});

test('a part that stays lost can be asked for again; one that is there is loaded once', async () => {
  vi.stubGlobal('location', { origin: 'https://elsewhere.test' });
  let there = false;
  const load = vi.fn(() => (there ? Promise.resolve('part') : Promise.reject(failing)));
  const lazy = new Lazy(load);
  expect(load).not.toHaveBeenCalled();
  await expect(lazy.part).rejects.toBe(failing);
  await expect(lazy.part).rejects.toBe(failing);
  expect(load).toHaveBeenCalledTimes(2);
  there = true;
  lazy.again();
  expect(await lazy.part).toBe('part');
  expect(await lazy.part).toBe('part');
  expect(load).toHaveBeenCalledTimes(3);
});

test('where the browser does not try again what the host gives rightly by now, the page is loaded anew', async () => {
  const reload = vi.fn();
  vi.stubGlobal('location', { origin: 'https://example.test', reload });
  const answers = vi.fn(() => Promise.resolve(new Response('', { headers: { 'Content-Type': 'text/html' } })));
  vi.stubGlobal('fetch', answers);
  const lazy = new Lazy(() => Promise.reject(failing));
  lazy.again();
  await expect(lazy.part).rejects.toBe(failing);
  await eventually(() => expect(answers).toHaveBeenCalledTimes(2));
  expect(reload).not.toHaveBeenCalled();
  answers.mockImplementation(() =>
    Promise.resolve(new Response('', { headers: { 'Content-Type': 'text/javascript' } })),
  );
  lazy.again();
  await eventually(() => expect(reload).toHaveBeenCalledOnce());
});
