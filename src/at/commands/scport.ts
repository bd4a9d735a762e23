import { MAX_SERIAL_PORT, portKeyNames, portKeys } from '../../ams/ports-table.ts';
import { AtError } from '../at-error.ts';
import type { AtCommand, AtContext, AtSubcommand } from '../command.ts';
import { endOf, numberOf } from '../values.ts';

async function settingsOf({ host, number }: AtContext) {
  const settings = await host.portSettings(number);
  if (!settings) throw new AtError(22, `There is no port ${number}.`);
  return settings;
}

const keys: readonly AtSubcommand[] = portKeyNames.map((key) => ({
  name: key,
  test: `"${key}",${portKeys[key].values}`,
  effect: 'changes',
  tellsWithoutValue: true,
  help: `${portKeys[key].help}; left out: tell`,
  parameters: [{ name: 'value', help: portKeys[key].values, optional: true }],
  examples: [`AT^SCPORT2="${key}",${portKeys[key].get({ baudRate: 2400, dataBits: 7, stopBits: 1, parity: 'even' })}`],
  run: async (context, values) => {
    endOf(values, 1);
    const settings = await settingsOf(context);
    if (values.length === 0) {
      await context.reply(`^SCPORT${context.number}: "${key}",${portKeys[key].get(settings)}`);
      return;
    }
    const value = numberOf(values[0], 0, 1_000_000);
    if (!portKeys[key].set(settings, value)) throw new AtError(50, `${key} is ${portKeys[key].values}.`);
    await context.host.stagePortValue(context.number, key, value);
  },
}));

const subcommands: readonly AtSubcommand[] = [
  ...keys,
  {
    name: 'SAVE',
    test: '"SAVE"',
    effect: 'changes',
    help: 'Keeps the settings for the next start',
    examples: ['AT^SCPORT2="SAVE"'],
    run: async (context, values) => {
      endOf(values, 0);
      await settingsOf(context);
      await context.host.savePort(context.number);
    },
  },
  {
    name: 'SRESTART',
    test: '"SRESTART"',
    effect: 'changes',
    help: 'Keeps the settings and restarts the port with them',
    examples: ['AT^SCPORT2="SRESTART"'],
    run: async (context, values) => {
      endOf(values, 0);
      await settingsOf(context);
      await context.host.restartPort(context.number);
    },
  },
];

export const scport: AtCommand = {
  name: '^SCPORT',
  numbers: { min: 1, max: MAX_SERIAL_PORT },
  help: 'Line settings of a port',
  read: {
    help: 'Lists the settings',
    examples: ['AT^SCPORT2?'],
    run: async (context) => {
      const settings = await settingsOf(context);
      await context.reply(
        ...portKeyNames.map((key) => `^SCPORT${context.number}: "${key}",${portKeys[key].get(settings)}`),
      );
    },
  },
  subcommands,
};
