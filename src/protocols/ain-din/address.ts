import { inputsError } from './errors.ts';
import type { InputNumber } from './inputs.ts';

/** What is read of an input: SmartCOM manual, DEV_ADD, A/D inputs. */
export type InputAddress = { readonly input: InputNumber } & (
  | { readonly what: 'ADC'; readonly as: 'CAL' | 'ABS' }
  | { readonly what: 'DIN' }
  | { readonly what: 'PULSE'; readonly as: 'ABS' | 'REL' }
);

const FORM = /^([123])\/(?:(DIN)|(ADC)\/(CAL|ABS)|(PULSE)\/(ABS|REL))$/;

/** `<input>/ADC/CAL|ABS`, `<input>/DIN`, `<input>/PULSE/ABS|REL`, in either case. Throws MeterError 8388610 for anything else. */
export function parseInputAddress(text: string): InputAddress {
  const found = FORM.exec(text.trim().toUpperCase());
  if (!found) throw inputsError(8388610, `“${text}” is not an A/D input: ${whatIsWrong(text.trim().toUpperCase())}.`);
  const [, number, isLevel, , adc, , pulse] = found;
  const input = Number(number) as InputNumber;
  if (isLevel) return { input, what: 'DIN' };
  if (adc) return { input, what: 'ADC', as: adc as 'CAL' | 'ABS' };
  return { input, what: 'PULSE', as: pulse as 'ABS' | 'REL' };
}

function whatIsWrong(text: string): string {
  const [input = '', what = '', ...as] = text.split('/');
  if (!/^[123]$/.test(input)) return 'inputs are 1, 2 and 3';
  if (what === 'DIN') return 'DIN has no option behind it';
  const options = what === 'ADC' ? 'CAL or ABS' : what === 'PULSE' ? 'ABS or REL' : undefined;
  if (options === undefined) return 'behind the input stands ADC, DIN or PULSE';
  return as.length === 0 ? `behind ${what} stands ${options}` : `“${as.join('/')}” is not ${options}`;
}

/** The one form of an address, which is also the identification of its record. */
export const formatInputAddress = (address: InputAddress): string =>
  [address.input, address.what, ...('as' in address ? [address.as] : [])].join('/');
