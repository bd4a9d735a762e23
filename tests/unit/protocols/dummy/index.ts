import { MeterError } from '../../../../src/common/meter-error.ts';
import { again, changeAddress, type ErrorRow } from '../../../../src/common/error-row.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import type { Line } from '../../../../src/line/line.ts';
import type { Dialogue, Explainer, Listener, Protocol, Reader } from '../../../../src/protocols/protocol.ts';
import type { Found, Recognizer } from '../../../../src/protocols/recognizer.ts';
import { eightBits, type Device } from '../../../../src/simulator/device.ts';
import { deviceAt } from '../../../../src/simulator/far-end.ts';

/**
 * A protocol that nobody speaks, whole in one folder: `?<two letters>` CR is answered by `<two letters>=<figure>` CR.
 * There are meters that say that by themselves.
 * With one line in the registry it has to be everywhere that a protocol can be.
 */

const [WRONG_ADDRESS, SILENT] = [9_000_002, 9_000_003];
const errors: readonly ErrorRow[] = [
  {
    code: WRONG_ADDRESS,
    text: 'The address is not two letters',
    headline: 'This is no address.',
    advice: 'Write two letters.',
    remedies: [changeAddress],
    repeat: 'never',
  },
  {
    code: SILENT,
    text: 'The meter says nothing',
    headline: 'No answer at {rate}.',
    advice: 'Wait longer.',
    remedies: [again, { label: 'Wait longer', atLeast: { patienceMs: 3000 } }],
    repeat: 'worth it',
  },
];

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const CR = 0x0d;

function normal(address: string): string {
  if (/^[A-Za-z]{2}(?:@\d+)?$/.test(address)) return address.toUpperCase();
  throw new MeterError(WRONG_ADDRESS, `“${address}” is not two letters.`, { hint: 'Write two letters.' });
}

async function nextLine(line: Line, firstByteMs: number) {
  let text = '';
  const accept = (character: number) => {
    if (character === CR) return 'done';
    text += String.fromCharCode(character);
    return 'more';
  };
  const end = await line.read(accept, { firstByteMs, interByteMs: 500 });
  return { end, text };
}

const dialogue: Dialogue = {
  normal,
  lineOf: ({ settings }) => ({ baudRate: Number(settings['speed']), framing: '8N1' }),
  async read(line, { address, settings }) {
    if (settings['speaks'] !== true) await line.write(latin1(`?${normal(address).slice(0, 2)}\r`));
    const { end, text } = await nextLine(line, Number(settings['patienceMs']));
    return end === 'done'
      ? { errorCode: 0, identification: text.slice(0, 2), data: text }
      : { errorCode: SILENT, identification: '', data: text, circumstances: { message: 'Nothing was heard.' } };
  },
};

const listener: Listener = {
  async listen(line, _target, { onTelegram, onDropped, onStep }) {
    onStep('listening for lines');
    while (!line.signal.aborted) {
      const { end, text } = await nextLine(line, 60_000).catch((error: unknown) => {
        if (line.signal.aborted) return { end: 'no answer', text: '' };
        throw error;
      });
      const isWhole = end === 'done' && /^[A-Z]{2}=\d+$/.test(text);
      if (isWhole) onTelegram({ readout: { errorCode: 0, identification: text.slice(0, 2), data: text }, from: [] });
      else if (text !== '') onDropped('This is no line of a dummy.');
    }
  },
};

const reader: Reader = {
  decode({ data, identification }) {
    const [, figure = ''] = data.split('=');
    const reading = (label: string, value: Reading['value'], unit: string, quantity: string): Reading => ({
      label,
      quantity,
      value,
      unit,
      kind: 'instantaneous',
      state: 'whole',
      source: { start: 0, end: data.length },
    });
    if (!/^\d+$/.test(figure)) return [];
    return [
      reading('ID', { type: 'text', text: identification }, '', 'Identification'),
      reading('F', { type: 'number', decimal: { coefficient: Number(figure), exponent: 0 } }, 'm³', 'Volume'),
    ];
  },
};

