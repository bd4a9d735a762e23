import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { installPackages, requireNode, root } from './setup.js';

// npm run mutants [room or path…] [test…]: breaks the code of a room in small ways and says which breaks no test notices.
// What was tried before and has not changed since, nor its tests, is not tried again. Paths are below src, `line`,
// `engine/desk.ts`, `log/filter`; with tests named, `tests/unit/engine/desk.test.ts`, no others are run.

requireNode();
installPackages();
process.chdir(root);

/**
 * The rooms, and the folders of tests/unit whose tests matter to them. Those of the rooms above a room notice more, and
 * take longer.
 *
 * @type {Record<string, readonly string[]>}
 */
const rooms = {
  line: ['line', 'ports'],
  ports: ['ports'],
  engine: ['engine', 'at'],
  ams: ['ams'],
  log: ['log'],
  archive: ['archive', 'forward'],
  rpc: ['rpc'],
  at: ['at'],
};

const asked = process.argv.slice(2).filter((path) => !path.startsWith('tests/'));
const tests = process.argv.slice(2).filter((path) => path.startsWith('tests/'));
const concurrency = Number(process.env['MUTANTS_AT_ONCE'] ?? Math.min(2, availableParallelism()));
const cache = join(root, '.cache/mutants');
const reports = join(root, '.cache/reports');

/**
 * Tries the mutants of a room, or of some of its files, and writes `.cache/reports/mutants-<room>.html` and `.json`.
 *
 * @param {string} room
 * @param {readonly string[]} paths below src, files or folders
 */
async function tryMutants(room, paths) {
  const all = (rooms[room] ?? []).map((folder) => `tests/unit/${folder}/**/*.test.ts`);
  process.env['MUTANTS_TESTS'] = (tests.length > 0 ? tests : all).join();
  const began = performance.now();
  const mutants = await new Stryker({
    testRunner: 'vitest',
    vitest: { configFile: 'tests/tools/mutants.vitest.ts', related: false },
    plugins: ['@stryker-mutator/vitest-runner', join(root, 'tests/tools/mutants-ignored.js')],
    ignorers: ['words for people'],
    mutate: paths.map((path) => (path.endsWith('.ts') ? `src/${path}` : `src/${path}/**/*.ts`)),
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    incremental: true,
    incrementalFile: join(cache, `${room}.json`),
    tempDirName: '.cache/mutants/sandbox',
    ignorePatterns: ['dist', 'test-results', 'public/screenshots', 'tests/browser'],
    concurrency,
    // A test in virtual time that never ends does not end by itself.
    timeoutMS: 10_000,
    timeoutFactor: 3,
    dryRunTimeoutMinutes: 15,
    disableTypeChecks: false,
    checkers: [],
    reporters: ['html', 'json', 'progress-append-only'],
    htmlReporter: { fileName: join(reports, `mutants-${room}.html`) },
    jsonReporter: { fileName: join(reports, `mutants-${room}.json`) },
    allowConsoleColors: false,
  }).runMutationTest();
  /** @param {string[]} statuses */
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const detected = count('Killed', 'Timeout');
  const undetected = count('Survived', 'NoCoverage');
  return {
    room,
    files: new Set(mutants.map(({ fileName }) => fileName)).size, // those of earlier runs included
    mutants: detected + undetected,
    killed: count('Killed'),
    timeout: count('Timeout'),
    survived: count('Survived'),
    'no coverage': count('NoCoverage'),
    ignored: count('Ignored'),
    'score %': Math.round((1000 * detected) / (detected + undetected)) / 10,
    minutes: Math.round((performance.now() - began) / 6000) / 10,
  };
}

mkdirSync(cache, { recursive: true });
const named = asked.length > 0 ? asked.map((path) => path.replace(/^src\//, '')) : Object.keys(rooms);
/** @param {string} path */
const roomOf = (path) => path.split('/')[0] ?? '';
const unknown = named.find((path) => !(roomOf(path) in rooms));
if (unknown !== undefined) {
  console.error(`There is no room “${unknown}”; there are ${Object.keys(rooms).join(', ')}.`);
  process.exit(1);
}
const scores = [];
for (const room of new Set(named.map(roomOf))) {
  scores.push(
    await tryMutants(
      room,
      named.filter((path) => roomOf(path) === room),
    ),
  );
  writeFileSync(join(reports, 'mutants.json'), JSON.stringify(scores, undefined, 2));
}
console.table(scores);
