import type { Readout } from '../../common/readout.ts';
import type { Line } from '../../line/line.ts';
import type { Dialogue, ReadOptions } from '../protocol.ts';
import { formatInputAddress, parseInputAddress, type InputAddress } from './address.ts';
import { boardLine, openBoard } from './board.ts';
import { analogOf, levelOf, takeReport, unknownInputs, type BoardInputs } from './board-inputs.ts';
import { inputsError } from './errors.ts';
import { answered, failed, levelData } from './readout.ts';
import { inputsSettings, type InputsSettings } from './settings.ts';

export const ainDinDialogue: Dialogue = {
  normal: (address) => formatInputAddress(parseInputAddress(address)),
  lineOf: ({ settings }) => boardLine(inputsSettings(settings)),
  async read(line, { address: text, settings }, options) {
    let address: InputAddress | undefined;
    try {
      address = parseInputAddress(text);
      return await readOnce(line, address, inputsSettings(settings), options);
    } catch (error) {
      return failed(error, address, line.signal);
    }
  },
};

/** A board that reports, and not what was asked for, is given up. */
const REPORTS_MS = 3000;

/** One look at a board by hand. Pulses are counted by whoever hears it all the time. */
async function readOnce(
  line: Line,
  address: InputAddress,
  settings: InputsSettings,
  { onProgress }: ReadOptions,
): Promise<Readout> {
  if (address.what === 'PULSE')
    throw inputsError(8388865, 'Pulses are counted all the time, and not while one reading lasts.', {
      hint: 'Choose this board under Tools, A/D inputs: from then on its pulses are counted.',
    });
  if (settings.source !== 'firmata')
    throw inputsError(8388865, 'Only a board is read by itself.', {
      hint: 'Choose the adapter under Tools, A/D inputs: from then on its lines are watched.',
    });
  const board = await openBoard(line, settings, (text) => onProgress?.({ kind: 'step', step: 'asking', text }));
  let inputs: BoardInputs = unknownInputs;
  const { input } = address;
  const isKnown = () =>
    (address.what === 'ADC' ? analogOf(inputs, input, settings) : levelOf(inputs, input, settings)) !== undefined;
  const until = line.clock.monotonic() + REPORTS_MS;
  const end = await board.reports((message) => {
    inputs = takeReport(inputs, message, board.plan).inputs;
    return isKnown() || line.clock.monotonic() > until;
  });
  if (end !== 'enough') throw inputsError(8388613, 'The board spoke, and then said nothing more of its inputs.');
  const levels = {
    analog: (one: InputAddress['input']) => analogOf(inputs, one, settings),
    closed: (one: InputAddress['input']) => levelOf(inputs, one, settings),
  };
  const { data, meaning } = levelData(levels, address, settings);
  return answered(address, data, meaning ? { meaning } : {});
}
