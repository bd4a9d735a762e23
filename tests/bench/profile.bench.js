/**
 * A load profile of thirty days, a quarter of an hour each, against simulated meters at 9600 Bd in virtual time: how much
 * longer it takes than the characters themselves. By GET with blocks, and by P.01 in programming mode.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

/** @returns {Promise<typeof import('./profile-times.ts')>} */
async function times() {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      lib: { entry: 'tests/bench/profile-times.ts', formats: ['es'] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  const chunks = outputs.flatMap((one) => ('output' in one ? one.output : [])).filter((file) => file.type === 'chunk');
  if (chunks.length !== 1) throw new Error(`the readers were bundled to ${chunks.length} files`);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const file = join(folder, 'profile-times.mjs');
    writeFileSync(file, chunks[0]?.code ?? '');
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Prints how both went. */
export async function benchProfiles() {
  const { iecProfileTime, dlmsProfileTime } = await times();
  for (const [name, run] of /** @type {const} */ ([
    ['P.01, R5', iecProfileTime],
    ['DLMS, GET with blocks', dlmsProfileTime],
  ])) {
    const { tookMs, wireMs, reactionMs, characters, requests, errorCode, rows } = await run();
    const more = (100 * (tookMs / wireMs - 1)).toFixed(1);
    const meters = ((100 * reactionMs) / wireMs).toFixed(1);
    console.log(
      `${name}: ${rows} rows, ${characters} characters, ${requests} requests in ${(tookMs / 1000).toFixed(1)} s, ${more} % above the wire's ${(wireMs / 1000).toFixed(1)} s (aim 3), of which ${meters} % are the meter's own reactions${errorCode === 0 ? '' : `, error ${errorCode}`}`,
    );
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await benchProfiles();
