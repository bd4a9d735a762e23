import { toHex } from '../../common/bytes.ts';
import type { Line } from '../../line/line.ts';
import type { Telegram } from '../protocol.ts';
import type { Dongle, DongleSetUp, LinkMode } from './dongles/dongle.ts';
import { dongles } from './dongles/index.ts';
import { stickOn, type HeardTelegram, type Stick } from './dongles/stick.ts';
import { readFrame } from './frame.ts';
import { linkIdentity, meterIdentity, type Identity } from './identity.ts';
import type { Content, ExtendedLink } from './layers.ts';
import { isToMeter, LINK_END, RELAYED } from './link.ts';
import { openTelegram } from './open.ts';
import { UNCHANGED_BY_REPEATERS } from './session-security.ts';

/** An Arduino that began anew with the opening of its port is up with the second round. */
const TRIES = 2;

export interface FoundStick {
  readonly dongle: Dongle;
  readonly stick: Stick;
  readonly firmware: string;
}

/** Each is asked at its own rate for what it is, which changes nothing in whatever else is there. */
export async function findStick(line: Line, onStep: (text: string) => void): Promise<FoundStick | undefined> {
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

const MODES: readonly LinkMode[] = ['S', 'T', 'C', 'C+T'];

export const linkModeOf = (value: unknown): LinkMode => MODES.find((mode) => mode === value) ?? 'C+T';

/** "IMST iU891A (1.1 build 5) hears mode C+T." */
export function stickWords({ dongle, firmware }: FoundStick, setUp: DongleSetUp): string {
  const version = setUp.firmware === '' ? firmware : setUp.firmware;
  const notes = setUp.notes.map((note) => ` ${note}`).join('');
  return `${dongle.title}${version === '' ? '' : ` (${version})`} hears mode ${setUp.mode}.${notes}`;
}

/** What the stick gave as what the meter said; or why it is none, in words. */
export function telegramOf({ bytes, dBm = 0 }: HeardTelegram): Telegram | string {
  const frame = readFrame(bytes);
  if (!frame) return 'What the stick gave is no telegram.';
  if (frame.fault !== '') return `A telegram came damaged: ${frame.fault}.`;
  const { body } = frame;
  const { transport: header, extended } = openTelegram(body, []);
  const [control = 0] = body;
  const link = linkIdentity(body, header);
  const isCommand = isToMeter(control);
  // A command has the address of whoever sends it, and that of a meter which says nothing of itself.
  const meter = isCommand ? link : meterIdentity(body, header);
  const data = toHex(body);
  const isWithoutValues = isCommand || (header !== undefined && VALUELESS.has(header.content));
  return {
    readout: { errorCode: 0, identification: link.number, data },
    from: [...new Set([...numbersOf(link), ...numbersOf(meter)])],
    dBm,
    kind: `${data.slice(2, 2 * LINK_END)} ${control & ~RELAYED} ${header?.ci ?? ''} ${body.length}`,
    essence: toHex(withoutWay(body, extended)),
    ...(isWithoutValues && { isWithoutValues }),
  };
}

const VALUELESS: ReadonlySet<Content> = new Set(['format', 'nothing', 'error', 'alarm', 'clock']);

/** Numbers are given by makers, each for itself: two may give the same one. */
const numbersOf = ({ number, maker }: Identity) => [number, maker + number];

/** Repeaters say in it that they had it. */
function withoutWay(body: Uint8Array, extended: ExtendedLink | undefined): Uint8Array {
  const bytes = body.slice();
  bytes[0] = (body[0] ?? 0) & ~RELAYED;
  if (extended) bytes[extended.start + 1] = extended.control & UNCHANGED_BY_REPEATERS;
  return bytes;
}
