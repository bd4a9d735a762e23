import type { Milliseconds, PortId, PortNumber } from '../common/kinds.ts';
import type { Values } from '../common/form.ts';
import type { PortSettings } from '../line/port.ts';

/**
 * The ports table: port numbers of the AT commands bound to ports of the browser, each with its line settings.
 * Three copies of the settings, as AT^SCPORT2 has them: a value that was set is *staged* (and shown by `?`),
 * "SAVE" keeps it for the next start, "SRESTART" saves and restarts the interface so that it is *active* at once.
 */
export interface PortEntry {
  /** 1–127; 128 is the A/D inputs and has no line settings. */
  readonly number: PortNumber;
  /** `PortInfo.id` of the granted or simulated port; absent while none is bound. */
  readonly portId?: PortId;
  readonly active: PortSettings;
  readonly saved: PortSettings;
  readonly staged: PortSettings;
  /** What is heard on it whenever nobody else needs it; absent: nothing is. */
  readonly listens?: Listens;
}

/** How a port is listened on. It goes on with the next start of the program. */
export interface Listens {
  readonly protocol: string;
  /** In the protocol's own form: what of it says how the line is opened. */
  readonly address: string;
  /** Every setting that holds. */
  readonly settings: Values;
  /** At most one record a meter in so many milliseconds; 0 keeps all. */
  readonly everyMs: Milliseconds;
}

/** What the inputs of port 128 are collected from: a port that may have a number of its own besides. */
export interface InputsSource {
  readonly portId: PortId;
  /** What a person set of it; the protocol's form says what there is. */
  readonly settings: Values;
}

export type PortsTable = readonly PortEntry[];

export const MAX_SERIAL_PORT = 127;

/** The serial ports every unit has, whether or not something is plugged in: AT^SCPORT2 sets one up before. */
const BUILT_IN_PORTS = [1, 2];

/** The opening rate and framing of IEC 62056-21; M-Bus and the others bring their own with the address. */
export const defaultPortSettings: PortSettings = { baudRate: 300, dataBits: 7, stopBits: 1, parity: 'even' };

export type PortKey = 'BAUDRATE' | 'DATA_BITS' | 'STOP_BITS' | 'PARITY';

interface KeyRule {
  readonly help: string;
  /** As AT^SCPORT2=? writes it. */
  readonly values: string;
  get(settings: PortSettings): number;
  /** Undefined when the value is not allowed. */
  set(settings: PortSettings, value: number): PortSettings | undefined;
}

const parities = ['none', 'even', 'odd'] as const;

/** The keys of AT^SCPORT2 in the order `?` lists them. Parity 0 and 1 are the SmartCOM's; 2 (odd) is our extension. */
export const portKeys: Readonly<Record<PortKey, KeyRule>> = {
  BAUDRATE: {
    help: 'Baud rate; protocols that negotiate begin with it',
    // The range of DIRECT_READ's default baud rate.
    values: '110-230400',
    get: (settings) => settings.baudRate,
    set: (settings, baudRate) => (baudRate >= 110 && baudRate <= 230_400 ? { ...settings, baudRate } : undefined),
  },
  DATA_BITS: {
    help: 'Data bits',
    values: '7|8',
    get: (settings) => settings.dataBits,
    set: (settings, dataBits) => (dataBits === 7 || dataBits === 8 ? { ...settings, dataBits } : undefined),
  },
  STOP_BITS: {
    help: 'Stop bits',
    values: '1|2',
    get: (settings) => settings.stopBits,
    set: (settings, stopBits) => (stopBits === 1 || stopBits === 2 ? { ...settings, stopBits } : undefined),
  },
  PARITY: {
    help: 'Parity: 0 none, 1 even, 2 odd',
    values: '0-2',
    get: (settings) => parities.indexOf(settings.parity),
    set: (settings, value) => {
      const parity = parities[value];
      return parity === undefined ? undefined : { ...settings, parity };
    },
  },
};

export const portKeyNames = Object.keys(portKeys) as readonly PortKey[];

