import type { Port, PortInfo } from '../line/port.ts';
import type { Clock } from '../common/clock.ts';
import type { Values } from '../common/form.ts';
import type { Device } from './device.ts';
import { deviceAt } from './far-end.ts';
import type { Fault, Faults } from './faults.ts';
import { simulatedPort } from './simulated-port.ts';
import type { SimulatedPortOptions } from './simulated-port.ts';

/** One simulated meter people can choose. */
export interface MeterEntry {
  readonly id: string;
  readonly name: string;
  /** What it is, in words. */
  readonly description: string;
  /** Whose manner it has. */
  readonly manufacturer: string;
  /** What there is to learn from reading it. */
  readonly teaches: string;
  readonly portInfo: PortInfo;
  /** The address it has to be asked with; '' where any request will do. */
  readonly address: string;
  /** Its own number, which it answers to as well. */
  readonly number: string;
  /** What differs from the usual settings for it to be read. */
  readonly settings: Values;
  /** A port of its own with this meter at the far end; `faults` come on top of what the meter has by nature. */
  create(clock: Clock, faults: Faults): Port;
}

type PortTraits = Pick<SimulatedPortOptions, 'reconfigure' | 'latencyMs' | 'noise'>;

export interface MeterTraits extends Pick<
  MeterEntry,
  'id' | 'name' | 'description' | 'manufacturer' | 'teaches' | 'number'
> {
  readonly address?: string;
  readonly settings?: Values;
  readonly port?: PortTraits;
  /** Faults it always has. */
  readonly nature?: readonly Fault[];
  readonly device: (faults: Faults) => Device;
}

/** A number that differs between texts, so that every meter has its own chance. */
export function seedOf(text: string): number {
  return Array.from(text).reduce((seed, character) => (Math.imul(seed, 31) + character.charCodeAt(0)) | 0, 7);
}

export function meterEntry(traits: MeterTraits): MeterEntry {
  const { id, name, description, manufacturer, teaches, number, nature = [], port = {}, device } = traits;
  const portInfo: PortInfo = { id: `simulated:${id}`, label: `Simulated: ${name}`, transport: 'simulated' };
  return {
    id,
    name,
    description,
    manufacturer,
    teaches,
    number,
    portInfo,
    address: traits.address ?? '',
    settings: traits.settings ?? {},
    create(clock, faults) {
      const all: Faults = () => new Set([...nature, ...faults()]);
      return simulatedPort(deviceAt(device(all)), clock, { ...port, info: portInfo, faults: all, seed: seedOf(id) });
    },
  };
}
