/** A file of the build as the list of the service worker has it. */
export interface BuildFile {
  /** Relative to the scope. */
  readonly url: string;
  /** Changes with the content; null where the name does. */
  readonly revision: string | null;
  /** Of the content, as `fetch` takes it; only where the name changes with the content. */
  readonly integrity?: string;
}

/** What a build needs of the browser; passed in for tests. */
export interface FilesHost {
  /** Absolute, with a slash at its end. */
  readonly scope: string;
  /** Content-Security-Policy that everything is served with: a worker obeys only the header it came with. */
  readonly policy: string;
  readonly caches: CacheStorage;
  fetch(request: Request): Promise<Response>;
}

/**
 * The files of this build in a cache of their own, and those of older builds in theirs, as long as a window may still
 * ask for them.
 */
export interface BuildFiles {
  /**
   * Fetches what is not stored yet. Rejects with a sentence that names the file when one cannot be had that the app needs.
   * What was stored stays, so that the next try goes on from there.
   */
  install(): Promise<void>;
  /** Is this a file of this or an older build? */
  isOurs(url: URL): boolean;
  /** From this build, else from an older one, else from the network. */
  answer(request: Request): Promise<Response>;
  /** The page itself, whatever address in the scope was asked for. */
  page(request: Request): Promise<Response>;
  /** Fetches the page anew past every cache. Where that gives no page of this build the stored one stays. */
  renewPage(): Promise<void>;
  /** Fetches again what got lost; resolves with the files that could not be had. */
  repair(): Promise<readonly string[]>;
  /** Drops older builds but those that one of these scripts belongs to and this build does not have. */
  dropOldBuilds(scriptsInUse: readonly string[]): Promise<void>;
  hasOldBuilds(): Promise<boolean>;
}

const PARALLEL = 6;
/** A page that has not started twice is not waited for without end the third time. */
const RENEW_LIMIT_MS = 5000;
/** Without these the app works all the same. */
const OPTIONAL = /\.(?:png|svg|webmanifest)$/;

