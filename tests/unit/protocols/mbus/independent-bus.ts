import type { Line } from '../../../../src/line/line.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import type { Port, PortEvent } from '../../../../src/line/port.ts';
import { virtualClock } from '../../../../src/simulator/virtual-clock.ts';

/**
 * A bus of slaves written from EN 13757-2 and -3 and IEC 60870-5-1 alone: nothing of the product's frames, simulator or
 * decoder is in it, so that an error in those does not hide itself. Slaves pull the line to space; what several send at
 * once overlaps bit by bit, and the receiver samples the middle of its bits.
 */
export interface Slave {
  /** Eight hexadecimal digits. */
  readonly id: string;
  /** Three letters. */
  readonly maker?: string;
  readonly version?: number;
  readonly medium?: number;
  readonly primary?: number;
  /** Understands the enhanced selection by this number. */
  readonly fabrication?: string;
  /** From the end of a request to the answer; a list is used in turn. */
  readonly reactionMs?: number | readonly number[];
  /** Records of every telegram, hex; more than one: 1F at the end of all but the last. */
  readonly telegrams?: readonly string[];
  /** Does to a data frame what a sick meter does to it; after the checksum was made. */
  readonly spoils?: (frame: Uint8Array) => Uint8Array;
  /** After so many characters of data it pauses. */
  readonly pause?: { readonly after: number; readonly ms: number };
  /** Goes on with its next telegram whatever the frame count bit says; 'stuck': never goes on. */
  readonly frameCount?: 'ignored' | 'stuck';
  /** Does not answer SND_NKE, only requests. */
  readonly muteToReset?: boolean;
  /** Hears nothing else before it was reset so often. */
  readonly deafUntilResets?: number;
  readonly accessNumber?: 'counts' | 'fixed';
  /** Does not acknowledge what is sent to it. */
  readonly refusesCommands?: boolean;
}

export interface BusOptions {
  readonly baudRate?: number;
  /** '8N1': as a pseudo terminal, which knows no parity. */
  readonly framing?: '8E1' | '8N1';
  /** Part of all characters that one bit is wrong of, in both directions. */
  readonly noise?: number;
  readonly noiseTowardsMeters?: boolean;
  readonly seed?: number;
  /** How long the adapter keeps what it received. */
  readonly latencyMs?: number;
}

export interface IndependentBus {
  readonly line: Line;
  /** Hex of what was sent, in order. */
  readonly sent: readonly string[];
  readonly slaves: readonly SlaveState[];
}

export interface SlaveState {
  readonly slave: Slave;
  primary: number;
  selected: boolean;
}

function random(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

const sumOf = (bytes: Iterable<number>) => [...bytes].reduce((sum, byte) => (sum + byte) & 0xff, 0);
const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Iterable<number>) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');

function makerCode(letters: string): readonly [number, number] {
  const code = [...letters].reduce((sum, letter) => sum * 32 + letter.charCodeAt(0) - 64, 0);
  return [code & 0xff, code >> 8];
}

