import type { Dongle, DongleTalk, LinkMode } from './dongle.ts';
import { isX25Right, x25 } from './imst.ts';
import { receiverOf, signed, SKIP, text, type Cut } from './receiver.ts';
import { refused } from './refused.ts';

/** IMST iU891A, iM891A and iU893A: SLIP frames of access point, message, payload and check sum. */

const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_END = 0xdc;
const ESCAPED_ESCAPE = 0xdd;

const DEVICE = 0x01;
const RADIO = 0x09;
const MESSAGE = { ping: 0x01, firmware: 0x05, readConfiguration: 0x01, writeConfiguration: 0x03 } as const;
const TELEGRAM = 0x20;
/** Time, how it was deciphered, enciphered, and of which kind it is, then the strength. */
const STRENGTH_AT = 7;
/** 7 hears Engelmann's meters as well, and is there from firmware 1.1 on (wmbusmeters#953). */
const MODES: Readonly<Record<LinkMode, number>> = { S: 1, T: 2, C: 5, 'C+T': 3 };
const CUSTOM_BOTH = 7;

const numberOf = (point: number, message: number) => (point << 8) | message;

export function iu891aFrame(point: number, message: number, ...payload: readonly number[]): Uint8Array {
  const head = Uint8Array.of(point, message, ...payload);
  const crc = x25(head);
  const inner = [...head, crc & 0xff, crc >> 8].flatMap((byte) =>
    byte === END ? [ESCAPE, ESCAPED_END] : byte === ESCAPE ? [ESCAPE, ESCAPED_ESCAPE] : [byte],
  );
  return Uint8Array.of(END, ...inner, END);
}

function cut(bytes: Uint8Array): Cut | undefined {
  if (bytes[0] !== END) return SKIP;
  const end = bytes.indexOf(END, 1);
  if (end < 0) return undefined;
  // Two in a row, or rubbish between them: the second may be a beginning.
  const inner = unescaped(bytes.subarray(1, end));
  if (inner === undefined || inner.length < 4 || !isX25Right(inner, 0, inner.length - 2)) return { used: end };
  const [point = 0, message = 0] = inner;
  const payload = inner.slice(2, -2);
  const used = end + 1;
  if (point !== RADIO || message !== TELEGRAM)
    return { used, said: { kind: 'answer', to: numberOf(point, message - 1), payload } };
  if (payload.length <= STRENGTH_AT + 1) return { used };
  const dBm = signed(payload[STRENGTH_AT] ?? 0);
  return { used, said: { kind: 'telegram', bytes: payload.slice(STRENGTH_AT + 1), dBm } };
}

function unescaped(bytes: Uint8Array): Uint8Array | undefined {
  const plain: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== ESCAPE) plain.push(byte);
    else {
      const next = bytes[++at];
      if (next !== ESCAPED_END && next !== ESCAPED_ESCAPE) return undefined;
      plain.push(next === ESCAPED_END ? END : ESCAPE);
    }
  }
  return Uint8Array.from(plain);
}

const asked = ({ ask }: DongleTalk, point: number, message: number, ...payload: readonly number[]) =>
  ask(iu891aFrame(point, message, ...payload), numberOf(point, message));

interface Firmware {
  readonly text: string;
  /** Major and minor: 1.1 is 101. */
  readonly version: number;
}

async function firmwareOf(talk: DongleTalk): Promise<Firmware | undefined> {
  const said = await asked(talk, DEVICE, MESSAGE.firmware);
  if (!said || said.length < 5) return undefined;
  const [, minor = 0, major = 0, low = 0, high = 0] = said;
  const name = text(said.subarray(15));
  return { text: `${name} ${major}.${minor} build ${low | (high << 8)}`.trim(), version: 100 * major + minor };
}

const isAlive = async (talk: DongleTalk) => (await asked(talk, DEVICE, MESSAGE.ping)) !== undefined;

export function iu891a(): Dongle {
  return {
    title: 'IMST iU891A',
    baudRate: 115_200,
    modes: ['S', 'T', 'C', 'C+T'],
    receiver: () => receiverOf(cut),
    identify: async (talk) => ((await isAlive(talk)) ? (await firmwareOf(talk))?.text : undefined),
    isAlive,
    async setUp(talk, mode) {
      await isAlive(talk);
      const firmware = await firmwareOf(talk);
      const read = await asked(talk, RADIO, MESSAGE.readConfiguration);
      if (read?.[0] !== 0 || read.length < 3) throw refused('The stick iU891A', 'a look at its settings');
      const isNew = (firmware?.version ?? 0) >= 101;
      const number = mode === 'C+T' && isNew ? CUSTOM_BOTH : MODES[mode];
      // No filter, telegrams reported; the rest goes back as it was, however long it is.
      const [, , flags = 0, ...rest] = read;
      const taken = await asked(talk, RADIO, MESSAGE.writeConfiguration, number, (flags & ~1) | 2, ...rest);
      if (!taken || (taken.length > 0 && taken[0] !== 0)) throw refused('The stick iU891A', `link mode ${mode}`);
      const old =
        mode === 'C+T' && !isNew ? ['Its firmware is older than 1.1: some meters of Engelmann stay unheard.'] : [];
      return { firmware: firmware?.text ?? '', mode, notes: old };
    },
  };
}
