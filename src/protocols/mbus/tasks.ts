import type { Choice } from '../../common/form.ts';
import type { TaskForm } from '../protocol.ts';

const rateChoices: readonly Choice[] = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400].map((value) => ({
  value,
  label: `${value} Bd`,
}));

const rates = {
  key: 'rates',
  label: 'Baud rates',
  kind: 'several',
  choices: rateChoices,
  default: '2400',
  help: 'Most meters are at 2400. Each rate is a search of its own',
} as const;

const NOTHING =
  'Is the bus supplied by its level converter? Are the meters at another baud rate, or do they have no secondary address? Try other rates, and the search by primary address.';

export const mbusSearches: readonly TaskForm[] = [
  {
    id: 'secondary',
    title: 'By number',
    text: 'Finds every meter that has a secondary address, whatever its primary one.',
    nothing: NOTHING,
    isDetection: true,
    fields: [
      rates,
      {
        key: 'mask',
        label: 'Only these numbers',
        kind: 'text',
        pattern:
          '\\*?[0-9A-Fa-f]{8}(/([A-Za-z]{3}|\\*)\\.([0-9A-Fa-f]{2}|\\*)\\.([0-9A-Fa-f]{2}|\\*)(/[0-9A-Fa-f]{8})?)?',
        placeholder: 'FFFFFFFF',
        help: 'F stands for any digit. Narrower: 015794FF/LUG.04.07, manufacturer, version, medium',
      },
    ],
  },
  {
    id: 'primary',
    title: 'By address',
    text: 'Asks the primary addresses 0 to 250 one after the other. Two meters at one address are told, not found.',
    nothing: NOTHING,
    fields: [
      rates,
      {
        key: 'askSilent',
        label: 'Ask silent addresses for data too',
        kind: 'yes/no',
        default: false,
        help: 'Finds meters that answer no link reset beside several others. Takes twice as long',
      },
    ],
  },
];

export const mbusChanges: readonly TaskForm[] = [
  {
    id: 'primary address',
    title: 'Set the primary address',
    fields: [
      {
        key: 'newAddress',
        label: 'New primary address',
        kind: 'whole',
        least: 0,
        most: 250,
        isNeeded: true,
        placeholder: '0 to 250',
        help: '0 is how meters are delivered',
      },
    ],
  },
  {
    id: 'baud rate',
    title: 'Switch the baud rate',
    fields: [
      {
        key: 'newBaudRate',
        label: 'New baud rate',
        kind: 'choice',
        choices: rateChoices,
        default: 2400,
        help: 'The meter has to be able to do it; most do 300 and 2400',
      },
    ],
  },
  {
    id: 'application reset',
    title: 'Reset the application',
    fields: [
      {
        key: 'subcode',
        label: 'Subcode',
        kind: 'whole',
        least: 0,
        most: 255,
        placeholder: 'none',
        help: 'Empty: a plain reset (CI 50)',
      },
    ],
  },
];