const explainer: Explainer = {
  describe: ({ identification, facts }) => ({ kind: 'Dummy readout', meter: identification, facts, limit: '' }),
};

/** Counts up by one with each answer. */
const answerer =
  (letters: string): Device =>
  (wire) => {
    let asked = '';
    let count = 41;
    wire.listen(eightBits(1200));
    return {
      received(character, end) {
        if (character !== CR) {
          asked += String.fromCharCode(character);
          return;
        }
        if (asked === `?${letters}`) wire.send(latin1(`${letters}=${++count}\r`), eightBits(1200), end + 20);
        asked = '';
      },
    };
  };

const MESSAGE = /^([A-Z]{2})=\d+\r?$/;

function found(text: string, line: number): Found {
  const [data = ''] = text.split('\r');
  return { identification: data.slice(0, 2), data, message: text, line, facts: [], problems: [] };
}

const recognizer: Recognizer = {
  sees: (bytes) => (MESSAGE.test(String.fromCharCode(...bytes)) ? 'whole' : undefined),
  found: (bytes, line) => [found(String.fromCharCode(...bytes), line)],
  text: {
    isIn: (text) => text.split('\n').some((line) => MESSAGE.test(line)),
    begins: (text) => MESSAGE.test(text.split('\n')[0] ?? ''),
    isCell: (cell) => MESSAGE.test(cell),
    find: (text) => text.split('\n').flatMap((line, at) => (MESSAGE.test(line) ? [found(line, at)] : [])),
  },
};

/** Says how far it is every two seconds, to whoever listens. */
const speaker: Device = ({ clock, send, listen }) => {
  let turn = 0;
  let count = 700;
  listen(eightBits(1200));
  async function speak(mine: number): Promise<void> {
    for (;;) {
      await clock.sleep(2000);
      if (turn !== mine) return;
      send(latin1(`CD=${++count}\r`), eightBits(1200), clock.monotonic());
    }
  }
  return {
    received: () => undefined,
    hostListens(listens) {
      turn++;
      if (listens) void speak(turn);
    },
  };
};

export const dummy: Protocol = {
  name: 'DUMMY',
  number: 77,
  title: 'Dummy',
  address: {
    hint: 'Two letters: `AB`',
    placeholder: 'AB',
    examples: ['AB'],
    pattern: '[A-Za-z]{2}(@[0-9]+)?',
    optional: false,
    rates: { usual: [1200, 9600] },
    number: '^([A-Za-z]{2})',
  },
  settings: [
    { key: 'speed', label: 'Speed', kind: 'whole', least: 300, most: 9600, default: 1200, at: 1 },
    { key: 'patienceMs', label: 'Patience', kind: 'whole', least: 100, most: 60_000, default: 1000 },
    { key: 'retries', label: 'Tries', kind: 'whole', least: 0, most: 9, default: 0 },
    { key: 'speaks', label: 'It speaks by itself', kind: 'yes/no', default: false },
  ],
  listens: { where: { key: 'speaks', is: true } },
  data: 'text',
  wire: 'line',
  parts: {
    dialogue: () => Promise.resolve(dialogue),
    reader: () => Promise.resolve(reader),
    explainer: () => Promise.resolve(explainer),
    errors: () => Promise.resolve(errors),
    recognizer: () => Promise.resolve(recognizer),
    listener: () => Promise.resolve(listener),
    simulated: () =>
      Promise.resolve([
        {
          id: 'dummy',
          name: 'Dummy meter',
          description: 'Counts up by one with each answer.',
          address: 'AB',
          farEnd: () => Promise.resolve(deviceAt(() => answerer('AB'))),
        },
        {
          id: 'dummy-speaker',
          name: 'Dummy that speaks',
          description: 'Tells every two seconds how far it is.',
          address: 'CD',
          settings: { speaks: true },
          farEnd: () => Promise.resolve(deviceAt(() => speaker)),
        },
      ]),
  },
};
