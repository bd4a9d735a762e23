import { concatBytes } from '../../../common/bytes.ts';
import type { Tries } from '../../../common/tries.ts';
import type { Hidden, Line } from '../../../line/line.ts';
import { dlmsError } from '../errors.ts';
import { addressText, clientAddress, isSameAddress, type HdlcAddress } from './address.ts';
import type { Control } from './control.ts';
import { frameBytes, type HdlcFrame } from './frame.ts';
import { parameterBytes, readParameters, usualParameters, type LinkParameters } from './negotiation.ts';
import { hdlcReceiver } from './receiver.ts';
import { frameRejectText } from './refusal.ts';
import { segmentsOf, withoutLlc, type Segment } from './segments.ts';

export interface LinkOptions {
  /** Our own address: 16 public, 1 management. */
  readonly client: number;
  readonly server: HdlcAddress;
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
  readonly tries: Tries;
  /** What the SNRM proposes; absent: nothing, since some meters take an SNRM without information only. */
  readonly proposal?: LinkParameters;
  readonly onStep?: (text: string) => void;
}

/** A connection in normal response mode: we ask, the meter answers (IEC 62056-46). */
export interface HdlcLink {
  /** What the UA has settled. */
  readonly parameters: LinkParameters;
  /** What was odd and harmless, in words. */
  readonly notes: ReadonlySet<string>;
  /** SNRM until there is a UA; numbers begin at 0 again. Rejects with a MeterError. */
  connect(): Promise<void>;
  /** Sends a message and gives the one that answers it, both without LLC. Rejects with a MeterError. */
  exchange(message: Uint8Array, hidden?: Hidden): Promise<Uint8Array>;
  /**
   * DISC, when the meter is quiet, and once more where neither UA nor DM came: whether the meter hears it changes nothing for
   * us. Takes some seconds at most. Rejects with a PortError only.
   */
  disconnect(): Promise<void>;
}

const NOTHING = new Uint8Array(0);
/** A message has no length of its own: more is no answer of a meter. */
const MOST_MESSAGE = 1 << 20;
/** A meter that is not ready is asked again so often, once a second. */
const MOST_BUSY = 30;
const BUSY_MS = 1000;
/** Adapters hand over in chunks; only a longer pause ends a frame that is not whole. */
const CHUNK_MS = 200;
const GAP_CHARACTERS = 20;
/** What the meter is still sending is let pass before DISC, so that it hears it; a farewell has ten seconds in all. */
const QUIET_MS = 200;
const MOST_NOISE_MS = 3000;
const FAREWELL_MS = 1500;
const MOST_FAREWELLS = 2;
const LONGEST_FRAME = 2050;
const CHARACTER_BITS = 10;

