import type { Form } from '../../common/form.ts';

const WIRE = 'Line (the wire format is not public)';
/** Text without braces, `|` and `*`; a `*` may stand before, between and behind the two. */
const TEXT = '[^{}|*]*';
const AROUND = `${TEXT}(\\*${TEXT})?`;
const ONE = `${AROUND}(\\{id\\}${AROUND}\\{value\\}|\\{value\\}${AROUND}\\{id\\})${AROUND}`;

/** What can be set of one meter, as a table. */
export const lotosForm = [
  {
    key: 'listenMs',
    label: 'Listen for',
    kind: 'whole',
    least: 1000,
    most: 3_600_000,
    unit: 'ms',
    default: 60_000,
    help: 'A reading waits for two whole cycles of the meter, no longer than this',
  },
  {
    key: 'baudRate',
    label: 'Baud rate',
    kind: 'whole',
    least: 50,
    most: 460_800,
    unit: 'Bd',
    choices: [300, 600, 1200, 2400, 4800, 9600, 19_200].map((value) => ({ value, label: String(value) })),
    default: 9600,
    group: WIRE,
    help: 'As the papers of the meter say',
  },
  {
    key: 'framing',
    label: 'Framing',
    kind: 'choice',
    choices: [
      { value: '8N1', label: '8N1' },
      { value: '8N2', label: '8N2' },
      { value: '8E1', label: '8E1' },
      { value: '8O1', label: '8O1' },
      { value: '7E1', label: '7E1' },
      { value: '7O1', label: '7O1' },
      { value: '7N1', label: '7N1' },
    ],
    default: '8N1',
    group: WIRE,
  },
  {
    key: 'pattern',
    label: 'Line pattern',
    kind: 'text',
    pattern: `${ONE}(\\|${ONE})*`,
    patternWords: 'Each pattern with {id} and {value} once; * at most once before, between and behind them',
    most: 200,
    default: '{id}={value}|{id}:{value}|{id};{value}|{id} {value}',
    group: WIRE,
    help: '{id} is the number of a value, {value} the value, * anything, | separates patterns. Blanks around other characters do not matter. Lines end with CR, LF, STX or ETX',
  },
] as const satisfies Form;
