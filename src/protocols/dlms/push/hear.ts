import { MeterError } from '../../../common/meter-error.ts';
import type { Line } from '../../../line/line.ts';
import type { Hearing, Telegram } from '../../protocol.ts';
import { nameText } from '../apdu/attribute.ts';
import { hdlcReceiver } from '../hdlc/receiver.ts';
import { withoutLlc } from '../hdlc/segments.ts';
import { pushedText } from '../record-data.ts';
import { titleIn } from '../security/ciphered.ts';
import { carrierReceiver } from './carrier.ts';
import { joiner, type Joined } from './joiner.ts';
import { numbersOfTitle } from './opened.ts';
import { isPush, readPush } from './notification.ts';

/** A burst is over, and what came of it without a frame may be judged. */
const BURST_MS = 400;
/** The last block of a telegram may come three seconds behind the others. */
const OPEN_MS = 5000;
const IDLE_MS = 60_000;
const MOST_RAW = 4096;
const LEAST_RAW = 12;
/** So many bytes in no frame have been one: the shortest with something in it. */
const LEAST_FRAME = 10;
/** What is of no use is told together: a wrong rate makes hundreds of bytes a second. */
const TELL_MS = 1000;

/** Hears what meters push, until it is enough. Rejects where the port fails, or with the signal's reason. */
export async function hearPushes(
  line: Line,
  hearing: Hearing,
  isEnough: () => boolean,
  untilMs = Infinity,
): Promise<void> {
  const join = joiner();
  let [hdlc, carrier] = [hdlcReceiver(), carrierReceiver()];
  /** Bytes of a burst of which none was part of a frame. */
  let raw: number[] = [];
  let hasFrames = false;
  /** As the receiver has counted them with its last frame. */
  let droppedBefore = 0;
  let heardAt = line.clock.monotonic();
  let toldAt = -Infinity;

  function drop(reason: string): void {
    if (reason === '' || line.clock.monotonic() - toldAt < TELL_MS) return;
    toldAt = line.clock.monotonic();
    hearing.onDropped(reason);
  }

  function takeIn(joined: Joined): void {
    if (joined?.kind === 'lost') drop(joined.reason);
    if (joined?.kind !== 'message') return;
    if (isCutEnvelope(joined.message)) drop('A message came that is shorter than its envelope says.');
    else if (isPush(joined.message)) hearing.onTelegram(telegramOf(line, joined.message, true));
    else drop('A message came that is no push: somebody asks a meter on this line.');
  }

  function take(byte: number): 'more' | 'done' {
    heardAt = line.clock.monotonic();
    for (const frame of hdlc.take(byte)) {
      if (hdlc.dropped - droppedBefore >= LEAST_FRAME) takeIn(join.tear());
      droppedBefore = hdlc.dropped;
      hasFrames = true;
      takeIn(join.frame(frame));
    }
    const segment = carrier.take(byte);
    if (segment) {
      hasFrames = true;
      takeIn(join.carrier(segment));
    }
    if (raw.length < MOST_RAW) raw.push(byte);
    return isEnough() ? 'done' : 'more';
  }

  /** Some ports give the bare message, which nothing vouches for. */
  function judgeBurst(): void {
    const bytes = withoutLlc(Uint8Array.from(raw));
    raw = [];
    const isBare = !hasFrames && !join.isOpen;
    hasFrames = false;
    if (!isBare || bytes.length < LEAST_RAW) return;
    if (isReadable(bytes)) hearing.onTelegram(telegramOf(line, bytes, false));
    else drop(`${bytes.length} bytes came that are no frame: rate or parity may be others.`);
    // What seemed to begin in it does not go on behind a pause.
    [hdlc, carrier] = [hdlcReceiver(), carrierReceiver()];
    droppedBefore = 0;
  }

  hearing.onStep('listening for the next telegram');
  while (!isEnough()) {
    const left = untilMs - line.clock.monotonic();
    if (left <= 0) return;
    const end = await line.read(take, {
      firstByteMs: Math.min(left, raw.length > 0 || join.isOpen ? OPEN_MS : IDLE_MS),
      interByteMs: BURST_MS,
    });
    if (end !== 'done') judgeBurst();
    if (join.isOpen && line.clock.monotonic() - heardAt >= OPEN_MS) takeIn(join.giveUp());
  }
}

/** A part of it is lost, though each frame that came is right. */
function isCutEnvelope(message: Uint8Array): boolean {
  try {
    titleIn(message);
    return false;
  } catch (error) {
    if (error instanceof MeterError) return true;
    throw error;
  }
}

/** A bare message has no check: only what can be read to its end is one. */
function isReadable(bytes: Uint8Array): boolean {
  if (!isPush(bytes)) return false;
  try {
    const envelope = titleIn(bytes);
    if (envelope) return envelope.end === bytes.length;
    readPush(bytes);
    return true;
  } catch (error) {
    if (error instanceof MeterError) return false;
    throw error;
  }
}

function telegramOf({ baudRate, framing }: Line, message: Uint8Array, isFramed: boolean): Telegram {
  return {
    readout: {
      errorCode: 0,
      identification: '',
      data: pushedText(message),
      circumstances: {
        baudRate,
        ...(isFramed ? {} : { blockCheck: 'absent', notes: [`It came without a frame at ${baudRate} Bd ${framing}.`] }),
      },
    },
    from: numbersIn(message),
  };
}

/** Where meters name themselves. */
const NUMBERS = /^(0-\d+:96\.1\.[01]|1-[01]:0\.0\.[0-5])\*255$/;

function numbersIn(message: Uint8Array): readonly string[] {
  try {
    const title = titleIn(message)?.title;
    // The number in a title is that on the plate for some makers.
    if (title) return numbersOfTitle(title);
    return readPush(message).values.flatMap(({ attribute, data }) => {
      if (!attribute || !('bytes' in data) || !NUMBERS.test(nameText(attribute.name))) return [];
      const text = String.fromCharCode(...data.bytes.subarray(0, 40)).replace(/[\0 ]+$/, '');
      return /^[ -~]+$/.test(text) ? [text] : [];
    });
  } catch (error) {
    if (error instanceof MeterError) return [];
    throw error;
  }
}
