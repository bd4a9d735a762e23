import type { Dongle, DongleTalk, LinkMode } from './dongle.ts';
import { receiverOf, signed, SKIP, type Cut } from './receiver.ts';
import { refused } from './refused.ts';

/** Embit EMB-WMBx: length of all (2, high byte first), message, payload, sum of all before. */

const ANSWER = 0x80;
const MESSAGE = {
  information: 0x01,
  state: 0x04,
  reset: 0x05,
  save: 0x08,
  power: 0x10,
  channel: 0x11,
  sleep: 0x13,
  options: 0x24,
  start: 0x31,
} as const;
const TELEGRAM = 0xe0;
const READY = 0x10;
const CHANNELS: Readonly<Partial<Record<LinkMode, number>>> = { S: 0x18, T: 0x19, C: 0x25 };
const OPTION = { strength: 0x8000, time: 0x0008 } as const;
const LONGEST = 300;

const sum = (bytes: Uint8Array) => bytes.reduce((all, byte) => (all + byte) & 0xff, 0);

export function embitFrame(message: number, ...payload: readonly number[]): Uint8Array {
  const length = payload.length + 4;
  const frame = Uint8Array.of(length >> 8, length & 0xff, message, ...payload);
  return Uint8Array.of(...frame, sum(frame));
}

function cut(bytes: Uint8Array): Cut | undefined {
  if ((bytes[0] ?? 0) > 1) return SKIP;
  if (bytes.length < 3) return undefined;
  const used = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const message = bytes[2] ?? 0;
  if (used < 4 || used > LONGEST || (message & ANSWER) === 0) return SKIP;
  if (bytes.length < used) return undefined;
  if (sum(bytes.subarray(0, used - 1)) !== bytes[used - 1]) return SKIP;
  const payload = bytes.slice(3, used - 1);
  if (message !== TELEGRAM) return { used, said: { kind: 'answer', to: message & ~ANSWER, payload } };
  const options = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
  const hasStrength = (options & OPTION.strength) !== 0;
  const frameAt = 2 + (hasStrength ? 1 : 0) + ((options & OPTION.time) === 0 ? 0 : 4);
  const telegram = { kind: 'telegram', bytes: payload.slice(frameAt) } as const;
  return { used, said: hasStrength ? { ...telegram, dBm: signed(payload[2] ?? 0) } : telegram };
}

const asked = ({ ask }: DongleTalk, message: number, ...payload: readonly number[]) =>
  ask(embitFrame(message, ...payload), message);

export function embit(): Dongle {
  const identify: Dongle['identify'] = async (talk) => {
    const said = await asked(talk, MESSAGE.information);
    return said && [...said].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ');
  };
  return {
    title: 'Embit EMB-WMB',
    baudRate: 9600,
    modes: ['S', 'T', 'C'],
    receiver: () => receiverOf(cut),
    identify,
    isAlive: async (talk) => (await identify(talk)) !== undefined,
    async setUp(talk, wanted) {
      const mode = wanted === 'C+T' ? 'C' : wanted;
      const firmware = (await identify(talk)) ?? '';
      await asked(talk, MESSAGE.reset);
      // It says by itself once it is up.
      const state = await talk.ask(new Uint8Array(0), MESSAGE.state);
      const isReady = state?.[0] === READY;
      await asked(talk, MESSAGE.power, 0x0f);
      const taken = await asked(talk, MESSAGE.channel, CHANNELS[mode] ?? 0);
      if (taken?.[0] !== 0) throw refused('The module of Embit', `link mode ${mode}`);
      await asked(talk, MESSAGE.sleep, 0x00, 0x00);
      if (isReady) {
        await asked(talk, MESSAGE.options, 0x80, 0x00);
        await asked(talk, MESSAGE.save);
      }
      const started = await asked(talk, MESSAGE.start);
      if (started?.[0] !== 0) throw refused('The module of Embit', 'the start of its radio');
      return { firmware, mode, notes: [] };
    },
  };
}
