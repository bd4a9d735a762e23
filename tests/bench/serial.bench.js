/**
 * Reading a 2 kB readout in mode C, 300 to 9600 Bd, in real Chromium over a pty with a meter at true pace: what a read
 * takes above the least that the standard allows. `node tests/bench/serial.bench.js [reads]`, by default 10 of each.
 */
import { available, leastLegalTime, readoutText, serialRig } from '../browser/serial/harness.js';
import { serveReadPage } from '../browser/serial/read-page.js';

const SIZE = 2000;
const METERS = [
  { identification: '/OHU5TEST', reactionMs: 200 },
  { identification: '/OHu5FAST', reactionMs: 20 },
];

const state = await available();
if (state.ok) await benchSerial(Number(process.argv[2] ?? 10));
else console.log(state.reason);

/** @param {number} reads  of each meter, taking turns */
async function benchSerial(reads) {
  const served = await serveReadPage();
  const rig = await serialRig(served);
  try {
    await rig.page.goto(served.origin);
    await rig.page.waitForFunction(() => 'readMeter' in window);
    const results = METERS.map((meter) => ({ ...meter, reads: /** @type {Read[]} */ ([]) }));
    for (let round = 0; round < reads; round++) {
      for (const { reads: done, ...meter } of results) done.push(await readOnce(rig, meter));
    }
    console.log(`${SIZE} characters, mode C, 300 to 9600 Bd, ${reads} reads each; times in ms.`);
    console.table(
      Object.fromEntries(results.map(({ reactionMs, reads: done }) => [`${reactionMs} ms reaction`, row(done)])),
    );
  } finally {
    await rig.close();
    await served.close();
  }
}

/** @typedef {{ leastMs: number, tookMs: number, lost: number, whole: boolean }} Read */

/**
 * @param {import('../browser/serial/harness.js').SerialRig} rig
 * @param {{ identification: string, reactionMs: number }} meter
 * @returns {Promise<Read>}
 */
async function readOnce(rig, { identification, reactionMs }) {
  const data = readoutText(SIZE);
  const meter = await rig.meter({ mode: 'C', identification, data });
  const { readout, tookMs } = await rig.page.evaluate(() => window.readMeter({}));
  const { lost = 0, garbled = 0 } = await meter.event('data');
  const events = meter.events();
  const repeat = events.findIndex(({ event }) => event === 'repeat');
  // What a repeat takes is above the least: it would not have been needed.
  const needed = repeat < 0 ? events : events.slice(0, repeat);
  return {
    tookMs,
    leastMs: leastLegalTime(needed, { reactionMs, hostReactionMs: reactionMs }),
    lost: lost + garbled,
    whole: readout.errorCode === 0 && readout.data === data.slice(0, data.indexOf('!')),
  };
}

/** @param {Read[]} reads */
function row(reads) {
  const above = reads.map(({ tookMs, leastMs }) => tookMs - leastMs).sort((a, b) => a - b);
  const median = (/** @type {number[]} */ sorted) => sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const ratio = reads.map(({ tookMs, leastMs }) => tookMs / leastMs).sort((a, b) => a - b);
  return {
    'least legal': median(reads.map(({ leastMs }) => leastMs)).toFixed(0),
    'above it: min': Math.min(...above).toFixed(1),
    median: median(above).toFixed(1),
    max: Math.max(...above).toFixed(1),
    'took / least': median(ratio).toFixed(4),
    'bytes lost': reads.reduce((sum, { lost }) => sum + lost, 0),
    'whole readouts': `${reads.filter(({ whole }) => whole).length} of ${reads.length}`,
  };
}
