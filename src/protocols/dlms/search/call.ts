import type { Line } from '../../../line/line.ts';
import { clientAddress, type HdlcAddress } from '../hdlc/address.ts';
import { frameBytes, type HdlcFrame } from '../hdlc/frame.ts';
import { hdlcReceiver } from '../hdlc/receiver.ts';

/** What came to an SNRM: the first frame for us, and how many bytes in all. */
export interface Heard {
  readonly frame: HdlcFrame | undefined;
  readonly bytes: number;
  /** A meter sends by itself, and to somebody else. */
  readonly isPushing: boolean;
}

const NOTHING = new Uint8Array(0);
/** A frame of a telegram has up to 2048. */
const MOST_BYTES = 2100;
const GAP_MS = 150;

/** One SNRM, and who answers it, at whatever address: only one meter is on the line. */
export async function call(line: Line, server: HdlcAddress, client: number, waitMs: number): Promise<Heard> {
  const receiver = hdlcReceiver();
  const source = clientAddress(client);
  const snrm = { kind: 'SNRM', poll: true } as const;
  line.flush();
  await line.write(frameBytes({ isSegment: false, destination: server, source, control: snrm, info: NOTHING }));
  let frame: HdlcFrame | undefined;
  let bytes = 0;
  let isPushing = false;
  await line.read(
    (byte) => {
      bytes++;
      const frames = receiver.take(byte);
      isPushing ||= frames.some(isTelegram);
      frame = frames.find(({ destination, control }) => destination.upper === client && control.kind !== 'UI');
      return frame || bytes >= MOST_BYTES ? 'done' : 'more';
    },
    { firstByteMs: waitMs, interByteMs: GAP_MS },
  );
  return { frame, bytes, isPushing };
}

/** Whether a whole frame comes by itself that is not for us. */
export async function overhears(line: Line, ms: number): Promise<boolean> {
  const receiver = hdlcReceiver();
  const until = line.clock.monotonic() + ms;
  let isPushing = false;
  line.flush();
  while (!isPushing && line.clock.monotonic() < until)
    await line.read(
      (byte) => {
        isPushing ||= receiver.take(byte).some(isTelegram);
        return isPushing ? 'done' : 'more';
      },
      { firstByteMs: until - line.clock.monotonic(), interByteMs: GAP_MS, totalMs: until - line.clock.monotonic() },
    );
  return isPushing;
}

const isTelegram = ({ control, info }: HdlcFrame) => (control.kind === 'UI' || control.kind === 'I') && info.length > 0;
