import type { Protocol } from '../protocol.ts';
import { mbusForm } from './form.ts';

/** Wired M-Bus, EN 13757-2 and -3. */
export const mbus: Protocol = {
  name: 'MBUS',
  number: 2,
  title: 'M-Bus',
  address: {
    hint: 'Primary `0` to `250`, or secondary `*01579411`, where `F` stands for any digit. `@9600` behind it for another rate than 2400. Narrower: `*015794FF/LUG.04.07`, manufacturer, version, medium',
    placeholder: '1 or *01579411',
    examples: ['128@2400', '*01579411'],
    pattern:
      '(250|2[0-4][0-9]|[01]?[0-9]?[0-9]|/25[34]|\\*[0-9A-F]{8}(/([A-Z]{3}|\\*)\\.([0-9A-F]{2}|\\*)\\.([0-9A-F]{2}|\\*)(/[0-9A-F]{8})?)?)(@(300|600|1200|2400|4800|9600|19200|38400))?',
    optional: false,
    rates: { usual: [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400], default: 2400 },
    number: '^\\*([0-9A-F]{8})',
  },
  settings: mbusForm,
  data: 'hex',
  wire: 'line',
  formerStore: 'mbus-settings',
  parts: {
    dialogue: async () => (await import('./ask.ts')).mbusDialogue,
    reader: async () => ({ decode: (await import('./decode.ts')).decodeMbus }),
    explainer: async () => (await import('./explainer.ts')).mbusExplainer,
    errors: async () => (await import('./errors.ts')).mbusErrors,
    recognizer: async () => (await import('./recognizer.ts')).mbusRecognizer,
    searches: async () => (await import('./tasks.ts')).mbusSearches,
    searcher: async () => (await import('./searcher.ts')).mbusSearcher,
    changes: async () => (await import('./tasks.ts')).mbusChanges,
    changer: async () => (await import('./changer.ts')).mbusChanger,
    simulated: async () => (await import('./simulated/index.ts')).mbusSimulated,
  },
};
