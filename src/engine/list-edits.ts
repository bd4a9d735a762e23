import { addAllThatFit, replaceMeters } from '../ams/configuration-changes.ts';
import { loadListedProtocols, type ListedProtocols } from '../ams/listed-protocols.ts';
import { changeMeter, indexOfMeter, moveMeter, removeMeter, setMeterInterval } from '../ams/meter-list.ts';
import type { MeterDraft } from '../ams/meter.ts';
import type { Clock } from '../common/clock.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { Changed, ImportOutcome } from './ams-api.ts';
import type { Configuration } from './configuration.ts';

/** What can be done to the device list. */
export interface ListEdits {
  add(draft: MeterDraft): Promise<Changed>;
  change(id: string, change: Partial<MeterDraft>): Promise<Changed>;
  /** Takes the number that record `seq` tells of its meter, where the meter has none and that record is still its newest. */
  noteNumber(id: string, seq: number, serialNumber: string): Promise<void>;
  remove(id: string): Promise<Changed>;
  move(id: string, to: number): Promise<Changed>;
  clear(): Promise<void>;
  /** In one change: takes the meters of these ids out and adds others; where one of them is refused all stays as it was. */
  replace(ids: readonly string[], drafts: readonly MeterDraft[]): Promise<Changed>;
  setInterval(which: number | 'ALL', interval: string): Promise<Changed>;
  importMeters(drafts: readonly MeterDraft[]): Promise<ImportOutcome>;
  exportMeters(format: 'csv' | 'json'): Promise<string>;
}

export interface ListEditsParts {
  readonly clock: Clock;
  readonly protocols: Protocols;
  readonly configuration: Configuration;
  /** Of the newest record of a meter. */
  newestSeq(id: string): number | undefined;
}

/** Reading and writing list files needs a validator, and is rare: not part of the first load. */
const meterListFile = () => import('../ams/meter-list-file.ts');

export function createListEdits({ clock, protocols, configuration, newestSeq }: ListEditsParts): ListEdits {
  const { changeList } = configuration;
  let listing: Promise<ListedProtocols> | undefined;

  function listed(): Promise<ListedProtocols> {
    listing ??= loadListedProtocols(protocols);
    listing.catch(() => (listing = undefined)); // the next who asks tries again
    return listing;
  }

  async function replace(ids: readonly string[], drafts: readonly MeterDraft[]): Promise<Changed> {
    const known = await listed();
    return await configuration.changeChecked((before) => replaceMeters(before, ids, drafts, known, clock.now()));
  }

  return {
    add: (draft) => replace([], [draft]),
    async change(id, edit) {
      const known = await listed();
      return await changeList(({ meters }) => changeMeter(meters, indexOfMeter(meters, id), edit, known, clock.now()));
    },
    async noteNumber(id, seq, serialNumber) {
      const known = await listed();
      await changeList(({ meters }) => {
        const index = indexOfMeter(meters, id);
        return newestSeq(id) === seq && !meters[index - 1]?.serialNumber
          ? changeMeter(meters, index, { serialNumber }, known, clock.now())
          : { ok: true, value: meters };
      });
    },
    remove: (id) => changeList(({ meters }) => removeMeter(meters, indexOfMeter(meters, id))),
    move: (id, to) => changeList(({ meters }) => moveMeter(meters, indexOfMeter(meters, id), to)),
    clear: () => configuration.change((before) => ({ ...before, meters: [] })),
    replace,
    setInterval: (which, interval) =>
      changeList(({ meters }) => setMeterInterval(meters, which, interval, clock.now())),
    async importMeters(drafts) {
      let outcome: ImportOutcome = { added: 0, problems: [] };
      const known = await listed();
      await configuration.change((before) => {
        const { configuration: after, ...rest } = addAllThatFit(before, drafts, known, clock.now());
        outcome = rest;
        return after;
      });
      return outcome;
    },
    async exportMeters(format) {
      const file = await meterListFile();
      const { meters } = configuration.now;
      return format === 'csv' ? file.exportMetersCsv(meters) : file.exportMetersJson(meters);
    },
  };
}
