import { spawn } from 'node:child_process';
import { mkdirSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runGuarded } from '../../tools/guarded.js';
import { makeRunFolder } from '../../tools/run-folder.js';

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Starts a guarded child and a grandchild that both last for ever, and tells their numbers. */
const parent = `
  import { spawnGuarded } from './tests/tools/guarded.js';
  const grandchild = 'setInterval(() => {}, 1000); console.log(process.pid);';
  const child = "const { spawn } = require('node:child_process');" +
    "spawn(process.execPath, ['-e', " + JSON.stringify(grandchild) + "], { stdio: 'inherit' });" + grandchild;
  spawnGuarded([process.execPath, '-e', child]);
`;

test.skipIf(process.platform === 'win32')(
  'what was started ends with its parent, though that one is killed (not on Windows)',
  async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', parent], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pids: number[] = [];
    for await (const text of child.stdout.setEncoding('utf8')) {
      pids.push(...String(text).trim().split('\n').map(Number));
      if (pids.length === 2) break;
    }
    expect(pids.map(isRunning)).toEqual([true, true]);
    child.kill('SIGKILL');
    await expect.poll(() => pids.map(isRunning), { timeout: 60_000 }).toEqual([false, false]);
  },
);

test('what a command printed and how it ended is told', async () => {
  const node = (code: string) => runGuarded([process.execPath, '-e', code], { output: 'pipe' });
  expect(await node('console.log(1)')).toEqual({ ok: true, text: '1\n' });
  expect(await node('console.error(2); process.exit(3)')).toEqual({ ok: false, text: '2\n' });
  expect((await runGuarded(['no-such-program'], { output: 'pipe' })).ok).toBe(false);
});

test('a run has a folder of its own, and removes those of runs that are gone', async () => {
  const { text } = await runGuarded([process.execPath, '-e', 'console.log(process.pid)'], { output: 'pipe' });
  const left = join(tmpdir(), `openhhu-run-${text.trim()}`);
  mkdirSync(left);
  const folder = makeRunFolder();
  expect([existsSync(folder), existsSync(left)]).toEqual([true, false]);
  rmSync(folder, { recursive: true });
});
