import type { Clock } from '../common/clock.ts';
import type { Ear } from './ear.ts';
import { portSettings, softwareParity, wireTime, withParity } from './framing.ts';
import type { Answered, Hidden, LineSettings } from './line.ts';
import type { Port, PortSettings } from './port.ts';
import { refusal } from './refusal.ts';
import { noteSwitch } from './switch-times.ts';
import type { Trace } from './trace.ts';
import { untilAborted } from './turn.ts';

/** What a line does to its port, in the time of the wire: writes, and changes of settings between them. */
export interface Sender {
  readonly settings: LineSettings;
  /** As `Line.write`, until `end`. */
  write(bytes: Uint8Array, hidden: Hidden, answered: Answered, end: AbortSignal): Promise<void>;
  /** As `Line.change`, until `end`; a change that has begun goes on after it. */
  change(wanted: Partial<LineSettings>, end: AbortSignal): Promise<void>;
}

export interface SenderParts {
  readonly port: Port;
  /** With which the port is opened. */
  readonly settings: LineSettings;
  readonly clock: Clock;
  readonly trace: Trace;
  readonly ear: Ear;
  /** Throws where nothing can go out any more. */
  requirePort(): void;
}

export function createSender({ port, clock, trace, ear, requirePort, ...parts }: SenderParts): Sender {
  let { settings } = parts;
  /** When the last stop bit of what was written will have left the wire. */
  let wireFreeAt = 0;
  /** A change that goes on although Stop has ended the wait for it. */
  let changing: Promise<void> | undefined;

  /** Rejects with the reason of `end` when that aborts. */
  async function afterChange(end: AbortSignal): Promise<void> {
    if (changing) await untilAborted(changing, end);
  }

  const set = () => portSettings(settings.framing, settings.baudRate);
  const note = (text: string) => trace.event(text, settings.baudRate);

  return {
    get settings() {
      return settings;
    },
    async write(bytes, hidden, answered, end) {
      requirePort();
      await afterChange(end);
      const { baudRate, framing } = settings;
      const bySoftware = softwareParity(framing);
      wireFreeAt = Math.max(clock.monotonic(), wireFreeAt) + wireTime(bytes.length, baudRate, framing);
      const echo = answered === 'alike' && ear.echo !== 'echoes' ? new Uint8Array(0) : bytes;
      const answeredFrom = answered === 'anytime' ? -Infinity : wireFreeAt;
      const mask = set().dataBits === 8 && !bySoftware ? 0xff : 0x7f;
      ear.send({ echo, endsAt: wireFreeAt, answeredFrom, mask }, hidden);
      trace.sent(bytes, baudRate, positionsIn(hidden));
      await untilAborted(port.write(bySoftware ? withParity(bytes, bySoftware) : bytes), end);
      const remaining = wireFreeAt - clock.monotonic();
      if (remaining > 0) await clock.sleep(remaining, end);
      if (ear.early > 0) note(`${ear.early} characters came before the request had left: no answer to it`);
    },
    async change(change, end) {
      requirePort();
      const wanted = { ...settings, ...change };
      if (wanted.baudRate === settings.baudRate && wanted.framing === settings.framing) return;
      const after = portSettings(wanted.framing, wanted.baudRate);
      const isSame = sameSettings(set(), after);
      const refused = isSame ? undefined : refusal(port.info.label, port.capabilities, after);
      if (refused) throw refused;
      await afterChange(end);
      const remaining = wireFreeAt - clock.monotonic();
      // Of a write that Stop cut short; timers of the others may fire a little early, which must not cost a second one.
      if (!isSame && remaining > 1) await clock.sleep(remaining, end);
      const began = clock.monotonic();
      settings = wanted;
      ear.beginAnew();
      if (isSame) return note(inWords(settings));
      changing = port.reconfigure(after).finally(() => {
        changing = undefined;
      });
      await untilAborted(changing, end);
      const took = clock.monotonic() - began;
      noteSwitch(port, took);
      note(`${inWords(settings)}, switched in ${Math.round(took)} ms`);
    },
  };
}

/** "300 Bd 7E1" */
export const inWords = ({ baudRate, framing }: LineSettings): string => `${baudRate} Bd ${framing}`;

const positionsIn = (hidden: Hidden): readonly number[] =>
  hidden.flatMap(([start, end]) => Array.from({ length: end - start }, (_, offset) => start + offset));

function sameSettings(one: PortSettings, other: PortSettings): boolean {
  return (
    one.baudRate === other.baudRate &&
    one.dataBits === other.dataBits &&
    one.stopBits === other.stopBits &&
    one.parity === other.parity
  );
}
