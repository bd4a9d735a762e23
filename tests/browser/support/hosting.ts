import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../tools/static-server.js';

/** The build on a host of its own, under a sub path as static hosts have it. */
export interface Hosting {
  readonly url: string;
  /** Puts a newer build up in place of the old one: another index.html, marked with `<html data-build="…">`. */
  publish(build: string): Promise<void>;
  /** The network is gone. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export async function hostBuild(): Promise<Hosting> {
  const folder = await mkdtemp(join(tmpdir(), 'openhhu-'));
  await cp(process.env['OPENHHU_DIST'] ?? '', folder, { recursive: true });
  const server = await serve(folder, { base: '/meters/app/' });
  return {
    url: server.url,
    publish: (build) => publish(folder, build),
    stop: () => server.close(),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** As a build would: the changed file's revision in the service worker's list changes with it. */
async function publish(folder: string, build: string): Promise<void> {
  const [page, worker] = [join(folder, 'index.html'), join(folder, 'service-worker.js')];
  const [html, script] = await Promise.all([readFile(page, 'utf8'), readFile(worker, 'utf8')]);
  const newHtml = html.replace('<html', `<html data-build="${build}"`);
  const revision = createHash('md5').update(newHtml).digest('hex');
  const newScript = script.replace(/[0-9a-f]{32}(?=","url":"index\.html")/, revision);
  if (newScript === script) throw new Error('index.html is not in the list of the service worker');
  await writeFile(page, newHtml);
  await writeFile(worker, newScript);
}
