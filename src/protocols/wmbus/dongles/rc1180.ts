import { isRadioLink, LINK_END } from '../link.ts';
import type { Dongle, DongleTalk, LinkMode } from './dongle.ts';
import { receiverOf, SKIP, type Cut } from './receiver.ts';
import { refused } from './refused.ts';

/**
 * Radiocrafts RC1180-MBUS: telegrams without check sums, strength behind them where its memory says so. In configuration
 * it answers with a prompt, and hears nothing until it is left again.
 */
const PROMPT = 0x3e;
const ENTER = 0x00;
const SHOW_MEMORY = 0x30;
const WRITE = 0x4d;
const WRITE_END = 0xff;
const LEAVE = 0x58;
const MEMORY = 256;
const MEMORY_OF = { mode: 0x03, strength: 0x05 } as const;
/** All answers are told by what was asked. */
const ANSWER = 0;
const MODES: Readonly<Partial<Record<LinkMode, number>>> = { S: 0, T: 1 };

/** What is awaited: telegrams, a prompt, or the memory with a prompt behind it. */
type Awaited = 'telegrams' | 'prompt' | 'memory';

function cut(bytes: Uint8Array, awaited: Awaited, hasStrength: boolean): Cut | undefined {
  if (awaited === 'prompt') {
    return bytes[0] === PROMPT ? { used: 1, said: { kind: 'answer', to: ANSWER, payload: bytes.slice(0, 1) } } : SKIP;
  }
  if (awaited === 'memory') {
    if (bytes.length <= MEMORY) return undefined;
    if (bytes[MEMORY] !== PROMPT) return SKIP;
    return { used: MEMORY + 1, said: { kind: 'answer', to: ANSWER, payload: bytes.slice(0, MEMORY) } };
  }
  const length = bytes[0] ?? 0;
  if (length < LINK_END) return SKIP;
  if (bytes.length <= LINK_END) return undefined;
  if (!isRadioLink(bytes, 1)) return SKIP;
  const used = 1 + length + (hasStrength ? 1 : 0);
  if (bytes.length < used) return undefined;
  const telegram = { kind: 'telegram', bytes: bytes.slice(0, 1 + length) } as const;
  return { used, said: hasStrength ? { ...telegram, dBm: -(bytes[1 + length] ?? 0) / 2 } : telegram };
}

export function rc1180(): Dongle {
  let awaited: Awaited = 'telegrams';
  let hasStrength = false;

  async function memoryOf({ ask }: DongleTalk): Promise<Uint8Array | undefined> {
    awaited = 'prompt';
    const entered = await ask(Uint8Array.of(ENTER), ANSWER);
    if (!entered) {
      awaited = 'telegrams';
      return undefined;
    }
    awaited = 'memory';
    return await ask(Uint8Array.of(SHOW_MEMORY), ANSWER);
  }

  /** Left alone in configuration it would stay deaf. */
  async function leave({ ask }: DongleTalk): Promise<void> {
    awaited = 'telegrams';
    await ask(Uint8Array.of(LEAVE), ANSWER, 1);
  }

  async function identify(talk: DongleTalk): Promise<string | undefined> {
    const memory = await memoryOf(talk);
    await leave(talk);
    return memory && '';
  }

  return {
    title: 'Radiocrafts RC1180',
    baudRate: 19_200,
    modes: ['S', 'T'],
    receiver: () => receiverOf((bytes) => cut(bytes, awaited, hasStrength)),
    identify,
    isAlive: async (talk) => (await identify(talk)) !== undefined,
    async setUp(talk, wanted) {
      const mode = wanted === 'S' ? 'S' : 'T';
      const memory = await memoryOf(talk);
      if (!memory) throw refused('The module RC1180', 'a look at its memory');
      const wants = [MEMORY_OF.mode, MODES[mode] ?? 1, MEMORY_OF.strength, 1];
      // What is written is kept in it: never what already is so.
      if (memory[MEMORY_OF.mode] !== wants[1] || memory[MEMORY_OF.strength] !== 1) {
        awaited = 'prompt';
        const taken = await talk.ask(Uint8Array.of(WRITE, ...wants, WRITE_END), ANSWER);
        if (!taken) throw refused('The module RC1180', `link mode ${mode}`);
      }
      hasStrength = true;
      await leave(talk);
      return { firmware: '', mode, notes: [] };
    },
  };
}
