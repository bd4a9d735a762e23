import type { Dongle, DongleTalk, LinkMode } from './dongle.ts';
import { isX25Right, x25 } from './imst.ts';
import { receiverOf, SKIP, type Cut } from './receiver.ts';
import { refused } from './refused.ts';

/** IMST iM871A: `A5`, control and endpoint, message, length, payload, then time, strength and check sum as control says. */

const START = 0xa5;
const CONTROL = { check: 0x80, strength: 0x40, time: 0x20 } as const;
const DEVICE = 0x01;
const RADIO = 0x02;
const MESSAGE = { ping: 0x01, setConfiguration: 0x03, information: 0x0f } as const;
const TELEGRAM = 0x03;
const MODES: Readonly<Partial<Record<LinkMode, number>>> = { S: 0x00, T: 0x03, C: 0x07, 'C+T': 0x0a };

export function im871aFrame(message: number, ...payload: readonly number[]): Uint8Array {
  const head = Uint8Array.of(CONTROL.check | DEVICE, message, payload.length, ...payload);
  const crc = x25(head);
  return Uint8Array.of(START, ...head, crc & 0xff, crc >> 8);
}

function cut(bytes: Uint8Array): Cut | undefined {
  if (bytes[0] !== START) return SKIP;
  const [, control = 0, message = 0, length = 0] = bytes;
  if (bytes.length < 4) return undefined;
  const endpoint = control & 0x0f;
  if (endpoint !== DEVICE && endpoint !== RADIO) return SKIP;
  const strengthAt = 4 + length + ((control & CONTROL.time) === 0 ? 0 : 4);
  const checkAt = strengthAt + ((control & CONTROL.strength) === 0 ? 0 : 1);
  const used = checkAt + ((control & CONTROL.check) === 0 ? 0 : 2);
  if (bytes.length < used) return undefined;
  if ((control & CONTROL.check) !== 0 && !isX25Right(bytes, 1, checkAt)) return SKIP;
  const payload = bytes.slice(4, 4 + length);
  // An answer has the number of its command and one.
  if (endpoint === DEVICE) return { used, said: { kind: 'answer', to: message - 1, payload } };
  if (message !== TELEGRAM) return { used };
  const telegram = { kind: 'telegram', bytes: Uint8Array.of(length, ...payload) } as const;
  if ((control & CONTROL.strength) === 0) return { used, said: telegram };
  return { used, said: { ...telegram, dBm: Math.round(((bytes[strengthAt] ?? 0) - 45) / 2 - 100) } };
}

const information = ({ ask }: DongleTalk) => ask(im871aFrame(MESSAGE.information), MESSAGE.information);

export function im871a(): Dongle {
  return {
    title: 'IMST iM871A',
    baudRate: 57_600,
    modes: ['S', 'T', 'C', 'C+T'],
    receiver: () => receiverOf(cut),
    async identify(talk) {
      const said = await information(talk);
      return said && `module ${hex(said[0])}, firmware ${hex(said[2])}`;
    },
    isAlive: async ({ ask }) => (await ask(im871aFrame(MESSAGE.ping), MESSAGE.ping)) !== undefined,
    async setUp({ ask }, mode) {
      const number = MODES[mode] ?? 0;
      // Not kept: device mode and link mode, and no power saving.
      const taken = await ask(
        im871aFrame(MESSAGE.setConfiguration, 0x00, 0x03, 0x00, number, 0x08, 0x00),
        MESSAGE.setConfiguration,
      );
      if (!taken || (taken.length > 0 && taken[0] !== 0)) throw refused('The stick iM871A', `link mode ${mode}`);
      // Strength on, time off.
      const told = await ask(
        im871aFrame(MESSAGE.setConfiguration, 0x00, 0x00, 0x30, 0x01, 0x00),
        MESSAGE.setConfiguration,
      );
      return { firmware: '', mode, notes: told ? [] : ['It does not tell how strong a telegram came in.'] };
    },
  };
}

const hex = (byte = 0) => byte.toString(16).padStart(2, '0').toUpperCase();
