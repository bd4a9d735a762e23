import { readFile, readdir } from 'node:fs/promises';

/**
 * Bytes that the processes of a browser hold now, by kind of process ("browser", "renderer", …); memory that several
 * share counts once in all. Undefined where the system does not tell (Linux does).
 *
 * @param {string} profile folder of the user's data the browser was started with
 * @returns {Promise<Map<string, number> | undefined>}
 */
export async function browserMemory(profile) {
  const numbers = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(numbers.map(processOf));
  const processes = all.filter((one) => one !== undefined);
  const ours = new Set(
    processes.filter(({ command }) => command.includes(`--user-data-dir=${profile}`)).map(({ pid }) => pid),
  );
  if (ours.size === 0) return undefined;
  for (let before = 0; before < ours.size;) {
    before = ours.size;
    for (const { pid, parent } of processes) if (ours.has(parent)) ours.add(pid);
  }
  /** @type {Map<string, number>} */
  const memory = new Map();
  for (const { pid, command } of processes) {
    if (!ours.has(pid)) continue;
    const kind = /--type=([\w-]+)/.exec(command)?.[1] ?? 'browser';
    memory.set(kind, (memory.get(kind) ?? 0) + (await proportionalBytes(pid)));
  }
  return memory;
}

/** @param {string} pid */
async function processOf(pid) {
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`),
    ]);
    // The name in parentheses may hold anything; the state and the parent follow it.
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '';
    return { pid, parent, command: command.toString('latin1').replaceAll('\0', ' ') };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

/** @param {string} pid */
async function proportionalBytes(pid) {
  try {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    return 1024 * Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  } catch {
    return 0; // it has ended meanwhile
  }
}

/**
 * Runs `work` and tells how far the memory of the browser rose above what it held before, in bytes, by kind of process
 * and in all ("all"); undefined where the system does not tell.
 *
 * @template Result
 * @param {string} profile
 * @param {() => Promise<Result>} work
 * @returns {Promise<{ result: Result, rise: Record<string, number> | undefined }>}
 */
export async function withMemoryRise(profile, work) {
  const before = await browserMemory(profile);
  if (before === undefined) return { result: await work(), rise: undefined };
  const sum = (/** @type {Map<string, number>} */ memory) => [...memory.values()].reduce((a, b) => a + b, 0);
  /** @type {Record<string, number>} */
  const rise = { all: 0 };
  let running = true;
  const sampling = (async () => {
    while (running) {
      const now = (await browserMemory(profile)) ?? before;
      for (const [kind, bytes] of now) rise[kind] = Math.max(rise[kind] ?? 0, bytes - (before.get(kind) ?? 0));
      rise['all'] = Math.max(rise['all'] ?? 0, sum(now) - sum(before));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  try {
    return { result: await work(), rise };
  } finally {
    running = false;
    await sampling;
  }
}
