import type { Protocol } from '../protocol.ts';
import { wmbusForm } from './form.ts';

/** Wireless M-Bus, EN 13757-4: telegrams that a stick hears, or that were received elsewhere. */
export const wmbus: Protocol = {
  name: 'WMBUS',
  number: 68,
  title: 'Wireless M-Bus',
  via: 'radio stick',
  address: {
    hint: 'The number it sends, 12345678 or KAM12345678, if it matters who speaks',
    placeholder: 'whoever speaks',
    examples: ['12345678'],
    pattern: ' *(([A-Za-z]{3} *)?[0-9A-Fa-f]{8})? *',
    optional: true,
    rates: { usual: [] },
    number: '(.+)',
  },
  settings: wmbusForm,
  listens: {},
  data: 'hex',
  wire: 'line',
  parts: {
    dialogue: async () => (await import('./ask.ts')).wmbusDialogue,
    reader: async () => (await import('./reader.ts')).wmbusReader,
    explainer: async () => (await import('./explainer.ts')).wmbusExplainer,
    listener: async () => (await import('./listener.ts')).wmbusListener,
    errors: async () => (await import('./errors.ts')).wmbusErrors,
    secrets: async () => (await import('./secrets.ts')).wmbusSecrets,
    recognizer: async () => (await import('./recognizer.ts')).wmbusRecognizer,
    simulated: async () => (await import('./simulated/index.ts')).wmbusSimulated,
  },
};
