import type { MbusAddress } from '../../../protocols/mbus/address.ts';
import { formatMbusAddress } from '../../../protocols/mbus/address.ts';
import { MEDIUM_NAMES } from '../../../protocols/mbus/medium.ts';
import type { MbusChange, ProvedMeter } from '../../../protocols/mbus/change-plan.ts';
import type { ChangedFrame, ChangeResult } from '../../../protocols/mbus/configure.ts';

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

/** "KAM 68907025, cold water, version 29" */
export function meterWords({ identification, manufacturer, medium, version }: ProvedMeter): string {
  const name = [manufacturer, identification].filter((part) => part !== undefined && part !== '').join(' ');
  const kind = medium === undefined ? undefined : MEDIUM_NAMES[medium]?.toLowerCase();
  const facts = [name || 'a meter without a number', kind, version === undefined ? undefined : `version ${version}`];
  return facts.filter((fact) => fact !== undefined && fact !== '').join(', ');
}

/** What should be known before it is done; most important first. */
export function changeWarnings(address: MbusAddress, change: MbusChange): readonly string[] {
  const warnings: string[] = [];
  if (address.kind === 'primary' && address.address === EVERYBODY) {
    warnings.push('The address 254 means every meter on the bus: it is changed only where one alone answers.');
  }
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

/** "68 06 06 68 …", as people read bytes. */
export function spacedHex(hex: string): string {
  return hex.replace(/..(?=.)/g, '$& ');
}
