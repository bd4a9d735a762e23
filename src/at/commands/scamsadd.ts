import { MAX_SERIAL_PORT } from '../../ams/ports-table.ts';
import { AtError } from '../at-error.ts';
import type { AtCommand } from '../command.ts';
import type { AtValue } from '../command-line.ts';
import { endOf, intervalOf, numberOf, protocolOf } from '../values.ts';
import { intervalParameter, portParameter } from './parameters.ts';

const DEFAULT_BAUD_RATE = 2400;
const baudRates = [300, 600, 1200, 2400];

function baudRateOf(value: AtValue): number {
  if (!value || value.text.toLowerCase() === 'default') return DEFAULT_BAUD_RATE;
  const rate = numberOf(value, 300, 2400);
  if (!baudRates.includes(rate)) throw new AtError(50, 'The baud rate is 300, 600, 1200, 2400 or "default".');
  return rate;
}

export const scamsadd: AtCommand = {
  name: '^SCAMSADD',
  help: 'Finds the meters on a bus',
  // Nothing published shows a =? answer; this one is in the manner of the others.
  test: ['1-127,2|"MBUS","default"|300|600|1200|2400,"3",1-64'],
  set: {
    help: 'Searches the bus; where meters are found, puts them in the place of the meter list and deletes all records',
    parameters: [
      portParameter,
      { name: 'protocol', help: '"MBUS" or 2', values: ['"MBUS"'] },
      {
        name: 'baudrate',
        help: '300, 600, 1200, 2400 or "default" (2400)',
        values: ['"default"', ...baudRates.map(String)],
      },
      intervalParameter,
      {
        name: 'number_of_expected_devices',
        help: 'How many meters are on the bus; the search ends when they are found',
      },
    ],
    examples: ['AT^SCAMSADD=2,2,"default","2h",3', 'AT^SCAMSADD=2,mbus,2400,"2h",3'],
    effect: 'deletes',
    run: async ({ host, signal, onWait, reply }, values) => {
      // The manual's template has a comma before the first value ("AT^SCAMSADD=,<port>,…"), its examples have not.
      const given = values.length > 5 && values[0] === undefined ? values.slice(1) : values;
      endOf(given, 5);
      const [port, protocol, baudRate, interval, expectedCount] = given;
      const { errorCode, found } = await host.detect(
        {
          port: numberOf(port, 1, MAX_SERIAL_PORT),
          protocol: protocolOf(protocol, host),
          baudRate: baudRateOf(baudRate),
          interval: intervalOf(interval),
          // More than the list holds is not a wrong parameter: the search answers it with 65281.
          expectedCount: numberOf(expectedCount, 1, Number.MAX_SAFE_INTEGER),
        },
        { signal, onWait },
      );
      // A comma within a pair and a semicolon between pairs, as all examples of manual and FAQ have it; the manual's
      // template has semicolons only.
      const addresses = found.map(({ primaryAddress, secondaryAddress }) => `${primaryAddress},${secondaryAddress}`);
      await reply(`^SCAMSADD: ${errorCode},${found.length},"${addresses.join(';')}"`);
    },
  },
};
