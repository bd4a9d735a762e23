/**
 * The plainest host there is, in a dedicated worker: nothing of the app, only `navigator.serial` and a list of steps.
 * It proves the rig. Posts back what each `until` step received, or the error that ended it.
 */

/**
 * `open`: at this rate, closing the port before if it is open. `write`: with even parity in bit 7; ends when the last
 * stop bit has left the wire, or at once if `hasty`. `until`: reads up to this character and `more` after it, or what came before `timeoutMs`.
 * @typedef {{ open: number, parity?: ParityType }
 *   | { write: string, hasty?: boolean }
 *   | { pause: number }
 *   | { until: string, more?: number, timeoutMs?: number }} Step
 * @typedef {{ ports: number, texts: string[], switchMs: number[], failure?: string }} Outcome
 */

/** From the call of write() to the first start bit: the way through the browser's processes. */
const handOverMs = 3;

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {string} text */
function sevenBitEven(text) {
  return Uint8Array.from(text, (character) => {
    const byte = character.charCodeAt(0);
    const ones = byte.toString(2).replaceAll('0', '').length;
    return ones % 2 ? byte | 0x80 : byte;
  });
}

/** @param {SerialPort} port @param {{ write: string, hasty?: boolean }} step @param {number} baudRate */
async function write(port, { write: text, hasty = false }, baudRate) {
  const start = performance.now();
  const writer = /** @type {WritableStream<Uint8Array>} */ (port.writable).getWriter();
  await writer.write(sevenBitEven(text));
  // port.close() would throw away what a writer that was not closed still holds.
  await writer.close();
  const wireTime = (text.length * 10_000) / baudRate;
  if (!hasty) await sleep(start + wireTime + handOverMs - performance.now());
}

/** @param {SerialPort} port @param {{ until: string, more?: number, timeoutMs?: number }} step */
async function read(port, { until, more = 0, timeoutMs = 5000 }) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (port.readable).getReader();
  const timer = setTimeout(() => void reader.cancel(), timeoutMs);
  const complete = (/** @type {string} */ text) => text.includes(until) && text.length > text.indexOf(until) + more;
  let text = '';
  try {
    while (!complete(text)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += String.fromCharCode(...value.map((byte) => byte & 0x7f));
    }
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
  return text;
}

/** @param {readonly Step[]} steps @returns {Promise<Outcome>} */
async function play(steps) {
  const ports = await navigator.serial.getPorts();
  const port = /** @type {SerialPort} */ (ports[0]);
  /** @type {Outcome} */
  const outcome = { ports: ports.length, texts: [], switchMs: [] };
  let baudRate = 0;
  try {
    for (const step of steps) {
      if ('write' in step) await write(port, step, baudRate);
      else if ('pause' in step) await sleep(step.pause);
      else if ('until' in step) outcome.texts.push(await read(port, step));
      else {
        const start = performance.now();
        if (baudRate) await port.close();
        baudRate = step.open;
        await port.open({ baudRate, bufferSize: 16_384, parity: step.parity ?? 'none' });
        outcome.switchMs.push(performance.now() - start);
      }
    }
  } catch (error) {
    outcome.failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  if (port.readable || port.writable) await port.close();
  return outcome;
}

self.onmessage = ({ data }) => void play(data).then((outcome) => self.postMessage(outcome));

export {};
