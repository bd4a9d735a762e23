import { intervals } from '../../ams/intervals.ts';
import type { AtParameter } from '../command.ts';

/** Parameters that several commands share; they speak of the protocols that are built in, and of no others. */

export const portParameter: AtParameter = {
  name: 'port',
  help: ({ protocols }) =>
    `Number of the port: 1 to 127 as in the ports table${protocols.some(({ wire }) => wire === 'inputs') ? ', 128 for the A/D inputs' : ''}`,
};

export const protocolParameter: AtParameter = {
  name: 'protocol',
  help: ({ protocols }) => {
    const choices = protocols.map(({ name, number }) => `"${name}" or ${number}`);
    return `Name of the protocol or its number: ${choices.join(', ')}`;
  },
  values: ({ protocols }) => protocols.map(({ name }) => `"${name}"`),
};

export const addressParameter: AtParameter = {
  name: 'address',
  help: ({ protocols }) => {
    const examples = protocols.map(
      ({ name, address }) => `${address.examples.map((example) => `"${example}"`).join(' or ')} (${name})`,
    );
    return `Address of the meter in the form of its protocol, e.g. ${examples.join(', ')}`;
  },
};

export const intervalParameter: AtParameter = {
  name: 'interval',
  help: 'How often to read: minutes, hours or a day',
  values: intervals.map((interval) => `"${interval}"`),
};

export const countParameter: AtParameter = { name: 'count', help: 'How many; 1 when left out', optional: true };
