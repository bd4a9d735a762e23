// Loaded with the first read, which takes real time: virtual time would run ahead of it.
import '../../../../src/protocols/iec62056-21/session.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import type { Port } from '../../../../src/line/port.ts';
import type { TraceEntry } from '../../../../src/line/trace.ts';
import { toLatin1 } from '../../../../src/common/bytes.ts';
import type { MeterMemory } from '../../../../src/protocols/meter-access.ts';
import type { ReadProgress } from '../../../../src/protocols/protocol.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import { parseIecAddress } from '../../../../src/protocols/iec62056-21/address.ts';
import { iecDialogue } from '../../../../src/protocols/iec62056-21/ask.ts';
import { readIec } from '../../../../src/protocols/iec62056-21/session.ts';
import { defaultIecSettings, type IecSettings } from '../../../../src/protocols/iec62056-21/settings.ts';
import type { Device, DeviceWire } from '../../../../src/simulator/device.ts';
import { eightBits } from '../../../../src/simulator/device.ts';
import { charactersOf, type SentParity } from '../../../../src/protocols/iec62056-21/simulated/messages.ts';
import { iecMeter, type IecMeterSpec } from '../../../../src/protocols/iec62056-21/simulated/meter.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { deviceAt } from '../../../../src/simulator/far-end.ts';
import type { PortTraits } from '../../../../src/simulator/simulated-driver.ts';
import { virtualClock, type VirtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { portTo } from '../../simulator/host.ts';

export const READOUT =
  'F.F(00)\r\n0.0.0(04710815)\r\n1.8.0(036483.251*kWh)\r\n1.8.1(012345.678*kWh)\r\n2.8.0(000021.004*kWh)\r\n11.7.0(005.20*A)\r\n!\r\n';
/** As a record keeps it: without the closing `!` and its line end. */
export const BLOCK = READOUT.slice(0, -3);

export const spec: IecMeterSpec = {
  manufacturer: 'ZPA',
  baudCharacter: '5',
  identification: 'ZE3BENCH',
  readout: () => READOUT,
  blockCheck: 'xor',
  address: '04710815',
};

export interface BenchRead {
  readonly settings?: Partial<IecSettings>;
  readonly address?: string;
  readonly faults?: readonly Fault[];
  readonly port?: PortTraits;
  readonly memory?: MeterMemory;
  readonly knownNumber?: string;
  /** Changes what the port hands over or takes. */
  readonly wrap?: (port: Port) => Port;
  readonly stopAfterMs?: number;
  readonly limitMs?: number;
}

export interface BenchOutcome {
  readonly readout: Readout;
  readonly trace: readonly TraceEntry[];
  readonly sent: readonly string[];
  readonly steps: readonly string[];
  readonly progress: readonly ReadProgress[];
  readonly tookMs: number;
}

/** One read in virtual time. The port stays the same over several reads where `bench` is used for them all. */
export function benchOf(device: Device, { faults = [], port = {}, wrap = (same) => same }: BenchRead = {}) {
  const clock: VirtualClock = virtualClock();
  const active = () => new Set(faults);
  const wired = wrap(
    portTo(
      deviceAt(() => device),
      clock,
      active,
      port,
    ),
  );
  return {
    clock,
    async read({
      settings = {},
      address = '',
      memory,
      knownNumber,
      stopAfterMs,
      limitMs,
    }: BenchRead = {}): Promise<BenchOutcome> {
      const whole = { ...defaultIecSettings, ...settings };
      const parsed = parseIecAddress(address);
      const progress: ReadProgress[] = [];
      const stop = new AbortController();
      const run = async () => {
        const line = await openLine(wired, {
          ...iecDialogue.lineOf({ address: address, settings: { ...whole } }),
          clock,
          signal: stop.signal,
        });
        if (stopAfterMs !== undefined) void clock.sleep(stopAfterMs).then(() => stop.abort());
        const began = clock.monotonic();
        const readout = await readIec(line, parsed, whole, {
          onProgress: (event) => progress.push(event),
          ...(memory ? { memory } : {}),
          ...(knownNumber === undefined ? {} : { knownNumber }),
        });
        const tookMs = clock.monotonic() - began;
        await line.close();
        return { readout, trace: line.trace.entries, tookMs };
      };
      const { readout, trace, tookMs } = await clock.run(run(), limitMs);
      const sent = trace.filter(({ direction }) => direction === 'sent').map(({ bytes }) => toLatin1(bytes));
      const steps = progress.flatMap((event) => (event.kind === 'step' ? [event.text] : []));
      return { readout, trace, sent, steps, progress, tookMs };
    },
  };
}

export const readBench = (device: Device, how: BenchRead = {}): Promise<BenchOutcome> => benchOf(device, how).read(how);

export const readMeterOf = (change: Partial<IecMeterSpec>, how: BenchRead = {}): Promise<BenchOutcome> =>
  readBench(
    iecMeter({ ...spec, ...change }, () => new Set(how.faults)),
    how,
  );

/** A port whose received bytes pass through `change`; `count` is the number of bytes received before. */
export function damaging(change: (byte: number, count: number) => number | undefined): (port: Port) => Port {
  return (port) => {
    let count = 0;
    return {
      ...port,
      listen: (listener) =>
        port.listen((event) => {
          if (event.kind !== 'data') return listener(event);
          const bytes = Array.from(event.bytes, (byte) => change(byte, count++)).filter((byte) => byte !== undefined);
          if (bytes.length > 0) listener({ kind: 'data', bytes: Uint8Array.from(bytes) });
        }),
    };
  };
}

export interface Answering {
  /** Sends text at `at` (monotonic) or when earlier ones are out; returns the end. */
  say(text: string, baudRate: number, at?: number, parity?: SentParity): number;
  readonly clock: DeviceWire['clock'];
  listenAt(baudRate: number): void;
}

/** A far end by hand: `hears` gets every message that ends with LF, NAK, ACK alone, or ETX and check character. */
export function farEnd(hears: (message: string, end: number, meter: Answering) => void, firstRate = 300): Device {
  return (wire) => {
    let heard = '';
    const meter: Answering = {
      clock: wire.clock,
      say: (text, baudRate, at = wire.clock.monotonic(), parity = 'even') =>
        wire.send(charactersOf(text, parity), eightBits(baudRate), at),
      listenAt: (baudRate) => wire.listen(eightBits(baudRate)),
    };
    wire.listen(eightBits(firstRate));
    return {
      received(raw, end) {
        const character = String.fromCharCode(raw & 0x7f);
        heard += character;
        if (heard === '\x06') void hearLater(end);
        else if (character === '\n' || character === '\x15' || /\x03[^]$/.test(heard)) hear(end);
      },
    };
    /** An acknowledge that nothing follows is a message by itself. */
    async function hearLater(end: number): Promise<void> {
      await wire.clock.sleep(60);
      if (heard === '\x06') hear(end);
    }
    function hear(end: number): void {
      const message = heard;
      heard = '';
      hears(message, end, meter);
    }
  };
}

export interface Pushing {
  readonly baudRate: number;
  readonly parity: SentParity;
  readonly everyMs: number;
}

/** Sends one text after the other, the last again and again, every so often from the first opening on, heard or not. */
export function pusher(texts: readonly (string | Uint8Array)[], { baudRate, parity, everyMs }: Pushing): Device {
  return (wire) => {
    let begun = false;
    async function push(): Promise<void> {
      for (let turn = 0; ; turn++) {
        const text = texts[Math.min(turn, texts.length - 1)] ?? '';
        const characters = typeof text === 'string' ? charactersOf(text, parity) : text;
        wire.send(characters, eightBits(baudRate), wire.clock.monotonic());
        await wire.clock.sleep(everyMs);
      }
    }
    return {
      received: () => undefined,
      hostListens() {
        if (!begun) void push();
        begun = true;
      },
    };
  };
}
