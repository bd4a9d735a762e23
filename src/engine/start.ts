import { version } from '../build-info.ts';
import type { RecordLog } from '../log/ring.ts';
import { availableTransports } from '../ports/index.ts';
import { watchPorts } from '../ports/watch-ports.ts';
import { systemClock } from '../common/clock.ts';
import type { Handlers } from '../rpc/rpc.ts';
import { AT_PORT_KEY, type AmsState } from './ams-api.ts';
import { createAmsHandlers } from './ams-handlers.ts';
import type { EngineApi, SimulationSettings } from './api.ts';
import type { At } from './at.ts';
import { CHANGES_KEY, type UnknownChange } from './bus-api.ts';
import type { ChangeBook } from './change-notes.ts';
import { createEngine } from './engine.ts';
import { createFaultBook } from './faults.ts';
import { createLastingTraces } from './lasting-traces.ts';
import { openMemory, type KeyValueStore } from './memory.ts';
import type { Predecessor } from './ownership.ts';
import { untilItWorks } from './patience.ts';
import { protocols } from '../protocols/registry.ts';
import type { PortList } from './port-list.ts';
import { createPortRegistry, type EnginePort } from './port-registry.ts';
import { openStation, type Station, type StationParts } from './station.ts';
import { openStorage } from './storage.ts';

/** How often is looked what is due: slots are whole minutes, and a sleep of the device is noticed at once. */
const TICK_MS = 1000;
/** What does not answer within this is gone on without; it comes in when it comes. */
const PATIENCE_MS = 3000;

/**
 * Puts the engine together from what this browser has. Runs once, in the worker that owns ports, schedule and log.
 * Nothing waits for a write, and neither ports nor reading by hand wait for a storage that does not answer.
 *
 * @param before what became of the window that had the ports before
 * @param resign ends this worker
 */
