import { fromLatin1 } from '../../common/bytes.ts';
import type { Tries } from '../../common/tries.ts';
import type { Line } from '../../line/line.ts';
import { dlmsError } from './errors.ts';

/** Rate of an optical head before anything is agreed on. */
export const FIRST_RATE = 300;
const REQUEST = fromLatin1('/?!\r\n');
/** SOH B0 ETX and its check character: the end of a session in programming mode. */
const BREAK = Uint8Array.of(0x01, 0x42, 0x30, 0x03, 0x71);
/** By the baud character of the identification; above 6 by the custom of makers. */
const RATES = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200];
const FIRST_BYTE_MS = 2200;
const INTER_BYTE_MS = 1500;
const LONGEST = 64;
/** The acknowledge goes between 200 and 1500 ms after the identification. */
const REACTION_MS = 250;
/** The confirmation may still come at the first rate, at the new one, with other bytes, or not at all: it is let pass. */
const CONFIRMATION = { firstByteMs: 600, interByteMs: 200, totalMs: 3000 };
const MOST_HEARD = 512;

/** What a meter says before it goes over to HDLC. */
export interface SignOn {
  /** As received, without `/` and line end. */
  readonly identification: string;
  /** At which it was asked to go on. */
  readonly baudRate: number;
  /** Why it does not go over to HDLC, in words; undefined: nothing says so. */
  readonly refusal: string | undefined;
}

export interface Opening {
  readonly line: Line;
  readonly tries: Tries;
  readonly onStep: (text: string) => void;
  /** A meter may still be in an earlier connection, and deaf to a sign-on: ends it, with the line at its rate. */
  readonly endEarlier: () => Promise<void>;
}

/**
 * The opening of IEC 62056-21 with the acknowledge for mode E, from any rate; leaves the line at the meter's rate, 8N1, or
 * where it was where the meter refuses. Rejects with a MeterError where nobody answers.
 * @param slower it is asked for so many steps less than the rate it names
 */
export async function signOn(opening: Opening, slower = 0): Promise<SignOn> {
  const { line, tries, onStep } = opening;
  for (let isFirst = true; ; isFirst = false) {
    await line.change({ baudRate: FIRST_RATE, framing: '7E1' });
    line.flush();
    await line.write(REQUEST);
    const text = await identificationOn(line);
    if (text !== undefined) return await acknowledge(line, text, slower);
    const failure = dlmsError('silent', 'The meter did not answer the sign-on request at 300 Bd 7E1.', {
      hint: 'Check that the head sits on the meter and the right way up. A meter that still is in an earlier session answers after one or two minutes.',
    });
    if (!tries.take(failure.code)) throw failure;
    onStep(`${failure.message} Trying again (${tries.used} of ${tries.most}).`);
    if (isFirst) await endSession(opening);
  }
}

/** Whichever session the meter may still be in: HDLC, or programming mode. */
async function endSession({ line, endEarlier }: Opening): Promise<void> {
  await endEarlier();
  await line.change({ baudRate: FIRST_RATE, framing: '7E1' });
  await line.write(BREAK);
  await line.pause(REACTION_MS);
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

async function acknowledge(line: Line, identification: string, slower: number): Promise<SignOn> {
  const [, baudCharacter = '', escapes = ''] = /^[A-Za-z]{3}(.)((?:\\.)*)/.exec(identification) ?? [];
  const named = /^\d$/.test(baudCharacter) ? Number(baudCharacter) : undefined;
  if (named === undefined || !escapes.includes('\\2')) {
    const refusal = `The meter “${identification}” does not offer HDLC (mode E) in its identification.`;
    return { identification, baudRate: FIRST_RATE, refusal };
  }
  const step = Math.max(0, named - slower);
  const baudRate = RATES[step] ?? FIRST_RATE;
  await line.pause(REACTION_MS);
  // Control character 2: binary, HDLC; a rate; mode 2: binary.
  await line.write(fromLatin1(`\x062${step}2\r\n`));
  await line.change({ baudRate, framing: '8N1' });
  return { identification, baudRate, refusal: refusalIn(await confirmationOn(line)) };
}

/** In seven bits, whatever the eighth carries. */
async function confirmationOn(line: Line): Promise<string> {
  let text = '';
  await line.read((byte) => {
    text += String.fromCharCode(byte & 0x7f);
    return text.length < MOST_HEARD ? 'more' : 'done';
  }, CONFIRMATION);
  return text;
}

/** A confirmation says nothing, whatever it is: but for a NAK, one of mode C, and the readout that follows it. */
function refusalIn(confirmation: string): string | undefined {
  if (/\x02[^(]{0,40}\(/.test(confirmation))
    return 'The meter answered the sign-on for HDLC (mode E) with its readout.';
  if (/^\0*\x06[01]\d[01]\r\n/.test(confirmation))
    return 'The meter confirmed mode C where HDLC (mode E) was asked for.';
  return /^\x15+$/.test(confirmation) ? 'The meter refused HDLC (mode E) with NAK.' : undefined;
}
