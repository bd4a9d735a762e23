import type { SimulatedMeter } from '../../simulated-meter.ts';

/** What is simulated; what they have as function codes of E, B and I is their own. */
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
  {
    id: 'inmat-gas',
    name: 'INMAT 51 gas unit',
    description:
      'Converts the volume of a gas meter, station 12, and sums with the carry. 9600 Bd, 8E1. No real unit was seen.',
    address: '12@9600|I,S:S:01,S:F:80,S:F:81,S:F:82,S:F:83,S:F:84,S:L:90,S:F:A0',
    settings: { functionI: '00', checkSum: 'ones' },
    farEnd: async () => {
      const [{ stationAt }, { gasStation }] = await Promise.all([import('./line.ts'), import('./gas-station.ts')]);
      return stationAt(gasStation, { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'even' });
    },
  },
];
