import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';

/** @type {Record<string, string>} */
const mimeTypes = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
};

/**
 * Reads a host's `_headers` file as far as ours uses it: a path, `*` at its end standing for anything, then indented
 * `Name: value` lines; a later path's line wins, `! Name` takes one back.
 *
 * @param {string} text
 * @returns {(path: string) => Record<string, string>} the headers of a path
 */
export function parseHeaders(text) {
  /** @type {{ path: string, lines: [name: string, value: string | undefined][] }[]} */
  const rules = [];
  for (const line of text.split('\n')) {
    const header = /^\s+(?:! *(?<gone>[\w-]+)|(?<name>[\w-]+): *(?<value>.+?))\s*$/.exec(line)?.groups;
    if (header) rules.at(-1)?.lines.push([header['name'] ?? header['gone'] ?? '', header['value']]);
    else if (line.startsWith('/')) rules.push({ path: line.trim(), lines: [] });
  }
  return (path) => {
    /** @type {Record<string, string>} */
    const headers = {};
    for (const rule of rules) {
      const applies = rule.path.endsWith('*') ? path.startsWith(rule.path.slice(0, -1)) : path === rule.path;
      if (!applies) continue;
      for (const [name, value] of rule.lines) {
        if (value === undefined) Reflect.deleteProperty(headers, name);
        else headers[name] = value;
      }
    }
    return headers;
  };
}

/**
 * The path of a file inside the root, `undefined` for what would lead out of it or is no path at all.
 *
 * @param {string} root
 * @param {string} path as in the request, percent-encoded, from `/`
 */
function fileOf(root, path) {
  try {
    const file = join(root, decodeURIComponent(path.endsWith('/') ? `${path}index.html` : path));
    return file.startsWith(root + sep) && !file.includes('\0') ? file : undefined;
  } catch {
    return undefined; // not percent-encoded properly
  }
}

/** @param {unknown} error */
const codeOf = (error) => (error instanceof Error && 'code' in error ? error.code : undefined);

/**
 * @typedef {object} Sent
 * @property {string} path from the root of the folder
 * @property {string | undefined} destination what it is for, in the words of the Fetch standard; "empty": a fetch()
 * @property {number} bytes
 */

/**
 * Serves a folder of static files on this machine only, with the headers of its `_headers` file.
 *
 * @param {string} root absolute path of the folder
 * @param {{ port?: number, base?: string, onSent?: (sent: Sent) => void }} [options] `port`: 0 for any free one; `base`:
 *   the path it appears under; `onSent`: hears of every body that went out
 * @returns {Promise<{ url: string, close(): Promise<void> }>} rejects with EADDRINUSE where the port is taken
 */
export async function serve(root, { port = 0, base = '/', onSent } = {}) {
  const headersOf = parseHeaders(await readFile(join(root, '_headers'), 'utf8').catch(() => ''));

  /** @param {string} path @returns {Promise<[status: number, headers: Record<string, string>, body: Buffer | string]>} */
  async function respond(path) {
    const text = { 'Content-Type': 'text/plain; charset=utf-8' };
    if (!path.startsWith(base)) return [404, text, 'Not found'];
    const local = path.slice(base.length - 1);
    const file = fileOf(root, local);
    if (file === undefined) return [400, text, 'Bad path'];
    try {
      const body = await readFile(file);
      const type = mimeTypes[extname(file)] ?? 'application/octet-stream';
      return [200, { ...headersOf(local), 'Content-Type': type }, body];
    } catch (error) {
      const missing = ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(String(codeOf(error)));
      return missing ? [404, text, 'Not found'] : [500, text, String(error)];
    }
  }

  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const [path = '/'] = (request.url ?? '/').split(/[?#]/);
    void respond(path).then(([status, headers, body]) => {
      response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
      response.end(request.method === 'HEAD' ? undefined : body);
      if (request.method === 'HEAD' || status !== 200) return;
      const destination = request.headers['sec-fetch-dest']?.toString();
      onSent?.({ path: path.slice(base.length - 1), destination, bytes: Buffer.byteLength(body) });
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => resolve(undefined));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://localhost:${address.port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * The same on the first free port from `port` on.
 *
 * @param {string} root
 * @param {number} port
 * @returns {ReturnType<typeof serve>}
 */
export async function serveOnFreePort(root, port) {
  try {
    return await serve(root, { port });
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    return serveOnFreePort(root, port + 1);
  }
}
