import { connectDatabase } from '../log/database.ts';
import { openLog } from '../log/ring.ts';
import { watchSerialPorts } from '../ports/serial-ports.ts';
import { systemClock } from '../protocols/common/clock.ts';
import type { Handlers } from '../rpc/rpc.ts';
import { acceleratedClock, createSimulatedPorts } from '../simulator/index.ts';
import type { EngineApi, SimulationSettings } from './api.ts';
import { createEngine } from './engine.ts';
import { openMemory } from './memory.ts';
import { createPortRegistry } from './port-registry.ts';

/** Puts the engine together from what this browser has. Runs once, in the worker that owns ports and log. */
export async function startEngine(): Promise<Handlers<EngineApi>> {
  const database = connectDatabase();
  const settings = {
    get: async (key: string) => (await (await database.connection()).get('settings', key))?.value,
    put: async (key: string, value: unknown) => {
      await (await database.connection()).put('settings', { key, value });
    },
  };
  const log = await openLog({ clock: systemClock });
  await log.append({ type: 'SYSTART' });
  const report = (error: unknown) => console.error('settings could not be stored', error);
  const memory = await openMemory(settings, systemClock, report);

  let simulation = await storedSimulation(settings.get('simulation'));
  const simulationClock = acceleratedClock(systemClock, () => simulation.speed);
  const simulated = createSimulatedPorts(simulationClock, () => simulation).map(({ port, entry }) => ({
    port,
    clock: simulationClock,
    description: entry.description,
    suggested: { address: entry.address, settings: entry.settings },
  }));

  let changed: () => void = () => undefined;
  const serial = 'serial' in navigator ? watchSerialPorts(navigator.serial, systemClock, () => changed()) : undefined;
  const registry = createPortRegistry(
    () => [...(serial?.present ?? []).map((port) => ({ port, clock: systemClock })), ...simulated],
    () => serial?.lost ?? [],
    () => changed(),
  );
  const engine = createEngine({
    log,
    registry,
    memory,
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
  return engine.handlers;
}

async function storedSimulation(stored: Promise<unknown>): Promise<SimulationSettings> {
  const value = await stored;
  const isSettings = typeof value === 'object' && value !== null && 'speed' in value && 'faults' in value;
  return isSettings ? (value as SimulationSettings) : { speed: 1, faults: {} };
}
