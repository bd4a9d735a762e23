import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runGuarded } from './guarded.js';
import { installPackages, requireNode, root, tool } from './setup.js';

// npm run quick [path…]: what changed since the last commit, or what lies under the given paths, is type-checked, linted
// and tested by its own tests: those of the same folder in tests/unit, and the vectors named after its protocol.

requireNode();
installPackages();

/** @param {string[]} args */
const git = (args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);

const asked = process.argv.slice(2);
const files =
  asked.length > 0
    ? git(['ls-files', '--cached', '--others', '--exclude-standard', ...asked])
    : git(['ls-files', '--modified', '--others', '--exclude-standard']);
const changed = [...new Set(files)].filter((file) => existsSync(join(root, file)));
if (changed.length === 0) {
  console.log('Nothing has changed since the last commit; name a folder to check it as it is.');
  process.exit();
}

/** The tests of one file: itself, those beside its mirror image in tests/unit, and its protocol's vectors. @param {string} file */
function testsOf(file) {
  if (/^tests\/(unit|vectors)\/.*\.test\.ts$/.test(file)) return [file];
  const [, folder = ''] = /^(?:src|tests\/unit)\/(.+)\/[^/]+$/.exec(file) ?? [];
  if (folder === '') return [];
  const [, protocol] = /^protocols\/([^/]+)/.exec(folder) ?? [];
  const unit = protocol === undefined ? folder : `protocols/${protocol}`;
  const vectors = readdirSync(join(root, 'tests/vectors')).filter(
    (name) => protocol !== undefined && name.endsWith('.test.ts') && name.startsWith(protocol),
  );
  return [
    ...(existsSync(join(root, 'tests/unit', unit)) ? [`tests/unit/${unit}/`] : []),
    ...vectors.map((name) => `tests/vectors/${name}`),
  ];
}

const tests = [...new Set(changed.flatMap(testsOf))];
const linted = changed.filter((file) => /\.(ts|js|cjs|svelte)$/.test(file));
const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });

/** @type {{ name: string, command: string[] }[]} */
const steps = [
  {
    name: 'Types',
    command: [
      ...tool('typescript', 'tsc'),
      '--noEmit',
      '--incremental',
      '--tsBuildInfoFile',
      join(cache, 'types.tsbuildinfo'),
    ],
  },
  ...(linted.length > 0 ? [{ name: 'ESLint', command: [...tool('eslint'), '--max-warnings', '0', ...linted] }] : []),
  {
    name: 'Formatting',
    command: [...tool('prettier'), '--check', '--log-level', 'warn', '--ignore-unknown', ...changed],
  },
  ...(changed.some((file) => file.endsWith('.svelte'))
    ? [
        {
          name: 'Components',
          command: [...tool('svelte-check'), '--tsconfig', './tsconfig.json', '--fail-on-warnings'],
        },
      ]
    : []),
  ...(tests.length > 0 ? [{ name: 'Tests', command: [...tool('vitest'), 'run', ...tests] }] : []),
];

console.log(
  `${changed.length} files of ${new Set(changed.map(dirname)).size} folders; tests: ${tests.join(' ') || 'none'}`,
);
const began = performance.now();
const results = await Promise.all(
  steps.map(async ({ name, command }) => {
    const { ok, text } = await runGuarded(command, { output: 'pipe' });
    console.log(`== ${name}: ${ok ? 'ok' : 'FAILED'}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
    if (!ok || name === 'Tests') console.log(text.trimEnd());
    return ok;
  }),
);
process.exitCode = results.every(Boolean) ? 0 : 1;
