import { version } from '../build-info.ts';
import { connectDatabase } from '../log/database.ts';
import { openLog } from '../log/ring.ts';
import { watchSerialPorts } from '../ports/serial-ports.ts';
import { systemClock } from '../protocols/common/clock.ts';
import type { Handlers } from '../rpc/rpc.ts';
import { createAmsHandlers } from './ams-handlers.ts';
import type { EngineApi, EngineState, SimulationSettings } from './api.ts';
import type { At } from './at.ts';
import { createEngine } from './engine.ts';
import { openMemory } from './memory.ts';
import { protocols } from './protocols.ts';
import { createPortRegistry, type EnginePort } from './port-registry.ts';
import { readMeter } from './read-meter.ts';
import { openStation } from './station.ts';

/** How often is looked what is due: slots are whole minutes, and a sleep of the device is noticed at once. */
const TICK_MS = 1000;

/** Puts the engine together from what this browser has. Runs once, in the worker that owns ports, schedule and log. */
export async function startEngine(): Promise<Handlers<EngineApi>> {
  const clock = systemClock;
  const database = connectDatabase();
  const settings = {
    get: async (key: string) => (await (await database.connection()).get('settings', key))?.value,
    put: async (key: string, value: unknown) => {
      await (await database.connection()).put('settings', { key, value });
    },
  };
  const report = (error: unknown) => console.error('engine', error);
  let changed: () => void = () => undefined;
  let storageNotice: EngineState['storageNotice'];
  const log = await openLog({
    clock,
    onNotice: (notice) => {
      storageNotice = notice;
      changed();
    },
  });
  await log.append({ type: 'SYSTART' });
  const memory = await openMemory(settings, clock, report);

  let simulation = await storedSimulation(settings.get('simulation'));
  let simulated: readonly EnginePort[] = [];

  const serial = 'serial' in navigator ? watchSerialPorts(navigator.serial, clock, () => changed()) : undefined;
  const registry = createPortRegistry(
    () => [...(serial?.present ?? []).map((port) => ({ port, clock })), ...simulated],
    () => serial?.lost ?? [],
    () => changed(),
  );

  const station = await openStation({
    clock,
    log,
    database,
    protocols,
    findPort: registry.find,
    read: ({ portId, protocol, address, settings: meterSettings, closeDelayMs, memory: ownMemory, signal }) =>
      registry.withPort(
        portId,
        'reading',
        ({ port, clock: portClock }, tell) =>
          readMeter({
            protocol,
            port,
            address,
            settings: meterSettings,
            closeDelayMs,
            clock: portClock,
            options: {
              signal,
              memory: ownMemory ?? memory(portId),
              onProgress: (progress) => {
                if (progress.kind === 'step') tell(progress.text);
              },
            },
            onTrace: () => undefined,
          }),
        signal,
      ),
    onChange: () => changed(),
    onError: report,
  });

  const atParts = {
    station,
    log,
    version,
    serialNumber: await unitNumber(settings),
  };
  let at: At | undefined;
  let opening: Promise<At> | undefined;
  // Not part of the first load: most days nobody opens a terminal. One promise for all, so that what is typed never
  // overtakes the opening of its session.
  const openAt = () =>
    (opening ??= import('./at.ts').then(({ createAt }) => (at = createAt(atParts, registry, report, () => changed()))));

  const engine = createEngine({
    log,
    registry,
    memory,
    ams: {
      state: () => ({ ...station.state(), ...(at?.port.portId === undefined ? {} : { atPortId: at.port.portId }) }),
      handlers: createAmsHandlers({ station, openAt }),
    },
    simulation: {
      get: () => simulation,
      set: (next) => {
        simulation = next;
        settings.put('simulation', next).catch(report);
      },
    },
    storageNotice: () => storageNotice,
    serialSupported: serial !== undefined,
    refreshPorts: async () => await serial?.refresh(),
  });
  changed = engine.changed;
  await serial?.refresh();
  import('./simulated-ports.ts')
    .then(({ simulatedPorts }) => {
      simulated = simulatedPorts(clock, () => simulation);
      changed();
    }, report)
    // Only now: a meter of the list may be a simulated one, whose port would seem to be missing.
    .finally(() => setInterval(station.tick, TICK_MS));
  return engine.handlers;
}

/** Stands for the SmartCOM's serial number in file names and AT+GSN; made up once for this browser. */
async function unitNumber(settings: {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
}): Promise<string> {
  const stored = await settings.get('unit number');
  if (typeof stored === 'string') return stored;
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  const fresh = `HHU-${random.toString(16).toUpperCase().padStart(8, '0')}`;
  await settings.put('unit number', fresh);
  return fresh;
}

async function storedSimulation(stored: Promise<unknown>): Promise<SimulationSettings> {
  const value = await stored;
  const isSettings = typeof value === 'object' && value !== null && 'speed' in value && 'faults' in value;
  return isSettings ? (value as SimulationSettings) : { speed: 1, faults: {} };
}
