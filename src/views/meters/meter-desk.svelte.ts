import type { ArchiveClient } from '../../archive/client.ts';
import type { MeterState } from '../../engine/ams-api.ts';
import type { ReadResult, UnkeptReading } from '../../engine/api.ts';
import type { EngineClient } from '../../engine/client.ts';
import { counted } from '../components/format.ts';
import { recordState } from '../components/record-state.ts';
import { problemOfError, type Problem } from '../read/problem.ts';
import { keepScreenOn } from '../read/screen.ts';
import type { Announcer } from '../shell/announcer.svelte.ts';
import { RecentList } from './recent-list.svelte.ts';

/** How far reading the whole list has come. */
export interface Campaign {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly running: boolean;
  /** Asked to stop, and not stopped yet. */
  readonly cancelling: boolean;
}

/** The meters of the list as they are read by hand; goes on while another place is looked at. */
export class MeterDesk {
  readonly recent: RecentList;
  readonly #engine: EngineClient;
  readonly #announcer: Announcer;
  #running: ReadonlyMap<string, AbortController> = $state.raw(new Map());
  #problems: ReadonlyMap<string, Problem> = $state.raw(new Map());
  #unkept: ReadonlyMap<string, UnkeptReading> = $state.raw(new Map());
  campaign: Campaign | undefined = $state.raw();
  #stop = new AbortController();

  constructor(engine: EngineClient, archive: ArchiveClient, announcer: Announcer) {
    this.#engine = engine;
    this.#announcer = announcer;
    this.recent = new RecentList(archive);
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  isReading(id: string): boolean {
    return this.#running.has(id);
  }

  /** Why a reading could not even begin; a failed reading is a record instead. */
  problemOf(id: string): Problem | undefined {
    return this.#problems.get(id);
  }

  /** The last reading of this meter where the log did not take it: it is nowhere but here. */
  unkeptOf(id: string): UnkeptReading | undefined {
    return this.#unkept.get(id);
  }

  async read({ meter: { id } }: MeterState): Promise<void> {
    if (this.busy || this.campaign?.running) return;
    const read = this.#read(id);
    void keepScreenOn(read.then(() => undefined));
    const result = await read;
    if (!result) return;
    if (!result.kept) this.#announcer.say('The reading is not in the log.');
    else if (recordState(result.record) === 'another meter') this.#announcer.say('Another meter answered.');
    else if (result.record.errorCode === 0) this.#announcer.say(`Read. Record ${result.record.seq}.`);
    else this.#announcer.say('The read failed.');
  }

  cancel(id: string): void {
    this.#running.get(id)?.abort();
  }

  /** Reads these meters, those on different ports at the same time, and keeps the screen on meanwhile. */
  async readAll(meters: readonly MeterState[]): Promise<void> {
    if (this.busy) return;
    this.#stop = new AbortController();
    this.campaign = { total: meters.length, done: 0, failed: 0, running: true, cancelling: false };
    const ports = [...new Set(meters.map(({ meter }) => meter.port))];
    const turns = ports.map((port) => this.#readInTurn(meters.filter(({ meter }) => meter.port === port)));
    const all = Promise.all(turns).then(() => undefined);
    void keepScreenOn(all);
    await all;
    this.#change({ running: false, cancelling: false });
    const { done, failed } = this.campaign;
    this.#announcer.say(`${counted(done - failed, 'meter')} read, ${failed} failed.`);
  }

  cancelAll(): void {
    this.#change({ cancelling: true });
    this.#stop.abort();
    for (const controller of this.#running.values()) controller.abort();
  }

  dismissCampaign(): void {
    if (!this.campaign?.running) this.campaign = undefined;
  }

  async #readInTurn(meters: readonly MeterState[]): Promise<void> {
    for (const { meter } of meters) {
      if (this.#stop.signal.aborted) return;
      const result = await this.#read(meter.id);
      if (this.#stop.signal.aborted) return;
      const { done = 0, failed = 0 } = this.campaign ?? {};
      const { record } = result?.kept ? result : {};
      const isRead = record?.errorCode === 0 && recordState(record) !== 'another meter';
      this.#change({ done: done + 1, failed: failed + (isRead ? 0 : 1) });
    }
  }

  #change(change: Partial<Campaign>): void {
    if (this.campaign) this.campaign = { ...this.campaign, ...change };
  }

  /** Undefined when nothing was read: it was stopped while it waited, or could not begin. */
  async #read(id: string): Promise<ReadResult | undefined> {
    const controller = new AbortController();
    this.#running = new Map(this.#running).set(id, controller);
    this.#problems = without(this.#problems, id);
    try {
      const result = await this.#engine.call('readNow', { id }, { signal: controller.signal });
      // Only now: what is nowhere else stays until another reading is there.
      this.#unkept = without(this.#unkept, id);
      if (!result.kept) this.#unkept = new Map(this.#unkept).set(id, result.unkept);
      return result;
    } catch (error) {
      const problem = problemOfError(error);
      if (!problem.cancelled) this.#problems = new Map(this.#problems).set(id, problem);
      return undefined;
    } finally {
      this.#running = without(this.#running, id);
    }
  }
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
