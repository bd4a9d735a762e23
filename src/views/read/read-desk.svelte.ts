import type { ArchiveClient } from '../../archive/client.ts';
import { settingsOf, withSettings, type Layers, type Value, type Values } from '../../common/form.ts';
import type { PortState, ReadRequest } from '../../engine/api.ts';
import type { EngineClient } from '../../engine/client.ts';
import { atRate, looksRight, withoutNumber } from '../../protocols/address-text.ts';
import type { Transport } from '../../ports/transport.ts';
import { listensWith } from '../../protocols/listens.ts';
import type { Protocol } from '../../protocols/protocol.ts';
import { protocols } from '../../protocols/registry.ts';
import { portLayers } from '../components/layers.ts';
import { loadStored, saveStored } from '../components/stored.ts';
import type { Announcer } from '../shell/announcer.svelte.ts';
import type { EngineWatch } from '../shell/engine-watch.svelte.ts';
import { problemOfError } from './problem.ts';
import type { Problem } from './problem.ts';
import { ReadRun } from './read-run.svelte.ts';
import { keepScreenOn } from './screen.ts';
import { loadSettings, saveSettings } from './stored-settings.ts';

/** What is offered first. */
const [usualProtocol] = protocols.all;

/** What lies before the technician: a port, an address, the knobs, and the reading that runs or ran last. */
export class ReadDesk {
  readonly #engine: EngineClient;
  readonly #archive: ArchiveClient;
  readonly #watch: EngineWatch;
  readonly #announcer: Announcer;

  #chosenId = $state(loadStored('port', asText));
  /** By port: a meter is where it is, and its number means nothing on another line. */
  #addresses: Readonly<Record<string, string>> = $state.raw(loadStored('addresses', asTexts));
  /** What was set since the page was opened; before that it is in the browser's storage. */
  #set: { readonly portId: string; readonly protocol: string; readonly values: Values } | undefined = $state.raw();
  #protocols: Readonly<Record<string, string>> = $state.raw(loadStored('protocols', asTexts));
  #run: ReadRun | undefined = $state.raw();
  #connectProblem: Problem | undefined = $state.raw();

  /** Who says how a meter is read here. */
  readonly layers: Layers = $derived.by(() => this.layersOf(this.protocol));
  /** Every setting that holds. */
  readonly settings: Values = $derived(settingsOf(this.protocol.settings, this.layers));
  /** The meter speaks by itself, as it is set: it can be listened to. */
  readonly listens: boolean = $derived(listensWith(this.protocol, this.settings));

  constructor(engine: EngineClient, archive: ArchiveClient, watch: EngineWatch, announcer: Announcer) {
    this.#engine = engine;
    this.#archive = archive;
    this.#watch = watch;
    this.#announcer = announcer;
  }

  /** The chosen port, or the only head there is; undefined on a first visit and while the chosen one is unplugged. */
  get port(): PortState | undefined {
    const { ports } = this.#watch;
    const heads = ports.filter(({ info }) => info.transport !== 'simulated');
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
  get protocol(): Protocol {
    const names = [this.#protocols[this.#portId], this.port?.suggested?.protocol];
    const chosen = names.map((name) => name && protocols.find(name)).find((protocol) => protocol);
    if (chosen) return chosen;
    if (!usualProtocol) throw new Error('No protocol is built in.');
    return usualProtocol;
  }

  set protocol({ name }: Protocol) {
    this.#protocols = { ...this.#protocols, [this.#portId]: name };
    saveStored('protocols', this.#protocols);
  }

  layersOf(protocol: Protocol): Layers {
    const portId = this.#portId;
    const here = this.#set?.portId === portId && this.#set.protocol === protocol.name ? this.#set.values : undefined;
    const entry = this.#watch.state?.ams.ports.find((one) => one.portId === portId);
    return { ...portLayers(protocol, this.port, entry), set: here ?? loadSettings(portId, protocol) };
  }

  /** As last given on this port; a simulated one says which its meter has. */
  get address(): string {
    return this.#addresses[this.#portId] ?? this.port?.suggested?.address ?? '';
  }

  set address(address: string) {
    this.#addresses = { ...this.#addresses, [this.#portId]: address };
    saveStored('addresses', this.#addresses);
  }

  /** No meter can be asked with this address. */
  get isAddressWrong(): boolean {
    return !looksRight(this.protocol.address, this.address.trim());
  }

  /** Every setting that holds for another protocol on the same port. */
  settingsFor(protocol: Protocol): Values {
    return settingsOf(protocol.settings, this.layersOf(protocol));
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

  /** All that is set by a person, from now on. */
  setSettings(values: Values): void {
    const portId = this.#portId;
    this.#set = { portId, protocol: this.protocol.name, values };
    saveSettings(portId, this.protocol, values);
  }

  /** An undefined setting goes back to what holds without it. */
  change(changes: Readonly<Record<string, Value | undefined>>): void {
    this.setSettings(withSettings(this.protocol.settings, this.layers, changes));
  }

  /** Must be called from a user's gesture. */
  async connect(transport: Transport): Promise<void> {
    this.#connectProblem = undefined;
    try {
      const before = new Set(this.#watch.ports.map(({ info }) => info.id));
      const isChosen = await transport.connect();
      if (!isChosen) return;
      await this.#engine.call('refreshPorts', undefined);
      const heads = this.#watch.ports.filter(({ info }) => info.transport === transport.name);
      const connected = heads.find(({ info }) => !before.has(info.id)) ?? heads.find(({ info }) => isChosen(info));
      if (connected) this.choose(connected.info.id);
    } catch (error) {
      this.#connectProblem = connectProblemOf(error);
    }
  }

  read(changes?: Values): void {
    if (changes) this.change(changes);
    const { port } = this;
    if (!port || this.busy || this.isAddressWrong) return;
    const run = new ReadRun(this.#engine, this.#archive, this.protocol, this.requestAt(port.info.id), this.#announcer);
    this.#run = run;
    void keepScreenOn(run.finished);
  }

  /** At another first rate; the one in the address wins, so that is where it is changed. */
  readAt(baudRate: number): void {
    const address = atRate(this.protocol.address, this.address.trim(), baudRate);
    if (address !== undefined) this.address = address;
    this.read(address === undefined ? { baudRate } : undefined);
  }

  /** Whatever meter is there, at the same rate and with the same switches. */
  readAnyMeter(): void {
    this.address = withoutNumber(this.protocol.address, this.address.trim());
    this.read();
  }

  /** What is on the desk, as the engine is asked for it. */
  requestAt(portId: string): ReadRequest {
    return { portId, protocol: this.protocol.name, address: this.address.trim(), settings: this.settings };
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
