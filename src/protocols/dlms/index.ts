import type { FrameFormat, Protocol } from '../protocol.ts';
import { dlmsForm } from './form.ts';

const OBJECT = '([0-9]{1,5}:)?([0-9]{1,3}-[0-9]{1,3}:)?([0-9]{1,3}\\.){2}[0-9]{1,3}(\\*[0-9]{1,3})?(:-?[0-9]{1,3})?';

/** DLMS/COSEM over HDLC, at a fixed rate or after a sign-on at an optical head. */
export const dlms: Protocol = {
  name: 'DLMS',
  number: 66,
  title: 'DLMS/COSEM',
  via: 'HDLC',
  address: {
    hint: 'Server `1`, `1/17` or, on four bytes, `1/17/4`, rate (9600 where it is left out), then what to read: `1/17@9600|1-0:1.8.0,8:0-0:1.0.0`, a register or `class:code:attribute`. Without it all that the meter lists',
    placeholder: '1/17@9600',
    examples: ['1@9600', '1/17@9600', '1/17/4@9600|1-0:1.8.0,8:0-0:1.0.0,7:1-0:99.1.0:2'],
    pattern: `[0-9]{1,5}( */ *[0-9]{1,5}( */ *4)?)?( *@ *[1-9][0-9]{2,5})?( *\\| *${OBJECT}( *, *${OBJECT})*)?`,
    optional: false,
    rates: { usual: [300, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200], default: 9600 },
    // A server is a place on the line and no number of a meter.
    number: '(?!)',
    place: '^([0-9/]+)',
  },
  settings: dlmsForm,
  listens: { where: { key: 'opening', is: 'push' } },
  data: 'text',
  wire: 'line',
  parts: {
    dialogue: async () => (await import('./ask.ts')).dlmsDialogue,
    reader: async () => (await import('./reader.ts')).dlmsReader,
    explainer: async () => (await import('./explainer.ts')).dlmsExplainer,
    recognizer: async () => (await import('./push/recognizer.ts')).dlmsRecognizer,
    listener: async () => (await import('./push/listener.ts')).dlmsListener,
    searches: async () => (await import('./search/tasks.ts')).dlmsSearches,
    searcher: async () => (await import('./search/searcher.ts')).dlmsSearcher,
    browser: async () => (await import('./browser.ts')).dlmsBrowser,
    secrets: async () => (await import('./secrets.ts')).dlmsSecrets,
    changes: async () => (await import('./change/task.ts')).dlmsChanges,
    changer: async () => (await import('./change/changer.ts')).dlmsChanger,
    errors: async () => (await import('./errors.ts')).dlmsErrors,
    simulated: async () => (await import('./simulated/index.ts')).dlmsSimulated,
  },
};

/** The frames in which DLMS/COSEM goes over a serial line: told from others and no more. */
export const hdlc: FrameFormat = {
  name: 'HDLC',
  parts: {
    recognizer: async () => (await import('./recognizer.ts')).hdlcRecognizer,
    explainer: async () => (await import('./recognizer.ts')).hdlcExplainer,
  },
};
