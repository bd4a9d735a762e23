import { concatBytes } from '../../../common/bytes.ts';
import type { PortSettings } from '../../../line/port.ts';
import { answerer } from '../../../simulator/answerer.ts';
import type { Device } from '../../../simulator/device.ts';
import { deviceAt, type FarEnd } from '../../../simulator/far-end.ts';
import type { Faults } from '../../../simulator/faults.ts';
import { isSameAddress, type HdlcAddress } from '../hdlc/address.ts';
import type { Control } from '../hdlc/control.ts';
import { frameBytes, type HdlcFrame } from '../hdlc/frame.ts';
import { parameterBytes, usualParameters } from '../hdlc/negotiation.ts';
import { hdlcReceiver } from '../hdlc/receiver.ts';
import { protectedMeter } from './protected-server.ts';
import { meterServer, type MeterSpec } from './server.ts';

const REACTION_MS = 15;
const LLC_BYTES = 3;
const ANSWER_LLC = Uint8Array.of(0xe6, 0xe7, 0x00);
const NOTHING = new Uint8Array(0);
/** Longer requests are no requests of a client that reads. */
const MOST_REQUEST = 4096;

/** A meter on its line, at a fixed rate: the secondary station of HDLC with frames of 128 bytes, one at a time. */
export function meterAt(spec: MeterSpec, settings: PortSettings): FarEnd {
  // What it knows of messages outlives whoever asks.
  const servers = serversOf(spec);
  return deviceAt((faults) => deviceOf(spec, servers, settings, faults));
}

type Servers = ReturnType<typeof protectedMeter>;

function serversOf(spec: MeterSpec): Servers {
  return spec.keys ? protectedMeter(spec, spec.keys) : (client, now) => meterServer(spec, client, now);
}

const deviceOf =
  (spec: MeterSpec, servers: Servers, settings: PortSettings, faults: Faults): Device =>
  (wire) => {
    const answers = answerer(wire, settings, faults);
    const receiver = hdlcReceiver();
    const station = secondary(spec, () => wire.clock.now(), servers);
    wire.listen(settings);
    return {
      received(character, end) {
        for (const frame of receiver.take(character)) {
          const answer = faults().has('silent') ? undefined : station(frame);
          if (answer) answers.send(answer, answer.length - 2, end + REACTION_MS);
        }
      },
    };
  };

/** What the station sends for a frame; undefined: nothing. */
export function secondary(
  spec: MeterSpec,
  now: () => number,
  servers: Servers = serversOf(spec),
): (frame: HdlcFrame) => Uint8Array | undefined {
  const own: HdlcAddress = spec.address;
  let server: ReturnType<typeof meterServer> | undefined;
  let expected = 0;
  let request: Uint8Array = NOTHING;
  let parts: readonly Uint8Array[] = [];
  /** Number of the first part, and how many of them are acknowledged. */
  let first = 0;
  let had = 0;

  return (frame) => {
    const { source, destination, control, info, isSegment } = frame;
    const isForAll = destination.upper === own.upper && (destination.lower === 0x7f || destination.lower === 0x3fff);
    const isOwn = isSameAddress(destination, own) && (spec.isStrict !== true || destination.size === own.size);
    if (!isOwn && (!isForAll || spec.isStrict === true)) return undefined;
    const say = (one: Control, information: Uint8Array = NOTHING, more = false) =>
      // It writes its address with the length it was called with.
      frameBytes({
        isSegment: more,
        destination: source,
        source: isOwn ? destination : own,
        control: one,
        info: information,
      });
    const nextPart = () => {
      const part = parts[had];
      if (!part) return say({ kind: 'RR', receive: expected, poll: true });
      const number: Control = { kind: 'I', send: (first + had) & 7, receive: expected, poll: true };
      return say(number, part, had < parts.length - 1);
    };
    switch (control.kind) {
      case 'SNRM':
        server = servers(source.upper, now);
        [expected, first, had, parts, request] = [0, 0, 0, [], NOTHING];
        return say({ kind: 'UA', poll: true }, parameterBytes(usualParameters));
      case 'DISC': {
        const kind = server ? 'UA' : 'DM';
        server = undefined;
        return say({ kind, poll: true });
      }
      case 'I':
      case 'RR':
      case 'RNR':
      case 'REJ':
        break;
      default:
        return undefined;
    }
    if (!server) return say({ kind: 'DM', poll: true });
    if (had < parts.length && control.receive === ((first + had + 1) & 7)) had++;
    if (control.kind !== 'I') return nextPart();
    if (control.send !== expected) return nextPart();
    expected = (expected + 1) & 7;
    request = concatBytes(request, info).slice(0, MOST_REQUEST);
    if (isSegment) return say({ kind: 'RR', receive: expected, poll: true });
    const message = request.subarray(LLC_BYTES);
    request = NOTHING;
    first = (first + parts.length) & 7;
    had = 0;
    parts = cut(concatBytes(ANSWER_LLC, server(message)), usualParameters.sends);
    return nextPart();
  };
}

function cut(bytes: Uint8Array, most: number): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / most) }, (_, at) => bytes.slice(at * most, (at + 1) * most));
}
