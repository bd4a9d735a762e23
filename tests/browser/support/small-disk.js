import { execFileSync } from 'node:child_process';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Only root can mount a file system. */
export const canMount = process.getuid?.() === 0;

/**
 * @typedef {{
 *   leaveFree(mib: number): Promise<void>,
 *   holdFull(): () => Promise<void>,
 *   free(): Promise<void>,
 *   unmount(): void,
 * }} SmallDisk
 * `leaveFree` fills it up, or on, to so many MiB; `holdFull` to the last byte, and again whenever something was freed,
 * until what it gives is called; `free` takes away all that fills it.
 */

/**
 * Puts a file system of its own of so many MiB at a folder: a disk that fills up for real.
 *
 * @param {string} folder
 * @param {number} size
 * @returns {SmallDisk}
 */
export function mountSmallDisk(folder, size) {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m`, 'openhhu-test', folder]);
  /** @type {string[]} */
  const fillers = [];

  /** @param {number} mib */
  async function leaveFree(mib) {
    const { bavail, bsize } = await statfs(folder);
    const bytes = bavail * bsize - mib * 1024 * 1024;
    if (bytes <= 0) return;
    const filler = join(folder, `filler-${fillers.length}`);
    fillers.push(filler);
    await writeFile(filler, Buffer.alloc(bytes)).catch((/** @type {NodeJS.ErrnoException} */ error) => {
      // The browser wrote at the same time: full is full.
      if (error.code !== 'ENOSPC') throw error;
    });
  }

  return {
    leaveFree,
    holdFull() {
      let isHeld = true;
      const holding = (async () => {
        while (isHeld) {
          await leaveFree(0);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })();
      return async () => {
        isHeld = false;
        await holding;
      };
    },
    async free() {
      for (const filler of fillers.splice(0)) await rm(filler, { force: true });
    },
    unmount: () => void execFileSync('umount', ['--lazy', folder]),
  };
}
