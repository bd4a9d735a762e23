/**
 * Real Chromium, its real `navigator.serial`, and a meter program at the other end of a pty.
 * How it is done is told in namespace.sh (Chromium's side) and wire.py (the meter's side).
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from '@playwright/test';
import { findChromium } from '../../tools/chromium.js';

/**
 * What the meter program plays; every member is told in meter.py.
 * @typedef {{
 *   mode: 'A' | 'B' | 'C' | 'D',
 *   identification: string,
 *   data: string,
 *   address?: string,
 *   request?: string,
 *   initialBaud?: number,
 *   reactionMs?: number,
 *   hostReactionMs?: number,
 *   fallbackMs?: number,
 *   nakMs?: number,
 *   pushMs?: number,
 *   framing?: '7E1' | '8N1',
 *   frame?: boolean,
 *   wakeUp?: { nuls: number, pauseMs: number },
 *   echo?: boolean,
 *   wrongBccs?: number,
 *   staysAtInitial?: boolean,
 *   vanishAfter?: number,
 * }} Scenario
 */

/**
 * What the M-Bus program plays; every member is told in mbus.py.
 * @typedef {{
 *   baud?: number,
 *   slaves: readonly {
 *     identification: string,
 *     manufacturer: string,
 *     version?: number,
 *     medium?: number,
 *     primary?: number,
 *     telegrams: readonly (readonly number[])[],
 *     reactionMs?: number,
 *     loses?: number,
 *   }[],
 * }} BusScenario
 */

/**
 * What the Modbus program plays; every member is told in modbus.py.
 * @typedef {{
 *   baud?: number,
 *   units: readonly {
 *     unit: number,
 *     words: Readonly<Record<string, readonly number[]>>,
 *     objects?: readonly string[],
 *     reactionMs?: number,
 *   }[],
 *   wrongChecks?: number,
 *   loses?: number,
 * }} ModbusScenario
 */

/**
 * What the SML program plays; every member is told in sml.py.
 * @typedef {{ everyMs?: number, loses?: number, number?: string }} SmlScenario
 */

/**
 * What the program of a meter with programming mode plays; every member is told in vdew.py.
 * @typedef {{
 *   identification: string,
 *   password?: string,
 *   registers?: Readonly<Record<string, string>>,
 *   profile?: string,
 *   block?: number,
 *   spoils?: number,
 * }} VdewScenario
 */

/**
 * What the DLMS program plays; every member is told in dlms.py.
 * @typedef {{ values: Readonly<Record<string, string>>, signOn?: string, block?: number }} DlmsScenario
 */

/** @typedef {Scenario | BusScenario | ModbusScenario | VdewScenario | DlmsScenario | SmlScenario | Record<string, never>} AnyScenario */

/**
 * Something the meter, or the bus of meters, did or noticed. `time`, `start` and `end` are monotonic milliseconds of one clock; `start` and
 * `end` are those of the first start bit and the last stop bit. `lost`: sent while the host's port was closed;
 * `garbled`: sent while the host listened at another rate. `senders`: so many slaves sent at once what is in `text`, hex.
 * @typedef {{
 *   event: 'ready' | 'opened' | 'closed' | 'rate' | 'request' | 'asleep' | 'not for me' | 'wake-up' | 'identification'
 *     | 'acknowledge' | 'no acknowledge' | 'data' | 'repeat' | 'noise' | 'lost' | 'hangup' | 'frame' | 'answer'
 *     | 'answer lost' | 'heard',
 *   time: number,
 *   start?: number,
 *   end?: number,
 *   baud?: number,
 *   characters?: number,
 *   lost?: number,
 *   garbled?: number,
 *   text?: string,
 *   reason?: string,
 *   path?: string,
 *   realtime?: boolean,
 *   accepted?: boolean,
 *   nuls?: number,
 *   pause?: number,
 *   longestGap?: number,
 *   senders?: number,
 * }} MeterEvent
 */

/**
 * @typedef {{
 *   events(): readonly MeterEvent[],
 *   event(name: MeterEvent['event'], options?: { count?: number, timeoutMs?: number }): Promise<MeterEvent>,
 *   stop(): Promise<void>,
 * }} MeterProgram
 * `event` resolves with the `count`-th event of that name (the first by default), now or when it comes.
 */

