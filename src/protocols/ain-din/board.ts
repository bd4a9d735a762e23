import type { Milliseconds } from '../../common/kinds.ts';
import type { Accept, Deadlines, Line, LineSettings } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import type { BoardPlan } from './board-inputs.ts';
import { setupOf } from './board-setup.ts';
import { inputsError } from './errors.ts';
import { firmata, firmataParser, type FirmataMessage } from './firmata.ts';
import type { InputsSettings } from './settings.ts';

export const boardLine = ({ baudRate }: InputsSettings): LineSettings => ({ baudRate, framing: '8N1' });

/** Some boards speak by themselves at once, or go on with what they said before they were opened. */
const AT_ONCE_MS = 500;
/** Others restart when they are opened: boot loader 1 to 2 s, then 2.1 s of blinking before the first word. */
const BOOT_MS = 5000;
const ASKED_MS = 2000;
const ANSWER_MS = 1000;
/** Reports come every 10 ms: a board that is silent for so long is gone. */
const SILENCE_MS = 1000;

/** A board with StandardFirmata over an open line. */
export interface Board {
  readonly plan: BoardPlan;
  /** From now on with these settings. Rejects as `openBoard` does. */
  setUp(settings: InputsSettings): Promise<void>;
  /** Gives report after report until `take` says that it is enough, the board begins anew or says nothing for a second. */
  reports(take: (message: FirmataMessage) => boolean): Promise<'enough' | 'restarted' | 'silent'>;
}

/**
 * Waits for the board, asks what its pins can do, sets them up and lets them report. Rejects with MeterErrors 8388611–13,
 * 8388865 and 8388867.
 */
export async function openBoard(line: Line, settings: InputsSettings, say: (text: string) => void): Promise<Board> {
  const talk = talkOver(line);
  const version = await greet(talk, settings, say);
  const { pins } = await talk.answer(firmata.askCapabilities, 'capabilities', 'pins');
  const { channels } = await talk.answer(firmata.askAnalogMapping, 'analog mapping', 'analog inputs');

  async function setUp(wanted: InputsSettings, before?: BoardPlan): Promise<BoardPlan> {
    const setup = setupOf(wanted, pins, channels, before);
    say(`Firmata ${version}: setting up its inputs`);
    for (const request of setup.requests) await talk.ask(request);
    say(`Firmata ${version}, ${pins.length} pins`);
    return setup.plan;
  }

  let plan = await setUp(settings);
  return {
    get plan() {
      return plan;
    },
    async setUp(wanted) {
      plan = await setUp(wanted, plan);
    },
    async reports(take) {
      const end = await talk.hear(
        (message) => (message.kind === 'version' ? 'restarted' : take(message) ? 'enough' : undefined),
        { firstByteMs: SILENCE_MS, interByteMs: SILENCE_MS },
      );
      return end ?? 'silent';
    },
  };
}

interface Talk {
  /** The first message that is picked; undefined where none came within these deadlines. */
  hear<T>(pick: (message: FirmataMessage) => T | undefined, deadlines: Deadlines): Promise<T | undefined>;
  ask(request: Uint8Array): Promise<void>;
  answer<K extends FirmataMessage['kind']>(
    request: Uint8Array,
    kind: K,
    what: string,
  ): Promise<Extract<FirmataMessage, { kind: K }>>;
  /** Bytes that have come, for whoever has to say what they were not. */
  readonly heard: number;
}

function talkOver(line: Line): Talk {
  const parser = firmataParser();
  let heard = 0;

  async function hear<T>(pick: (message: FirmataMessage) => T | undefined, deadlines: Deadlines) {
    let found: T | undefined;
    const accept: Accept = (byte, isGood) => {
      heard++;
      if (!isGood) parser.reset();
      const message = isGood ? parser.take(byte) : ({ kind: 'damaged', reason: 'broken off' } as const);
      if (message) found = pick(message);
      return found === undefined ? 'more' : 'done';
    };
    await line.read(accept, deadlines);
    return found;
  }

  async function ask(request: Uint8Array): Promise<void> {
    try {
      // Its reports go on meanwhile: a pulse among them is not to be lost.
      await line.write(request, [], 'anytime');
    } catch (error) {
      if (!(error instanceof PortError) || error.failure === 'lost') throw error;
      const isSlow = error.failure === 'timeout' || error.failure === 'stuck';
      throw inputsError(isSlow ? 8388612 : 8388611, error.message, { cause: error });
    }
  }

  return {
    hear,
    ask,
    get heard() {
      return heard;
    },
    async answer<K extends FirmataMessage['kind']>(request: Uint8Array, kind: K, what: string) {
      type Wanted = Extract<FirmataMessage, { kind: K }>;
      const is = (message: FirmataMessage): message is Wanted => message.kind === kind;
      let isTooLong = false;
      await ask(request);
      const found = await hear((message) => {
        isTooLong ||= message.kind === 'damaged' && message.reason === 'too long';
        return is(message) ? message : undefined;
      }, within(ANSWER_MS));
      if (found) return found;
      if (isTooLong) throw inputsError(8388867);
      throw inputsError(8388613, `The board did not tell its ${what} within ${ANSWER_MS / 1000} s.`);
    },
  };
}

const within = (ms: Milliseconds): Deadlines => ({ firstByteMs: ms, interByteMs: ms, totalMs: ms });

/** The version that the board says by itself or is asked for: not every board restarts when it is opened. */
async function greet(talk: Talk, { baudRate }: InputsSettings, say: (text: string) => void): Promise<string> {
  const isVersion = (message: FirmataMessage) => (message.kind === 'version' ? message : undefined);
  say('waiting for the board');
  let version = await talk.hear(isVersion, within(AT_ONCE_MS));
  for (const ms of [BOOT_MS, ASKED_MS]) {
    if (version) break;
    say('asking the board for its version: many restart when they are opened');
    await talk.ask(firmata.askVersion);
    version = await talk.hear(isVersion, within(ms));
  }
  if (version) return `${version.major}.${version.minor}`;
  const waited = (AT_ONCE_MS + BOOT_MS + ASKED_MS) / 1000;
  if (talk.heard === 0) throw inputsError(8388613, `Nothing came from the board within ${waited} s.`);
  throw inputsError(
    8388865,
    `${talk.heard} bytes came at ${baudRate} Bd within ${waited} s, and none of them is a version of Firmata.`,
    { hint: 'Load StandardFirmata onto the board, or choose its baud rate: ESP boards often speak at 115200.' },
  );
}
