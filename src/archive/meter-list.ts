import { importMeters } from '../ams/meter-list-file.ts';
import { createProtocolRegistry } from '../ams/protocols.ts';
import { parseIecAddress } from '../protocols/iec62056-21/address.ts';
import { parseMbusAddress } from '../protocols/mbus/address.ts';
import type { MeterListFile } from './api.ts';

/** What can be in a list, as far as a file needs it: names and addresses, no dialogues. */
const addresses = createProtocolRegistry([
  { name: 'IEC62056-21', number: 1, parseAddress: parseIecAddress },
  { name: 'MBUS', number: 2, parseAddress: parseMbusAddress },
]);

/** The meters of a list file. Here, since it may be long and bad; the engine checks again what it takes in. */
export function readMeterList(text: string): MeterListFile {
  let ids = 0;
  const { meters, problems, furtherProblems } = importMeters(text, {
    registry: addresses,
    now: 0,
    newId: () => `row ${++ids}`,
  });
  return {
    // Number and date are given when they are taken in.
    meters: meters.map(({ id: _id, since: _since, ...draft }) => draft),
    problems: problems.map(({ at, message }) => ({ row: at, message })),
    furtherProblems,
  };
}
