import type { Value } from '../../common/form.ts';
import type { ChangedFrame, Changer, ChangeResult, ChangeTask, PlannedFrame } from '../change.ts';
import {
  DEFAULT_BAUD_RATE,
  formatMbusAddress,
  isEverybody,
  MBUS_BAUD_RATES,
  parseMbusAddress,
  type MbusAddress,
} from './address.ts';
import { preview, type MbusChange, type PlannedFrame as OwnFrame, type ProvedMeter } from './change-plan.ts';
import { configure, prove, type ChangedFrame as OwnChangedFrame, type ChangeResult as OwnResult } from './configure.ts';
import { mbusError } from './errors.ts';
import { MEDIUM_NAMES } from './medium.ts';
import { mbusSettings } from './settings.ts';

/** What can be changed at a meter, as the house knows changes. */
export const mbusChanger: Changer = {
  preview: (task) => preview(addressOf(task), changeOf(task)).map(shownFrame),
  title(task) {
    const change = changeOf(task);
    const who = formatMbusAddress(addressOf(task));
    switch (change.kind) {
      case 'primary address':
        return `Set the primary address of ${who} to ${change.newAddress}`;
      case 'baud rate':
        return `Switch ${who} to ${change.newBaudRate} Bd`;
      case 'application reset':
        return `Reset the application of ${who}`;
    }
  },
  warnings: (task) => warningsOf(addressOf(task), changeOf(task)),
  lineOf: ({ address, settings }) => ({
    baudRate: parseMbusAddress(address).baudRate,
    framing: mbusSettings(settings).framing,
  }),
  async prove(line, task) {
    const [address, change] = [addressOf(task), changeOf(task)];
    const result = await prove(line, address, change, mbusSettings(task.settings));
    const { errorCode, meter } = result;
    const shown = shownResult(result, change);
    if (errorCode !== 0 || !meter) return shown;
    const frames = preview(address, change, meter).map(shownFrame);
    return { ...shown, plan: { frames, meter: meterWords(meter), proof: { ...meter } } };
  },
  async change(line, task, { proof }) {
    const [address, change] = [addressOf(task), changeOf(task)];
    const result = await configure(line, address, change, mbusSettings(task.settings), meterOf(proof));
    return shownResult(result, change);
  },
};

/**
 * Whom a change is for. Throws for 254: every meter obeys it (EN 13757-2, 5.7.5), one that is off or too slow to be heard
 * when the change is proved included.
 */
function addressOf({ address: text }: ChangeTask): MbusAddress {
  const address = parseMbusAddress(text);
  if (!isEverybody(address)) return address;
  throw mbusError(131074, 'The address 254 means every meter on the bus: nothing is changed by it.', {
    hint: 'Read at /254 to see the number of the only meter, and change that one by its number.',
  });
}

function changeOf({ id, values: { newAddress, newBaudRate, subcode } }: ChangeTask): MbusChange {
  switch (id) {
    case 'primary address':
      if (typeof newAddress !== 'number') throw mbusError(131074, 'The new address is missing.');
      return { kind: id, newAddress };
    case 'baud rate':
      return { kind: id, newBaudRate: MBUS_BAUD_RATES.find((rate) => rate === newBaudRate) ?? DEFAULT_BAUD_RATE };
    case 'application reset':
      return { kind: id, ...(typeof subcode === 'number' ? { subcode } : {}) };
    default:
      throw mbusError(131072, `M-Bus knows no change “${id}”.`);
  }
}

function warningsOf(address: MbusAddress, change: MbusChange): readonly string[] {
  const warnings: string[] = [];
  if (address.kind === 'secondary' && [address.identification, address.fabrication ?? ''].join('').includes('F')) {
    warnings.push('The number has wildcards: the meter is changed only where one alone fits.');
  }
  switch (change.kind) {
    case 'primary address':
      warnings.push('Nobody answered at the new address; a meter that is off the bus now may still have it.');
      break;
    case 'baud rate':
      warnings.push(
        'The meter answers only at the new rate from then on; write it behind the address (@9600). Meters that can’t do a rate may go back by themselves.',
      );
      break;
    case 'application reset':
      warnings.push('What a reset does is up to the meter; most begin their readout anew. Counters stay.');
      break;
  }
  return warnings;
}

/** "KAM 68907025, cold water, version 29" */
function meterWords({ identification, manufacturer, medium, version }: ProvedMeter): string {
  const name = [manufacturer, identification].filter((part) => part !== undefined && part !== '').join(' ');
  const kind = medium === undefined ? undefined : MEDIUM_NAMES[medium]?.toLowerCase();
  const facts = [name || 'a meter without a number', kind, version === undefined ? undefined : `version ${version}`];
  return facts.filter((fact) => fact !== undefined && fact !== '').join(', ');
}

function meterOf({ identification, manufacturer, version, medium }: Readonly<Record<string, Value>>): ProvedMeter {
  return {
    ...(typeof identification === 'string' ? { identification } : {}),
    ...(typeof manufacturer === 'string' ? { manufacturer } : {}),
    ...(typeof version === 'number' ? { version } : {}),
    ...(typeof medium === 'number' ? { medium } : {}),
  };
}

const shownFrame = ({ hex, baudRate, text, purpose }: OwnFrame): PlannedFrame => ({
  hex,
  baudRate,
  text,
  isCommand: purpose === 'command',
});

function shownResult(result: OwnResult, change: MbusChange): ChangeResult {
  const { errorCode, message, hint, frames } = result;
  const shown = frames.map((frame): ChangedFrame => ({
    ...shownFrame(frame),
    answer: answerWords(frame),
    answerHex: frame.answerHex,
  }));
  return { errorCode, headline: headlineOf(change, result), message, hint, frames: shown };
}

function headlineOf(change: MbusChange, { errorCode, frames }: OwnResult): string {
  if (errorCode !== 0) {
    const command = frames.find(({ purpose }) => purpose === 'command');
    if (!command) return 'Nothing was changed.';
    return command.answer === 'acknowledge'
      ? 'The meter took the change, and the check failed.'
      : 'The meter did not confirm the change.';
  }
  switch (change.kind) {
    case 'primary address':
      return `The meter now answers at ${change.newAddress}.`;
    case 'baud rate':
      return `The meter now answers at ${change.newBaudRate} Bd.`;
    case 'application reset':
      return 'The meter took the reset.';
  }
}

/** What came back to a frame, in words; the bytes stand beside it. */
function answerWords({ answer, purpose }: OwnChangedFrame): string {
  switch (answer) {
    case 'acknowledge':
      return purpose === 'empty' ? '! somebody is there' : '✓ acknowledged';
    case 'silence':
      return purpose === 'none' || purpose === 'empty' ? '– silence, as expected' : '! silence';
    case 'echo':
      return '! only its own echo';
    case 'frame':
      return purpose === 'proof' || purpose === 'check' ? '✓ one meter' : '! a data frame';
    case 'incomplete':
      return '! a frame that broke off';
    case 'collision':
      return '! several answers at once';
    case 'noise':
      return '! noise';
  }
}
