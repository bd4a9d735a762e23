import type { ListedProtocols } from '../../../src/ams/listed-protocols.ts';
import { MeterError } from '../../../src/common/meter-error.ts';
import type { Form } from '../../../src/common/form.ts';
import { INPUTS, protocolName } from '../../../src/protocols/names.ts';

const settings: Form = [{ key: 'baudRate', label: 'Rate', kind: 'whole', least: 110, most: 230_400, at: 1 }];

/** Every protocol of the table, with addresses of which only "bad" is refused. */
export const registry: ListedProtocols = {
  find(nameOrNumber) {
    const name = protocolName(nameOrNumber);
    return name === undefined ? undefined : { name, settings, wire: name === INPUTS ? 'inputs' : 'line' };
  },
  checkAddress(_protocol, text) {
    if (text === 'bad') throw new MeterError(65538, 'The address is bad.', { hint: 'Write a good one.' });
  },
};
