import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseHeaders, serve, serveOnFreePort } from '../../tools/static-server.js';

let folder: string;
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openhhu-'));
  const root = join(folder, 'dist');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(root, 'index.html'), '<!doctype html>');
  await writeFile(join(root, 'assets', 'a.js'), 'export {};');
  await writeFile(
    join(root, '_headers'),
    '# note\n/*\n  X-Test: yes\n  Cache-Control: no-cache\n/assets/*\n  ! X-Test\n  Cache-Control: immutable\n',
  );
  server = await serve(root, { base: '/sub/' });
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** As it stands: fetch() would tidy the path up first. */
function statusOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(server.url, { path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
}

test('serves files with type and headers', async () => {
  const page = await fetch(server.url);
  expect(await page.text()).toBe('<!doctype html>');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('x-test')).toBe('yes');
  const script = await fetch(`${server.url}assets/a.js?v=1`);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toBe('immutable');
  expect(script.headers.get('x-test')).toBeNull();
});

test.each([
  ['/sub/../../secret.txt', 400],
  ['/sub/..%2f..%2fsecret.txt', 400],
  ['/sub/%2e%2e/secret.txt', 400],
  ['/sub/%zz', 400],
  ['/sub/a%00b', 400],
  ['/sub/missing.js', 404],
  ['/sub/assets', 404],
  ['/index.html', 404],
])('answers %s with %i', async (path, status) => {
  expect(await statusOf(path)).toBe(status);
});

test('only reads', async () => {
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
  const head = await fetch(server.url, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('goes on to the next port where one is taken', async () => {
  const taken = Number(new URL(server.url).port);
  const second = await serveOnFreePort(join(folder, 'dist'), taken);
  expect(Number(new URL(second.url).port)).toBeGreaterThan(taken);
  await second.close();
});

test('a later path wins in _headers', () => {
  const headersOf = parseHeaders('/*\n  A: 1\n  B: 2\n/x/*\n  A: 3\n  ! B\n');
  expect(headersOf('/y')).toEqual({ A: '1', B: '2' });
  expect(headersOf('/x/y')).toEqual({ A: '3' });
});
