import { fromLatin1 } from '../../common/bytes.ts';
import type { Tries } from '../../common/tries.ts';
import type { Line } from '../../line/line.ts';
import { dlmsError } from './errors.ts';

/** Rate of an optical head before anything is agreed on. */
export const FIRST_RATE = 300;
const REQUEST = fromLatin1('/?!\r\n');
/** By the baud character of the identification; above 6 by the custom of makers. */
const RATES = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200];
const FIRST_BYTE_MS = 2200;
const INTER_BYTE_MS = 1500;
const LONGEST = 64;
/** The acknowledge goes between 200 and 1500 ms after the identification. */
const REACTION_MS = 250;
/** The confirmation may still come at the first rate, at the new one, or not at all: it is let pass. */
const CONFIRMATION_MS = 500;

/** What a meter says before it goes over to HDLC. */
export interface SignOn {
  /** As received, without `/` and line end. */
  readonly identification: string;
  readonly baudRate: number;
}

/**
 * The opening of IEC 62056-21 with the acknowledge for mode E, at 300 Bd 7E1; leaves the line at the meter's rate, 8N1.
 * Rejects with a MeterError where nobody answers, or where the meter does not offer mode E.
 */
export async function signOn(line: Line, tries: Tries, onStep: (text: string) => void): Promise<SignOn> {
  for (;;) {
    line.flush();
    await line.write(REQUEST);
    const text = await identificationOn(line);
    if (text !== undefined) return await acknowledge(line, text);
    const failure = dlmsError('silent', 'The meter did not answer the sign-on request at 300 Bd 7E1.', {
      hint: 'Check that the head sits on the meter and the right way up. A meter that still is in an earlier session answers after one or two minutes.',
    });
    if (!tries.take(failure.code)) throw failure;
    onStep(`${failure.message} Trying again (${tries.used} of ${tries.most}).`);
  }
}

/** What stands between `/` and the end of the line; undefined where no such line came. */
async function identificationOn(line: Line): Promise<string | undefined> {
  let text = '';
  await line.read(
    (byte) => {
      const character = String.fromCharCode(byte & 0x7f);
      // Whatever comes before: a wake-up, an echo, noise.
      text = character === '/' ? '/' : text === '' ? '' : text + character;
      return character === '\n' && text !== '' ? 'done' : text.length > LONGEST ? 'done' : 'more';
    },
    { firstByteMs: FIRST_BYTE_MS, interByteMs: INTER_BYTE_MS },
  );
  return /^\/([^\r\n]{4,})\r?\n$/.exec(text)?.[1];
}

async function acknowledge(line: Line, identification: string): Promise<SignOn> {
  const [, baudCharacter = '', escapes = ''] = /^[A-Za-z]{3}(.)((?:\\.)*)/.exec(identification) ?? [];
  const baudRate = /^\d$/.test(baudCharacter) ? RATES[Number(baudCharacter)] : undefined;
  if (baudRate === undefined || !escapes.includes('\\2'))
    throw dlmsError('opening', `The meter “${identification}” does not offer HDLC (mode E) in its identification.`);
  await line.pause(REACTION_MS);
  // Control character 2: binary, HDLC; the rate it named; mode 2: binary.
  await line.write(fromLatin1(`\x062${baudCharacter}2\r\n`));
  await line.change({ baudRate, framing: '8N1' });
  await line.pause(CONFIRMATION_MS);
  return { identification, baudRate };
}
