import { toHex } from '../../common/bytes.ts';
import type { Line } from '../../line/line.ts';
import type { Telegram } from '../protocol.ts';
import type { Dongle, DongleSetUp, LinkMode } from './dongles/dongle.ts';
import { dongles } from './dongles/index.ts';
import { stickOn, type HeardTelegram, type Stick } from './dongles/stick.ts';
import { readFrame } from './frame.ts';
import { linkIdentity } from './identity.ts';
import { transport } from './layers.ts';
import { LINK_END } from './link.ts';

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
  const header = body.length > LINK_END ? transport(body, LINK_END) : undefined;
  const { number } = linkIdentity(body, header);
  return { readout: { errorCode: 0, identification: number, data: toHex(body) }, from: [number], dBm };
}
