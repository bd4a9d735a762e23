import { toHex } from '../../../common/bytes.ts';
import type { Found, Recognizer } from '../../recognizer.ts';
import { pushedText } from '../record-data.ts';
import { titleIn } from '../security/ciphered.ts';
import { pushesIn } from './messages.ts';

/** What DLMS meters say unasked, in frames or in their envelope; requests and answers are told from it. */
export const dlmsRecognizer: Recognizer = {
  sees: (bytes) => (pushesIn(bytes).length > 0 ? 'whole' : undefined),
  *found(bytes, line): Generator<Found> {
    for (const message of pushesIn(bytes)) {
      const title = titleIn(message)?.title;
      yield {
        identification: '',
        data: pushedText(message),
        line,
        facts: [['Bytes', String(message.length)], ...(title ? [['System title', toHex(title)] as const] : [])],
        problems: [],
      };
    }
  },
};
