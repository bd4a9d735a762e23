import type { SimulatedMeter } from '../../simulated-meter.ts';

export const lotosSimulated: readonly SimulatedMeter[] = [
  {
    id: 'lotos-heat',
    name: 'LOTOS 301',
    description: 'Sends seven values every five seconds, in lines of our own invention. 9600 Bd, 8N1.',
    address: '',
    farEnd: async () => {
      const [{ senderAt }, { heatMeter }] = await Promise.all([import('./meter.ts'), import('./heat-meter.ts')]);
      return senderAt(heatMeter, { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' });
    },
  },
];