/** What a slave remembers, and its answers. */
function slaveOf(slave: Slave) {
  const { maker = 'OHU', version = 1, medium = 7, telegrams = ['0C1378563412'] } = slave;
  const own = [...fromHex(slave.id).reverse(), ...makerCode(maker), version, medium];
  const state: SlaveState = { slave, primary: slave.primary ?? 0, selected: false };
  let access = 0;
  let lastBit: number | undefined;
  let telegram = -1;
  let last: Uint8Array | undefined;
  let resets = 0;
  let turn = 0;

  const fits = (mask: Uint8Array) => {
    const digits = [...hexOf(mask.subarray(0, 4).slice().reverse())];
    const mine = [...slave.id];
    if (!digits.every((digit, at) => digit === 'F' || digit === mine[at])) return false;
    if (!(mask[4] === 0xff && mask[5] === 0xff) && (mask[4] !== own[4] || mask[5] !== own[5])) return false;
    if (![6, 7].every((at) => mask[at] === 0xff || mask[at] === own[at])) return false;
    if (mask.length === 8) return true;
    if (mask.length !== 14 || mask[8] !== 0x0c || mask[9] !== 0x78 || slave.fabrication === undefined) return false;
    const wanted = [...hexOf(mask.subarray(10).slice().reverse())];
    const number = [...slave.fabrication];
    return wanted.every((digit, at) => digit === 'F' || digit === number[at]);
  };

  function data(bit: number): Uint8Array {
    const repeats = bit === lastBit && slave.frameCount !== 'ignored';
    if (repeats && last) return last;
    lastBit = bit;
    if (slave.frameCount !== 'stuck' || telegram < 0) telegram = (telegram + 1) % telegrams.length;
    if (slave.accessNumber !== 'fixed') access = (access + 1) & 0xff;
    const more = telegrams.length > 1 && telegram < telegrams.length - 1 ? [0x1f] : [];
    const body = [0x08, state.primary, 0x72, ...own, access, 0, 0, 0, ...fromHex(telegrams[telegram] ?? ''), ...more];
    last = Uint8Array.of(0x68, body.length, body.length, 0x68, ...body, sumOf(body), 0x16);
    if (slave.spoils) last = slave.spoils(last);
    return last;
  }

  function answer(frame: Uint8Array): Uint8Array | undefined {
    const ack = Uint8Array.of(0xe5);
    const long = frame[0] === 0x68;
    const [control = 0, address = 0] = long ? frame.subarray(4) : frame.subarray(1);
    const isReset = !long && control === 0x40 && (address === state.primary || address >= 253);
    if (isReset) resets++;
    if (!isReset && resets < (slave.deafUntilResets ?? 0)) return undefined;
    if (long && frame[6] === 0x52) {
      if (address !== 253) return undefined;
      state.selected = fits(frame.subarray(7, -2));
      if (!state.selected) return undefined;
      lastBit = undefined;
      telegram = -1;
      return ack;
    }
    const mine = address === 253 ? state.selected : address === state.primary || address >= 254;
    if (!mine) return undefined;
    const reply = ((): Uint8Array | undefined => {
      if (control === 0x40) {
        lastBit = undefined;
        telegram = -1;
        if (address === 253) state.selected = false;
        return slave.muteToReset === true || resets < (slave.deafUntilResets ?? 0) ? undefined : ack;
      }
      if ((control & 0xdf) === 0x5b) return data(control & 0x20);
      if (long && slave.refusesCommands === true) return undefined;
      if (long && frame[6] === 0x51 && frame[7] === 1 && frame[8] === 0x7a) {
        state.primary = frame[9] ?? 0;
        return ack;
      }
      return long || (control & 0xdf) === 0x5a ? ack : undefined;
    })();
    return address === 255 ? undefined : reply;
  }

  const reaction = () => {
    const { reactionMs = 20 } = slave;
    return typeof reactionMs === 'number' ? reactionMs : (reactionMs[turn++ % reactionMs.length] ?? 20);
  };
  return { state, answer, reaction };
}

interface Sending {
  readonly start: number;
  readonly bytes: Uint8Array;
}

interface Character {
  readonly byte: number;
  readonly good: boolean;
  readonly end: number;
}

/** What a receiver makes of everything that is sent, from `from` on. Bit 1 is a mark, the line's rest. */
function overlapped(sendings: readonly Sending[], bitMs: number, parity: boolean, from: number): Character[] {
  const bits = parity ? 11 : 10;
  const levels = sendings.map(({ start, bytes }) => {
    const sent: number[] = [];
    for (const byte of bytes) {
      const data: number[] = Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1);
      sent.push(0, ...data, ...(parity ? [data.reduce((a, b) => a ^ b)] : []), 1);
    }
    return { start, end: start + sent.length * bitMs, sent };
  });
  const isSpace = (time: number) =>
    levels.some(
      ({ start, end, sent }) => time >= start && time < end && sent[Math.floor((time - start) / bitMs)] === 0,
    );
  const edges = levels
    .flatMap(({ start, sent }) => sent.map((level, bit) => ({ level, time: start + bit * bitMs })))
    .filter(({ level }) => level === 0)
    .map(({ time }) => time)
    .sort((a, b) => a - b);
  const characters: Character[] = [];
  let free = from;
  for (const edge of edges) {
    if (edge < free - 1e-6) continue;
    const at = (bit: number) => (isSpace(edge + (bit + 0.5) * bitMs) ? 0 : 1);
    const data: number[] = Array.from({ length: 8 }, (_, bit) => at(bit + 1));
    const byte = data.reduce((sum, level, bit) => sum | (level << bit), 0);
    const even = !parity || at(9) === data.reduce((a, b) => a ^ b);
    characters.push({ byte, good: even && at(bits - 1) === 1, end: edge + bits * bitMs });
    free = edge + (bits - 0.5) * bitMs;
  }
  return characters;
}