/**
 * A program that speaks AT, or a board; what it can be told stands in at.py and firmata.py. `heard` is all that came in.
 * @typedef {MeterProgram & {
 *   tell(order: {
 *     say?: string,
 *     echo?: boolean,
 *     vanish?: true,
 *     analog?: Readonly<Record<number, number>>,
 *     level?: Readonly<Record<number, boolean>>,
 *     pulses?: { pin: number, count: number, on: number, off: number },
 *   }): void,
 *   heard(): string,
 * }} PeerProgram
 */

/**
 * @typedef {{
 *   browser: import('playwright-core').Browser,
 *   page: import('playwright-core').Page,
 *   meter(scenario: Scenario): Promise<MeterProgram>,
 *   bus(scenario: BusScenario): Promise<MeterProgram>,
 *   modbus(scenario: ModbusScenario): Promise<MeterProgram>,
 *   vdew(scenario: VdewScenario): Promise<MeterProgram>,
 *   dlms(scenario: DlmsScenario): Promise<MeterProgram>,
 *   peer(): Promise<PeerProgram>,
 *   firmata(): Promise<PeerProgram>,
 *   sml(scenario: SmlScenario): Promise<MeterProgram>,
 *   close(): Promise<void>,
 * }} SerialRig
 * `meter`, `bus`, `modbus`, `vdew`, `dlms`, `peer`, `firmata` and `sml` replace what is at the port; the program before is stopped.
 */

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const run = promisify(execFile);
/** $0: the port's node, $1: what it is to be from now on. Something is always bound there before (namespace.sh). */
const rebind = 'umount --lazy "$0" && mount --bind "$1" "$0"';

/**
 * Can this machine play a meter to a real serial port of a real browser?
 * @returns {Promise<{ ok: true } | { ok: false, reason: string }>}
 */
export async function available() {
  const reason = await whatIsMissing();
  return reason === undefined ? { ok: true } : { ok: false, reason: `Not run over a real serial port: ${reason}.` };
}

/** @returns {Promise<string | undefined>} */
async function whatIsMissing() {
  if (process.platform !== 'linux') return 'this needs Linux, for its pseudo terminals and mount namespaces';
  if (process.getuid?.() !== 0) return 'this needs root, to bind a pseudo terminal over a serial port';
  for (const program of ['python3', 'unshare', 'nsenter', 'mount']) {
    if (spawnSync(program, ['--help'], { stdio: 'ignore' }).error) return `the program ${program} is not installed`;
  }
  if (spawnSync('unshare', ['--mount', '--propagation', 'private', 'true'], { stdio: 'ignore' }).status !== 0) {
    return 'this machine allows no mount namespace (a container without CAP_SYS_ADMIN)';
  }
  if (!standIn())
    return 'there is no /dev/ttyS0 nor any other terminal in /dev and /sys/class/tty to stand in for a port';
  if (!(await findChromium())) return 'no Chromium was found; set CHROME_PATH to one';
  return undefined;
}

/**
 * The device node that plays the serial port, and its line for /proc/tty/drivers. A virtual console serves as well as
 * /dev/ttyS0, since the list of drivers is ours and a pty is bound over the node.
 * @returns {{ node: string, driver: string } | undefined}
 */
function standIn() {
  for (const name of ['ttyS0', 'ttyS1', 'tty63', 'tty9']) {
    const node = `/dev/${name}`;
    const numbers = `/sys/class/tty/${name}/dev`;
    if (!existsSync(numbers) || !existsSync(node) || !statSync(node).isCharacterDevice()) continue;
    const [major, minor] = readFileSync(numbers, 'utf8').trim().split(':');
    return { node, driver: `serial ${node} ${major} ${minor} serial\n` };
  }
  return undefined;
}

/**
 * Starts Chromium with one serial port that pages of `origin` may use without asking. Only when `available()` is ok.
 * @param {{ origin: string }} options  "http://localhost:4173": the exact origin, with its port
 * @returns {Promise<SerialRig>}
 */
