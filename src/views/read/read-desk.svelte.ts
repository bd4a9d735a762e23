import type { PortState, ReadProtocol, ReadRequest } from '../../engine/api.ts';
import type { EngineClient } from '../../engine/client.ts';
import { defaultIecSettings } from '../../protocols/iec62056-21/settings.ts';
import type { IecSettings } from '../../protocols/iec62056-21/settings.ts';
import { DEFAULT_BAUD_RATE } from '../../protocols/mbus/address.ts';
import type { MbusBaudRate } from '../../protocols/mbus/address.ts';
import type { MbusSettings } from '../../protocols/mbus/settings.ts';
import { loadStored, saveStored } from '../components/stored.ts';
import type { Announcer } from '../shell/announcer.svelte.ts';
import type { EngineWatch } from '../shell/engine-watch.svelte.ts';
import { atRate, loadMbusSettings, mbusAddressFault, mbusRateOf, saveMbusSettings } from './mbus-settings.ts';
import { atFirstRate, withoutNumber } from './iec-remedies.ts';
import { baudRates, loadSettings, parseSettings, saveSettings } from './meter-settings.ts';
import { problemOfError } from './problem.ts';
import type { Problem } from './problem.ts';
import { ReadRun } from './read-run.svelte.ts';
import { keepScreenOn } from './screen.ts';

export type SettingChanges = { readonly [Knob in keyof IecSettings]?: IecSettings[Knob] | undefined };

/** What lies before the technician: a port, an address, the knobs, and the reading that runs or ran last. */
export class ReadDesk {
  readonly #engine: EngineClient;
  readonly #watch: EngineWatch;
  readonly #announcer: Announcer;

  #chosenId = $state(loadStored('port', asText));
  /** By port: a meter is where it is, and its number means nothing on another line. */
  #addresses: Readonly<Record<string, string>> = $state.raw(loadStored('addresses', asTexts));
  #settings: { readonly portId: string; readonly value: IecSettings } | undefined = $state.raw();
  #mbusSettings: { readonly portId: string; readonly value: MbusSettings } | undefined = $state.raw();
  #protocols: Readonly<Record<string, ReadProtocol>> = $state.raw(loadStored('protocols', asProtocols));
  #run: ReadRun | undefined = $state.raw();
  #connectProblem: Problem | undefined = $state.raw();

