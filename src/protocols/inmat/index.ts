import type { Protocol } from '../protocol.ts';
import { inmatForm } from './form.ts';

const TYPE = '[ILFSilfs]';
const WORD = '[0-9A-Fa-f]{1,4}';
const INDEX = '0{0,2}[0-9A-Fa-f]{1,2}';
const COUNT = '0{0,2}([0-9A-Ea-e]?[0-9A-Fa-f]|[Ff][0-5])';
const COMMAND = `([Ii]|[Ss]:${TYPE}:${INDEX}|[Ee]:${TYPE}:${INDEX}:${WORD}:${WORD}|[Bb]:${TYPE}:${INDEX}(:${WORD}){4}|[Mm]:${WORD}:${WORD}:${COUNT})`;

/** INMAT 51 and INMAT 66: PROFIBUS FDL (DIN 19245) with an application layer of which only parts are public. */
export const inmat: Protocol = {
  name: 'INMAT',
  number: 64,
  title: 'INMAT 51/66',
  via: 'unverified on hardware',
  address: {
    hint: 'Station `0` to `63`, rate (9600 where it is left out), then what to read, in hex: `5@9600|S:F:12,M:0:FFFD:1A`. `I` identification, `S:type:INX` a value, `E:type:INX:IY:IX` one of a matrix, `B:type:INX:IY:IX:NY:NX` a block of it, `M:offset:segment:count` memory; types `I`, `L`, `F`, `S`. The frames are inferred: unverified on hardware',
    placeholder: '5@9600|S:F:12',
    examples: ['5@9600|S:F:12', '5|I,S:L:1F,E:F:20:0:1,B:I:21:0:0:2:4,M:0010:FFFD:1A'],
    pattern: `0{0,2}([0-5]?[0-9]|6[0-3])( *@ *[1-9][0-9]{2,5})? *\\| *${COMMAND}( *, *${COMMAND})*`,
    optional: false,
    rates: { usual: [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400], default: 9600 },
    // A station address is a place on the line and no number of a meter.
    number: '(?!)',
  },
  settings: inmatForm,
  data: 'text',
  wire: 'line',
  parts: {
    dialogue: async () => (await import('./ask.ts')).inmatDialogue,
    reader: async () => ({ decode: (await import('./decode.ts')).decodeInmat }),
    explainer: async () => (await import('./explainer.ts')).inmatExplainer,
    errors: async () => (await import('./errors.ts')).inmatErrors,
    simulated: async () => (await import('./simulated/index.ts')).inmatSimulated,
  },
};
