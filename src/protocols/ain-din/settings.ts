import { settingsOf, type Values } from '../../common/form.ts';
import { INPUTS, type InputNumber } from './inputs.ts';
import type { Calibration } from './calibration.ts';
import { ainDinForm } from './form.ts';

export type PulseUnit = 'imp/kWh' | 'Wh/imp' | 'imp/m³' | 'l/imp';

export interface InputSettings extends Calibration {
  readonly adc: number;
  readonly pin: number;
  /** Undefined: the digital pin says the level. */
  readonly threshold: number | undefined;
  readonly debounceMs: number;
  /** Undefined: pulses are only counted. */
  readonly constant: number | undefined;
  readonly unit: PulseUnit;
}

/** The values of `ainDinForm`, typed. */
export interface InputsSettings {
  readonly source: 'firmata' | 'modem' | 'rxd';
  readonly contacts: 'pull-up' | 'high';
  readonly baudRate: number;
  readonly inputs: Readonly<Record<InputNumber, InputSettings>>;
}

export function inputsSettings(set: Values): InputsSettings {
  // What holds has been looked at field by field: it is of the form's types.
  const values = settingsOf(ainDinForm, { set });
  const whole = (key: string) => values[key] as number;
  const inputs = INPUTS.map((input): [InputNumber, InputSettings] => [
    input,
    {
      adc: whole(`adc${input}`),
      pin: whole(`pin${input}`),
      low: whole(`low${input}`),
      high: whole(`high${input}`),
      threshold: values[`threshold${input}`] as number | undefined,
      debounceMs: whole(`debounceMs${input}`),
      constant: values[`constant${input}`] as number | undefined,
      unit: values[`unit${input}`] as PulseUnit,
    },
  ]);
  return {
    source: values['source'] as InputsSettings['source'],
    contacts: values['contacts'] as InputsSettings['contacts'],
    baudRate: whole('baudRate'),
    inputs: Object.fromEntries(inputs) as unknown as InputsSettings['inputs'],
  };
}
