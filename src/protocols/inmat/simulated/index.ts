import type { SimulatedMeter } from '../../simulated-meter.ts';

/** The one that is simulated; what it has as function codes of E, B and I is its own. */
export const inmatSimulated: readonly SimulatedMeter[] = [
  {
    id: 'inmat-heat',
    name: 'INMAT 66 heat unit',
    description: 'A freely programmed unit that counts heat, station 5. 9600 Bd, 8E1. No real unit was seen.',
    address: '5@9600|I,S:S:20,S:F:10,S:F:11,S:F:12,S:F:13,S:L:14,S:I:01,E:F:30:0:0,B:F:30:1:0:3:2,M:0:0:20',
    settings: { functionE: '04', functionB: '05', functionI: '00' },
    farEnd: async () => {
      const [{ stationAt }, { heatStation }] = await Promise.all([import('./line.ts'), import('./heat-station.ts')]);
      return stationAt(heatStation, { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'even' });
    },
  },
];
