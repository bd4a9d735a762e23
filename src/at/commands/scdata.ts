import type { AtCommand, AtContext, AtSubcommand } from '../command.ts';
import type { AtValue } from '../command-line.ts';
import { endOf, numberOf, textOf } from '../values.ts';
import { countParameter } from './parameters.ts';

/** Left out: one. The manual's tip has GET_OLDEST then read "the last record" only; the FAQ calls it the oldest. */
function countOf(values: readonly AtValue[]): number {
  endOf(values, 1);
  return values.length === 0 ? 1 : numberOf(values[0], 1, Number.MAX_SAFE_INTEGER);
}

async function replyRecords({ reply, signal }: AtContext, batches: AsyncIterable<readonly string[]>): Promise<void> {
  for await (const lines of batches) {
    signal.throwIfAborted();
    if (lines.length > 0) await reply(...lines);
  }
}

const subcommands: readonly AtSubcommand[] = [
  {
    name: 'MESS_CNT',
    test: '"MESS_CNT"',
    help: 'Tells how many records are stored',
    examples: ['AT^SCDATA="MESS_CNT"'],
    run: async ({ host, reply }, values) => {
      endOf(values, 0);
      await reply(`^SCDATA: "MESS_CNT",${await host.recordCount()}`);
    },
  },
  {
    name: 'GET_SPACE',
    test: '"GET_SPACE"',
    help: 'Tells how many bytes are free for records',
    examples: ['AT^SCDATA="GET_SPACE"'],
    run: async ({ host, reply }, values) => {
      endOf(values, 0);
      await reply(`^SCDATA: "GET_SPACE",${await host.freeSpace()}`);
    },
  },
  {
    name: 'GET_OLDEST',
    test: '"GET_OLDEST"',
    help: 'Writes the oldest records',
    parameters: [countParameter],
    examples: ['AT^SCDATA="GET_OLDEST",4'],
    run: (context, values) => replyRecords(context, context.host.oldestRecords(countOf(values))),
  },
  {
    name: 'GET_FILTERED',
    test: '"GET_FILTERED","0-150"',
    help: 'Writes the records that meet all conditions of a filter',
    parameters: [
      {
        name: 'filter',
        help: 'Up to ten conditions joined by ";": RECORD_TYPE, TIME, TABLE_ID or ERROR_CODE, then ==, !=, >, >=, < or <=, then a value',
      },
    ],
    examples: [
      'AT^SCDATA="GET_FILTERED","ERROR_CODE!=0"',
      'AT^SCDATA="GET_FILTERED","RECORD_TYPE==AMS;TIME>1388665085;TABLE_ID==1"',
    ],
    run: async (context, values) => {
      endOf(values, 1);
      // Whether the filter is one, and short enough, is for the filter language to say.
      await replyRecords(context, context.host.filteredRecords(textOf(values[0])));
    },
  },
  {
    name: 'DEL_OLDEST',
    test: '"DEL_OLDEST"',
    help: 'Deletes the oldest records',
    parameters: [countParameter],
    examples: ['AT^SCDATA="DEL_OLDEST",5'],
    effect: 'deletes',
    run: async ({ host }, values) => host.deleteOldestRecords(countOf(values)),
  },
  {
    name: 'DEL_ALL',
    test: '"DEL_ALL"',
    help: 'Deletes all records',
    examples: ['AT^SCDATA="DEL_ALL"'],
    effect: 'deletes',
    run: async ({ host }, values) => {
      endOf(values, 0);
      await host.deleteAllRecords();
    },
  },
];

export const scdata: AtCommand = {
  name: '^SCDATA',
  // 2N's FAQ types at^sdata throughout and is answered ^SCDATA.
  aliases: ['^SDATA'],
  help: 'The records: count, space, listing and deleting',
  subcommands,
};
