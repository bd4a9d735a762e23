import type { Protocol } from '../protocol.ts';
import { modbusForm } from './form.ts';

/** Modbus RTU: Modbus application protocol 1.1b3 over serial line 1.02. */
export const modbus: Protocol = {
  name: 'MODBUS',
  number: 3,
  title: 'Modbus',
  via: 'RS-485',
  address: {
    hint: 'Unit address `1` to `247` and rate: `1@9600`. With the registers to read behind it, `1@9600[10,04:0000:2,03:0010:8]`: at most 10 at once, then command, address (hex) and count. Without them the model’s are read',
    placeholder: '1@9600',
    examples: ['1@9600', '1@9600[10,04:0000:2,03:001F:8]'],
    pattern:
      '(25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])( *@ *[1-9][0-9]{2,5})?( *\\[ *([1-9][0-9]{0,4}|0?[1-4]:[0-9A-Fa-f]{1,4}:[1-9][0-9]{0,4})( *, *0?[1-4]:[0-9A-Fa-f]{1,4}:[1-9][0-9]{0,4})* *\\])?',
    optional: false,
    rates: { usual: [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200], default: 9600 },
    // A unit address is a place on the bus and no number of a meter.
    number: '(?!)',
  },
  settings: modbusForm,
  data: 'text',
  wire: 'line',
  parts: {
    dialogue: async () => (await import('./ask.ts')).modbusDialogue,
    reader: async () => ({ decode: (await import('./decode.ts')).decodeModbus }),
    explainer: async () => (await import('./explainer.ts')).modbusExplainer,
    recognizer: async () => (await import('./recognizer.ts')).modbusRecognizer,
    errors: async () => (await import('./errors.ts')).modbusErrors,
    searches: async () => (await import('./tasks.ts')).modbusSearches,
    searcher: async () => (await import('./searcher.ts')).modbusSearcher,
    changes: async () => (await import('./tasks.ts')).modbusChanges,
    profiles: async () => (await import('./own/book.ts')).modbusProfiles,
    changer: async () => (await import('./changer.ts')).modbusChanger,
    simulated: async () => (await import('./simulated/index.ts')).modbusSimulated,
  },
};
