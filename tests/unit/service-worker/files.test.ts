import { describe, expect, test } from 'vitest';
import { buildFiles } from '../../../src/service-worker/files.ts';

const SCOPE = 'https://meters.example/app/';
const PAGE = '<!doctype html><script type="module" src="./assets/index-1.js"></script>';
const SIGN_IN = '<!doctype html><title>Sign in to this network</title>';
const FILES = [
  { url: 'index.html', revision: 'a' },
  { url: 'assets/index-1.js', revision: null, integrity: 'sha256-of-it' },
];

/** Caches in memory, and a host that gives what the test says; by how it was asked for. */
function rig(give: (url: string, cache: RequestCache) => string) {
  const stores = new Map<string, Map<string, Response>>();
  const cacheOf = (store: Map<string, Response>) => ({
    match: (url: string) => Promise.resolve(store.get(url)?.clone()),
    put: (url: string, response: Response) => Promise.resolve(void store.set(url, response)),
  });
  const caches = {
    open: (name: string) => {
      const store = stores.get(name) ?? new Map<string, Response>();
      stores.set(name, store);
      return Promise.resolve(cacheOf(store));
    },
    keys: () => Promise.resolve([...stores.keys()]),
    delete: (name: string) => Promise.resolve(stores.delete(name)),
  } as unknown as CacheStorage;
  const asked: string[] = [];
  const files = buildFiles(FILES, {
    scope: SCOPE,
    policy: "default-src 'none'",
    caches,
    fetch(request) {
      const path = request.url.slice(SCOPE.length);
      asked.push(`${path} ${request.cache}`);
      const text = give(path, request.cache);
      if (request.integrity !== '' && text !== 'script') return Promise.reject(new TypeError('Failed to fetch'));
      const type = text.startsWith('<') ? 'text/html' : 'text/javascript';
      return Promise.resolve(new Response(text, { headers: { 'Content-Type': type } }));
    },
  });
  const page = async () => await (await files.page(new Request(SCOPE))).text();
  return { files, asked, page };
}

const right = (path: string) => (path === 'index.html' ? PAGE : 'script');

describe('what is stored of a build', () => {
  test('is asked for past a cache that goes on giving something else', async () => {
    const { files, asked, page } = rig((path, cache) => (cache === 'reload' ? right(path) : SIGN_IN));
    await files.install();
    expect(asked.toSorted()).toEqual([
      'assets/index-1.js no-cache',
      'assets/index-1.js reload',
      'index.html no-cache',
      'index.html reload',
    ]);
    expect(await page()).toBe(PAGE);
  });

  test('is never the page of somebody else', async () => {
    const { files } = rig((path) => (path === 'index.html' ? SIGN_IN : right(path)));
    await expect(files.install()).rejects.toThrow('index.html: the host sent something else under its name');
  });

  test('is never the page of another build, whatever files both have', async () => {
    const other = PAGE.replace(/(<script[^>]*src="[^"]*)(\.js")/, '$1-of-the-next$2');
    expect(other).not.toBe(PAGE);
    const withOld = `${other}${PAGE.match(/assets\/[^"]+\.js/)?.[0] ?? ''}`;
    const { files } = rig((path) => (path === 'index.html' ? withOld : right(path)));
    await expect(files.install()).rejects.toThrow('index.html: the host sent something else under its name');
  });

  test('is no script of somebody else, nor of another build', async () => {
    const { files } = rig((path) => (path === 'index.html' ? PAGE : 'another script'));
    await expect(files.install()).rejects.toThrow('assets/index-1.js: Failed to fetch');
  });

  test('may be a page that the host changed on its way', async () => {
    const { files, page } = rig((path) => (path === 'index.html' ? `${PAGE}<!-- by the host -->` : right(path)));
    await files.install();
    expect(await page()).toContain('by the host');
  });

  test('is renewed where the page does not start, and stays where nothing better is to be had', async () => {
    let now = `${PAGE}<!-- broken on its way -->`;
    const { files, asked, page } = rig((path) => (path === 'index.html' ? now : right(path)));
    await files.install();
    now = SIGN_IN;
    await expect(files.renewPage()).rejects.toThrow('something else');
    expect(await page()).toContain('broken on its way');
    now = PAGE;
    await files.renewPage();
    expect([await page(), asked.at(-1)]).toEqual([PAGE, 'index.html reload']);
  });
});