export function findPort(table: PortsTable, number: PortNumber): PortEntry | undefined {
  return table.find((entry) => entry.number === number);
}

function newEntry(number: PortNumber): PortEntry {
  return { number, active: defaultPortSettings, saved: defaultPortSettings, staged: defaultPortSettings };
}

/** As {@link findPort}; a port that is there from the start and that nobody has touched yet has the default settings. */
export function portEntry(table: PortsTable, number: PortNumber): PortEntry | undefined {
  return findPort(table, number) ?? (BUILT_IN_PORTS.includes(number) ? newEntry(number) : undefined);
}

/**
 * Binds a number to a port. A port has one number only: two queues on one line would talk at the same time.
 * Undefined when the number is not 1–127 or the port already has another number.
 */
export function bindPort(table: PortsTable, number: PortNumber, portId: PortId): PortsTable | undefined {
  if (!Number.isInteger(number) || number < 1 || number > MAX_SERIAL_PORT) return undefined;
  if (table.some((entry) => entry.portId === portId && entry.number !== number)) return undefined;
  const before = findPort(table, number) ?? newEntry(number);
  // Another line has other meters: nobody asked to listen there.
  return withEntry(table, { ...(before.portId === portId ? before : withoutListener(before)), portId });
}

/** Frees the number; its settings stay for the next port that gets it. */
export function unbindPort(table: PortsTable, number: PortNumber): PortsTable {
  return replace(table, number, ({ portId: _portId, ...entry }) => withoutListener(entry));
}

/** Listens there from now on, or no longer. */
export function listenAt(table: PortsTable, number: PortNumber, listens: Listens | undefined): PortsTable {
  return replace(table, number, (entry) => (listens ? { ...entry, listens } : withoutListener(entry)));
}

function withoutListener({ listens: _listens, ...entry }: PortEntry): PortEntry {
  return entry;
}

/** The lowest number no port is bound to; undefined when all are taken. */
export function freePortNumber(table: PortsTable): number | undefined {
  const taken = new Set(table.filter((entry) => entry.portId !== undefined).map((entry) => entry.number));
  for (let number = 1; number <= MAX_SERIAL_PORT; number++) if (!taken.has(number)) return number;
  return undefined;
}

/** Stages a value; undefined when the port is unknown or the value not allowed. */
export function stagePortValue(
  table: PortsTable,
  number: PortNumber,
  key: PortKey,
  value: number,
): PortsTable | undefined {
  const entry = portEntry(table, number);
  const staged = entry && Number.isInteger(value) ? portKeys[key].set(entry.staged, value) : undefined;
  return entry && staged && withEntry(table, { ...entry, staged });
}

/** "SAVE": the staged settings will be used after the next start. */
export function savePort(table: PortsTable, number: PortNumber): PortsTable {
  return replace(table, number, (entry) => ({ ...entry, saved: entry.staged }));
}

/** "SRESTART": the staged settings are saved and used from now on. */
export function restartPort(table: PortsTable, number: PortNumber): PortsTable {
  return replace(table, number, (entry) => ({ ...entry, saved: entry.staged, active: entry.staged }));
}

/** A new start: what was not saved is gone. */
export function startPorts(table: PortsTable): PortsTable {
  return table.map((entry) => ({ ...entry, staged: entry.saved, active: entry.saved }));
}

/**
 * A higher opening rate on the port is given up for 300 Bd once a meter would only talk at 300 (SmartCOM manual, 3.8).
 * Only the active copy changes, so the next start tries the higher rate again.
 */
export function fallBackTo300(table: PortsTable, number: PortNumber): PortsTable {
  return replace(table, number, (entry) => ({ ...entry, active: { ...entry.active, baudRate: 300 } }));
}

function withEntry(table: PortsTable, entry: PortEntry): PortsTable {
  return [...table.filter(({ number }) => number !== entry.number), entry].sort((a, b) => a.number - b.number);
}

function replace(table: PortsTable, number: PortNumber, change: (entry: PortEntry) => PortEntry): PortsTable {
  return table.map((entry) => (entry.number === number ? change(entry) : entry));
}
