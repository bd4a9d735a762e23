import type { Protocol } from '../protocol.ts';
import { lotosForm } from './form.ts';

/** LOTOS 301: sends numbered values by itself. How, is not public. */
export const lotos: Protocol = {
  name: 'LOTOS',
  number: 65,
  title: 'LOTOS 301',
  via: 'wire format not public',
  address: {
    hint: 'None: leave it empty. One meter on a line, which sends by itself. Its wire format is not public: rate, framing and line pattern are in the settings',
    placeholder: 'no address',
    examples: [''],
    pattern: '',
    optional: true,
    rates: { usual: [300, 600, 1200, 2400, 4800, 9600, 19_200] },
    number: '(?!)',
  },
  settings: lotosForm,
  listens: {},
  data: 'text',
  wire: 'line',
  parts: {
    dialogue: async () => (await import('./ask.ts')).lotosDialogue,
    reader: async () => ({ decode: (await import('./decode.ts')).decodeLotos }),
    explainer: async () => (await import('./explainer.ts')).lotosExplainer,
    listener: async () => (await import('./listener.ts')).lotosListener,
    errors: async () => (await import('./errors.ts')).lotosErrors,
    simulated: async () => (await import('./simulated/index.ts')).lotosSimulated,
  },
};
