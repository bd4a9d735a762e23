import { MeterError } from '../../../common/meter-error.ts';

/** General code 1 of the SmartCOM: what was to be read could not be handed over. */
const NOT_FIT = 1;

export function refused(title: string, what: string): MeterError {
  return new MeterError(NOT_FIT, `${title} does not take ${what}.`, {
    hint: 'Unplug it, wait for five seconds and plug it in again. If it stays so, its firmware may be too old.',
  });
}
