import type { EngineClient } from '../../../engine/client.ts';
import type { Interval } from '../../../ams/intervals.ts';
import type { PortsTable } from '../../../ams/ports-table.ts';
import { fittingValues, severalOf, settingsOf, withSetting, type Value, type Values } from '../../../common/form.ts';
import type { Protocol } from '../../../protocols/protocol.ts';
import type { Found } from '../../../protocols/search.ts';
import { Attempt } from '../../components/attempt.svelte.ts';
import { bindFor } from '../../meters/port-choice.ts';
import { keepScreenOn } from '../../read/screen.ts';
import type { Announcer } from '../../shell/announcer.svelte.ts';
import type { TaskKind } from '../task-kinds.ts';
import { BusSearch } from './bus-search.svelte.ts';
import { outcomeWords } from './found-words.ts';

/** What adding to the meter list came to. */
export interface Added {
  readonly count: number;
  /** Why others were refused, in words. */
  readonly refusals: readonly string[];
}

/** What to search for, the search that runs or ran last, and which of its meters are wanted. */
export class FindDesk {
  readonly #engine: EngineClient;
  readonly #announcer: Announcer;

  readonly #kinds: readonly TaskKind[];

  kind: TaskKind | undefined = $state.raw();
  /** As filled in; what two searches ask alike is filled in once. */
  #set: Values = $state.raw({});
  interval: Interval = $state('1H');
  /** Is what to search laid open? A search that begins folds it away. */
  choosing = $state(true);
  search: BusSearch | undefined = $state.raw();
  #settings: Values = {};
  /** The port that the kind of search was last chosen for. */
  #suited = '';
  /** Addresses of meters that shall not be added. */
  #left: ReadonlySet<string> = $state.raw(new Set());
  readonly adding = new Attempt('The meters could not be added.');
  added: Added | undefined = $state.raw();

  /** @param kinds first what is offered first */
  constructor(engine: EngineClient, announcer: Announcer, kinds: readonly TaskKind[]) {
    this.#engine = engine;
    this.#announcer = announcer;
    this.#kinds = kinds;
    this.kind = kinds[0];
  }

  /** Another port is searched by what is read through it, until somebody chooses otherwise. */
  suit(portId: string, { name }: Protocol): void {
    if (this.#suited === portId) return;
    this.#suited = portId;
    const kind = this.#kinds.find(({ protocol }) => protocol.name === name);
    if (kind) this.kind = kind;
  }

  get values(): Values {
    return settingsOf(this.kind?.form.fields ?? [], { set: this.#set });
  }

  /** What is filled in goes as it stands, right or wrong; what is wrong keeps the search from beginning. */
  fill(key: string, value: Value | undefined): void {
    const { [key]: _, ...others } = this.#set;
    const fields = this.kind?.form.fields ?? [];
    const set = withSetting(fields, { set: this.#set }, key, value);
    this.#set = value !== undefined && value !== '' && !(key in set) ? { ...others, [key]: value } : set;
  }

  /** What was filled in last, also where it is wrong. */
  filled(key: string): Value | undefined {
    return this.#set[key] ?? this.values[key];
  }

  isWrong(key: string): boolean {
    const fields = this.kind?.form.fields ?? [];
    return key in this.#set && !(key in fittingValues(fields, this.#set));
  }

  /** "by number, 300 and 2400 Bd, only 4FFFFFFF" */
  get words(): string {
    const { fields = [], title = '' } = this.kind?.form ?? {};
    const filled = fields.flatMap(({ key, label, kind, unit = '', choices = [] }) => {
      const value = this.values[key];
      if (value === undefined || value === '' || value === false) return [];
      if (value === true) return [label.toLowerCase()];
      if (kind === 'whole') return [`${label.toLowerCase()} ${value} ${unit}`.trim()];
      if (kind !== 'several') return [`only ${String(value)}`];
      // All of them are no choice.
      if (severalOf(value).length === choices.length) return [];
      const labels = severalOf(value).map(
        (one) => choices.find((choice) => String(choice.value) === one)?.label ?? one,
      );
      return [new Intl.ListFormat('en').format(labels)];
    });
    return [title.toLowerCase(), ...filled].join(', ');
  }

  get ready(): boolean {
    return this.kind?.form.fields.every(({ key }) => !this.isWrong(key)) ?? false;
  }

  isWanted({ address }: Found): boolean {
    return !this.#left.has(address);
  }

  want({ address }: Found, wanted: boolean): void {
    const left = new Set(this.#left);
    if (wanted) left.delete(address);
    else left.add(address);
    this.#left = left;
  }

  start(portId: string, settings: Values): void {
    if (!this.kind || this.search?.running || !this.ready) return;
    const { protocol, form } = this.kind;
    const search = new BusSearch(
      this.#engine,
      { portId, protocol: protocol.name, id: form.id, values: this.values, settings },
      form,
    );
    this.search = search;
    this.choosing = false;
    this.#settings = settings;
    this.#left = new Set();
    this.added = undefined;
    this.adding.problem = undefined;
    void keepScreenOn(search.finished);
    void search.finished.then(() => {
      if (search.result) this.#announcer.say(outcomeWords(search.result));
    });
  }

  /** Puts meters at the end of the list; what is there stays as it is. */
  async add(meters: readonly Found[], table: PortsTable): Promise<void> {
    const { request } = this.search ?? {};
    if (!request || this.adding.running) return;
    this.added = undefined;
    const refusals: string[] = [];
    let count = 0;
    await this.adding.run(async () => {
      const port = await bindFor(this.#engine, table, request.portId);
      if (port === undefined) refusals.push('All 127 port numbers are taken.');
      else {
        for (const { address, name, number, settings } of meters) {
          const { protocol } = request;
          const changed = await this.#engine.call('addMeter', {
            draft: {
              port,
              protocol,
              address,
              interval: this.interval,
              name,
              settings: { ...this.#settings, ...settings },
              ...(number === '' ? {} : { serialNumber: number }),
            },
          });
          if (changed.ok) count++;
          else refusals.push(`${address}: ${changed.fault.message}`);
        }
      }
    });
    this.added = { count, refusals };
  }
}
