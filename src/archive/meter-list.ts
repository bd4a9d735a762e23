import { importMeters, type ImportProblem } from '../ams/meter-list-file.ts';
import { loadListedProtocols } from '../ams/listed-protocols.ts';
import { protocols } from '../protocols/registry.ts';
import type { MeterListFile } from './api.ts';

const byRow = ({ at, message }: ImportProblem) => ({ row: at, message });

/** The meters of a list file. Here, since it may be long and bad; the engine checks again what it takes in. */
export async function readMeterList(text: string): Promise<MeterListFile> {
  let ids = 0;
  const { meters, problems, furtherProblems, notes } = importMeters(text, {
    registry: await loadListedProtocols(protocols),
    now: 0,
    newId: () => `row ${++ids}`,
  });
  return {
    // Number and date are given when they are taken in.
    meters: meters.map(({ id: _id, since: _since, ...draft }) => draft),
    problems: problems.map(byRow),
    furtherProblems,
    notes: notes.map(byRow),
  };
}
