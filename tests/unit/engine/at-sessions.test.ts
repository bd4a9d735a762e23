import { expect, test } from 'vitest';
import type { AtHost } from '../../../src/at/host.ts';
import type { AtEvent } from '../../../src/engine/ams-api.ts';
import { createAtSessions } from '../../../src/engine/at-sessions.ts';

/** A host that knows only what these commands ask of it. */
function hostWith(parts: Partial<AtHost>): AtHost {
  return parts as AtHost;
}

function setUp(parts: Partial<AtHost>, confirm = true) {
  const sessions = createAtSessions(hostWith(parts), (error) => {
    throw error;
  });
  const events: AtEvent[] = [];
  const abort = new AbortController();
  const closed = sessions.open('one', confirm, (event) => events.push(event), abort.signal);
  const text = () => events.map((event) => (event.kind === 'output' ? event.text : '')).join('');
  return { sessions, events, abort, closed, text };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

test('a question answered with yes lets the command delete, with no it does not', async () => {
  let deleted = 0;
  const { sessions, events, text } = setUp({
    deleteAllRecords: async () => {
      deleted++;
    },
  });
  for (const yes of [false, true]) {
    const answered = sessions.input('one', 'AT^SCDATA="DEL_ALL"\r');
    await turn();
    const question = events.at(-1);
    if (question?.kind !== 'confirm') throw new Error('no question was put');
    expect(question.line).toBe('AT^SCDATA="DEL_ALL"');
    sessions.confirm('one', question.question, yes);
    await answered;
    expect(deleted).toBe(yes ? 1 : 0);
    expect(text()).toMatch(yes ? /OK\r\n$/ : /ERROR\r\n$/);
  }
});

test('cancelling answers an open question with no, and the terminal goes on', async () => {
  let deleted = 0;
  const { sessions, text } = setUp({
    deleteAllRecords: async () => {
      deleted++;
    },
  });
  const answered = sessions.input('one', 'AT^SCDATA="DEL_ALL"\r');
  await turn();
  sessions.cancel('one');
  await answered;
  await sessions.input('one', 'AT\r');
  expect(deleted).toBe(0);
  expect(text()).toMatch(/ERROR\r\nAT\r\r\nOK\r\n$/);
});

test('closing ends the command that runs, and answers what it asked with no', async () => {
  let deleted = 0;
  const { sessions, abort, closed } = setUp({
    deleteAllRecords: async () => {
      deleted++;
    },
  });
  const answered = sessions.input('one', 'AT^SCDATA="DEL_ALL"\r');
  await turn();
  abort.abort();
  await Promise.all([closed, answered]);
  expect(deleted).toBe(0);
  await expect(sessions.input('one', 'AT\r')).rejects.toThrow('no longer connected');
});

test('cancel reaches a direct read', async () => {
  const { sessions, text } = setUp({
    findProtocol: () => undefined,
    directRead: (_request, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  });
  const answered = sessions.input('one', 'AT^SCAMS="DIRECT_READ",1,1,""\r');
  await turn();
  sessions.cancel('one');
  await answered;
  expect(text()).toMatch(/ERROR\r\n$/);
});

test('what a direct read waits for is told beside what the terminal prints', async () => {
  const { sessions, text, events } = setUp({
    findProtocol: () => undefined,
    directRead: (_request, { onWait }) => {
      onWait('searching the bus');
      onWait(undefined);
      return Promise.resolve({ errorCode: 0, identification: '', data: '' });
    },
  });
  await sessions.input('one', 'AT^SCAMS="DIRECT_READ",1,1,""\r');
  expect(events.filter(({ kind }) => kind === 'waits')).toEqual([
    { kind: 'waits', forWhat: 'searching the bus' },
    { kind: 'waits' },
  ]);
  expect(text()).not.toContain('searching');
});

test('a name that was opened anew outlives the end of its first session', async () => {
  const { sessions, abort, closed } = setUp({});
  const second: AtEvent[] = [];
  void sessions.open('one', true, (event) => second.push(event), new AbortController().signal);
  abort.abort();
  await closed;
  await sessions.input('one', 'AT\r');
  expect(second).not.toEqual([]);
});

test('only what AT commands can hold is sent: no character becomes another one', async () => {
  const { sessions, text } = setUp({});
  await expect(sessions.input('one', 'AT^SCAMS="DEV_ADD",2,1,"Zähler","1H"\r')).rejects.toThrow('no “ä”');
  await sessions.input('one', 'AT\r');
  expect(text()).toBe('AT\r\r\nOK\r\n');
});

test('Enter ends a line whatever ATS3 made of it', async () => {
  const { sessions, text } = setUp({});
  await sessions.input('one', 'ATS3=30\r');
  await sessions.input('one', 'ATS3=13\r');
  await sessions.input('one', 'AT\r');
  expect(text().match(/OK/g)).toHaveLength(3);
});

test('without questions nothing is asked', async () => {
  let deleted = 0;
  const { sessions, events } = setUp(
    {
      deleteAllRecords: async () => {
        deleted++;
      },
    },
    false,
  );
  await sessions.input('one', 'AT^SCDATA="DEL_ALL"\r');
  expect(deleted).toBe(1);
  expect(events.every(({ kind }) => kind === 'output')).toBe(true);
});
