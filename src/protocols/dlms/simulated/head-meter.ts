import { fromLatin1 } from '../../../common/bytes.ts';
import { withParity } from '../../../line/framing.ts';
import { alarm } from '../../../simulator/alarm.ts';
import { answerer } from '../../../simulator/answerer.ts';
import { eightBits, type Device } from '../../../simulator/device.ts';
import { deviceAt, type FarEnd } from '../../../simulator/far-end.ts';
import type { Faults } from '../../../simulator/faults.ts';
import { hdlcReceiver } from '../hdlc/receiver.ts';
import { secondary } from './secondary.ts';
import type { MeterSpec } from './server.ts';

export interface HeadSpec extends MeterSpec {
  /** `OHU5\2DLMS-1`: maker, baud character, escapes, the rest. */
  readonly identification: string;
  readonly baudRate: number;
  /** What it says to the acknowledge, and whether still at its first rate; absent: nothing. */
  readonly confirmation?: { readonly text: string; readonly isAtFirstRate: boolean };
  /** It goes on with HDLC at 300 Bd, whatever it named. */
  readonly staysAtFirstRate?: boolean;
  /** What it says in the place of the confirmation, and does not go over to HDLC. */
  readonly refusal?: string;
  /** At this rate the head is too slow for what it says. */
  readonly muteAt?: number;
}

const FIRST_RATE = 300;
const REACTION_MS = 200;
const HDLC_REACTION_MS = 15;
/** A connection in which nothing is heard ends by itself. */
const INACTIVITY_MS = 120_000;
const LONGEST = 40;

/** A meter behind an optical head: sign-on at 300 Bd, then HDLC at its rate (mode E). */
export const headMeter = (spec: HeadSpec): FarEnd => deviceAt((faults) => deviceOf(spec, faults));

const deviceOf =
  (spec: HeadSpec, faults: Faults): Device =>
  (wire) => {
    let rate = FIRST_RATE;
    const timeout = alarm(wire.clock);
    const answers = (bytes: Uint8Array, at: number) =>
      answerer(wire, eightBits(rate), faults).send(bytes, bytes.length - 2, at);
    let heard = '';
    /** Undefined while it waits for a sign-on. */
    let station: ReturnType<typeof secondary> | undefined;
    let receiver = hdlcReceiver();

    function toStart(): void {
      timeout.cancel();
      station = undefined;
      heard = '';
      wire.listen(eightBits(FIRST_RATE));
    }

    const say = (text: string, baudRate: number, at: number) =>
      wire.send(withParity(fromLatin1(text), 'even'), eightBits(baudRate), at);

    function goOver(step: number, end: number): void {
      const { confirmation, refusal } = spec;
      const at = end + REACTION_MS;
      rate = spec.staysAtFirstRate === true ? FIRST_RATE : FIRST_RATE * 2 ** step;
      if (refusal !== undefined) {
        say(refusal, rate, at);
        return toStart();
      }
      const ready = confirmation ? say(confirmation.text, confirmation.isAtFirstRate ? FIRST_RATE : rate, at) : at;
      station = secondary(spec, () => wire.clock.now());
      receiver = hdlcReceiver();
      wire.listen(eightBits(rate));
      timeout.set(ready + INACTIVITY_MS, toStart);
    }

    function hearText(character: number, end: number): void {
      heard = (heard + String.fromCharCode(character & 0x7f)).slice(-LONGEST);
      if (heard.endsWith('/?!\r\n') && !faults().has('silent'))
        say(`/${spec.identification}\r\n`, FIRST_RATE, end + REACTION_MS);
      const step = /\x062([0-6])2\r\n$/.exec(heard)?.[1];
      if (step !== undefined) goOver(Number(step), end);
    }

    toStart();
    return {
      received(character, end) {
        if (!station) return hearText(character, end);
        timeout.set(end + INACTIVITY_MS, toStart);
        for (const frame of receiver.take(character)) {
          const answer = station(frame);
          if (answer && rate !== spec.muteAt) answers(answer, end + HDLC_REACTION_MS);
          if (frame.control.kind === 'DISC') toStart();
        }
      },
    };
  };
