import type { Protocol } from '../protocol.ts';
import { iecForm } from './form.ts';

/** IEC 62056-21, modes A to D, mode E as far as its readout goes: the optical head. */
export const iec62056: Protocol = {
  name: 'IEC62056-21',
  number: 1,
  title: 'IEC 62056-21',
  via: 'optical head',
  address: {
    hint: 'The meter’s number, where several share a line. Also `number@9600` or `%R`',
    placeholder: 'any meter',
    examples: ['947834@300%R'],
    pattern: ' *[^/?!@%]{0,32}(@ *[0-9]{3,6} *)?(% *R *)?',
    optional: true,
    rates: { usual: [300, 600, 1200, 2400, 4800, 9600, 19_200] },
    number: '^ *([^@%]*[^@% ])',
  },
  settings: iecForm,
  listens: { where: { key: 'mode', is: 'D' } },
  data: 'text',
  wire: 'line',
  formerStore: 'meter-settings',
  parts: {
    dialogue: async () => (await import('./ask.ts')).iecDialogue,
    reader: async () => ({ decode: (await import('./decode.ts')).decodeIec }),
    explainer: async () => (await import('./explainer.ts')).iecExplainer,
    listener: async () => (await import('./listener.ts')).iecListener,
    secrets: async () => (await import('./secrets.ts')).iecSecrets,
    errors: async () => (await import('./errors.ts')).iecErrors,
    changes: async () => (await import('./programming/change-task.ts')).iecChanges,
    changer: async () => (await import('./programming/changer.ts')).iecChanger,
    recognizer: async () => (await import('./recognizer.ts')).iecRecognizer,
    wireText: async () => (await import('./wire-text.ts')).traceLines,
    simulated: async () => (await import('./simulated/index.ts')).iecSimulated,
  },
};