export function buildFiles(files: readonly BuildFile[], host: FilesHost): BuildFiles {
  const { scope, caches } = host;
  const prefix = `openhhu ${scope} `;
  const name = prefix + fingerprint(JSON.stringify(files));
  const byUrl = new Map(files.map((file) => [new URL(file.url, scope).href, file]));
  const assets = new URL('assets/', scope).href;
  const home = new URL('index.html', scope).href;
  const scripts = files.filter(({ url }) => url.startsWith('assets/') && url.endsWith('.js'));

  /** Those of other builds; the first version of OpenHHU kept its files in a cache of Workbox. */
  async function otherBuilds(): Promise<readonly string[]> {
    const isOwn = (cache: string) =>
      cache.startsWith(prefix) || (cache.startsWith('workbox-') && cache.endsWith(scope));
    return (await caches.keys()).filter((cache) => cache !== name && isOwn(cache));
  }

  async function findIn(builds: readonly string[], url: string): Promise<Response | undefined> {
    for (const build of builds) {
      const found = await (await caches.open(build)).match(url);
      if (found) return found;
    }
    return undefined;
  }

  const stored = async (url: string) => (await findIn([name], url)) ?? (await findIn(await otherBuilds(), url));

  /**
   * Checked: a host that answers with its start page, a network that asks to sign in first, or an edge that keeps a wrong
   * answer, must not get into the cache.
   */
  async function fetchedPast(how: RequestInit, url: string, { integrity }: BuildFile): Promise<Response> {
    const response = await host.fetch(new Request(url, { ...how, ...(integrity ? { integrity } : {}) }));
    const isHtml = response.headers.get('Content-Type')?.startsWith('text/html') ?? false;
    if (!response.ok) throw new Error(`the host answered ${String(response.status)}`);
    if (isHtml !== url.endsWith('.html') || (url === home && !(await isOurPage(response.clone()))))
      throw new Error('the host sent something else under its name');
    return confined(response);
  }

  /**
   * Hosts may change a page on its way, and it names the script that starts it all the same. Other files of a build may
   * be those of the next one, too.
   */
  async function isOurPage(response: Response): Promise<boolean> {
    const text = await response.text();
    const started = Array.from(text.matchAll(/<script\b[^>]*\bsrc=["']?([^"'\s>]+)/g), ([, src = '']) => src);
    const isOurs = (src: string) => scripts.some(({ url }) => src.endsWith(url));
    return scripts.length === 0 || (started.length > 0 && started.every(isOurs));
  }

  /** A wrong answer that a cache on the way takes for unchanged is got past by asking for all of it. */
  const fetched = (url: string, file: BuildFile): Promise<Response> =>
    fetchedPast({ cache: 'no-cache' }, url, file).catch(() => fetchedPast({ cache: 'reload' }, url, file));

  async function fill(cache: Cache, url: string, file: BuildFile, older: readonly string[]): Promise<void> {
    if (await cache.match(url)) return;
    const found = file.revision === null ? await findIn(older, url) : undefined;
    if (found) return await cache.put(url, confined(found));
    await cache.put(url, await fetched(url, file));
  }

  /** Stores every file that is not stored; resolves with those that failed and why. */
  async function fillAll(): Promise<ReadonlyMap<string, unknown>> {
    const cache = await caches.open(name);
    // Files of Workbox were never checked.
    const older = (await otherBuilds()).filter((build) => build.startsWith(prefix));
    const failed = new Map<string, unknown>();
    const queue = [...byUrl];
    const work = async () => {
      for (let next = queue.pop(); next; next = queue.pop()) {
        const [url, file] = next;
        await fill(cache, url, file, older).catch((error: unknown) => failed.set(file.url, error));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    return failed;
  }

  function confined(response: Response): Response {
    const headers = new Headers(response.headers);
    headers.set('Content-Security-Policy', host.policy);
    const { status, statusText } = response;
    // Made anew also because a navigation takes no answer that was redirected.
    return new Response(response.body, { status, statusText, headers });
  }

  /** The network's answer; a file of this build that the cache has lost is put back on the way. */
  async function fromNetwork(request: Request, url: string): Promise<Response> {
    const file = byUrl.get(url);
    if (!file) {
      const response = await host.fetch(request);
      return response.status === 200 ? confined(response) : response;
    }
    const response = await fetched(url, file);
    await caches
      .open(name)
      .then((cache) => cache.put(url, response.clone()))
      .catch((error: unknown) => console.warn('service worker', error));
    return response;
  }

  async function answer(request: Request, url = request.url): Promise<Response> {
    // Cache Storage fails on a damaged profile; the network may be there all the same.
    const found = await stored(url).catch((error: unknown) => console.warn('service worker', error));
    const response = found ?? (await fromNetwork(request, url).catch(() => host.fetch(request)));
    return request.method === 'HEAD' ? new Response(null, response) : response;
  }

  return {
    async install() {
      const failed = await fillAll();
      for (const [file, error] of failed) {
        if (!OPTIONAL.test(file)) throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    isOurs: ({ href }) => byUrl.has(href) || href.startsWith(assets),
    answer: (request) => answer(request),
    page: (request) => answer(request, home),
    async renewPage() {
      const file = byUrl.get(home);
      if (!file) return;
      const signal = AbortSignal.timeout(RENEW_LIMIT_MS);
      const response = await fetchedPast({ cache: 'reload', signal }, home, file);
      await (await caches.open(name)).put(home, response);
    },
    repair: async () => [...(await fillAll()).keys()],
    hasOldBuilds: async () => (await otherBuilds()).length > 0,
    async dropOldBuilds(scriptsInUse) {
      const current = await caches.open(name);
      const old: string[] = [];
      for (const script of scriptsInUse) if (!(await current.match(script))) old.push(script);
      for (const build of await otherBuilds()) {
        const used = await Promise.all(old.map((script) => findIn([build], script)));
        if (used.every((found) => found === undefined)) await caches.delete(build);
      }
    },
  };
}

/** FNV-1a: tells builds apart, and needs no waiting. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
