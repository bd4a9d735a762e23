import { fittingValues, type Values } from '../../common/form.ts';
import type { Protocol } from '../../protocols/protocol.ts';
import { loadStored, saveStored } from '../components/stored.ts';

/** What was set for a port in this browser: by the port's id, then by protocol. */
type Stored = Readonly<Record<string, unknown>>;

const KEY = 'settings';

/** What a person set for meters of a protocol on a port; where nothing is kept, what an earlier version kept. */
export function loadSettings(portId: string, { name, settings, formerStore }: Protocol): Values {
  const kept = asRecord(loadStored(KEY, asRecord)[portId]);
  const former = name in kept || formerStore === undefined ? undefined : loadStored(formerStore, asRecord)[portId];
  return fittingValues(settings, kept[name] ?? former);
}

export function saveSettings(portId: string, { name }: Protocol, set: Values): void {
  const all = loadStored(KEY, asRecord);
  saveStored(KEY, { ...all, [portId]: { ...asRecord(all[portId]), [name]: set } });
}

function asRecord(value: unknown): Stored {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Stored) : {};
}
