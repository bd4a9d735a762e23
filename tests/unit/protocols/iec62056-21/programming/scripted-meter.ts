import { eightBits } from '../../../../../src/simulator/device.ts';
import { deviceAt, type FarEnd } from '../../../../../src/simulator/far-end.ts';
import { withEvenParity } from '../../../simulator/host.ts';

export interface Script {
  /** What it says of itself: letters, baud character, identification; where meters take turns, by the session. */
  readonly says?: string | ((session: number) => string);
  /** Behind the acknowledge; '' is silence. By default P0 with an empty operand. */
  readonly greeting?: string | ((session: number) => string);
  /** How long it takes to answer; 200 by default. */
  readonly reactionMs?: (n: number) => number;
  /** It takes partial blocks, ended by EOT. */
  readonly partial?: boolean;
  /** Goes on at 300 Bd whatever it announced. */
  readonly staysAt300?: boolean;
  /**
   * The answer to a command without its framing (`R5 0.9.1()`), to `ACK` or `NAK`; `n` counts what came in this read.
   * Undefined: it says nothing; several: with 1.5 s between them.
   */
  readonly answer: (message: string, n: number) => string | readonly string[] | undefined;
}

/** With the block check of the standard. */
export const block = (text: string, end = '\x03') => `\x02${text}${end}${checkOf(text + end)}`;
export const P0 = '\x01P0\x02()\x03\x60';
export const B0 = '\x01B0\x03q';

const checkOf = (text: string) =>
  String.fromCharCode(Array.from(text).reduce((sum, character) => sum ^ character.charCodeAt(0), 0));

/** A meter that answers by a script, with `sessions` to look at: what it heard in each. */
export function scriptedMeter({
  says = 'EMH5\\@SCRIPT',
  greeting = P0,
  staysAt300,
  partial,
  reactionMs,
  answer,
}: Script): {
  readonly farEnd: FarEnd;
  readonly sessions: string[][];
} {
  const sessions: string[][] = [];
  let count = 0;
  const ofSession = (what: string | ((session: number) => string), session = sessions.length) =>
    typeof what === 'string' ? what : what(session);
  const farEnd = deviceAt(() => (wire) => {
    let heard = '';
    let rate = 300;
    const listen = (next: number) => {
      rate = next;
      heard = '';
      wire.listen(eightBits(rate));
    };
    const say = (text: string, at: number) => {
      heard = '';
      wire.send(withEvenParity(text), eightBits(rate), at);
    };
    listen(300);
    function take(message: string, end: number): void {
      sessions.at(-1)?.push(message);
      if (message === 'B0') return listen(300);
      const wait = reactionMs?.(count) ?? 200;
      const said = answer(message, count++);
      const texts = typeof said === 'string' ? [said] : (said ?? []);
      for (const [i, text] of texts.entries()) say(text, end + wait + i * 1500);
      if (texts.at(-1)?.endsWith(B0)) listen(300);
    }
    return {
      received(raw, end) {
        const character = String.fromCharCode(raw & 0x7f);
        const isCheck = heard.startsWith('\x01') && (heard.endsWith('\x03') || (partial && heard.endsWith('\x04')));
        heard = !isCheck && /[/\x01\x06\x15]/.test(character) ? character : heard + character;
        if (isCheck) {
          const [, name = '', dataSet] = /^\x01(..)(?:\x02([^\x03\x04]*))?/.exec(heard) ?? [];
          heard = '';
          take(dataSet === undefined ? name : `${name} ${dataSet}`, end);
        } else if (heard === '/?!\r\n') say(`/${ofSession(says)}\r\n`, end + 200);
        else if (/^\x06...\r\n$/.test(heard)) {
          sessions.push([heard.slice(1, 4)]);
          listen(staysAt300 ? 300 : 9600);
          const greets = ofSession(greeting, sessions.length - 1);
          if (greets !== '') say(greets, end + 200);
        } else if ((heard === '\x06' && rate === 9600 && (sessions.at(-1)?.length ?? 0) > 1) || heard === '\x15') {
          take(heard === '\x06' ? 'ACK' : 'NAK', end);
        }
      },
    };
  });
  return { farEnd, sessions };
}
