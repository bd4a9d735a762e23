import { toHex } from '../../common/bytes.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Line } from '../../line/line.ts';
import type { Hearing, Listener, Target, Telegram } from '../protocol.ts';
import type { Dongle, LinkMode } from './dongles/dongle.ts';
import { dongles } from './dongles/index.ts';
import { stickOn, type HeardTelegram, type Stick } from './dongles/stick.ts';
import { readFrame } from './frame.ts';
import { linkIdentity } from './identity.ts';
import { transport } from './layers.ts';
import { LINK_END } from './link.ts';

/** Meters sleep at night and on weekends: silence alone is no fault, but the stick is asked whether it is awake. */
const SILENCE_MS = 60_000;
/** Where nothing answers, it may be plugged in later. */
const AGAIN_MS = 10_000;
/** An Arduino that began anew with the opening of its port is up after that. */
const TRIES = 2;
const DEFAULT_MODE: LinkMode = 'C+T';
const MODES: readonly LinkMode[] = ['S', 'T', 'C', 'C+T'];

/** Hears every meter around, by the stick that is found on the line. */
export const wmbusListener: Listener = {
  async listen(line, target, hearing) {
    try {
      for (;;) {
        const found = await findStick(line, hearing);
        if (found) await hearWith(found, line, target, hearing);
        else {
          hearing.onStep('no radio stick answers on this port');
          await line.pause(AGAIN_MS);
        }
      }
    } catch (error) {
      if (!line.signal.aborted) throw error;
    }
  },
};

interface Found {
  readonly dongle: Dongle;
  readonly stick: Stick;
  readonly firmware: string;
}

/** Each is asked at its own rate for what it is, which changes nothing in whatever else is there. */
async function findStick(line: Line, { onStep }: Hearing): Promise<Found | undefined> {
  for (let n = 0; n < TRIES; n++)
    for (const create of dongles) {
      const dongle = create();
      onStep(`looking for ${dongle.title} at ${dongle.baudRate} Bd`);
      await line.change({ baudRate: dongle.baudRate, framing: '8N1' });
      line.flush();
      const stick = stickOn(line, dongle);
      const firmware = await dongle.identify(stick.talk);
      if (firmware !== undefined) return { dongle, stick, firmware };
    }
  return undefined;
}

const wanted = ({ settings }: Target): LinkMode => MODES.find((mode) => mode === settings['linkMode']) ?? DEFAULT_MODE;

/** Until the stick answers no more. */
async function hearWith(
  { dongle, stick, firmware }: Found,
  line: Line,
  target: Target,
  hearing: Hearing,
): Promise<void> {
  const setUp = await orRefused(dongle.setUp(stick.talk, wanted(target)), hearing);
  if (!setUp) {
    await line.pause(AGAIN_MS);
    return;
  }
  const version = setUp.firmware === '' ? firmware : setUp.firmware;
  const name = `${dongle.title}${version === '' ? '' : ` (${version})`}`;
  const notes = setUp.notes.map((note) => ` ${note}`).join('');
  hearing.onStep(`${name} hears mode ${setUp.mode}.${notes}`);
  for (;;) {
    const heard = await stick.next(SILENCE_MS);
    if (heard) tell(heard, hearing);
    else if (!(await dongle.isAlive(stick.talk))) {
      hearing.onStep(`${name} does not answer any more: it is looked for and set up anew`);
      return;
    }
  }
}

/** What a stick refuses ends nothing: it is said, and tried again. */
async function orRefused<T>(setUp: Promise<T>, { onStep }: Hearing): Promise<T | undefined> {
  try {
    return await setUp;
  } catch (error) {
    if (!(error instanceof MeterError)) throw error;
    onStep(`${error.message} ${error.hint ?? ''}`.trim());
    return undefined;
  }
}

function tell({ bytes, dBm }: HeardTelegram, hearing: Hearing): void {
  const frame = readFrame(bytes);
  if (!frame) return hearing.onDropped('What the stick gave is no telegram.');
  if (frame.fault !== '') return hearing.onDropped(`A telegram came damaged: ${frame.fault}.`);
  hearing.onTelegram(telegramOf(frame.body, dBm));
}

function telegramOf(body: Uint8Array, dBm = 0): Telegram {
  const header = body.length > LINK_END ? transport(body, LINK_END) : undefined;
  const { number } = linkIdentity(body, header);
  return { readout: { errorCode: 0, identification: number, data: toHex(body) }, from: [number], dBm };
}
