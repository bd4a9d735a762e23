import type { Protocol } from '../protocol.ts';
import { ainDinForm } from './form.ts';

/** The A/D inputs of port 128: converters, contacts and pulse counters. */
export const ainDin: Protocol = {
  name: 'AIN_DIN',
  number: 128,
  title: 'A/D inputs',
  via: 'Arduino or adapter',
  address: {
    hint: 'Input `1` to `3`: `1/ADC/CAL` calibrated, `1/ADC/ABS` as converted, `2/DIN` level, `3/PULSE/ABS` pulses, `3/PULSE/REL` pulses since the last reading',
    placeholder: '1/ADC/CAL',
    examples: ['1/ADC/CAL', '1/ADC/ABS', '2/DIN', '3/PULSE/ABS', '3/PULSE/REL'],
    pattern:
      '[123]/([Dd][Ii][Nn]|[Aa][Dd][Cc]/([Cc][Aa][Ll]|[Aa][Bb][Ss])|[Pp][Uu][Ll][Ss][Ee]/([Aa][Bb][Ss]|[Rr][Ee][Ll]))',
    optional: false,
    rates: { usual: [] },
    // An input is a place and no number of a meter.
    number: '(?!)',
  },
  settings: ainDinForm,
  data: 'text',
  wire: 'inputs',
  parts: {
    dialogue: async () => (await import('./ask.ts')).ainDinDialogue,
    collector: async () => (await import('./collector.ts')).ainDinCollector,
    reader: async () => ({ decode: (await import('./decode.ts')).decodeInputs }),
    explainer: async () => (await import('./explainer.ts')).ainDinExplainer,
    errors: async () => (await import('./errors.ts')).ainDinErrors,
    simulated: async () => (await import('./simulated/index.ts')).ainDinSimulated,
  },
};
