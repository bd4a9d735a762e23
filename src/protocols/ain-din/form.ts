import type { Field, Form } from '../../common/form.ts';
import { INPUTS, type InputNumber } from './inputs.ts';

/** What is set of one input; its keys end in the number. */
const fieldsOf = (input: InputNumber): readonly Field[] => {
  const group = `Input ${input}`;
  return [
    {
      key: `adc${input}`,
      label: 'Analog input',
      kind: 'whole',
      least: 0,
      most: 15,
      default: input - 1,
      help: 'A0 is 0',
      group,
      where: { key: 'source', is: ['firmata'] },
    },
    {
      key: `pin${input}`,
      label: 'Digital pin',
      kind: 'whole',
      least: 0,
      most: 126,
      default: input + 1,
      group,
      where: { key: 'source', is: ['firmata'] },
    },
    {
      key: `low${input}`,
      label: 'Converter at 0',
      kind: 'whole',
      least: -9999,
      most: 9999,
      default: 0,
      help: 'What ADC/ABS says, or would say, at 0',
      group,
      where: { key: 'source', is: ['firmata'] },
    },
    {
      key: `high${input}`,
      label: 'Converter at 100',
      kind: 'whole',
      least: -9999,
      most: 9999,
      default: 1023,
      help: 'What ADC/ABS says, or would say, at 100',
      group,
      where: { key: 'source', is: ['firmata'] },
    },
    {
      key: `threshold${input}`,
      label: 'Level from the converter at',
      kind: 'whole',
      least: 1,
      most: 1023,
      placeholder: 'the digital pin says it',
      help: 'DIN is 1 from this figure on',
      group,
      where: { key: 'source', is: ['firmata'] },
    },
    {
      key: `debounceMs${input}`,
      label: 'Debounce',
      kind: 'whole',
      least: 0,
      most: 1000,
      unit: 'ms',
      default: 20,
      help: 'S0 pulses of 30 ms need 20 or less; reed contacts may bounce longer',
      group,
    },
    {
      key: `constant${input}`,
      label: 'Pulse constant',
      kind: 'whole',
      least: 1,
      most: 1_000_000,
      placeholder: 'only counted',
      group,
    },
    {
      key: `unit${input}`,
      label: 'Its unit',
      kind: 'choice',
      choices: ['imp/kWh', 'Wh/imp', 'imp/m³', 'l/imp'].map((unit) => ({ value: unit, label: unit })),
      default: 'imp/kWh',
      group,
    },
  ];
};

/** What can be set of the inputs, as a table: of their source, and of each of them. */
export const ainDinForm: Form = [
  {
    key: 'source',
    label: 'Inputs are',
    kind: 'choice',
    choices: [
      { value: 'firmata', label: 'a board with StandardFirmata' },
      { value: 'modem', label: 'CTS, DSR and DCD of an adapter' },
      { value: 'rxd', label: 'pulses on RXD of an adapter' },
    ],
    default: 'firmata',
  },
  {
    key: 'contacts',
    label: 'Contacts',
    kind: 'choice',
    choices: [
      { value: 'pull-up', label: 'to ground, with the board’s pull-up' },
      { value: 'high', label: 'to the supply, high when closed' },
    ],
    default: 'pull-up',
    where: { key: 'source', is: ['firmata'] },
  },
  {
    key: 'baudRate',
    label: 'Baud rate of the board',
    kind: 'choice',
    choices: [57_600, 115_200].map((rate) => ({ value: rate, label: `${rate} Bd` })),
    default: 57_600,
    help: 'ESP boards often speak at 115200',
    where: { key: 'source', is: ['firmata'] },
  },
  ...INPUTS.flatMap(fieldsOf),
];
