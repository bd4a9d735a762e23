import type { SimulatedMeter } from '../../simulated-meter.ts';
import type { SmlMeterSpec } from './meters.ts';

type Name = 'solarHouse' | 'lockedFlat' | 'oldCellar';

async function farEnd(name: Name) {
  const [{ deviceAt }, { pusher }, meters] = await Promise.all([
    import('../../../simulator/far-end.ts'),
    import('./pusher.ts'),
    import('./meters.ts'),
  ]);
  const spec: SmlMeterSpec = meters[name];
  return deviceAt(pusher(spec));
}

/** What is simulated. */
export const smlSimulated: readonly SimulatedMeter[] = [
  {
    id: 'sml-solar',
    name: 'SML meter with a solar roof',
    description: 'Speaks every second: import, export, power with its sign, three phases. 9600 Bd, 8N1.',
    farEnd: () => farEnd('solarHouse'),
  },
  {
    id: 'sml-locked',
    name: 'SML meter that is locked',
    description: 'Whole kilowatt hours and no power, until somebody enters its PIN.',
    farEnd: () => farEnd('lockedFlat'),
  },
  {
    id: 'sml-askew',
    name: 'SML meter with a head askew',
    description: 'An older one, every four seconds; of each third transmission a byte is lost.',
    farEnd: () => farEnd('oldCellar'),
  },
];
