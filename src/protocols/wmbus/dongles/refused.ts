import type { MeterError } from '../../../common/meter-error.ts';
import { wmbusError } from '../errors.ts';

export const refused = (title: string, what: string): MeterError =>
  wmbusError('refused', `${title} does not take ${what}.`);
