import { createInterface } from 'node:readline';
import { spawnGuarded } from '../../tools/guarded.js';

/**
 * Starts a browser over a profile that outlives it, as users have it. It ends with this process, or by `kill`: all its
 * processes at once, with SIGKILL.
 *
 * @param {string} executable
 * @param {string} profile folder of the user's data
 * @returns {Promise<{ endpoint: string, kill: () => Promise<void> }>} `endpoint`: for `connectOverCDP`
 */
export async function startOwnBrowser(executable, profile) {
  const options = ['--headless', '--no-sandbox', '--no-first-run', '--disable-gpu', '--remote-debugging-port=0'];
  const child = spawnGuarded([executable, ...options, `--user-data-dir=${profile}`, 'about:blank'], { output: 'pipe' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const kill = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
    await gone;
  };
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('the browser has no output');
  stdout.resume();
  for await (const line of createInterface({ input: stderr })) {
    const endpoint = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (endpoint !== undefined) {
      stderr.resume();
      return { endpoint, kill };
    }
  }
  throw new Error('Chromium ended before it could be spoken to');
}
