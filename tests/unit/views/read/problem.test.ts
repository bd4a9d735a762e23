import { describe, expect, test } from 'vitest';
import type { AmsRecord } from '../../../../src/log/record.ts';
import { PortError } from '../../../../src/line/port.ts';
import { loadErrorBook } from '../../../../src/protocols/error-book.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import * as problem from '../../../../src/views/read/problem.ts';

const { problemOfError } = problem;
const book = await loadErrorBook(protocols);
const searchErrors = book.search;
const problemOfRecord = (record: AmsRecord, rate: number) =>
  problem.problemOfRecord(record, book.find(record.errorCode), `${rate}\u00a0Bd`);
const labels = (record: AmsRecord) => problemOfRecord(record, 300)?.remedies.map(({ label }) => label);

const record: AmsRecord = {
  type: 'AMS',
  time: 0,
  seq: 1,
  protocol: 'IEC62056-21',
  index: 0,
  errorCode: 65541,
  identification: '',
  data: '',
  circumstances: { message: 'Nothing came back.', hint: 'Turn the head.' },
};

describe('problems', () => {
  test('a good record is none', () => {
    expect(problemOfRecord({ ...record, errorCode: 0 }, 300)).toBeUndefined();
  });

  test('no answer: what was seen, the code, and the way out', () => {
    expect(problemOfRecord(record, 300)).toMatchObject({
      headline: 'No answer at 300\u00a0Bd.',
      seen: 'Nothing came back.',
      hint: 'Turn the head.',
      code: 65541,
      partial: false,
      cancelled: false,
    });
  });

  test('data that came all the same is a part, not a failure', () => {
    expect(labels({ ...record, errorCode: 66053 })).toContain('Read and only warn');
    expect(problemOfRecord({ ...record, errorCode: 65545, data: '1.8.0(1' }, 300)?.partial).toBe(true);
  });

  test('what needs a word of a person comes first, as a button that reads again with it', () => {
    const offer = { label: 'Go on with 262151', set: { counterUpTo: 262151 } };
    const circumstances = { message: 'The meter’s counter is 262151, yours 10.', offer };
    expect(problemOfRecord({ ...record, errorCode: 4325387, circumstances }, 300)).toMatchObject({
      headline: 'The meter wants another message number.',
      seen: 'The meter’s counter is 262151, yours 10.',
      remedies: [offer, { label: 'Try again' }],
    });
  });

  test('a port that did not open brings its checklist line by line', () => {
    const failed = { ...record, errorCode: 4, circumstances: { message: 'In use.', hint: 'Close it.\nReplug it.' } };
    expect(problemOfRecord(failed, 300)).toMatchObject({ hint: '', checklist: ['Close it.', 'Replug it.'] });
  });

  test('stopped by the user is nothing wrong', () => {
    expect(problemOfRecord({ ...record, errorCode: 65537 }, 300)).toMatchObject({ cancelled: true, remedies: [] });
    expect(problemOfError(new DOMException('stopped', 'AbortError'))).toMatchObject({ cancelled: true });
  });

  test('a port error keeps its checklist', () => {
    const error = new PortError('busy', 'FT232R is in use.', ['Close the terminal.']);
    expect(problemOfError(error)).toMatchObject({
      headline: 'The port is in use.',
      seen: 'FT232R is in use.',
      checklist: ['Close the terminal.'],
    });
  });

  test('a code that nobody knows is a failure all the same', () => {
    expect(problemOfRecord({ ...record, errorCode: 99 }, 300)).toMatchObject({
      headline: 'The read failed.',
      seen: 'Nothing came back.',
      code: 99,
    });
  });
});

describe('what the tables advise', () => {
  test('is called what the page calls it, and exists', () => {
    for (const { advice } of searchErrors('')) {
      expect(advice).not.toMatch(/support bundle|export the trace|(?:refuse|deny) the higher rate/i);
    }
  });

  test('ends with one full stop: the text with none, the advice with its own', () => {
    for (const { text, advice } of searchErrors('')) {
      expect(text).not.toMatch(/\.$/);
      expect(advice).not.toMatch(/\.\.$/);
    }
  });
});