export async function serialRig({ origin }) {
  const port = standIn();
  const path = await findChromium();
  if (!port || !path) throw new Error(`No serial rig: ${await whatIsMissing()}`);
  const folder = await mkdtemp(join(tmpdir(), 'serial-rig-'));
  await writeFile(join(folder, 'drivers'), port.driver);
  const { node } = port;
  const env = { SERIAL_RIG: folder, SERIAL_NODE: node, SERIAL_ORIGIN: origin, SERIAL_CHROMIUM: path };
  const removeFolder = () => rm(folder, { recursive: true });
  const browser = await chromium
    .launch({ executablePath: here('namespace.sh'), env: { ...process.env, ...env } })
    .catch(async (error) => {
      await removeFolder();
      throw error;
    });
  const namespace = (await readFile(join(folder, 'pid'), 'utf8')).trim();
  // In a context of its own: axe looks from a second page, and windows share what they store.
  const page = await (await browser.newContext()).newPage();
  /** @type {MeterProgram | undefined} */
  let current;

  /** @type {(name: string, scenario: AnyScenario) => Promise<PeerProgram>} */
  async function attach(name, scenario) {
    await current?.stop();
    const { program, path: terminal } = await startProgram(name, scenario);
    current = program;
    await run('nsenter', ['--target', namespace, '--mount', 'sh', '-c', rebind, node, terminal]);
    return program;
  }

  return {
    browser,
    page,
    meter: (scenario) => attach('meter.py', scenario),
    bus: (scenario) => attach('mbus.py', scenario),
    modbus: (scenario) => attach('modbus.py', scenario),
    vdew: (scenario) => attach('vdew.py', scenario),
    dlms: (scenario) => attach('dlms.py', scenario),
    peer: () => attach('at.py', {}),
    firmata: () => attach('firmata.py', {}),
    sml: (scenario) => attach('sml.py', scenario),
    async close() {
      await current?.stop();
      await browser.close();
      await removeFolder();
    },
  };
}

/**
 * @param {string} name
 * @param {AnyScenario} scenario
 * @returns {Promise<{ program: PeerProgram, path: string }>}
 */
async function startProgram(name, scenario) {
  const child = spawn('python3', ['-B', here(name)], { stdio: ['pipe', 'pipe', 'pipe'] });
  /** @type {MeterEvent[]} */
  const events = [];
  /** @type {Set<() => void>} */
  const watchers = new Set();
  const notify = () => [...watchers].forEach((watch) => watch());
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += text));
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(JSON.parse(line));
    notify();
  });
  const ended = new Promise((resolve) => child.on('close', resolve)).then(notify);
  child.stdin.write(`${JSON.stringify(scenario)}\n`);

  /** @type {PeerProgram} */
  const program = {
    tell: (order) => void child.stdin.write(`${JSON.stringify(order)}\n`),
    heard: () => events.map(({ event, text }) => (event === 'heard' ? text : '')).join(''),
    events: () => events,
    event: (name, { count = 1, timeoutMs = 120_000 } = {}) =>
      new Promise((resolve, reject) => {
        const settle = (/** @type {() => void} */ outcome) => {
          clearTimeout(timer);
          watchers.delete(look);
          outcome();
        };
        const fail = (/** @type {string} */ why) =>
          settle(() => reject(new Error(`No "${name}" from the meter: ${why}. ${JSON.stringify(events.slice(-8))}`)));
        const look = () => {
          const found = events.filter(({ event }) => event === name)[count - 1];
          if (found) settle(() => resolve(found));
          else if (child.exitCode !== null) fail(complaint || 'it has ended');
        };
        const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
        watchers.add(look);
        look();
      }),
    async stop() {
      child.stdin.end();
      await ended;
      if (complaint) throw new Error(`The meter program failed: ${complaint}`);
    },
  };
  const { path } = await program.event('ready', { timeoutMs: 60_000 });
  if (path === undefined) throw new Error('The meter program did not say which terminal to open.');
  return { program, path };
}

/**
 * A readout of registers up to and including "!" CR LF, `size` characters long or up to one line longer.
 * @param {number} size
 */
export function readoutText(size) {
  let text = '';
  for (let register = 0; text.length < size - 3; register++) {
    const value = String(123_456_789 + register * 7_654_321).padStart(9, '0');
    text += `1-0:${1 + (register % 9)}.8.${register % 100}(${value.slice(0, 6)}.${value.slice(6, 9)}*kWh)\r\n`;
  }
  return `${text}!\r\n`;
}

/**
 * The least time from the request's first start bit to the last stop bit of the data, by the standard: ten bits a
 * character in both directions, the meter's reaction before each of its messages, and the reader's before its acknowledge.
 * @param {readonly MeterEvent[]} events  one dialogue
 * @param {{ reactionMs: number, hostReactionMs: number }} reactions
 */
export function leastLegalTime(events, { reactionMs, hostReactionMs }) {
  const waits = {
    request: 0,
    identification: reactionMs,
    acknowledge: hostReactionMs,
    data: reactionMs,
    repeat: hostReactionMs,
  };
  let total = 0;
  for (const { event, characters = 0, baud = 0 } of events) {
    if (event in waits) total += waits[/** @type {keyof typeof waits} */ (event)] + (characters * 10_000) / baud;
  }
  return total;
}
