import { intervals } from '../../ams/intervals.ts';
import { protocolNumbers, type ProtocolName } from '../../ams/protocols.ts';
import type { AtDevice, AtParameter } from '../command.ts';

/** Parameters that several commands share; they speak of the protocols that are built in, and of no others. */

const isName = (text: string): text is ProtocolName => Object.hasOwn(protocolNumbers, text);
const builtIn = ({ protocols }: AtDevice): readonly ProtocolName[] => protocols.filter(isName);

const addressExamples: Readonly<Record<ProtocolName, string>> = {
  'IEC62056-21': '"947834@300%R"',
  MBUS: '"128@2400" or "*01579411"',
  MODBUS: '"1@9600"',
  INMAT: '"5|I"',
  LOTOS: '""',
  AIN_DIN: '"1/ADC/CAL"',
};

export const portParameter: AtParameter = {
  name: 'port',
  help: ({ protocols }) =>
    `Number of the port: 1 to 127 as in the ports table${protocols.includes('AIN_DIN') ? ', 128 for the A/D inputs' : ''}`,
};

export const protocolParameter: AtParameter = {
  name: 'protocol',
  help: (device) => {
    const choices = builtIn(device).map((name) => `"${name}" or ${protocolNumbers[name]}`);
    return `Name of the protocol or its number: ${choices.join(', ')}`;
  },
  values: (device) => builtIn(device).map((name) => `"${name}"`),
};

export const addressParameter: AtParameter = {
  name: 'address',
  help: (device) => {
    const examples = builtIn(device).map((name) => `${addressExamples[name]} (${name})`);
    return `Address of the meter in the form of its protocol, e.g. ${examples.join(', ')}`;
  },
};

export const intervalParameter: AtParameter = {
  name: 'interval',
  help: 'How often to read: minutes, hours or a day',
  values: intervals.map((interval) => `"${interval}"`),
};

export const countParameter: AtParameter = { name: 'count', help: 'How many; 1 when left out', optional: true };
