import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../tools/static-server.js';

/** The build on a host of its own, under a sub path as static hosts have it. */
export interface Hosting {
  readonly url: string;
  /** Every file that the page or a worker was sent as a script, in order; not what a service worker fetches to keep it. */
  readonly scriptsSent: readonly string[];
  /** Puts a newer build up in place of the old one: another index.html, marked with `<html data-build="…">`. */
  publish(build: string): Promise<void>;
  /** Puts a build up whose every chunk has another name, and takes the old ones away, as most hosts do. */
  publishRenamed(build: string): Promise<void>;
  /** What the host has under a path from now on instead of what was built; undefined: the built file again. */
  spoil(path: string, content: string | undefined): Promise<void>;
  /** The network is gone. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `headers`: false for a host that sends none of its own; or what it sends instead of ours, as a `_headers` file says it:
 * GitHub Pages, for one, lets everything be kept for ten minutes.
 */
export async function hostBuild({ headers = true }: { headers?: boolean | string } = {}): Promise<Hosting> {
  const folder = await mkdtemp(join(tmpdir(), 'openhhu-'));
  await cp(process.env['OPENHHU_DIST'] ?? '', folder, { recursive: true });
  if (headers === false) await rm(join(folder, '_headers'));
  else if (headers !== true) await writeFile(join(folder, '_headers'), headers);
  const scriptsSent: string[] = [];
  const server = await serve(folder, {
    base: '/meters/app/',
    onSent: ({ path, destination }) => {
      if (path.endsWith('.js') && destination !== 'empty' && destination !== 'serviceworker') scriptsSent.push(path);
    },
  });
  return {
    url: server.url,
    scriptsSent,
    publish: (build) => publish(folder, build),
    publishRenamed: async (build) => {
      await renameChunks(folder, build);
      await publish(folder, build);
    },
    spoil: async (path, content) => {
      if (content === undefined) await cp(join(process.env['OPENHHU_DIST'] ?? '', path), join(folder, path));
      else await writeFile(join(folder, path), content);
    },
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

/** Every chunk gets another name; whatever names it, the service worker's list with its check sums included, follows. */
async function renameChunks(folder: string, build: string): Promise<void> {
  const assets = join(folder, 'assets');
  const names = await readdir(assets);
  const texts = new Map<string, string>();
  for (const file of [...names.map((name) => join('assets', name)), 'index.html', 'service-worker.js']) {
    texts.set(file, await readFile(join(folder, file), 'utf8'));
  }
  const renamed = (text: string) =>
    names.reduce((result, name) => result.replaceAll(name, name.replace(/(?=\.\w+$)/, `-${build}`)), text);
  let worker = renamed(texts.get('service-worker.js') ?? '');
  for (const [file, text] of texts) {
    if (file === 'service-worker.js') continue;
    worker = worker.replaceAll(sha256(text), sha256(renamed(text)));
    if (file !== 'index.html') await rm(join(folder, file));
    await writeFile(join(folder, renamed(file)), renamed(text));
  }
  await writeFile(join(folder, 'service-worker.js'), worker);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
