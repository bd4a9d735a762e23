/**
 * Full decode of the libmbus corpus, readings included, in frames per second: `node tests/bench/mbus.bench.js`.
 * The decoder is bundled as a production build would, because a module runner's import wrappers cost more than it does.
 */
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

const CORPUS = '../shared/vectors/libmbus-frames.json';
const ROUND_MS = 1000;
const ROUNDS = 5;

/** @returns {Promise<typeof import('../../src/protocols/mbus/decode.ts')>} */
async function decoder() {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      lib: { entry: 'src/protocols/mbus/decode.ts', formats: ['es'] },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  const code = outputs
    .flatMap((one) => ('output' in one ? one.output : []))
    .find((file) => file.type === 'chunk')?.code;
  if (code === undefined) throw new Error('the decoder could not be bundled');
  return import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
}

/** Prints and returns the best of some rounds; undefined where the corpus is absent. */
export async function benchMbusDecode() {
  if (!existsSync(CORPUS)) {
    console.log(`M-Bus decode: skipped, ${CORPUS} is absent`);
    return undefined;
  }
  const { decodeMbus } = await decoder();
  /** @type {{ folder: string, hex: string }[]} */
  const rows = JSON.parse(readFileSync(CORPUS, 'utf8'));
  const frames = rows
    .filter(({ folder, hex }) => folder === 'test-frames' && hex.length % 2 === 0)
    .map(({ hex }) => ({ identification: '', data: hex }));
  const readings = frames.reduce((sum, frame) => sum + decodeMbus(frame).length, 0);
  const rates = Array.from({ length: ROUNDS }, () => {
    const begin = performance.now();
    let decoded = 0;
    let elapsed = 0;
    while (elapsed < ROUND_MS) {
      for (const frame of frames) decodeMbus(frame);
      decoded += frames.length;
      elapsed = performance.now() - begin;
    }
    return (1000 * decoded) / elapsed;
  });
  const best = Math.round(Math.max(...rates));
  const each = (readings / frames.length).toFixed(1);
  console.log(
    `M-Bus decode: ${best} frames/s (${frames.length} frames, ${each} readings each; goal 200000, libmbus 134000, tmbus 15500)`,
  );
  return best;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await benchMbusDecode();
