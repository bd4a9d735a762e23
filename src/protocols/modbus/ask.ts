import type { Dialogue } from '../protocol.ts';
import { formatModbusAddress, parseModbusAddress } from './address.ts';
import { modbusSettings } from './settings.ts';

export const modbusDialogue: Dialogue = {
  normal: (address) => formatModbusAddress(parseModbusAddress(address)),
  lineOf: ({ address, settings }) => ({
    baudRate: parseModbusAddress(address).baudRate,
    framing: modbusSettings(settings).framing,
  }),
  // With the registers of all models: not for whoever only looks at an address.
  read: async (line, { address, settings }, options) => {
    const { readModbus } = await import('./session.ts');
    return await readModbus(line, parseModbusAddress(address), modbusSettings(settings), options);
  },
};
