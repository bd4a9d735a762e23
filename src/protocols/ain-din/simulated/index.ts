import type { SimulatedMeter } from '../../simulated-meter.ts';

/** Every simulated board. */
export const ainDinSimulated: readonly SimulatedMeter[] = [
  {
    id: 'inputs-board',
    name: 'A/D inputs (Arduino)',
    description:
      'A board with StandardFirmata: the level of a tank on A0, a door contact on pin 3, an S0 meter of 1.5 kW on pin 4.',
    address: '1/ADC/CAL',
    settings: { constant3: 1000 },
    async farEnd() {
      const [{ deviceAt }, { board, demonstration }] = await Promise.all([
        import('../../../simulator/far-end.ts'),
        import('./board.ts'),
      ]);
      return deviceAt(board(demonstration));
    },
  },
];
