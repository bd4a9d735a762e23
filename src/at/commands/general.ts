import { AtError } from '../at-error.ts';
import { type AtAction, type AtCommand, type AtSession, newSession } from '../command.ts';
import type { AtIdentity } from '../host.ts';
import { endOf, numberOf } from '../values.ts';

/** Commands about the conversation and the unit itself (V.250, 27.007 and the 2N manual's AT basics). */

const MAX_CHARACTER = 127;

/** ATS3? tells three digits, ATS3=13 sets (V.250 5.3.2); the result code of the line has the new character already. */
function characterParameter(number: 3 | 4 | 5, member: 'lineEnd' | 'lineFeed' | 'backspace', help: string): AtCommand {
  return {
    name: `S${number}`,
    help,
    read: {
      help: 'Tells the code of the character, in three digits',
      run: ({ session, reply }) => reply(session[member].toString().padStart(3, '0')),
    },
    set: {
      help: `Sets the character; ${newSession()[member]} at first`,
      parameters: [{ name: 'value', help: `Code of a character, 0 to ${MAX_CHARACTER}` }],
      examples: [`ATS${number}=${newSession()[member]}`],
      run: ({ session }, [value]) => {
        session[member] = numberOf(value, 0, MAX_CHARACTER);
        return Promise.resolve();
      },
    },
  };
}

function tells(member: keyof AtIdentity, help: string): AtAction {
  return {
    help,
    run: async ({ host, reply }) => reply((await host.identity())[member]),
  };
}

/** ATE, ATE0, ATE1: a number left out is 0. */
function switches(help: string, apply: (session: AtSession, on: boolean) => void): AtAction {
  return {
    help,
    parameters: [{ name: 'value', help: '0 or 1; left out: 0', optional: true, values: ['0', '1'] }],
    run: ({ session }, [value]) => Promise.resolve(apply(session, value !== undefined && numberOf(value, 0, 1) === 1)),
  };
}

const identityNumbers: Readonly<Record<number, keyof AtIdentity>> = { 0: 'model', 3: 'revision', 4: 'serialNumber' };

export const general: readonly AtCommand[] = [
  {
    name: 'E',
    help: 'Echo of what is typed',
    execute: switches('ATE1 switches the echo on, ATE0 or ATE off', (session, on) => {
      session.echo = on;
    }),
  },
  {
    name: 'V',
    help: 'Form of the answers',
    execute: switches('ATV1 answers in words (OK), ATV0 in digits (0)', (session, on) => {
      session.verbose = on;
    }),
  },
  {
    name: 'Q',
    help: 'Whether results are told',
    execute: switches('ATQ1 keeps OK and ERROR to itself, ATQ0 tells them', (session, on) => {
      session.quiet = on;
    }),
  },
  characterParameter(3, 'lineEnd', 'The character that ends a line, here and there'),
  characterParameter(4, 'lineFeed', 'The character that follows it in answers'),
  characterParameter(5, 'backspace', 'The character that takes back the one before'),
  {
    name: 'I',
    help: 'Who this is',
    execute: {
      help: 'ATI tells the model, ATI3 the version, ATI4 the serial number',
      parameters: [{ name: 'value', help: '0, 3 or 4', optional: true, values: ['3', '4'] }],
      run: async ({ host, reply }, [value]) => {
        const member = identityNumbers[value === undefined ? 0 : numberOf(value, 0, 9)];
        if (!member) throw new AtError(50);
        await reply((await host.identity())[member]);
      },
    },
  },
  {
    name: 'Z',
    help: 'Begins the conversation anew',
    execute: {
      // On the unit ATZ logs out; there is no login here, so what remains is to forget the settings of the conversation.
      help: 'Echo on, answers in words, plain ERROR',
      run: ({ session }, [value]) => {
        if (value !== undefined) numberOf(value, 0, 0);
        Object.assign(session, newSession());
        return Promise.resolve();
      },
    },
  },
  { name: '+GMI', aliases: ['+CGMI'], help: 'Manufacturer', execute: tells('manufacturer', 'Tells the manufacturer') },
  { name: '+GMM', aliases: ['+CGMM'], help: 'Model', execute: tells('model', 'Tells the model') },
  { name: '+GMR', aliases: ['+CGMR'], help: 'Version', execute: tells('revision', 'Tells the version') },
  {
    name: '+GSN',
    aliases: ['+CGSN'],
    help: 'Serial number',
    execute: tells('serialNumber', 'Tells the serial number'),
  },
  {
    name: '+CMEE',
    help: 'How errors are told; an extension, the SmartCOM only says ERROR',
    test: ['0-2'],
    read: {
      help: 'Tells the setting',
      run: ({ session, reply }) => reply(`+CMEE: ${session.errorReport}`),
    },
    set: {
      help: 'Chooses between ERROR, a code and a text',
      parameters: [{ name: 'n', help: '0 ERROR, 1 with code, 2 with text', values: ['0', '1', '2'] }],
      examples: ['AT+CMEE=2'],
      run: ({ session }, values) => {
        endOf(values, 1);
        session.errorReport = numberOf(values[0], 0, 2);
        return Promise.resolve();
      },
    },
  },
];