export function hdlcLink(line: Line, options: LinkOptions): HdlcLink {
  const { server, timeoutMs, tries, proposal } = options;
  const client = clientAddress(options.client);
  let receiver = hdlcReceiver();
  const arrived: HdlcFrame[] = [];
  const notes = new Set<string>();
  let parameters = usualParameters;
  /** Numbers of the next frame that we send, and that we take. */
  let sendNumber = 0;
  let receiveNumber = 0;

  const frame = (control: Control, info: Uint8Array = NOTHING, isSegment = false) =>
    frameBytes({ isSegment, destination: server, source: client, control, info });

  async function send(control: Control, info?: Uint8Array): Promise<void> {
    await line.write(frame(control, info));
  }

  function isForUs({ source, destination }: HdlcFrame): boolean {
    const isOurs = isSameAddress(source, server) && isSameAddress(destination, client);
    if (!isOurs) notes.add(`A frame from ${addressText(source)} to ${addressText(destination)} was passed over.`);
    return isOurs;
  }

  /** The next frame of the meter for us; undefined where none came in time, or a damaged one. */
  async function hear(ms: number): Promise<HdlcFrame | undefined> {
    const until = line.clock.monotonic() + ms;
    const characterMs = (CHARACTER_BITS * 1000) / line.baudRate;
    for (;;) {
      const found = arrived.shift();
      if (found) {
        if (isForUs(found)) return found;
        continue;
      }
      const left = until - line.clock.monotonic();
      if (left <= 0) return undefined;
      const end = await line.read(
        (byte) => {
          arrived.push(...receiver.take(byte));
          return arrived.length > 0 ? 'done' : 'more';
        },
        {
          firstByteMs: left,
          interByteMs: CHUNK_MS + GAP_CHARACTERS * characterMs,
          totalMs: left + LONGEST_FRAME * characterMs,
        },
      );
      if (end !== 'done' && (end !== 'gap' || receiver.isPromised())) return undefined;
    }
  }

  /** What came before what is sent next is no answer to it, nor is half a frame the beginning of one. */
  function forget(): void {
    line.flush();
    arrived.length = 0;
    receiver = hdlcReceiver();
  }

  /** UA or DM; undefined where none came in time. What an earlier dialogue left on its way is passed over. */
  async function hearMode(ms: number): Promise<HdlcFrame | undefined> {
    const until = line.clock.monotonic() + ms;
    let answer = await hear(ms);
    while (answer && answer.control.kind !== 'UA' && answer.control.kind !== 'DM')
      answer = await hear(until - line.clock.monotonic());
    return answer;
  }

  /** One more try, or the end of it. */
  function tryAgain(message: string): void {
    const failure = dlmsError('silent', message);
    if (!tries.take(failure.code)) throw failure;
    options.onStep?.(`${message} Trying again (${tries.used} of ${tries.most}).`);
  }

  const silence = (what: string) =>
    `Server ${addressText(server)} did not answer ${what} of client ${options.client} within ${timeoutMs} ms at ${line.baudRate} Bd ${line.framing}.`;

  async function connect(): Promise<void> {
    for (;;) {
      forget();
      await send({ kind: 'SNRM', poll: true }, proposal && parameterBytes(proposal));
      const answer = await hearMode(timeoutMs);
      if (answer?.control.kind === 'UA') {
        parameters = readParameters(answer.info);
        sendNumber = receiveNumber = 0;
        tries.progress();
        return;
      }
      tryAgain(answer ? 'The meter refused the connection (DM).' : silence('the SNRM'));
    }
  }

  async function exchange(message: Uint8Array, hidden: Hidden = []): Promise<Uint8Array> {
    const segments = segmentsOf(message, hidden, parameters.takes);
    const first = sendNumber;
    const parts: Uint8Array[] = [];
    let size = 0;
    /** Segments that the meter has, and those it was sent. */
    let had = 0;
    let sent = 0;
    let isWhole = false;
    let isGap = false;
    /** It has said that it is not ready, or has the request and is still at work. */
    let isBusy = false;
    /** How often it was given time since the last of it came. */
    let waits = 0;

    async function sendSegment(at: number, { info, hidden: secret }: Segment, poll: boolean): Promise<void> {
      const control: Control = { kind: 'I', send: (first + at) & 7, receive: receiveNumber, poll };
      const bytes = frame(control, info, at < segments.length - 1);
      // Flag in front, and two check bytes behind which would betray what is hidden.
      const offset = bytes.length - 3 - info.length;
      const ranges = secret.map(([start, end]): [number, number] => [start + offset, end + offset]);
      await line.write(bytes, ranges.length === 0 ? [] : [...ranges, [bytes.length - 3, bytes.length - 1]]);
    }

    /** Everything that is outstanding, as far as the window goes; or the word that we are ready for more. */
    async function transmit(): Promise<void> {
      if (had === segments.length || isBusy) {
        await send({ kind: isGap ? 'REJ' : 'RR', receive: receiveNumber, poll: true });
        return;
      }
      const end = Math.min(segments.length, had + parameters.takeWindow);
      for (let at = had; at < end; at++) {
        const segment = segments[at];
        if (segment) await sendSegment(at, segment, at === end - 1);
      }
      sent = Math.max(sent, end);
    }

    function acknowledge(receive: number): void {
      const more = (receive - first - had) & 7;
      if (had + more > sent) return;
      had += more;
      sendNumber = (first + had) & 7;
    }

    function takeIn(number: number, { info, isSegment }: HdlcFrame): void {
      // An answer to what came before; the one to this request has its number too.
      if (number === ((receiveNumber - 1) & 7) || had < segments.length || isWhole) return;
      if (number !== receiveNumber) {
        isGap = true;
        return;
      }
      isGap = false;
      receiveNumber = (receiveNumber + 1) & 7;
      parts.push(info);
      size += info.length;
      if (size > MOST_MESSAGE) throw dlmsError('form', `The answer is longer than ${MOST_MESSAGE} bytes.`);
      isWhole = !isSegment;
    }

    /** What the meter says until it is our turn again; false where it is silent. */
    async function turn(): Promise<boolean> {
      let until = line.clock.monotonic() + timeoutMs;
      for (;;) {
        const heard = await hear(until - line.clock.monotonic());
        if (!heard) return false;
        const { control } = heard;
        const before = had + parts.length;
        const isGrown = () => had + parts.length > before;
        switch (control.kind) {
          case 'I':
            acknowledge(control.receive);
            takeIn(control.send, heard);
            isBusy = false;
            break;
          case 'RR':
          case 'REJ':
            acknowledge(control.receive);
            isBusy = had === segments.length && !isGrown() && control.kind === 'RR';
            break;
          case 'RNR':
            acknowledge(control.receive);
            isBusy = true;
            break;
          case 'FRMR':
            throw dlmsError('link', frameRejectText(heard.info));
          case 'DM':
            throw dlmsError('link', 'The meter has closed the connection (DM).');
          case 'UI':
            notes.add('The meter sent a message that was not asked for.');
            continue;
          default:
            continue;
        }
        const isNew = isGrown() || isBusy || isGap || control.kind === 'REJ';
        // Else it answers what it was sent before: the answer to this is still to come.
        if (isNew && control.poll) return true;
        // Words alone, however many, are no reason to wait longer.
        if (isGrown()) until = line.clock.monotonic() + timeoutMs;
      }
    }

    for (;;) {
      const before = had + parts.length;
      forget();
      await transmit();
      const isAnswered = await turn();
      if (isWhole && had === segments.length) {
        tries.progress();
        return withoutLlc(concatBytes(...parts));
      }
      const isGrown = had + parts.length > before;
      if (isGrown) {
        waits = 0;
        tries.progress();
      }
      if (isBusy) {
        if (++waits > MOST_BUSY)
          throw dlmsError('silent', 'The meter says that it is not ready (RNR), and does not end it.');
        await line.pause(BUSY_MS);
      } else if (!isGrown) tryAgain(isAnswered ? 'The meter lost our frame, or we one of it.' : silence('a request'));
    }
  }

  return {
    get parameters() {
      return parameters;
    },
    notes,
    connect,
    exchange,
    async disconnect() {
      await line.read(() => 'more', { firstByteMs: QUIET_MS, interByteMs: QUIET_MS, totalMs: MOST_NOISE_MS });
      for (let sent = 0; sent < MOST_FAREWELLS; sent++) {
        forget();
        await send({ kind: 'DISC', poll: true });
        if (await hearMode(Math.min(timeoutMs, FAREWELL_MS))) return;
      }
    },
  };
}
