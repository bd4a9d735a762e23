import { createProtocolRegistry, protocolNames, protocolNumbers } from '../../../src/ams/protocols.ts';
import { MeterError } from '../../../src/common/meter-error.ts';

/** Every protocol of the table with an address parser that refuses only "bad". */
export const registry = createProtocolRegistry(
  protocolNames.map((name) => ({
    name,
    number: protocolNumbers[name],
    parseAddress(text: string) {
      if (text === 'bad') throw new MeterError(65538, 'The address is bad.', { hint: 'Write a good one.' });
      return text;
    },
  })),
);
