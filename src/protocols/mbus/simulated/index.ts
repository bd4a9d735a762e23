import type { SimulatedMeter } from '../../simulated-meter.ts';

async function bus(which: 'house' | 'single' | 'present' | 'sleeping') {
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
  {
    id: 'mbus-present',
    name: 'M-Bus meter with a control frame',
    description:
      'An electricity meter that tells voltage, current and power only after a frame of its maker’s (CI B1).',
    address: '1',
    settings: { firstSend: 'eastron-instantaneous', firstSendAgreed: 'eastron-instantaneous ' },
    farEnd: () => bus('present'),
  },
  {
    id: 'mbus-sleeping',
    name: 'M-Bus heat meter behind a head',
    description: 'M-Bus through an optical head: the meter sleeps until it gets 2.2 s of 55.',
    address: '0',
    settings: { wakeUp: true },
    farEnd: () => bus('sleeping'),
  },
];
