import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import rules from '../../tools/dependency-rules.cjs';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openhhu-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** The rules that a tree of the given files breaks, as "rule: from → to". */
async function broken(files: Record<string, string>): Promise<string[]> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const ruleSet = { forbidden: rules.forbidden ?? [] };
  const { output } = await cruise(['src'], { baseDir: folder, validate: true, ruleSet, tsPreCompilationDeps: true });
  const { violations } = (output as ICruiseResult).summary;
  return violations
    .filter(({ to }) => !to.startsWith('svelte/')) // no packages are installed in that tree
    .map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)
    .sort();
}

const session = { 'src/engine/session.ts': 'export const s = 1; export type S = number;' };
const decode = { 'src/protocols/mbus/decode.ts': 'export const d = 1;' };
const words = { 'src/protocols/names.ts': 'export const d = 1;' };

test('what the table allows passes', async () => {
  const files = {
    ...session,
    ...words,
    'src/views/A.svelte': `<script lang="ts">
      import { d } from '../protocols/names.ts';
      import type { S } from '../engine/session.ts';
      let s: S = d;
    </script>{s}`,
    'src/views/b.ts': `import type { S } from '../engine/session.ts'; export const b: S = 1;`,
  };
  expect(await broken(files)).toEqual([]);
});

test('whoever reaches into the folder of a protocol is caught, and decodes nothing', async () => {
  const files = {
    ...decode,
    'src/archive/a.ts': `import { d } from '../protocols/mbus/decode.ts'; export const a = d;`,
    'src/engine/e.ts': `export const e = () => import('../protocols/mbus/decode.ts');`,
    'src/views/D.svelte': `<script lang="ts">import { d } from '../protocols/mbus/decode.ts';</script>{d}`,
  };
  expect(await broken(files)).toEqual([
    'archive/: src/archive/a.ts → src/protocols/mbus/decode.ts',
    'engine/: src/engine/e.ts → src/protocols/mbus/decode.ts',
    'only the archive decodes: src/engine/e.ts → src/protocols/mbus/decode.ts',
    'only the archive decodes: src/views/D.svelte → src/protocols/mbus/decode.ts',
    'views/ (types only): src/views/D.svelte → src/protocols/mbus/decode.ts',
  ]);
});

test('a view that reaches into the engine is caught, in .ts and in .svelte', async () => {
  const files = {
    ...session,
    'src/views/a.svelte.ts': `import { s } from '../engine/session.ts'; export const a = s;`,
    'src/views/B.svelte': `<script lang="ts">import { s } from '../engine/session.ts';</script>{s}`,
    'src/views/C.svelte': `{#await import('../engine/session.ts') then { s }}{s}{/await}`,
  };
  const room = 'views/ (types only)';
  expect(await broken(files)).toEqual([
    `${room}: src/views/B.svelte → src/engine/session.ts`,
    `${room}: src/views/C.svelte → src/engine/session.ts`,
    `${room}: src/views/a.svelte.ts → src/engine/session.ts`,
  ]);
});

test('protocols do not know each other, nor a line at run time', async () => {
  const files = {
    ...decode,
    'src/line/line.ts': 'export const line = 1; export type Line = number;',
    'src/protocols/dlms/good.ts': `import type { Line } from '../../line/line.ts'; export const g: Line = 1;`,
    'src/protocols/dlms/bad.ts': `import { line } from '../../line/line.ts';
      import { d } from '../mbus/decode.ts'; export const b = line + d;`,
  };
  expect(await broken(files)).toEqual([
    'protocols/<name>/ (types only): src/protocols/dlms/bad.ts → src/line/line.ts',
    'protocols/<name>/: src/protocols/dlms/bad.ts → src/protocols/mbus/decode.ts',
  ]);
});

test('cycles, of types too, Node and rooms that are not in the table are caught', async () => {
  const files = {
    'src/line/a.ts': `import { b } from './b.ts'; export const a: number = b;`,
    'src/line/b.ts': `import { a } from './a.ts'; export const b: number = a;`,
    'src/log/c.ts': `import type { D } from './d.ts'; export type C = D | 1;`,
    'src/log/d.ts': `import type { C } from './c.ts'; export type D = C | 2;`,
    'src/log/file.ts': `import 'node:fs';`,
    'src/attic/x.ts': `import '../line/a.ts';`,
  };
  const violations = await broken(files);
  const names = violations.map((violation) => violation.split(':')[0]);
  expect(violations).toContain('cycle: src/log/c.ts → src/log/d.ts');
  expect(new Set(names)).toEqual(new Set(['cycle', 'src knows no Node', 'no such room']));
});
