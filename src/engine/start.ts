import { version } from '../build-info.ts';
import { createProtocolRegistry } from '../ams/protocols.ts';
import { connectDatabase } from '../log/database.ts';
import { openReader, type LogReader } from '../log/reader.ts';
import { openLog } from '../log/ring.ts';
import { watchSerialPorts } from '../ports/serial-ports.ts';
import { systemClock } from '../protocols/common/clock.ts';
import type { MeterProtocol } from '../protocols/common/protocol.ts';
import { iec62056 } from '../protocols/iec62056-21/index.ts';
import { iecKnobs } from '../protocols/iec62056-21/knobs.ts';
import type { Handlers } from '../rpc/rpc.ts';
import { acceleratedClock, createSimulatedPorts } from '../simulator/index.ts';
import { createAmsHandlers } from './ams-handlers.ts';
import type { EngineApi, SimulationSettings } from './api.ts';
import { createAtHost } from './at-host.ts';
import { createAtPortService } from './at-port.ts';
import { createAtSessions } from './at-sessions.ts';
import { createEngine } from './engine.ts';
import { openMemory } from './memory.ts';
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
  const log = await openLog({ clock });
  await log.append({ type: 'SYSTART' });
  const memory = await openMemory(settings, clock, report);

  let simulation = await storedSimulation(settings.get('simulation'));
  const simulationClock = acceleratedClock(clock, () => simulation.speed);
  const simulated: readonly EnginePort[] = createSimulatedPorts(simulationClock, () => simulation).map(
    ({ port, entry }) => ({
      port,
      clock: simulationClock,
      description: entry.description,
      suggested: { address: entry.address, settings: entry.settings },
      knobs: iecKnobs(entry.settings),
    }),
  );

  let changed: () => void = () => undefined;
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
    protocols: createProtocolRegistry<MeterProtocol>([iec62056 as MeterProtocol]),
    findPort: registry.find,
    read: ({ portId, protocol, address, settings: meterSettings, signal }) =>
      registry.withPort(
        portId,
        'reading',
        ({ port, clock: portClock }, tell) =>
          readMeter({
            protocol,
            port,
            address,
            settings: meterSettings,
            closeDelayMs: 0,
            clock: portClock,
            options: {
              signal,
              memory: memory(portId),
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

  let reader: LogReader | undefined;
  const host = createAtHost({
    station,
    log,
    reader: () => (reader ??= openReader()),
    detect: () => Promise.resolve({ errorCode: 65289, found: [] }),
    version,
    serialNumber: await unitNumber(settings),
  });
  const atPort = createAtPortService(registry, host, report, () => changed());

  const engine = createEngine({
    log,
    registry,
    memory,
    ams: {
      state: () => ({ ...station.state(), ...(atPort.portId === undefined ? {} : { atPortId: atPort.portId }) }),
      handlers: createAmsHandlers({ station, sessions: createAtSessions(host, report), serveAt: atPort.serve }),
    },
    simulation: {
      get: () => simulation,
      set: (next) => {
        simulation = next;
        settings.put('simulation', next).catch(report);
      },
    },
    serialSupported: serial !== undefined,
    refreshPorts: async () => await serial?.refresh(),
  });
  changed = engine.changed;
  await serial?.refresh();
  setInterval(station.tick, TICK_MS);
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
