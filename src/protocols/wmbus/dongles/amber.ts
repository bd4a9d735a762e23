import type { Dongle, DongleTalk, LinkMode } from './dongle.ts';
import { receiverOf, signed, SKIP, type Cut } from './receiver.ts';
import { refused } from './refused.ts';

/** Amber and Würth AMB8465 (868 MHz), AMB3665 (169 MHz): `FF command length data`, then all of it by exclusive or. */

const START = 0xff;
const ANSWER = 0x80;
const COMMAND = { data: 0x03, mode: 0x04, reset: 0x05, set: 0x09, get: 0x0a, firmware: 0x0c } as const;
const PARAMETER = { commandOutput: 0x05, strength: 0x45, sleep: 0x3f } as const;
const MODES: Readonly<Record<LinkMode, number>> = { S: 0x03, T: 0x08, C: 0x0e, 'C+T': 0x09 };

const sum = (bytes: Uint8Array) => bytes.reduce((all, byte) => all ^ byte, 0);

export function amberFrame(command: number, ...data: readonly number[]): Uint8Array {
  const frame = Uint8Array.of(START, command, data.length, ...data);
  return Uint8Array.of(...frame, sum(frame));
}

/** It sends a telegram without L; the strength stands behind it where the stick is set so. */
function cut(bytes: Uint8Array, hasStrength: boolean): Cut | undefined {
  if (bytes[0] !== START) return SKIP;
  const [, command = 0, length = 0] = bytes;
  if (bytes.length < 3) return undefined;
  if (command !== COMMAND.data && (command & ANSWER) === 0) return SKIP;
  const used = 3 + length + 1;
  if (bytes.length < used) return undefined;
  if (sum(bytes.subarray(0, used)) !== 0) return SKIP;
  const data = bytes.slice(3, 3 + length);
  if (command !== COMMAND.data) return { used, said: { kind: 'answer', to: command & ~ANSWER, payload: data } };
  if (!hasStrength) return { used, said: { kind: 'telegram', bytes: Uint8Array.of(data.length, ...data) } };
  const body = data.subarray(0, -1);
  const dBm = signed(data.at(-1) ?? 0) / 2 - 74;
  return { used, said: { kind: 'telegram', bytes: Uint8Array.of(body.length, ...body), dBm } };
}

/** One stick; its receiver goes by what the set-up found. */
export function amber(): Dongle {
  let hasStrength = false;
  const get = async ({ ask }: DongleTalk, parameter: number) => {
    const answer = await ask(amberFrame(COMMAND.get, parameter, 1), COMMAND.get);
    return answer?.[0] === parameter ? answer[2] : undefined;
  };
  const identify: Dongle['identify'] = async ({ ask }) => {
    const version = await ask(amberFrame(COMMAND.firmware), COMMAND.firmware);
    return version && [...version].join('.');
  };
  return {
    title: 'Amber AMB8465',
    baudRate: 9600,
    modes: ['S', 'T', 'C', 'C+T'],
    receiver: () => receiverOf((bytes) => cut(bytes, hasStrength)),
    identify,
    isAlive: async (talk) => (await identify(talk)) !== undefined,
    async setUp(talk, mode) {
      const firmware = (await identify(talk)) ?? '';
      const taken = await talk.ask(amberFrame(COMMAND.mode, MODES[mode]), COMMAND.mode);
      if (taken?.[0] !== 0) throw refused('The stick AMB8465', `link mode ${mode}`);
      const notes: string[] = [];
      if ((await get(talk, PARAMETER.commandOutput)) === 0) {
        // Kept in the stick: once, never at each start.
        await talk.ask(amberFrame(COMMAND.set, PARAMETER.commandOutput, 1, 1), COMMAND.set);
        await talk.ask(amberFrame(COMMAND.reset), COMMAND.reset);
        await talk.pause(500);
        notes.push('It was set to give telegrams with their lengths checked.');
      }
      hasStrength = (await get(talk, PARAMETER.strength)) === 1;
      if (!hasStrength) notes.push('It does not tell how strong a telegram came in.');
      if ((await get(talk, PARAMETER.sleep)) === 1) notes.push('It is set to fall asleep by itself.');
      return { firmware, mode, notes };
    },
  };
}
