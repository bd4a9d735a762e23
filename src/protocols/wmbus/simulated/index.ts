import type { SimulatedMeter } from '../../simulated-meter.ts';

/** What is simulated. */
export const wmbusSimulated: readonly SimulatedMeter[] = [
  {
    id: 'wmbus-cellar',
    name: 'Radio stick in a cellar',
    description: 'An iU891A with a water meter that speaks every 16 s and a heat cost allocator every two minutes.',
    async farEnd() {
      const [{ deviceAt }, { stick }, { cellarMeters, cellarStick }] = await Promise.all([
        import('../../../simulator/far-end.ts'),
        import('./stick.ts'),
        import('./surroundings.ts'),
      ]);
      return deviceAt(stick(cellarStick, cellarMeters));
    },
  },
];
