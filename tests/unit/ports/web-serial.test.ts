import { describe, expect, it } from 'vitest';
import type { PortEvent } from '../../../src/line/port.ts';
import { webSerialPort } from '../../../src/ports/web-serial.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

const SETTINGS = { baudRate: 300, dataBits: 8, stopBits: 1, parity: 'none' } as const;
const INFO = { id: 'usb:test#1', label: 'Test', kind: 'serial' } as const;

/** A serial port whose streams the test holds in its hands; the old ones live on after a reopening, as some drivers' do. */
function fakeSerial() {
  const inputs: ReadableStreamDefaultController<Uint8Array>[] = [];
  const written: Uint8Array[] = [];
  const serial = {
    readable: null as ReadableStream<Uint8Array> | null,
    writable: null as WritableStream<Uint8Array> | null,
    /** A driver whose cancel does nothing: its read stays under way. */
    deaf: false,
    open() {
      serial.readable = new ReadableStream<Uint8Array>({
        start: (controller) => void inputs.push(controller),
        cancel: () => (serial.deaf ? new Promise<void>(() => undefined) : undefined),
      });
      if (serial.deaf) {
        const stream = serial.readable;
        const reader = stream.getReader();
        serial.readable = { getReader: () => ({ ...wrapped(reader) }) } as unknown as ReadableStream<Uint8Array>;
      }
      serial.writable = new WritableStream<Uint8Array>({ write: (bytes) => void written.push(bytes) });
      return Promise.resolve();
    },
    close() {
      serial.readable = serial.writable = null;
      return Promise.resolve();
    },
    setSignals: () => Promise.resolve(),
  };
  const wrapped = (reader: ReadableStreamDefaultReader<Uint8Array>) => ({
    read: () => reader.read(),
    cancel: () => new Promise<void>(() => undefined),
    releaseLock: () => undefined,
  });
  return { serial, inputs, written };
}

function portOver(fake: ReturnType<typeof fakeSerial>) {
  const clock = virtualClock();
  const port = webSerialPort(fake.serial as unknown as SerialPort, INFO, clock);
  const events: PortEvent[] = [];
  port.listen((event) => events.push(event));
  const texts = () => events.map((event) => (event.kind === 'data' ? String.fromCharCode(...event.bytes) : event.kind));
  return { clock, port, texts };
}

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('a port over Web Serial', () => {
  it('says when it hears with new settings, before any byte of them', async () => {
    const fake = fakeSerial();
    const { clock, port, texts } = portOver(fake);
    await clock.run(port.open(SETTINGS));
    fake.inputs[0]?.enqueue(bytes('old'));
    await clock.run(clock.sleep(1));
    await clock.run(port.reconfigure({ ...SETTINGS, baudRate: 9600 }));
    fake.inputs[1]?.enqueue(bytes('new'));
    await clock.run(clock.sleep(1));
    expect(texts()).toEqual(['ready', 'old', 'ready', 'new']);
  });

  it('hears nothing of a read that outlives its opening, neither bytes nor a loss', async () => {
    const fake = fakeSerial();
    fake.serial.deaf = true;
    const { clock, port, texts } = portOver(fake);
    await clock.run(port.open(SETTINGS));
    await clock.run(port.reconfigure({ ...SETTINGS, baudRate: 9600 }));
    fake.inputs[0]?.enqueue(bytes('ghost'));
    fake.inputs[1]?.enqueue(bytes('new'));
    await clock.run(clock.sleep(1));
    fake.inputs[0]?.error(new Error('gone'));
    await clock.run(clock.sleep(1));
    expect(texts().filter((text) => text !== 'notice')).toEqual(['ready', 'ready', 'new']);
    await clock.run(port.write(bytes('still there')));
    expect(fake.written).toHaveLength(1);
  });

  it('tells a loss once', async () => {
    const fake = fakeSerial();
    const { clock, port, texts } = portOver(fake);
    await clock.run(port.open(SETTINGS));
    fake.serial.readable = null;
    fake.inputs[0]?.error(new Error('unplugged'));
    await clock.run(clock.sleep(1));
    expect(texts()).toEqual(['ready', 'lost']);
  });
});
