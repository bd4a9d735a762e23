import { toHex } from '../../common/bytes.ts';
import type { Found, Recognizer } from '../recognizer.ts';
import { messagesIn } from './message.ts';
import { saidIn, type Said } from './said.ts';
import { hasStart, transportReceiver } from './transport.ts';

/** The first byte of a message without a transport: a list of six. */
const BARE = 0x76;

export const smlRecognizer: Recognizer = {
  sees(bytes) {
    if (hasStart(bytes)) return saidIn(bytes).length > 0 ? 'whole' : 'beginning';
    return bytes[0] === BARE && messagesIn(bytes).messages.length > 0 ? 'whole' : undefined;
  },
  *found(bytes, line): Generator<Found> {
    const all = saidIn(bytes);
    for (const said of all) {
      const data = toHex(bytes.subarray(said.start, said.start + said.length));
      yield { identification: '', data, line, facts: [], problems: problemsOf(said) };
    }
    if (all.length === 0) {
      const problems = ['A transmission begins here, and its end is missing.'];
      yield { identification: '', data: toHex(bytes), line, facts: [], problems };
    }
  },
  problems: (bytes) => saidIn(bytes).flatMap(problemsOf),
  frameState(bytes) {
    const receiver = transportReceiver();
    let isOver = false;
    for (const byte of bytes) isOver = receiver.take(byte).some(({ kind }) => kind === 'transmission');
    return isOver ? 'complete' : receiver.pending > 0 ? 'incomplete' : 'wrong';
  },
};

function problemsOf({ transmission, messages, fault }: Said): readonly string[] {
  const isDamaged = transmission?.check === 'bad';
  const bad = messages.filter(({ check }) => check === 'bad').length;
  return [
    ...(isDamaged ? ['The check sum of the transmission is wrong: bytes were lost or changed.'] : []),
    ...(bad > 0 && !isDamaged
      ? [`The check sum of ${bad} of its messages is wrong: somebody may have changed them.`]
      : []),
    ...(fault === '' ? [] : [fault]),
  ];
}
