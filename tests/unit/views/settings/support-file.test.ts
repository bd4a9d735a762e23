import { expect, test } from 'vitest';
import type { EngineState } from '../../../../src/engine/api.ts';
import { supportFile } from '../../../../src/views/settings/support-file.ts';

const meter = { id: 'a', port: 1, protocol: 'MBUS', address: '5@2400', name: 'Ms Doe', place: 'Cellar', notes: 'dog' };
const state = { ams: { meters: [{ meter, index: 1, state: 'off' }] }, records: { count: 3 } } as unknown as EngineState;
const facts = {
  app: { version: '1', commit: 'abc' },
  device: { browser: 'B', online: true, screen: '1 × 1' },
  at: Date.UTC(2026, 10, 30),
  state,
  traces: [
    {
      name: 'record 7 of g',
      startedAt: Date.UTC(2026, 10, 29),
      entries: [
        { time: 0, direction: 'event', baudRate: 300, bytes: new Uint8Array(0), text: '300 Bd' },
        { time: 5.25, direction: 'sent', baudRate: 300, bytes: Uint8Array.of(1, 0, 0, 3), text: '', hidden: [1, 2] },
        { time: 9, direction: 'received', baudRate: 300, bytes: Uint8Array.of(6), text: '', parityErrors: [0] },
      ],
    },
  ],
  faults: [{ at: Date.UTC(2026, 10, 28), text: 'the store failed' }],
} as const;

test('has what was on the wire, with dots for secrets, and what went wrong', () => {
  const file: unknown = JSON.parse(supportFile(facts));
  expect(file).toMatchObject({
    app: { version: '1', commit: 'abc' },
    time: '2026-11-30T00:00:00.000Z',
    state: { records: { count: 3 } },
    faults: [{ time: '2026-11-28T00:00:00.000Z', text: 'the store failed' }],
    jobs: [
      {
        name: 'record 7 of g',
        wire: [
          '0.0 ms 300 Bd event 300 Bd',
          '5.3 ms 300 Bd sent 01 •• •• 03',
          '9.0 ms 300 Bd received 06 parity wrong at 0',
        ],
      },
    ],
  });
});

test('has how meters are read, and nothing that people wrote of them', () => {
  const text = supportFile(facts);
  expect(text).toContain('5@2400');
  expect(text).not.toMatch(/Doe|Cellar|dog/);
});

test('is made without a state too, and by a clock that is where no date is', () => {
  const { time } = JSON.parse(supportFile({ ...facts, state: undefined, at: 9e15 })) as { time: string };
  expect(time).toBe('9000000000000000');
});
