import { expect, test } from 'vitest';
import { concludeHeadCheck } from '../../../../src/views/tools/head-conclusion.ts';

test.each([
  [{ paper: 'whole' }, 'good', 'The head sends and hears.'],
  [{ paper: 'part' }, 'doubtful', 'Some of it came back.'],
  [{ paper: 'other' }, 'doubtful', 'Something else came in.'],
  [{ paper: 'nothing' }, 'doubtful', 'Nothing came back.'],
  [{ paper: 'nothing', lamp: 'not seen' }, 'bad', 'The head does not send.'],
  [{ paper: 'nothing', lamp: 'not seen', remote: 'heard' }, 'bad', 'The head hears, but does not send.'],
  [{ paper: 'nothing', lamp: 'seen', remote: 'nothing' }, 'bad', 'The head sends, but hears nothing.'],
  [{ paper: 'nothing', lamp: 'seen', remote: 'heard' }, 'good', 'The head sends and hears.'],
  [{ lamp: 'seen' }, 'good', 'The head sends.'],
] as const)('%o', (findings, sound, headline) => {
  expect(concludeHeadCheck(findings)).toMatchObject({ sound, headline });
});

test('nothing done, nothing concluded', () => {
  expect(concludeHeadCheck({})).toBeUndefined();
});
