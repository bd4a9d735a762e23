import { intervals } from '../../ams/intervals.ts';
import { protocolNames } from '../../ams/protocols.ts';
import type { AtParameter } from '../command.ts';

/** Parameters that several commands share. */
export const portParameter: AtParameter = {
  name: 'port',
  help: 'Number of the port: 1 to 127 as in the ports table, 128 for the A/D inputs',
};

export const protocolParameter: AtParameter = {
  name: 'protocol',
  help: 'Name of the protocol or its number: 1, 2, 3, 64, 65, 128',
  values: protocolNames.map((name) => `"${name}"`),
};

export const addressParameter: AtParameter = {
  name: 'address',
  help: 'Address of the meter in the form of its protocol, e.g. "947834@300%R", "128@2400", "*01579411", "1/ADC/CAL"',
};

export const intervalParameter: AtParameter = {
  name: 'interval',
  help: 'How often to read: minutes, hours or a day',
  values: intervals.map((interval) => `"${interval}"`),
};

export const countParameter: AtParameter = { name: 'count', help: 'How many; 1 when left out', optional: true };