export async function startEngine(before: Predecessor, resign: () => void): Promise<Handlers<EngineApi>> {
  const clock = systemClock;
  const faults = createFaultBook(clock);
  const { report } = faults;
  let changed: () => void = () => undefined;
  const storage = openStorage(
    clock,
    () => {
      changed();
      // A newer window waits for this one to go.
      if (storage.state().notice === 'superseded') resign();
    },
    report,
  );
  const { log, settings } = storage;
  const memory = openMemory(settings, report);

  let simulation: SimulationSettings | undefined;
  const currentSimulation = () => simulation ?? { speed: 1, faults: {} };
  const loadingSimulation = settings.get('simulation').then((stored) => {
    if (isSimulation(stored)) simulation ??= stored;
    changed();
  });
  loadingSimulation.catch(report);
  let simulated: readonly EnginePort[] = [];

  const portsChanged = () => {
    registry.portsChanged();
    changed();
  };
  const ports = watchPorts(availableTransports(), clock, portsChanged);
  const registry = createPortRegistry({
    clock,
    present: () => [...ports.present.map((port) => ({ port, clock })), ...simulated],
    lost: () => ports.lost,
    onChange: () => changed(),
  });

  const traces = createLastingTraces(clock, log, report);
  let station: Station | undefined;
  const stationParts: StationParts = {
    clock,
    log,
    database: log.database,
    protocols,
    registry,
    traces,
    // Loaded with the first read: a first visit does not wait for it.
    read: async ({ portId, ...read }) => {
      const { readMeter } = await import('./read-meter.ts');
      return await readMeter({ memory: memory(portId), settings, ...read });
    },
    onChange: () => changed(),
    onError: report,
    before,
  };
  const openingStation = untilItWorks(() => openStation(stationParts), clock, report).then((opened) => {
    station = opened;
    changed();
    return opened;
  });

  let at: At | undefined;
  let openingAt: Promise<At> | undefined;
  async function loadAt(): Promise<At> {
    const [{ createAt }, opened] = await Promise.all([import('./at.ts'), openingStation]);
    return (at = createAt({
      station: opened,
      log,
      registry,
      traces,
      clock,
      settings,
      protocols,
      version,
      serialNumber: await unitNumber(settings, report),
      onError: report,
      onChange: () => changed(),
    }));
  }
  // Not part of the first load: most days nobody opens a terminal. One promise for all, so that what is typed never
  // overtakes the opening of its session.
  const openAt = () =>
    (openingAt ??= loadAt().catch((error: unknown) => {
      // The next who asks tries anew.
      openingAt = undefined;
      throw error;
    }));

  const changes: ChangeBook = {
    store: settings,
    opened: untilItWorks(() => settings.get(CHANGES_KEY), clock, report).then((stored) => {
      // What is found at the start was begun by a worker that has ended.
      changes.unknown = (stored as readonly UnknownChange[] | undefined) ?? [];
      changed();
    }),
    unknown: [],
    clock,
    onChange: () => changed(),
    onError: report,
  };

  let portList: PortList | undefined;
  const engine = createEngine({
    now: clock.now,
    log,
    registry,
    traces,
    faults: faults.all,
    changes,
    protocols,
    memory,
    settings,
    ams: {
      state: () => ({ ...(station?.state() ?? unknownAms), ...(at?.port.state ? { atPort: at.port.state } : {}) }),
      handlers: createAmsHandlers({ station: () => openingStation, openAt }),
      readInputs: async (target, signal) => (await openingStation).inputs.read(target, signal),
    },
    simulation: {
      get: currentSimulation,
      set: (next) => {
        simulation = next;
        settings.put('simulation', next).catch(report);
      },
    },
    storage: storage.state,
    ...(before === 'stopped' ? { tookOverAt: clock.now() } : {}),
    refreshPorts: ports.refresh,
    portTrouble: () => portList?.trouble,
  });
  changed = () => {
    engine.changed();
    at?.port.look();
  };
  const firstList = ports.refresh();
  const late = clock.sleep(PATIENCE_MS).then(() => Promise.reject(new Error('late')));
  const listingPorts = Promise.race([firstList, late]).catch(async () => {
    const { askForPorts } = await untilItWorks(() => import('./port-list.ts'), clock, report);
    portList = askForPorts(firstList, ports.refresh, clock, report, () => changed());
    changed();
  });
  listingPorts.catch(report);
  // What answered AT commands before a reload, or in the window that was closed, goes on.
  untilItWorks(async () => (await settings.get(AT_PORT_KEY)) && (await openAt()).port.resume(), clock, report).catch(
    report,
  );
  const loadSimulated = async () => {
    const [{ simulatedPorts }, { acceleratedClock }] = await Promise.all([
      import('./simulated-ports.ts'),
      import('../simulator/accelerated-clock.ts'),
    ]);
    const fast = acceleratedClock(clock, () => currentSimulation().speed);
    simulated = await simulatedPorts(protocols.all, fast, currentSimulation);
    portsChanged();
  };
  loadSimulated()
    .catch((error: unknown) => {
      report(error);
      untilItWorks(loadSimulated, clock, report).catch(report);
    })
    // Only now: a meter of the list may be a simulated one, whose port would seem to be missing.
    .finally(() => setInterval(() => station?.tick(), TICK_MS));
  // So that a start that goes well shows everything at once.
  await Promise.race([
    Promise.all([listingPorts, Promise.race([openingStation, troubled(log)])]),
    clock.sleep(PATIENCE_MS),
  ]);
  return engine.handlers;
}

/** Resolves when the log could not be opened at the first try; else never. */
async function troubled(log: RecordLog): Promise<void> {
  await log.opened;
  if (!log.health.notRecording) await new Promise(() => undefined);
}

/** While the storage has not told what it holds. */
const unknownAms: AmsState = {
  enabled: false,
  retries: 0,
  meters: [],
  ports: [],
  listening: [],
  due: 0,
};

/** Stands for the SmartCOM's serial number in file names and AT+GSN; made up once for this browser. */
async function unitNumber(settings: KeyValueStore, report: (error: unknown) => void): Promise<string> {
  const stored = await settings.get('unit number');
  if (typeof stored === 'string') return stored;
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  const fresh = `HHU-${random.toString(16).toUpperCase().padStart(8, '0')}`;
  settings.put('unit number', fresh).catch(report);
  return fresh;
}

function isSimulation(value: unknown): value is SimulationSettings {
  return typeof value === 'object' && value !== null && 'speed' in value && 'faults' in value;
}
