import { MAX_METERS } from '../../ams/meter-list.ts';
import { AD_INPUT_PORT } from '../../ams/meter.ts';
import { MAX_RETRIES } from '../../ams/retries.ts';
import { quoted } from '../../log/export/scdata.ts';
import type { AtCommand, AtSubcommand } from '../command.ts';
import { endOf, intervalOf, numberOf, protocolOf, settingOf, textOf } from '../values.ts';
import { addressParameter, intervalParameter, portParameter, protocolParameter } from './parameters.ts';

const indexParameter = { name: 'index', help: `Position in the list, 1 to ${MAX_METERS}` };

/**
 * The `test` texts are the unit's own =? answer to the letter (SmartCOM manual, 3.8; an older firmware has no
 * DEV_INTERVAL). They say 1-32 meters and ports to 1000 although the manual has 64 meters and ports to 128: what can be
 * listed follows the description.
 */
const subcommands: readonly AtSubcommand[] = [
  {
    name: 'ENABLE',
    test: '"ENABLE",0|1',
    effect: 'changes',
    tellsWithoutValue: true,
    help: 'Switches the reading by schedule on or off, or tells its state',
    parameters: [{ name: 'on', help: '1 on, 0 off; left out: tell', optional: true, values: ['0', '1'] }],
    examples: ['AT^SCAMS="ENABLE",1', 'AT^SCAMS="ENABLE"'],
    run: async ({ host, reply }, values) => {
      endOf(values, 1);
      if (values.length === 0) await reply(`^SCAMS: "ENABLE",${(await host.isEnabled()) ? 1 : 0}`);
      else await host.setEnabled(numberOf(values[0], 0, 1) === 1);
    },
  },
  {
    name: 'RETRY',
    test: '"RETRY",0-9',
    effect: 'changes',
    tellsWithoutValue: true,
    help: 'Sets how often a failed reading is tried again, or tells it',
    parameters: [{ name: 'retry_count', help: '0 to 9; left out: tell', optional: true }],
    examples: ['AT^SCAMS="RETRY"', 'AT^SCAMS="RETRY",2'],
    run: async ({ host, reply }, values) => {
      endOf(values, 1);
      if (values.length === 0) await reply(`^SCAMS: "RETRY",${await host.retryCount()}`);
      else await host.setRetryCount(numberOf(values[0], 0, MAX_RETRIES));
    },
  },
  {
    name: 'DEV_ADD',
    test: '"DEV_ADD",1-1000,"32"|1-1000,"32","3"',
    effect: 'changes',
    help: 'Adds a meter to the list',
    parameters: [portParameter, protocolParameter, addressParameter, intervalParameter],
    examples: ['AT^SCAMS="DEV_ADD",2,"IEC62056-21","869551","3M"', 'AT^SCAMS="DEV_ADD",2,2,"128","1H"'],
    run: async ({ host }, values) => {
      endOf(values, 4);
      const [port, protocol, address, interval] = values;
      await host.addMeter({
        port: numberOf(port, 1, AD_INPUT_PORT),
        protocol: protocolOf(protocol, host),
        address: textOf(address),
        interval: intervalOf(interval),
      });
    },
  },
  {
    name: 'DEV_REMOVE',
    test: '"DEV_REMOVE",1-32',
    help: 'Removes a meter from the list; those behind it move up',
    parameters: [indexParameter],
    examples: ['AT^SCAMS="DEV_REMOVE",4'],
    effect: 'deletes',
    run: async ({ host }, values) => {
      endOf(values, 1);
      await host.removeMeter(numberOf(values[0], 1, MAX_METERS));
    },
  },
  {
    name: 'DEV_CLEAR',
    test: '"DEV_CLEAR"',
    help: 'Removes all meters from the list',
    examples: ['AT^SCAMS="DEV_CLEAR"'],
    effect: 'deletes',
    run: async ({ host }, values) => {
      endOf(values, 0);
      await host.clearMeters();
    },
  },
  {
    name: 'DEV_INTERVAL',
    test: '"DEV_INTERVAL","ALL"|1-32,"3"',
    effect: 'changes',
    help: 'Changes how often one meter or all are read',
    parameters: [{ ...indexParameter, help: `${indexParameter.help}, or "ALL"`, values: ['"ALL"'] }, intervalParameter],
    examples: ['AT^SCAMS="DEV_INTERVAL",3,"1H"', 'AT^SCAMS="DEV_INTERVAL","ALL","30M"'],
    run: async ({ host }, values) => {
      endOf(values, 2);
      const [index, interval] = values;
      const which = index?.text.toUpperCase() === 'ALL' ? 'ALL' : numberOf(index, 1, MAX_METERS);
      await host.changeInterval(which, intervalOf(interval));
    },
  },
  {
    name: 'DIRECT_READ',
    test: '"DIRECT_READ",1-1000,"32"|1-1000,"32",110-230400,0|1',
    help: 'Reads a meter at once and writes what it says',
    parameters: [
      portParameter,
      protocolParameter,
      addressParameter,
      { name: 'extra_parameter1', help: 'IEC 62056-21: baud rate to begin with', optional: true },
      { name: 'extra_parameter2', help: 'IEC 62056-21: 1 refuses the higher rate', optional: true, values: ['0', '1'] },
    ],
    examples: ['AT^SCAMS="DIRECT_READ",2,1,"947833"', 'AT^SCAMS="DIRECT_READ",2,1,"947833",1200,1'],
    run: async ({ host, signal, onWait, reply }, values) => {
      endOf(values, 5);
      const [port, protocolValue, address, ...extra] = values;
      const protocol = protocolOf(protocolValue, host);
      // Those that mean nothing to a protocol are ignored there, right or wrong.
      const settings = Object.fromEntries(
        (host.findProtocol(protocol)?.settings ?? []).flatMap((field) => {
          const value = field.at && extra[field.at - 1];
          return value ? [[field.key, settingOf(field, value)]] : [];
        }),
      );
      const readout = await host.directRead(
        {
          // A port that is none, or not one for this protocol, is an answer with an error code.
          port: numberOf(port, 1, 1000),
          protocol,
          address: textOf(address),
          settings,
        },
        { signal, onWait },
      );
      // As in a record's listing. The screen in 2N's FAQ has lost the quote before the data.
      await reply(`^SCAMS: ${readout.errorCode},${quoted(readout.identification)},${quoted(readout.data)}`);
    },
  },
];

export const scams: AtCommand = {
  name: '^SCAMS',
  help: 'Autonomous metering: the schedule, the meter list and reading at once',
  read: {
    help: 'Lists the meters',
    examples: ['AT^SCAMS?'],
    // A later firmware writes ENABLE, RETRY and DEV_CNT before the list; the manual and the FAQ do not.
    run: async ({ host, reply }) => {
      const meters = await host.listMeters();
      const rows = meters.map(
        ({ port, protocol, address, interval }, i) =>
          `^SCAMS: ${i + 1}> ${port},"${protocol}",${quoted(address)},"${interval}"`,
      );
      await reply(...(rows.length === 0 ? ['^SCAMS: NO DEVICE'] : rows));
    },
  },
  subcommands,
};
