import type { PortSettings } from '../../../line/port.ts';
import type { Clock } from '../../../common/clock.ts';
import type { MbusBaudRate } from '../address.ts';
import type { MbusFrame } from '../frame.ts';
import { frameOf, frameProgress } from '../frame.ts';
import type { FarEnd, FarSide } from '../../../simulator/far-end.ts';
import type { Fault, Faults } from '../../../simulator/faults.ts';
import type { MbusMeterSpec, MbusSlave, SlaveReply } from './slave.ts';
import { mbusSlave } from './slave.ts';
import type { ReceivedCharacter } from '../../../simulator/uart.ts';
import type { Channel, Sender } from '../../../simulator/wire.ts';
import { channel } from '../../../simulator/wire.ts';

/** After so many idle bit times a meter takes what comes for a new frame. */
const IDLE_BITS = 33;
const SLOW_REACTION = 1400;
const LONG_GAP = 2000;
/** How long 55 has to come to wake a meter, and how long it then listens. */
const WAKE_MS = 2000;
const AWAKE_MS = 3300;
const STRAY_CHARACTERS = Uint8Array.of(0x00, 0xff);

interface Attached {
  readonly slave: MbusSlave;
  readonly sleeps: boolean;
  readonly sender: Sender;
  /** It hears nothing before its own answer is out. */
  busyUntil: number;
}

/** All meters of one rate hear the same: one receiver does for them. */
interface Ear {
  readonly channel: Channel;
  readonly host: Sender;
}

/**
 * Many meters on one pair of wires, behind a level converter. What several of them send at once overlaps bit by bit on the
 * way to the host. The rate is the meters' own, the parity what the host makes of it.
 */
export const mbusBus =
  (specs: readonly MbusMeterSpec[]): FarEnd =>
  (toHost, clock, faults) =>
    busOf(specs, toHost, clock, faults);

function busOf(specs: readonly MbusMeterSpec[], toHost: Channel, clock: Clock, faults: Faults): FarSide {
  const attached: Attached[] = specs.map((spec) => ({
    slave: mbusSlave(spec),
    sleeps: spec.sleeps === true,
    sender: toHost.sender(),
    busyUntil: -Infinity,
  }));
  const ears = new Map<MbusBaudRate, Ear>();
  let parity: PortSettings['parity'] = 'even';
  let awakeUntil = -Infinity;

  const settingsAt = (baudRate: number): PortSettings => ({ baudRate, dataBits: 8, stopBits: 1, parity });

  function earAt(baudRate: MbusBaudRate): Ear {
    const known = ears.get(baudRate);
    if (known) return known;
    const frames = frameListener(baudRate, (frame, end) => hear(frame, end, baudRate));
    const wakes = wakeListener((end) => (awakeUntil = end + AWAKE_MS));
    const onReceived = (characters: readonly ReceivedCharacter[]) => {
      characters.forEach(wakes);
      characters.forEach(frames);
    };
    const heard = channel(clock, { latencyMs: 0, onReceived });
    heard.listen(settingsAt(baudRate));
    const ear = { channel: heard, host: heard.sender() };
    ears.set(baudRate, ear);
    return ear;
  }

  function hear(frame: MbusFrame, end: number, baudRate: MbusBaudRate): void {
    for (const meter of attached) {
      if (meter.slave.baudRate !== baudRate || meter.busyUntil > end) continue;
      if (meter.sleeps && awakeUntil < end) continue;
      awakeUntil = end + AWAKE_MS;
      const reply = meter.slave.hear(frame, clock.now());
      if (reply && !faults().has('silent')) meter.busyUntil = answer(meter.sender, reply, end);
    }
  }

  /** Returns the end of the last stop bit. */
  function answer(sender: Sender, reply: SlaveReply, requestEnd: number): number {
    const active = faults();
    const isData = reply.bytes.length > 1;
    const settings = { ...settingsAt(reply.baudRate), parity: sentParity(active, parity) };
    const at = requestEnd + (active.has('slow-reaction') ? SLOW_REACTION : reply.reactionMs);
    const bytes = isData ? withFaultyChecksum(reply, active) : reply.bytes;
    if (active.has('garbage-before-answer')) sender.send(STRAY_CHARACTERS, settings, at);
    const half = bytes.length >> 1;
    if (isData && active.has('stops-in-mid-readout')) return sender.send(bytes.subarray(0, half), settings, at);
    if (!isData || !active.has('long-gap')) return sender.send(bytes, settings, at);
    const paused = sender.send(bytes.subarray(0, half), settings, at);
    return sender.send(bytes.subarray(half), settings, paused + LONG_GAP);
  }

  return {
    send(bytes, settings) {
      for (const { slave } of attached) earAt(slave.baudRate);
      for (const { host } of ears.values()) host.send(bytes, settings);
    },
    cut() {
      for (const { host } of ears.values()) host.cut();
    },
    hostListens(settings) {
      if (!settings) return;
      parity = settings.parity;
      for (const [baudRate, ear] of ears) ear.channel.listen(settingsAt(baudRate));
    },
  };
}

function sentParity(active: ReadonlySet<Fault>, parity: PortSettings['parity']): PortSettings['parity'] {
  return active.has('no-parity') ? 'none' : active.has('wrong-parity') ? 'odd' : parity;
}

function withFaultyChecksum({ bytes, repeated }: SlaveReply, active: ReadonlySet<Fault>): Uint8Array {
  if (!active.has('wrong-bcc') && (repeated || !active.has('wrong-bcc-once'))) return bytes;
  const spoiled = bytes.slice();
  spoiled[spoiled.length - 2] = (spoiled.at(-2) ?? 0) ^ 1;
  return spoiled;
}

/** Tells when 55 has come without a gap for long enough. */
function wakeListener(onWoken: (end: number) => void): (character: ReceivedCharacter) => void {
  let from = 0;
  let lastEnd = -Infinity;
  return ({ byte, end }) => {
    if (byte !== 0x55 || end - lastEnd > 10) from = end;
    lastEnd = end;
    if (byte === 0x55 && end - from >= WAKE_MS) onWoken(end);
  };
}

/** Finds whole frames among received characters, as a meter does: a wrong character or a pause begins anew. */
function frameListener(
  baudRate: number,
  onFrame: (frame: MbusFrame, end: number) => void,
): (character: ReceivedCharacter) => void {
  const idleMs = (IDLE_BITS * 1000) / baudRate;
  let bytes: number[] = [];
  let lastEnd = -Infinity;
  let spoiled = false;
  return ({ byte, parityOk, stopOk, end }) => {
    if (end - lastEnd > idleMs) {
      bytes = [];
      spoiled = false;
    }
    lastEnd = end;
    spoiled ||= !parityOk || !stopOk;
    if (spoiled) return;
    bytes.push(byte);
    const whole = Uint8Array.from(bytes);
    const progress = frameProgress(whole, 0, whole.length);
    if (progress.state === 'incomplete') return;
    bytes = [];
    if (progress.state === 'complete') onFrame(frameOf(whole), end);
    else spoiled = true;
  };
}
