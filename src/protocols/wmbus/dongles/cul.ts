import { fromHex, fromLatin1 } from '../../../common/bytes.ts';
import { readFrame } from '../frame.ts';
import type { Dongle, LinkMode } from './dongle.ts';
import { receiverOf, signed, text, type Cut } from './receiver.ts';
import { refused } from './refused.ts';

/** CUL and nanoCUL with culfw or a-culfw: lines of text, telegrams as `b<hex>` (`bY` for format B), strength behind them. */

const LINE_END = 0x0a;
const LONGEST_LINE = 1000;
/** All that is not a telegram answers whatever was asked last. */
const ANSWER = 0;
const LETTERS: Readonly<Partial<Record<LinkMode, string>>> = { S: 's', T: 't', C: 'c' };

function cut(bytes: Uint8Array): Cut | undefined {
  const end = bytes.indexOf(LINE_END);
  if (end < 0) return bytes.length > LONGEST_LINE ? { used: bytes.length } : undefined;
  const used = end + 1;
  const line = text(bytes.subarray(0, end)).trim();
  if (line === '') return { used };
  const hex = /^bY?([0-9A-Fa-f]{24,})$/.exec(line)?.[1];
  if (hex === undefined) return { used, said: { kind: 'answer', to: ANSWER, payload: fromLatin1(line) } };
  // Firmware that has no room for a long one breaks off anywhere, also within a byte.
  const all = fromHex(hex.slice(0, hex.length - (hex.length % 2)));
  const frame = all && readFrame(all);
  if (!all || !frame) return { used };
  const { behind } = frame;
  const telegram = { kind: 'telegram', bytes: all.slice(0, all.length - behind.length) } as const;
  // Quality, then strength.
  if (behind.length !== 2) return { used, said: telegram };
  return { used, said: { ...telegram, dBm: signed(behind[1] ?? 0) / 2 - 74 } };
}

const line = (command: string) => fromLatin1(`${command}\r\n`);

export function cul(): Dongle {
  const identify: Dongle['identify'] = async ({ ask }) => {
    const said = await ask(line('V'), ANSWER);
    const version = said && text(said);
    return version?.includes('CUL') ? version : undefined;
  };
  return {
    title: 'CUL or nanoCUL',
    baudRate: 38_400,
    modes: ['S', 'T', 'C'],
    receiver: () => receiverOf(cut),
    identify,
    isAlive: async (talk) => (await identify(talk)) !== undefined,
    async setUp(talk, wanted) {
      const firmware = (await identify(talk)) ?? '';
      // In mode C newer firmware hears T as well.
      const mode = wanted === 'C+T' ? 'C' : wanted;
      const said = await talk.ask(line(`X21\r\nbr${LETTERS[mode] ?? 't'}`), ANSWER);
      if (!said || text(said) !== `${mode}MODE`)
        throw refused('The stick', `link mode ${mode}: its firmware may have no wireless M-Bus`);
      return { firmware, mode, notes: ['Long telegrams may be cut off by its firmware.'] };
    },
  };
}
