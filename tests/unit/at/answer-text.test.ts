import { expect, test } from 'vitest';
import { informationText, lineEndOf, resultText } from '../../../src/at/answer-text.ts';
import { AtError } from '../../../src/at/at-error.ts';
import { newSession } from '../../../src/at/command.ts';

const failed = new AtError(20, 'Too much\r\nwas  waiting.');

test('a result in words, in digits, with its code or its reason in one line, and not at all', () => {
  const session = newSession();
  const both = (change: Partial<typeof session>) =>
    [undefined, failed].map((e) => resultText({ ...session, ...change }, e));
  expect(both({})).toEqual(['\r\nOK\r\n', '\r\nERROR\r\n']);
  expect(both({ verbose: false })).toEqual(['0\r', '4\r']);
  expect(both({ errorReport: 1 })).toEqual(['\r\nOK\r\n', '\r\n+CME ERROR: 20\r\n']);
  expect(both({ errorReport: 2 })).toEqual(['\r\nOK\r\n', '\r\n+CME ERROR: Too much was waiting.\r\n']);
  expect(both({ verbose: false, errorReport: 1 })).toEqual(['0\r', '\r\n+CME ERROR: 20\r\n']);
  expect(both({ quiet: true, errorReport: 2 })).toEqual(['', '']);
  expect(both({ lineEnd: 33, lineFeed: 35 })).toEqual(['!#OK!#', '!#ERROR!#']);
  expect(lineEndOf({ lineEnd: 33 })).toBe('!');
});

test('an information text begins once, with the first of its lines', () => {
  const text = informationText(newSession());
  expect(text([])).toBe('');
  expect(text(['a', 'b'])).toBe('\r\na\r\nb\r\n');
  expect(text([])).toBe('');
  expect(text(['c'])).toBe('c\r\n');
  expect(informationText({ ...newSession(), verbose: false })(['a'])).toBe('a\r\n');
});

test('what a command changes of the conversation counts at once', () => {
  const session = newSession();
  const text = informationText(session);
  session.lineFeed = 35;
  session.verbose = false;
  expect(text(['a', 'b'])).toBe('a\r#b\r#');
});
