import type { MeterState } from '../../engine/ams-api.ts';
import type { ArchiveClient } from '../../archive/client.ts';
import type { EngineClient } from '../../engine/client.ts';
import type { Browser, ListedObject, Protocol, Target } from '../../protocols/protocol.ts';
import { Attempt } from '../components/attempt.svelte.ts';
import { ReadRun } from '../read/read-run.svelte.ts';
import { keepScreenOn } from '../read/screen.ts';
import type { Announcer } from '../shell/announcer.svelte.ts';

/** Objects of a heading. */
export interface ObjectGroup {
  readonly heading: string;
  readonly objects: readonly ListedObject[];
}

/** Of which meter, as it is now. */
export interface Browsed {
  readonly protocol: Protocol;
  readonly browser: Browser;
  readonly meter: MeterState['meter'];
}

/** What the meters have that were looked at, as long as the page is open. */
const lists = new Map<string, readonly ListedObject[]>();

/** What one meter has, what of it is ticked, and the reading of either. */
export class ObjectsDesk {
  readonly #engine: EngineClient;
  readonly #archive: ArchiveClient;
  readonly #announcer: Announcer;
  readonly #of: () => Browsed;

  objects: readonly ListedObject[] | undefined = $state.raw();
  wanted = $state('');
  ticked: ReadonlySet<string> = $state.raw(new Set());
  /** Of the list, or of what is ticked. */
  run: ReadRun | undefined = $state.raw();
  #isListing = $state(false);
  readonly keeping = new Attempt('The choice could not be kept.');
  readonly choosing = new Attempt('This cannot be read at once.');
  kept = $state(false);
  /** Something was read, and no list is in it. */
  isListless = $state(false);

  constructor(
    { engine, archive, announcer }: { engine: EngineClient; archive: ArchiveClient; announcer: Announcer },
    of: () => Browsed,
  ) {
    this.#engine = engine;
    this.#archive = archive;
    this.#announcer = announcer;
    this.#of = of;
    const { browser, meter } = of();
    this.objects = lists.get(meter.id);
    this.ticked = new Set(browser.chosen(meter.address));
  }

  get busy(): boolean {
    return this.run?.running ?? false;
  }

  get isListing(): boolean {
    return this.busy && this.#isListing;
  }

  /** Figures of what was ticked, not of the list. */
  get shown(): ReadRun | undefined {
    return this.#isListing ? undefined : this.run;
  }

  /** Those that fit what is sought, under their headings; what is ticked and not in the list stands first. */
  get groups(): readonly ObjectGroup[] {
    const words = this.wanted
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const fits = ({ code, name, kind, group }: ListedObject) =>
      words.every((word) => `${code} ${name} ${kind} ${group}`.toLowerCase().includes(word));
    const found = (this.objects ?? []).filter(fits);
    return [...new Set(found.map(({ group }) => group))].map((heading) => ({
      heading,
      objects: found.filter(({ group }) => group === heading),
    }));
  }

  /** Ticked, and not in the list: the address has them. */
  get strangers(): readonly string[] {
    const known = new Set(this.objects?.map(({ id }) => id));
    return [...this.ticked].filter((id) => !known.has(id));
  }

  tick(id: string, isWanted: boolean): void {
    const ticked = new Set(this.ticked);
    if (isWanted) ticked.add(id);
    else ticked.delete(id);
    this.ticked = ticked;
    this.kept = false;
  }

  /** @param settings every one that holds for the meter */
  async list(portId: string, settings: Target['settings']): Promise<void> {
    const { browser, meter } = this.#of();
    const run = this.#start(portId, browser.list({ address: meter.address, settings }), true);
    await run?.finished;
    const objects = run?.record && browser.objects(run.record.data);
    this.isListless = run?.record?.errorCode === 0 && !objects;
    if (!objects) return;
    lists.set(meter.id, objects);
    this.objects = objects;
  }

  async read(portId: string, settings: Target['settings']): Promise<void> {
    const { browser, meter } = this.#of();
    const target = await this.choosing.run(async () =>
      browser.choose({ address: meter.address, settings }, [...this.ticked]),
    );
    if (target) this.#start(portId, target, false);
  }

  #start(portId: string, { address, settings }: Target, isListing: boolean): ReadRun | undefined {
    if (this.busy) return undefined;
    const { protocol } = this.#of();
    const request = { portId, protocol: protocol.name, address, settings };
    this.#isListing = isListing;
    const run = new ReadRun(this.#engine, this.#archive, protocol, request, this.#announcer);
    this.run = run;
    void keepScreenOn(run.finished);
    return run;
  }

  /** The schedule reads what is ticked, from its next slot on; without any it reads what the protocol chooses. */
  async keep(): Promise<void> {
    const { browser, meter } = this.#of();
    const { id, address, settings = {} } = meter;
    await this.keeping.run(async () => {
      const chosen = browser.choose({ address, settings }, [...this.ticked]);
      await this.#engine.call('changeMeter', { id, change: chosen });
      this.kept = true;
      this.#announcer.say('The choice is kept.');
    });
  }
}
