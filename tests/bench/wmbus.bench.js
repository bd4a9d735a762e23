/**
 * Full decode of radio telegrams, readings included, in telegrams per second: `node tests/bench/wmbus.bench.js`. Plain ones,
 * and enciphered ones with their keys. The decoder is bundled as a production build would.
 */
import { existsSync, readFileSync } from 'node:fs';
import { build } from 'vite';

const CORPUS = '../shared/vectors/wmbusmeters-telegrams.json';
const ROUND_MS = 1000;
const ROUNDS = 5;

/** @returns {Promise<typeof import('../../src/protocols/wmbus/decode.ts')>} */
async function decoder() {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      lib: { entry: 'src/protocols/wmbus/decode.ts', formats: ['es'] },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  const code = outputs
    .flatMap((one) => ('output' in one ? one.output : []))
    .find((file) => file.type === 'chunk')?.code;
  if (code === undefined) throw new Error('the decoder could not be bundled');
  return import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
}

/**
 * The best of some rounds.
 * @param {number} count
 * @param {() => void} work all of them once
 */
function rate(count, work) {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    let [done, elapsed] = [0, 0];
    while (elapsed < ROUND_MS) {
      work();
      done += count;
      elapsed = performance.now() - begin;
    }
    best = Math.max(best, (1000 * done) / elapsed);
  }
  return Math.round(best);
}

if (!existsSync(CORPUS)) console.log(`wM-Bus decode: skipped, ${CORPUS} is absent`);
else {
  const { decodeRadio } = await decoder();
  /** @type {{ bus: string, hex: string, key?: string, security_mode?: number }[]} */
  const rows = JSON.parse(readFileSync(CORPUS, 'utf8'));
  // Records keep a telegram from its C field on.
  const stored = (/** @type {string} */ hex) => ({ identification: '', data: hex.slice(2) });
  const radio = rows.filter(
    ({ bus, hex }) => bus === 'wireless' && hex.length / 2 === parseInt(hex.slice(0, 2), 16) + 1,
  );
  const plain = radio.filter(({ key }) => key === undefined).map(({ hex }) => stored(hex));
  const closed = radio
    .filter(({ key, security_mode }) => key !== undefined && security_mode === 5)
    .map(({ hex, key = '' }) => ({
      telegram: stored(hex),
      help: { keys: [Uint8Array.from(Buffer.from(key, 'hex'))] },
    }));
  const each = (plain.reduce((sum, one) => sum + decodeRadio(one).length, 0) / plain.length).toFixed(1);
  const open = rate(plain.length, () => {
    for (const one of plain) decodeRadio(one);
  });
  const opened = rate(closed.length, () => {
    for (const { telegram, help } of closed) decodeRadio(telegram, help);
  });
  console.log(`wM-Bus decode: ${open} plain telegrams/s (${plain.length}, ${each} readings each; goal 150000)`);
  console.log(`wM-Bus decode: ${opened} enciphered telegrams/s (${closed.length}, mode 5; goal 60000)`);
}
