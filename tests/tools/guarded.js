import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup.js';

/**
 * Starts a command that ends with this process, with all that it started in turn, even where this process is killed.
 *
 * @param {string[]} command
 * @param {{ env?: Record<string, string>, output?: 'inherit' | 'pipe' }} [options]
 */
export function spawnGuarded(command, { env = {}, output = 'inherit' } = {}) {
  return spawn(process.execPath, [join(root, 'tests/tools/guard.js'), ...command], {
    cwd: root,
    detached: process.platform !== 'win32', // a process group of its own
    stdio: ['pipe', output, output],
    env: { ...process.env, ...env },
  });
}

/**
 * Runs a command to its end. With `output: 'pipe'` what it printed is in `text`, else it is passed through.
 *
 * @param {string[]} command
 * @param {Parameters<typeof spawnGuarded>[1]} [options]
 * @returns {Promise<{ ok: boolean, text: string }>}
 */
export function runGuarded(command, options) {
  return new Promise((resolve) => {
    const child = spawnGuarded(command, options);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ part) => (text += part));
    }
    child.once('error', (error) => resolve({ ok: false, text: text + String(error) }));
    child.once('close', (code) => resolve({ ok: code === 0, text }));
  });
}
