import type { Milliseconds } from '../../common/kinds.ts';
import type { Accept, Deadlines, Line, LineSettings } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import { INPUTS } from './address.ts';
import type { BoardPlan } from './board-inputs.ts';
import { SAMPLE_MS } from './contact.ts';
import { inputsError } from './errors.ts';
import { firmata, firmataParser, MODE, type FirmataMessage } from './firmata.ts';
import type { InputsSettings } from './settings.ts';

export const BOARD_LINE: LineSettings = { baudRate: 57_600, framing: '8N1' };

/** Opening the port resets an Arduino: boot loader 1 to 2 s, then 2.1 s of blinking before its first word. */
const BOOT_MS = 5000;
const ASKED_MS = 2000;
const ANSWER_MS = 1000;
/** Reports come every 10 ms: a board that is silent for so long is gone. */
const SILENCE_MS = 1000;

/** A board with StandardFirmata over an open line. */
export interface Board {
  readonly plan: BoardPlan;
  /** Gives report after report until `take` says that it is enough. Rejects with a MeterError when the board falls silent or begins anew. */
  reports(take: (message: FirmataMessage) => boolean): Promise<void>;
}

/**
 * Waits for the board, asks what its pins can do, sets them up and lets them report. Rejects with MeterErrors 8388611–13,
 * 8388865 and 8388867.
 */
export async function openBoard(line: Line, settings: InputsSettings, say: (text: string) => void): Promise<Board> {
  const parser = firmataParser();
  /** Bytes that came before the board was known, for whoever has to say what they were not. */
  let strange = 0;

  /** The first message that is picked; undefined where none came within these deadlines. */
  async function hear<T>(
    pick: (message: FirmataMessage) => T | undefined,
    deadlines: Deadlines,
  ): Promise<T | undefined> {
    let found: T | undefined;
    const accept: Accept = (byte, isGood) => {
      strange++;
      if (!isGood) {
        parser.reset();
        return 'more';
      }
      const message = parser.take(byte);
      if (message) found = pick(message);
      return found === undefined ? 'more' : 'done';
    };
    await line.read(accept, deadlines);
    return found;
  }

  async function ask(request: Uint8Array): Promise<void> {
    try {
      await line.write(request);
    } catch (error) {
      if (!(error instanceof PortError) || error.failure === 'lost') throw error;
      const isSlow = error.failure === 'timeout' || error.failure === 'stuck';
      throw inputsError(isSlow ? 8388612 : 8388611, error.message, { cause: error });
    }
  }

  async function answer<K extends FirmataMessage['kind']>(request: Uint8Array, kind: K, what: string) {
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
  }

  async function greet(): Promise<string> {
    const isVersion = (message: FirmataMessage) => (message.kind === 'version' ? message : undefined);
    say('waiting for the board: it restarts when it is opened');
    let version = await hear(isVersion, within(BOOT_MS));
    if (!version) {
      say('asking the board for its version');
      await ask(firmata.askVersion);
      version = await hear(isVersion, within(ASKED_MS));
    }
    if (version) return `${version.major}.${version.minor}`;
    if (strange === 0)
      throw inputsError(8388613, `Nothing came from the board within ${(BOOT_MS + ASKED_MS) / 1000} s.`);
    throw inputsError(8388865, `${strange} bytes came from the board, and none of them is a Firmata version.`);
  }

  const version = await greet();
  const { pins } = await answer(firmata.askCapabilities, 'capabilities', 'pins');
  const { channels } = await answer(firmata.askAnalogMapping, 'analog mapping', 'analog inputs');
  const setup = setupOf(settings, pins, channels);
  say(`Firmata ${version}: setting up its inputs`);
  for (const request of setup.requests) await ask(request);
  say(`Firmata ${version}, ${pins.length} pins`);

  return {
    plan: setup.plan,
    async reports(take) {
      const silence = { firstByteMs: SILENCE_MS, interByteMs: SILENCE_MS };
      const end = await hear((message) => {
        if (message.kind === 'version') return 'restarted';
        return take(message) ? 'enough' : undefined;
      }, silence);
      if (end === 'enough') return;
      throw inputsError(
        8388613,
        end ? 'The board has restarted.' : `The board has been silent for ${SILENCE_MS / 1000} s.`,
      );
    },
  };
}

const within = (ms: Milliseconds): Deadlines => ({ firstByteMs: ms, interByteMs: ms, totalMs: ms });

interface Setup {
  readonly plan: BoardPlan;
  readonly requests: readonly Uint8Array[];
}

/** What the board is told, after a look at what its pins can do. Throws 8388865 for a pin that can't. */
function setupOf(
  settings: InputsSettings,
  pins: readonly ReadonlyMap<number, number>[],
  channels: readonly (number | undefined)[],
): Setup {
  const own = INPUTS.map((input) => settings.inputs[input]);
  const mode = settings.contacts === 'pull-up' ? MODE.pullUp : MODE.input;
  const bits = new Map<number, number>();
  const requests: Uint8Array[] = [firmata.samplingInterval(SAMPLE_MS)];
  for (const channel of new Set(own.map(({ adc }) => adc))) {
    const pin = channels.indexOf(channel);
    const resolution = pins[pin]?.get(MODE.analog);
    if (resolution === undefined) throw inputsError(8388865, `The board has no analog input A${channel}.`);
    bits.set(channel, resolution);
    requests.push(firmata.pinMode(pin, MODE.analog), firmata.reportAnalog(channel, true));
  }
  for (const pin of new Set(own.map(({ pin }) => pin))) {
    if (pins[pin]?.has(mode) !== true)
      throw inputsError(
        8388865,
        `Pin ${pin} of the board is no digital input${mode === MODE.pullUp ? ' with pull-up' : ''}.`,
      );
    requests.push(firmata.pinMode(pin, mode));
  }
  for (const port of new Set(own.map(({ pin }) => pin >> 3))) requests.push(firmata.reportDigital(port, true));
  return { plan: { ...settings, bits, ticks: Math.min(...own.map(({ adc }) => adc)) }, requests };
}
