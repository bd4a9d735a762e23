import type { SimulatedMeter } from '../../simulated-meter.ts';

async function bus(which: 'cabinet' | 'single') {
  const [{ modbusBus }, meters] = await Promise.all([import('./bus.ts'), import('./meters.ts')]);
  const baudRate = which === 'cabinet' ? 9600 : 19_200;
  const parity = which === 'cabinet' ? 'none' : 'even';
  return modbusBus(meters[which](), { baudRate, dataBits: 8, stopBits: 1, parity });
}

/** Every simulated RS-485 bus; the address reads the first meter of it. */
export const modbusSimulated: readonly SimulatedMeter[] = [
  {
    id: 'modbus-cabinet',
    name: 'Modbus of a cabinet',
    description: 'Five electricity meters of five makers on one RS-485 bus. 9600 Bd, 8N1, units 1 to 5.',
    address: '1@9600',
    settings: { model: 'Eastron SDM630' },
    farEnd: () => bus('cabinet'),
  },
  {
    id: 'modbus-single',
    name: 'Modbus electricity meter',
    description: 'A three-phase meter alone on its line, unit 1. 19200 Bd, 8E1.',
    address: '1@19200',
    settings: { model: 'Schneider iEM3000' },
    farEnd: () => bus('single'),
  },
];
