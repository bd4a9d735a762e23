import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'openhhu-run-';

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * A folder of this process alone for whatever a run makes. Those of processes that are gone are removed: what was killed
 * could not do it.
 *
 * @returns {string} absolute path, short, since sockets of browsers will lie in it
 */
export function makeRunFolder() {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : undefined;
    if (pid !== undefined && !isRunning(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  const folder = join(tmpdir(), `${prefix}${process.pid}`);
  rmSync(folder, { recursive: true, force: true }); // of an earlier process with the same number
  mkdirSync(folder);
  return folder;
}
