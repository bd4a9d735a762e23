/**
 * Reads of ten registers at 9600 Bd in real Chromium over a pty with a device at true pace: what a read takes above its
 * characters on the wire, the device's own time and the 3.5 characters of rest before each request.
 * `node tests/bench/modbus.bench.js [reads]`, by default 100. The goal is at most 1 ms above.
 */
import { available, serialRig } from '../browser/serial/harness.js';
import { serveReadPage } from '../browser/serial/read-page.js';

const BAUD = 9600;
const BITS = 10;
const REST_MS = (3.5 * 11 * 1000) / BAUD;
const REACTION_MS = 5;
const REGISTERS = 10;

const state = await available();
if (state.ok) await benchModbus(Number(process.argv[2] ?? 100));
else console.log(state.reason);

/** @param {number} reads */
async function benchModbus(reads) {
  const served = await serveReadPage();
  const rig = await serialRig(served);
  try {
    await rig.page.goto(served.origin);
    await rig.page.waitForFunction(() => 'modbus' in window);
    const words = { '030000': Array.from({ length: REGISTERS }, (_, at) => at) };
    await rig.modbus({ units: [{ unit: 1, words, reactionMs: REACTION_MS }] });
    const { took, readout } = await rig.page.evaluate(
      ([address, times]) => window.modbus({ read: { address, settings: { turnaroundMs: 0 }, times } }),
      /** @type {const} */ ([`1@${BAUD}[${REGISTERS},03:0000:${REGISTERS}]`, reads]),
    );
    const characters = 8 + 5 + 2 * REGISTERS;
    const least = (characters * BITS * 1000) / BAUD + Math.max(REACTION_MS, REST_MS) + REST_MS;
    const above = took.map((ms) => ms - least).sort((a, b) => a - b);
    const at = (/** @type {number} */ part) =>
      (above[Math.min(above.length - 1, Math.floor(part * above.length))] ?? NaN).toFixed(2);
    console.log(
      `Modbus: ${took.length} of ${reads} reads of ${REGISTERS} registers at ${BAUD} Bd, error ${readout?.errorCode}; least ${least.toFixed(1)} ms each, above it min ${at(0)}, median ${at(0.5)}, 95 % ${at(0.95)}, max ${at(1)} ms (goal 1)`,
    );
  } finally {
    await rig.close();
    await served.close();
  }
}