/** Runs a dialogue with such a bus in virtual time. */
export async function onIndependentBus<T>(
  slaves: readonly Slave[],
  dialogue: (bus: IndependentBus) => Promise<T>,
  options: BusOptions = {},
): Promise<T> {
  const { baudRate = 2400, framing = '8E1', noise = 0, noiseTowardsMeters = true, seed = 1, latencyMs = 4 } = options;
  const clock = virtualClock();
  const chance = random(seed + 77);
  const parity = framing === '8E1';
  const bitMs = 1000 / baudRate;
  const characterMs = (parity ? 11 : 10) * bitMs;
  const all = slaves.map(slaveOf);
  const sent: string[] = [];
  let listener: (event: PortEvent) => void = () => undefined;
  let sendings: Sending[] = [];
  let receivedTo = 0;
  let generation = 0;

  function hand({ byte, good }: Character): void {
    const hit = noise > 0 && chance() < noise;
    if (!good || (hit && parity)) listener({ kind: 'line-error', error: 'parity' });
    else listener({ kind: 'data', bytes: Uint8Array.of(hit ? byte ^ (1 << Math.floor(chance() * 8)) : byte) });
  }

  async function deliver(mine: number): Promise<void> {
    for (const character of overlapped(sendings, bitMs, parity, receivedTo)) {
      await clock.sleep(Math.max(0, character.end + latencyMs - clock.monotonic()));
      if (mine !== generation) return;
      receivedTo = character.end - bitMs / 2;
      hand(character);
    }
    if (mine === generation) sendings = [];
  }

  async function hear(bytes: Uint8Array, end: number): Promise<void> {
    await clock.sleep(end - clock.monotonic());
    if (noiseTowardsMeters && noise > 0 && [...bytes].some(() => chance() < noise)) return;
    const answers = all.flatMap(({ answer, reaction, state }): Sending[] => {
      const reply = answer(bytes);
      if (reply === undefined) return [];
      const start = end + reaction();
      const { pause } = state.slave;
      if (pause === undefined || reply.length <= pause.after) return [{ start, bytes: reply }];
      return [
        { start, bytes: reply.subarray(0, pause.after) },
        { start: start + pause.after * characterMs + pause.ms, bytes: reply.subarray(pause.after) },
      ];
    });
    if (answers.length === 0) return;
    sendings = [...sendings, ...answers];
    void deliver(++generation);
  }

  let wireFree = 0;
  const port: Port = {
    info: { id: 'independent', label: 'Independent bus', transport: 'simulated' },
    capabilities: { reconfigure: 'in-place', signals: false, lineErrors: true },
    open: () => Promise.resolve(),
    reconfigure: () => Promise.resolve(),
    close: () => Promise.resolve(),
    setSignals: () => Promise.resolve(),
    getSignals: () => Promise.resolve({ cts: false, dsr: false, dcd: false, ri: false }),
    listen: (next) => {
      listener = next;
    },
    write: (bytes) => {
      sent.push(hexOf(bytes));
      wireFree = Math.max(wireFree, clock.monotonic()) + bytes.length * characterMs;
      void hear(bytes.slice(), wireFree);
      return Promise.resolve();
    },
  };
  const run = async () => {
    const line = await openLine(port, { clock, baudRate, framing });
    return await dialogue({ line, sent, slaves: all.map(({ state }) => state) });
  };
  return await clock.run(run());
}

/** Records of 95 bytes that differ from meter to meter: a volume, and text in all bit patterns. */
export function recordsOf(seed: number): string {
  const next = random(seed + 5);
  const digits = Array.from({ length: 4 }, () => Math.floor(next() * 10) * 16 + Math.floor(next() * 10));
  const text = Array.from({ length: 85 }, () => 0x20 + Math.floor(next() * 0x5f));
  return `0C13${hexOf(digits)}0DFD1155${hexOf(text)}`;
}
