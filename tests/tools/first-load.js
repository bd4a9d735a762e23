import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

/** The most JavaScript, compressed, that the first page may load before it shows itself. */
export const budget = 90 * 1024;

/**
 * What index.html makes the browser load at once, in bytes after brotli at its best.
 *
 * @param {string} dist absolute path of the build
 */
export function measureFirstLoad(dist) {
  /** @param {string[]} files */
  const size = (files) =>
    files.reduce((sum, file) => sum + brotliCompressSync(readFileSync(join(dist, file))).length, 0);
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const tags = html.match(/<(?:script|link)\b[^>]*>/g) ?? [];
  const loaded = tags.flatMap((tag) => {
    const file = /\b(?:src|href)="\.\/([^"]+)"/.exec(tag)?.[1];
    return file !== undefined && /<script|"modulepreload"|"stylesheet"/.test(tag) ? [file] : [];
  });
  const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  return {
    js: size(loaded.filter((file) => file.endsWith('.js'))),
    css: size(loaded.filter((file) => file.endsWith('.css'))),
    allJs: size(scripts),
  };
}
