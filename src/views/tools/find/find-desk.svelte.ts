import type { FindRequest } from '../../../engine/bus-api.ts';
import type { EngineClient } from '../../../engine/client.ts';
import type { Interval } from '../../../ams/intervals.ts';
import type { PortsTable } from '../../../ams/ports-table.ts';
import { DEFAULT_BAUD_RATE, MBUS_BAUD_RATES, type MbusBaudRate } from '../../../protocols/mbus/address.ts';
import type { FoundMeter } from '../../../protocols/mbus/search.ts';
import { mbusSettings } from '../../../protocols/mbus/settings.ts';
import type { Values } from '../../../common/form.ts';
import { Attempt } from '../../components/attempt.svelte.ts';
import { bindFor } from '../../meters/port-choice.ts';
import { keepScreenOn } from '../../read/screen.ts';
import type { Announcer } from '../../shell/announcer.svelte.ts';
import { BusSearch } from './bus-search.svelte.ts';
import { isMaskFault, nameOfFound, outcomeWords, parseMask } from './found-words.ts';

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

  kind: FindRequest['kind'] = $state('secondary');
  mask = $state('');
  interval: Interval = $state('1H');
  /** Are kind, rates and mask laid open? A search that begins folds them away. */
  choosing = $state(true);
  baudRates: readonly MbusBaudRate[] = $state.raw([DEFAULT_BAUD_RATE]);
  search: BusSearch | undefined = $state.raw();
  #settings: Values = {};
  /** Addresses of meters that shall not be added. */
  #left: ReadonlySet<string> = $state.raw(new Set());
  readonly adding = new Attempt('The meters could not be added.');
  added: Added | undefined = $state.raw();

  constructor(engine: EngineClient, announcer: Announcer) {
    this.#engine = engine;
    this.#announcer = announcer;
  }

  get maskFault(): string {
    const mask = parseMask(this.mask);
    return this.kind === 'secondary' && isMaskFault(mask) ? mask.fault : '';
  }

  /** "by number, 300 and 2400 Bd, only 4FFFFFFF" */
  get words(): string {
    const rates = new Intl.ListFormat('en').format(this.baudRates.map(String));
    const mask = this.kind === 'secondary' ? this.mask.trim().toUpperCase() : '';
    return [
      this.kind === 'secondary' ? 'by number' : 'by primary address',
      rates === '' ? 'at no rate' : `${rates} Bd`,
      ...(mask === '' ? [] : [`only ${mask}`]),
    ].join(', ');
  }

  get ready(): boolean {
    return this.baudRates.length > 0 && this.maskFault === '';
  }

  useRate(rate: MbusBaudRate, use: boolean): void {
    this.baudRates = MBUS_BAUD_RATES.filter((one) => (one === rate ? use : this.baudRates.includes(one)));
  }

  isWanted({ address }: FoundMeter): boolean {
    return !this.#left.has(address);
  }

  want({ address }: FoundMeter, wanted: boolean): void {
    const left = new Set(this.#left);
    if (wanted) left.delete(address);
    else left.add(address);
    this.#left = left;
  }

  start(portId: string, settings: Values): void {
    if (this.search?.running || !this.ready) return;
    const { framing, timeoutMs } = mbusSettings(settings);
    const shared = {
      portId,
      baudRates: this.baudRates,
      settings: { framing, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    };
    const mask = parseMask(this.mask);
    const search = new BusSearch(
      this.#engine,
      this.kind === 'primary'
        ? { ...shared, kind: 'primary' }
        : { ...shared, kind: 'secondary', ...(mask === undefined || isMaskFault(mask) ? {} : { mask }) },
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
  async add(meters: readonly FoundMeter[], table: PortsTable): Promise<void> {
    const { request } = this.search ?? {};
    if (!request || this.adding.running) return;
    this.added = undefined;
    const refusals: string[] = [];
    let count = 0;
    await this.adding.run(async () => {
      const port = await bindFor(this.#engine, table, request.portId);
      if (port === undefined) refusals.push('All 127 port numbers are taken.');
      else {
        for (const meter of meters) {
          const { address, secondaryAddress } = meter;
          const changed = await this.#engine.call('addMeter', {
            draft: {
              port,
              protocol: 'MBUS',
              address,
              interval: this.interval,
              name: nameOfFound(meter),
              settings: this.#settings,
              ...(secondaryAddress === '' ? {} : { serialNumber: secondaryAddress }),
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
