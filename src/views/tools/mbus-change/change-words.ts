import type { MbusAddress } from '../../../protocols/mbus/address.ts';
import { formatMbusAddress } from '../../../protocols/mbus/address.ts';
import type { ChangedFrame, ChangeResult, MbusChange } from '../../../protocols/mbus/configure.ts';

/** Every meter on the bus obeys it (EN 13757-2, 5.7.5). */
const EVERYBODY = 254;

/** "Set the primary address of *01579411 to 7" */
export function changeWords(address: MbusAddress, change: MbusChange): string {
  const who = address.kind === 'primary' && address.address === EVERYBODY ? 'every meter' : formatMbusAddress(address);
  switch (change.kind) {
    case 'primary address':
      return `Set the primary address of ${who} to ${change.newAddress}`;
    case 'baud rate':
      return `Switch ${who} to ${change.newBaudRate} Bd`;
    case 'application reset':
      return `Reset the application of ${who}`;
  }
}

/** What should be known before it is done; most important first. */
export function changeWarnings(address: MbusAddress, change: MbusChange): readonly string[] {
  const warnings: string[] = [];
  if (address.kind === 'primary' && address.address === EVERYBODY) {
    warnings.push('The address 254 means every meter on the bus, and all of them obey.');
  }
  if (address.kind === 'secondary' && [address.identification, address.fabrication ?? ''].join('').includes('F')) {
    warnings.push('The number has wildcards: every meter that fits is selected and obeys.');
  }
  switch (change.kind) {
    case 'primary address':
      warnings.push(
        'Make sure that no other meter has the new address: two meters at one address can’t be read by it.',
      );
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

export function resultHeadline(change: MbusChange, { errorCode, frames }: ChangeResult): string {
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
export function answerWords({ answer, purpose }: ChangedFrame): string {
  switch (answer) {
    case 'acknowledge':
      return '✓ acknowledged';
    case 'silence':
      return purpose === 'none' ? '– silence, as expected' : '! silence';
    case 'echo':
      return '! only its own echo';
    case 'frame':
      return '! a data frame';
    case 'incomplete':
      return '! a frame that broke off';
    case 'collision':
      return '! several answers at once';
    case 'noise':
      return '! noise';
  }
}

/** "68 06 06 68 …", as people read bytes. */
export function spacedHex(hex: string): string {
  return hex.replace(/..(?=.)/g, '$& ');
}
