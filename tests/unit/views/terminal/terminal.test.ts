import { expect, test } from 'vitest';
import type { AtEvent } from '../../../../src/engine/ams-api.ts';
import type { EngineCaller } from '../../../../src/engine/client.ts';
import { Terminal } from '../../../../src/views/tools/terminal/terminal.svelte.ts';

/** An engine that keeps what it was asked; `answer` says what atInput does. */
function engineWith(answer: (emit: (event: AtEvent) => void, text: string) => Promise<undefined>) {
  const calls: { method: string; input: unknown }[] = [];
  const open: { emit: (event: AtEvent) => void; lose: (error: Error) => void }[] = [];
  const engine: EngineCaller = {
    call(method, input, options) {
      calls.push({ method, input });
      if (method === 'atOpen') {
        return new Promise((_resolve, reject) => {
          open.push({ emit: (event) => options?.onEvent?.(event), lose: reject });
        });
      }
      const emit = open.at(-1)?.emit;
      if (method === 'atInput' && emit) return answer(emit, (input as { text: string }).text);
      return Promise.resolve(undefined as never);
    },
  };
  return { engine, calls, open };
}

const ok = (emit: (event: AtEvent) => void, text: string) => {
  emit({ kind: 'output', text: `${text}\r\nOK\r\n` });
  return Promise.resolve(undefined);
};

test('sends a line and shows the echo and the answer', async () => {
  const { engine, calls } = engineWith(ok);
  const terminal = new Terminal(engine);
  await terminal.send('AT');
  expect(calls.at(-1)?.input).toMatchObject({ text: 'AT\r' });
  expect(terminal.text).toBe('AT\nOK\n');
  expect(terminal.step(-1, '')).toBe('AT');
});

test('is running until the answer is there', async () => {
  let answer: (result: undefined) => void = () => undefined;
  const answered = new Promise<undefined>((resolve) => (answer = resolve));
  const terminal = new Terminal(engineWith(() => answered).engine);
  const sent = terminal.send('AT^SCAMS="DIRECT_READ",1,1,""');
  expect(terminal.running).toBe(true);
  answer(undefined);
  await sent;
  expect(terminal.running).toBe(false);
});

test('puts a question, and answers it by itself where none is wanted', async () => {
  const { engine, calls, open } = engineWith(ok);
  const terminal = new Terminal(engine);
  const question = { kind: 'confirm', question: 3, line: 'AT^SCDATA="DEL_ALL"', help: 'Deletes all records' } as const;
  open[0]?.emit(question);
  expect(terminal.question).toMatchObject({ number: 3, help: 'Deletes all records' });
  await terminal.answer(false);
  expect(calls.at(-1)).toMatchObject({ method: 'atConfirm', input: { question: 3, yes: false } });
  expect(terminal.question).toBeUndefined();

  terminal.asks = false;
  open[0]?.emit({ ...question, question: 4 });
  expect(calls.at(-1)).toMatchObject({ method: 'atConfirm', input: { question: 4, yes: true } });
  terminal.asks = true;
});

test('when the window with the engine goes, it says so and the next line begins a new session', async () => {
  const { engine, calls, open } = engineWith(ok);
  const terminal = new Terminal(engine);
  open[0]?.lose(new Error('The window that was reading has been closed.'));
  await Promise.resolve();
  await Promise.resolve();
  expect(terminal.fault).toContain('has been closed');
  await terminal.send('AT');
  expect(terminal.fault).toBe('');
  const sessions = calls
    .filter(({ method }) => method === 'atOpen')
    .map(({ input }) => (input as { session: string }).session);
  expect(new Set(sessions).size).toBe(2);
  expect(calls.at(-1)?.input).toMatchObject({ session: sessions[1] });
});

test('a call that fails is told on the screen', async () => {
  const terminal = new Terminal(engineWith(() => Promise.reject(new Error('no engine'))).engine);
  await terminal.send('AT');
  expect(terminal.text).toBe('! no engine\n');
});
