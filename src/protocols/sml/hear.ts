import { toHex } from '../../common/bytes.ts';
import type { Readout } from '../../common/readout.ts';
import type { Milliseconds } from '../../common/kinds.ts';
import type { Line } from '../../line/line.ts';
import type { Telegram } from '../protocol.ts';
import { isLocked, LOCKED, speakerOf } from './meter.ts';
import { listsIn, saidBy } from './said.ts';
import { transportReceiver, type Received, type TransportReceiver } from './transport.ts';

/** Hears one line. */
export interface Ear {
  /** What is over next, in order; undefined where nothing was in so long. */
  next(waitMs: Milliseconds): Promise<Received | undefined>;
  /** Bytes so far. */
  readonly heard: number;
  /** What these bytes look like, where that is no SML; undefined where nothing can be said. */
  suspicion(): string | undefined;
}

/** So many bytes are looked at to tell what else it may be. */
const SAMPLE = 512;

export function earAt(line: Line): Ear {
  const receiver: TransportReceiver = transportReceiver();
  const over: Received[] = [];
  const sample: number[] = [];
  let heard = 0;

  return {
    async next(waitMs) {
      const until = line.clock.monotonic() + waitMs;
      while (over.length === 0) {
        const left = until - line.clock.monotonic();
        if (left <= 0) return undefined;
        await line.read(
          (byte) => {
            heard++;
            if (sample.length === SAMPLE) sample.shift();
            sample.push(byte);
            over.push(...receiver.take(byte));
            return over.length > 0 ? 'done' : 'more';
          },
          { firstByteMs: left, interByteMs: left, totalMs: left },
        );
      }
      return over.shift();
    },
    get heard() {
      return heard;
    },
    suspicion: () => suspicionOf(sample),
  };
}

/** Enough to judge by. */
const TELLING = 32;
const MOSTLY = 0.9;

function suspicionOf(bytes: readonly number[]): string | undefined {
  if (bytes.length < TELLING) return undefined;
  const share = (is: (byte: number) => boolean) => bytes.filter(is).length / bytes.length;
  const isText = (byte: number) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0d || byte === 0x0a;
  const text = share((byte) => isText(byte & 0x7f));
  if (text > MOSTLY) return 'it is text, as meters of IEC 62056-21 push it: choose that protocol with mode D';
  const at = (value: number, offset: number, next: (byte: number) => boolean) =>
    bytes.some((byte, index) => byte === value && next(bytes[index + offset] ?? 0));
  if (at(0x7e, 1, (byte) => (byte & 0xf0) === 0xa0)) return 'there are HDLC frames in it: the meter pushes DLMS';
  if (at(0x68, 3, (byte) => byte === 0x68)) return 'there are M-Bus frames in it';
  if (bytes.length >= SAMPLE / 2 && bytes.every((byte) => byte < 0x80))
    return 'no byte has its highest bit: the adapter is at seven data bits. Unplug it and plug it in again';
  return undefined;
}

/** A whole transmission as a record has it; undefined where nobody says in it who speaks, or what. */
export function telegramOf(received: Received, line: Pick<Line, 'baudRate'>): SmlTelegram | undefined {
  if (received.kind !== 'transmission' || received.transmission.check === 'bad') return undefined;
  const { transmission } = received;
  const said = saidBy(transmission);
  const found = listsIn(said).find(({ isChecked }) => isChecked);
  if (!found) return undefined;
  const { list } = found;
  const { number, maker } = speakerOf(list);
  const notes = [
    ...(isLocked(list) ? [LOCKED] : []),
    ...(transmission.check === 'kermit' ? ['its check sum is of another kind, as this maker computes it'] : []),
    ...(said.fault === '' ? [] : [said.fault]),
  ];
  const readout: Readout = {
    errorCode: 0,
    identification: '',
    data: toHex(transmission.bytes),
    circumstances: {
      ...(maker === '' ? {} : { manufacturer: maker }),
      baudRate: line.baudRate,
      blockCheck: 'ok',
      ...(notes.length > 0 ? { notes } : {}),
    },
  };
  return {
    telegram: { readout, from: number === '' ? [] : [number] },
    seconds: list.time?.kind === 'operation' ? list.time.seconds : undefined,
  };
}

export interface SmlTelegram {
  readonly telegram: Telegram;
  /** Seconds of operation. */
  readonly seconds: number | undefined;
}

/** Why something that was heard is no telegram. */
export function reasonOf(received: Received): string {
  if (received.kind === 'broken') return received.reason;
  return received.transmission.check === 'bad'
    ? 'Its check sum is wrong: bytes were lost or changed on their way.'
    : 'It has no list of values that is as its check sum says.';
}
