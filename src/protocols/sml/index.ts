import type { Protocol } from '../protocol.ts';
import { smlForm } from './form.ts';

/** SML: the push of German household meters. */
export const sml: Protocol = {
  name: 'SML',
  number: 67,
  title: 'SML',
  via: 'German optical eye',
  address: {
    hint: 'The number on the plate, if it matters who speaks. Also `number@9600`',
    placeholder: 'whoever speaks',
    examples: ['1EMH0011261482', '@9600'],
    pattern: ' *[0-9A-Za-z ]{0,40}(@ *[1-9][0-9]{2,5} *)?',
    optional: true,
    rates: { usual: [9600, 19_200, 115_200], default: 9600 },
    number: '^ *([^@]*[^@ ])',
  },
  settings: smlForm,
  listens: {},
  data: 'hex',
  wire: 'line',
  parts: {
    dialogue: async () => (await import('./ask.ts')).smlDialogue,
    reader: async () => ({ decode: (await import('./decode.ts')).decodeSml }),
    explainer: async () => (await import('./explainer.ts')).smlExplainer,
    listener: async () => (await import('./listener.ts')).smlListener,
    errors: async () => (await import('./errors.ts')).smlErrors,
    recognizer: async () => (await import('./recognizer.ts')).smlRecognizer,
    simulated: async () => (await import('./simulated/index.ts')).smlSimulated,
  },
};
