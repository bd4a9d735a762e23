import type { SimulatedMeter } from '../../simulated-meter.ts';

async function bus(which: 'house' | 'single') {
  const [{ mbusBus }, meters] = await Promise.all([import('./bus.ts'), import('./meters.ts')]);
  return mbusBus(meters[which]);
}

/** Every simulated M-Bus, a level converter with its meters; the address reads the first of them. */
export const mbusSimulated: readonly SimulatedMeter[] = [
  {
    id: 'mbus-house',
    name: 'M-Bus of a house',
    description: 'Seven meters on one bus: heat, water, electricity, gas, a heat cost allocator. 2400 Bd.',
    address: '*00770041',
    farEnd: () => bus('house'),
  },
  {
    id: 'mbus-water',
    name: 'M-Bus water meter',
    description: 'One water meter at primary address 1, 2400 Bd.',
    address: '1',
    farEnd: () => bus('single'),
  },
];
