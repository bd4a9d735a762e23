/** Decoding a 2 kB readout of an IEC 62056-21 meter, in Node and in Chromium: `node tests/bench/decode.bench.js`. */
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { readoutText } from '../browser/serial/harness.js';
import { findChromium } from '../tools/chromium.js';

const SIZE = 2000;

/** One module, as a production build makes it, at an address that Node and a page import alike. */
async function bundle() {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'chrome120', lib: { entry: 'tests/bench/decode-rates.ts', formats: ['es'] } },
  });
  const code = [built]
    .flat()
    .flatMap((one) => ('output' in one ? one.output : []))
    .find(({ type }) => type === 'chunk');
  if (code?.type !== 'chunk') throw new Error('the decoder could not be bundled');
  return `data:text/javascript;base64,${Buffer.from(code.code).toString('base64')}`;
}

const data = readoutText(SIZE);
const module = await bundle();
/** @type {Record<string, import('./decode-rates.ts').DecodeRates>} */
const measured = {};

/** @type {typeof import('./decode-rates.ts')} */
const { measureDecode } = await import(module);
measured['Node'] = measureDecode(data);

const executablePath = await findChromium();
if (executablePath) {
  const browser = await chromium.launch({ executablePath });
  const page = await browser.newPage();
  measured['Chromium'] = await page.evaluate(async ([address, text]) => {
    /** @type {typeof import('./decode-rates.ts')} */
    const decoder = await import(address);
    return decoder.measureDecode(text);
  }, /** @type {const} */ ([module, data]));
  await browser.close();
} else {
  console.log('Not measured in Chromium: none was found; set CHROME_PATH to one.');
}

/** @type {Record<string, object>} */
const table = {};
for (const [where, { received, decoded, cut, readings }] of Object.entries(measured)) {
  const row = (/** @type {number} */ rate) => ({
    'readouts/s': Math.round(rate),
    'MB/s': ((rate * data.length) / 1e6).toFixed(1),
    'times the cut': (cut / rate).toFixed(1),
  });
  table[`${where}: receive, check the BCC`] = row(received);
  table[`${where}: decode to ${readings} readings`] = row(decoded);
  table[`${where}: cut by a regular expression`] = row(cut);
}
console.log(
  `A readout of ${data.length} characters. "times the cut": how many times as long as only cutting the text.`,
);
console.table(table);
