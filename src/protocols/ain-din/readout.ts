import type { Values } from '../../common/form.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Readout } from '../../common/readout.ts';
import { PortError } from '../../line/port.ts';
import { formatInputAddress, type InputAddress } from './address.ts';
import { calibrated } from './calibration.ts';
import { inputsError } from './errors.ts';
import type { InputsSettings } from './settings.ts';

/** What inputs say at the moment; each is undefined while it is not known. */
export interface Levels {
  analog(input: InputAddress['input'], settings: InputsSettings): number | undefined;
  closed(input: InputAddress['input'], settings: InputsSettings): boolean | undefined;
}

/** The data of a record for what is no pulse counter. Throws MeterError 8388613 for what is not known yet, 8388865 for what can't be. */
export function levelData(
  levels: Levels,
  address: InputAddress,
  settings: InputsSettings,
): { data: string; meaning?: Values } {
  const { input } = address;
  if (address.what === 'DIN') {
    const closed = levels.closed(input, settings);
    if (closed === undefined) throw notKnown(address);
    return { data: closed ? '1' : '0' };
  }
  if (settings.source !== 'firmata') throw inputsError(8388865, 'Only a board has an analog input.');
  const value = levels.analog(input, settings);
  if (value === undefined) throw notKnown(address);
  if (address.what === 'ADC' && address.as === 'CAL') {
    const { low, high } = settings.inputs[input];
    const share = calibrated(value, { low, high });
    if (share === undefined)
      throw inputsError(8388865, `Both calibration points of input ${input} are ${low}.`, {
        hint: 'Set what the converter says at 0 and at 100.',
      });
    return { data: String(share), meaning: { low, high } };
  }
  return { data: String(value) };
}

const notKnown = ({ input }: InputAddress) => inputsError(8388613, `Input ${input} has not been reported yet.`);

/** The readout of an address that is right: its identification is the address. */
export const answered = (address: InputAddress, data: string, seen: Readout['circumstances'] = {}): Readout => ({
  errorCode: 0,
  identification: formatInputAddress(address),
  data,
  circumstances: seen,
});

/** The readout of a read that failed; rethrows what is no failure of inputs or port. */
export function failed(error: unknown, address: InputAddress | undefined, signal: AbortSignal): Readout {
  const identification = address ? formatInputAddress(address) : '';
  const because = signal.aborted ? inputsError(8388609, 'The read was stopped.') : asInputsError(error);
  if (!because) throw error;
  const { code, message, hint } = because;
  return { errorCode: code, identification, data: '', circumstances: { message, hint } };
}

function asInputsError(error: unknown): MeterError | undefined {
  if (error instanceof MeterError) return error;
  return error instanceof PortError ? inputsError(8388613, error.message, { cause: error }) : undefined;
}
