/**
 * The M-Bus search on simulated buses at 2400 Bd: selections and wire time beside what the usual searches need.
 * `node tests/bench/mbus-search.bench.js [most meters]`. Time is virtual: the machine's load changes nothing.
 */
import { pathToFileURL } from 'node:url';
import { createServer } from 'vite';

/**
 * What a simulation of the two usual digit orders gave at 2400 Bd, answers of 120 characters, 190 ms of silence: from
 * the first digit as libmbus does, and FFFFFFFF, then from the last digit. Selections and seconds; and seconds of
 * libmbus with its own waits.
 * @type {[number, string, [number, number], [number, number], number][]}
 */
const USUAL = [
  [1, 'random', [10, 3], [1, 1], 8],
  [5, 'random', [19, 8], [20, 9], 14],
  [5, 'series', [59, 21], [20, 9], 45],
  [5, 'consecutive', [82, 28], [11, 6], 62],
  [20, 'random', [88, 37], [91, 38], 67],
  [20, 'series', [128, 50], [91, 38], 97],
  [20, 'consecutive', [99, 41], [111, 45], 75],
  [60, 'random', [250, 108], [249, 108], 189],
  [60, 'series', [287, 120], [247, 108], 217],
  [60, 'consecutive', [143, 74], [111, 64], 108],
  [120, 'random', [515, 221], [518, 222], 389],
  [120, 'series', [551, 233], [513, 221], 417],
  [120, 'consecutive', [210, 124], [311, 157], 158],
  [250, 'random', [1122, 477], [1113, 474], 848],
  [250, 'series', [1122, 477], [1084, 465], 848],
  [250, 'consecutive', [353, 233], [1111, 474], 267],
];
/**
 * Wire time of the same buses, seconds, before a search looked for noise and for hexadecimal numbers (3a28d38): what that
 * costs. A few meters give too few characters to trust a line by (`probeForNoise`), so small buses pay most.
 */
const BEFORE = new Map([
  ['5 random', 7.9],
  ['5 series', 7.9],
  ['5 consecutive', 5.6],
  ['20 random', 29.6],
  ['20 series', 30.8],
  ['20 consecutive', 23.9],
]);
const ROUNDS = new Map([
  [1, 20],
  [5, 60],
  [20, 20],
  [60, 6],
  [120, 3],
  [250, 1],
]);

/** @param {number} most meters on the largest bus */
export async function benchMbusSearch(most = 250) {
  const server = await createServer({
    configFile: false,
    logLevel: 'silent',
    appType: 'custom',
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    /** @param {string} path */
    const load = (path) => server.ssrLoadModule(path);
    const { searchOnBus, scanOnBus, numbers } = /** @type {typeof import('../unit/protocols/mbus/bus-search.ts')} */ (
      await load('/tests/unit/protocols/mbus/bus-search.ts')
    );
    /** @type {Record<string, Record<string, string>>} */
    const table = {};
    for (const [count, kind, tree, last, libmbus] of USUAL) {
      if (count > most) continue;
      const rounds = ROUNDS.get(count) ?? 1;
      const selects = [];
      let seconds = 0;
      for (let round = 0; round < rounds; round++) {
        const wanted = numbers(kind, count, round);
        const end = await searchOnBus(wanted);
        const found = new Set(end.meters.map(({ secondaryAddress }) => secondaryAddress));
        if (found.size !== count || end.meters.length !== count) throw new Error(`${found.size} of ${count} found`);
        selects.push(end.questions);
        seconds += end.durationMs / 1000 / rounds;
      }
      const mean = selects.reduce((a, b) => a + b, 0) / rounds;
      table[`${count} ${kind}`] = {
        selections: `${mean.toFixed(1)} (${Math.min(...selects)}–${Math.max(...selects)})`,
        'wire time, s': seconds.toFixed(1),
        'of before': (seconds / (BEFORE.get(`${count} ${kind}`) ?? NaN)).toFixed(2).replace('NaN', ''),
        'first digit first': `${tree[0]} / ${tree[1]} s`,
        'last digit first': `${last[0]} / ${last[1]} s`,
        better: mean < Math.min(tree[0], last[0]) + 0.5 && seconds < Math.min(tree[1], last[1]) + 0.5 ? 'yes' : 'no',
        libmbus: `${libmbus} s`,
      };
    }
    console.table(table);
    const scan = await scanOnBus([0, 7, 250]);
    const seconds = scan.durationMs / 1000;
    console.log(
      `primary scan, 251 addresses, ${scan.meters.length} meters: ${seconds.toFixed(1)} s (goal 55, libmbus 81)`,
    );
    const empty = await scanOnBus([]);
    console.log(`primary scan of an empty bus: ${(empty.durationMs / 1000).toFixed(1)} s`);
    const twins = await searchOnBus(['40404040', '40404040']);
    console.log(
      `two equal numbers of different manufacturers: ${twins.meters.length} found, ${twins.questions} selections, ` +
        `${(twins.durationMs / 1000).toFixed(1)} s (libmbus: none)`,
    );
    return table;
  } finally {
    await server.close();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await benchMbusSearch(process.argv[2] === undefined ? undefined : Number(process.argv[2]));
