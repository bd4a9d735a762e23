/**
 * A SerialPort as the Web Serial API specifies it (WICG, sections 4.3 to 4.9), where a port depends on it: states and what
 * each call rejects with in them, streams that are made on demand and end with an error or for good, bytes that are lost
 * when the port closes before they have left. The test is the adapter and the wire.
 */
export interface FakeSerial {
  readonly port: SerialPort;
  /** What each call gets, in order: "open 300 8none1", "signals dtr rts", "close". */
  readonly calls: string[];
  /** What left the port by its wire. */
  readonly sent: number[];
  /** What the other side puts on its modem lines. */
  modem: SerialInputSignals;
  /** Calls that never come back. */
  readonly hanging: Set<'open' | 'close' | 'write' | 'setSignals' | 'getSignals' | 'cancel'>;
  /** What the next calls of `open` reject with. */
  readonly refusals: DOMException[];
  /** Bytes that come in while the driver is busy closing are nobody's. */
  receive(bytes: Uint8Array): void;
  /** ParityError, FramingError, BreakError, BufferOverrunError: the stream ends, and `readable` offers a new one. */
  disturb(name: string): void;
  unplug(): void;
  plugIn(): void;
}

const never = () => new Promise<never>(() => undefined);
const untilAborted = (signal: AbortSignal | undefined) =>
  new Promise<never>((_resolve, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
const exception = (name: string) => new DOMException(`The fake says: ${name}.`, name);

export function fakeSerial(): FakeSerial {
  let state: 'closed' | 'opening' | 'opened' | 'closing' = 'closed';
  let isConnected = true;
  let readable: ReadableStream<Uint8Array> | null = null;
  let writable: WritableStream<Uint8Array> | null = null;
  let input: ReadableStreamDefaultController<Uint8Array> | undefined;
  let output: WritableStreamDefaultController | undefined;
  /** Set once the device is gone: no stream is made any more. */
  let readFatal = false;
  let writeFatal = false;
  /** Written, and still in the adapter: out when the writer is closed or has been given the time. */
  let buffered: number[] = [];
  const calls: string[] = [];
  const sent: number[] = [];
  const hanging: FakeSerial['hanging'] = new Set();
  const refusals: DOMException[] = [];

  const drain = () => {
    sent.push(...buffered);
    buffered = [];
  };

  const port = {
    get connected() {
      return isConnected;
    },
    get readable() {
      if (readable || state !== 'opened' || readFatal) return readable;
      readable = new ReadableStream<Uint8Array>({
        start: (controller) => void (input = controller),
        cancel: () => {
          if (hanging.has('cancel')) return never();
          readable = null;
          return undefined;
        },
      });
      return readable;
    },
    get writable() {
      if (writable || state !== 'opened' || writeFatal) return writable;
      writable = new WritableStream<Uint8Array>({
        start: (controller) => void (output = controller),
        write: (bytes) => {
          // What is being written can be given up, by aborting the stream only.
          if (hanging.has('write')) return untilAborted(output?.signal);
          if (!isConnected) throw exception('NetworkError');
          buffered.push(...bytes);
          return undefined;
        },
        close: () => {
          drain();
          writable = null;
        },
        abort: () => {
          buffered = [];
          writable = null;
        },
      });
      return writable;
    },
    getInfo: () => ({ usbVendorId: 0x0403, usbProductId: 0x6001 }),
    async open({ baudRate, dataBits, parity, stopBits }: SerialOptions) {
      calls.push(`open ${baudRate} ${dataBits ?? 8}${parity ?? 'none'}${stopBits ?? 1}`);
      if (state !== 'closed') throw exception('InvalidStateError');
      state = 'opening';
      if (hanging.has('open')) await never();
      await Promise.resolve();
      const refusal = refusals.shift() ?? (isConnected ? undefined : exception('NetworkError'));
      if (refusal) {
        state = 'closed';
        throw refusal;
      }
      readFatal = writeFatal = false;
      state = 'opened';
    },
    async close() {
      calls.push('close');
      if (state !== 'opened') throw exception('InvalidStateError');
      // A stream that somebody holds can't be cancelled, and the port stays open.
      if (readable?.locked || writable?.locked) throw new TypeError('The stream is locked.');
      state = 'closing';
      await Promise.all([readable?.cancel(), writable?.abort()]);
      if (hanging.has('close')) await never();
      buffered = [];
      readable = writable = null;
      state = 'closed';
    },
    async setSignals({ dataTerminalReady, requestToSend }: SerialOutputSignals) {
      const lines = [dataTerminalReady, requestToSend];
      calls.push(`signals ${lines.map((line) => (line === undefined ? '-' : line ? 'high' : 'low')).join(' ')}`);
      if (state !== 'opened') throw exception('InvalidStateError');
      if (hanging.has('setSignals')) await never();
    },
    async getSignals() {
      if (state !== 'opened') throw exception('InvalidStateError');
      if (hanging.has('getSignals')) await never();
      return self.modem;
    },
    forget: () => Promise.resolve(),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    dispatchEvent: () => true,
    onconnect: null,
    ondisconnect: null,
  };

  const self: FakeSerial = {
    port: port,
    calls,
    sent,
    modem: { clearToSend: false, dataSetReady: false, dataCarrierDetect: false, ringIndicator: false },
    hanging,
    refusals,
    receive(bytes) {
      if (state === 'opened' && readable) input?.enqueue(bytes);
    },
    disturb(name) {
      readable = null;
      input?.error(exception(name));
    },
    unplug() {
      isConnected = false;
      readFatal = writeFatal = true;
      readable = writable = null;
      input?.error(exception('NetworkError'));
      output?.error(exception('NetworkError'));
    },
    plugIn() {
      isConnected = true;
    },
  };
  return self;
}