  readonly #settingsHere = $derived.by(() => {
    const portId = this.#portId;
    return this.#settings?.portId === portId ? this.#settings.value : loadSettings(portId, this.defaults);
  });
  readonly #mbusSettingsHere = $derived.by(() => {
    const portId = this.#portId;
    return this.#mbusSettings?.portId === portId ? this.#mbusSettings.value : loadMbusSettings(portId);
  });

  constructor(engine: EngineClient, watch: EngineWatch, announcer: Announcer) {
    this.#engine = engine;
    this.#watch = watch;
    this.#announcer = announcer;
  }

  /** The chosen port, or the only head there is; undefined on a first visit and while the chosen one is unplugged. */
  get port(): PortState | undefined {
    const { ports } = this.#watch;
    const heads = ports.filter(({ info }) => info.kind === 'serial');
    return (
      ports.find(({ info }) => info.id === this.#chosenId) ??
      (this.#chosenId === '' && heads.length === 1 ? heads[0] : undefined)
    );
  }

  /** A port was chosen earlier and is not there now. */
  get missing(): boolean {
    return this.#chosenId !== '' && this.#watch.state !== undefined && !this.port;
  }

  get #portId(): string {
    return this.port?.info.id ?? this.#chosenId;
  }

  /** As last chosen for this port; a simulated one says what it speaks. */
  get protocol(): ReadProtocol {
    return this.#protocols[this.#portId] ?? this.port?.suggested?.protocol ?? 'IEC62056-21';
  }

  set protocol(protocol: ReadProtocol) {
    this.#protocols = { ...this.#protocols, [this.#portId]: protocol };
    saveStored('protocols', this.#protocols);
  }

  /** As last given on this port; a simulated one says which its meter has. */
  get address(): string {
    return this.#addresses[this.#portId] ?? this.port?.suggested?.address ?? '';
  }

  set address(address: string) {
    this.#addresses = { ...this.#addresses, [this.#portId]: address };
    saveStored('addresses', this.#addresses);
  }

  /** Why no meter can be asked with this address, in words; empty when one can. */
  get addressFault(): string {
    return this.protocol === 'MBUS' ? mbusAddressFault(this.address.trim()) : '';
  }

  /** What the knobs stand at when nobody turned them; a simulated meter says how it wants to be read. */
  get defaults(): IecSettings {
    const suggested = this.port?.suggested;
    return { ...defaultIecSettings, ...(suggested?.protocol === 'IEC62056-21' ? suggested.settings : {}) };
  }

  get settings(): IecSettings {
    return this.#settingsHere;
  }

  get mbusSettings(): MbusSettings {
    return this.#mbusSettingsHere;
  }

  set mbusSettings(value: MbusSettings) {
    this.#mbusSettings = { portId: this.#portId, value };
    saveMbusSettings(this.#portId, value);
  }

  /** Rate of M-Bus that the address asks for, Bd. */
  get mbusRate(): MbusBaudRate {
    return mbusRateOf(this.address.trim()) ?? DEFAULT_BAUD_RATE;
  }

  get run(): ReadRun | undefined {
    return this.#run;
  }

  get busy(): boolean {
    return this.#run?.running ?? false;
  }

  get connectProblem(): Problem | undefined {
    return this.#connectProblem;
  }

  choose(portId: string): void {
    this.#chosenId = portId;
    saveStored('port', portId);
    this.#connectProblem = undefined;
    if (!this.busy) this.#run = undefined;
  }

  /** An undefined knob goes back to its default. */
  change(changes: SettingChanges): void {
    const portId = this.#portId;
    const value = parseSettings({ ...this.settings, ...changes }, this.defaults);
    this.#settings = { portId, value };
    saveSettings(portId, value, this.defaults);
  }

  resetSettings(): void {
    const portId = this.#portId;
    this.#settings = { portId, value: this.defaults };
    saveSettings(portId, this.defaults, this.defaults);
  }

  /** Must be called from a user's gesture. Closing the browser's chooser is not an error (WICG/serial, NotFoundError). */
  async connect(): Promise<void> {
    this.#connectProblem = undefined;
    try {
      const before = new Set(this.#watch.ports.map(({ info }) => info.id));
      const granted = await navigator.serial.requestPort();
      await this.#engine.call('refreshPorts', undefined);
      const { usbVendorId, usbProductId } = granted.getInfo();
      const heads = this.#watch.ports.filter(({ info }) => info.kind === 'serial');
      const alike = heads.filter(({ info }) => info.usbVendorId === usbVendorId && info.usbProductId === usbProductId);
      const connected = heads.find(({ info }) => !before.has(info.id)) ?? alike[0];
      if (connected) this.choose(connected.info.id);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return;
      this.#connectProblem = connectProblemOf(error);
    }
  }

  read(changes?: SettingChanges): void {
    if (changes) this.change(changes);
    const { port } = this;
    if (!port || this.busy || this.addressFault !== '') return;
    const run = new ReadRun(this.#engine, this.#request(port.info.id), this.#announcer);
    this.#run = run;
    void keepScreenOn(run.finished);
  }

  /** An M-Bus meter once more; what is changed is changed on the desk. */
  readMbus({ timeoutMs, baudRate }: { readonly timeoutMs?: number; readonly baudRate?: MbusBaudRate } = {}): void {
    if (timeoutMs !== undefined) this.mbusSettings = { ...this.mbusSettings, timeoutMs };
    if (baudRate !== undefined) this.address = atRate(this.address.trim(), baudRate);
    this.read();
  }

  /** At another first rate; the one in the address wins, so that is where it is changed. */
  readAt(baudRate: number): void {
    const address = atFirstRate(this.address.trim(), baudRate);
    if (address !== undefined) this.address = address;
    const rate = baudRates.find((one) => one === baudRate);
    this.read(address === undefined && rate !== undefined ? { baudRate: rate } : undefined);
  }

  /** Whatever meter is there, at the same rate and with the same switches. */
  readAnyMeter(): void {
    this.address = withoutNumber(this.address.trim());
    this.read();
  }

  #request(portId: string): ReadRequest {
    const address = this.address.trim();
    return this.protocol === 'MBUS'
      ? { portId, protocol: 'MBUS', address, settings: this.mbusSettings }
      : { portId, protocol: 'IEC62056-21', address, settings: this.settings };
  }

  cancel(): void {
    this.#run?.cancel();
  }

  /** Clears the desk for the next meter; port and knobs stay, the address goes with its meter. */
  next(): void {
    if (this.busy) return;
    this.#run = undefined;
    this.address = this.port?.suggested?.address ?? '';
  }
}

function asProtocols(value: unknown): Readonly<Record<string, ReadProtocol>> {
  if (typeof value !== 'object' || value === null) return {};
  const known = Object.entries(value).filter(
    (entry): entry is [string, ReadProtocol] => entry[1] === 'MBUS' || entry[1] === 'IEC62056-21',
  );
  return Object.fromEntries(known);
}

function asTexts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function connectProblemOf(error: unknown): Problem {
  const problem = problemOfError(error);
  if (!(error instanceof DOMException) || error.name !== 'SecurityError') {
    return { ...problem, headline: 'The browser did not hand over a port.', remedies: [] };
  }
  return {
    ...problem,
    headline: 'This page may not ask for ports.',
    remedies: [],
    checklist: [
      'Is the page opened over https or from localhost?',
      'Is it shown inside another page? The host page has to allow “serial” (Permissions-Policy).',
      'Are serial ports blocked in the browser’s site settings or by your company’s policy?',
    ],
  };
}
