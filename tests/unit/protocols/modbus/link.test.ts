import { expect, test } from 'vitest';
import { PortError, type PortFailure } from '../../../../src/line/port.ts';
import { readRequest } from '../../../../src/protocols/modbus/frame.ts';
import { asModbusError, createLink, exchange } from '../../../../src/protocols/modbus/link.ts';
import { onBus } from './on-bus.ts';

test.each<[PortFailure, number]>([
  ['timeout', 196613],
  ['failed', 196612],
  ['lost', 196608],
])('a port that fails with “%s” while it sends is code %d', async (failure, code) => {
  await onBus([], async ({ line }) => {
    const broken = { ...line, write: () => Promise.reject(new PortError(failure, 'It hangs.', ['Plug it in again.'])) };
    const link = createLink(broken, { timeoutMs: 100, turnaroundMs: 0 });
    await expect(exchange(link, readRequest(1, 3, 0, 1))).rejects.toMatchObject({ code });
  });
});

test('a port that does not take its settings is code 196611', () => {
  const error = asModbusError(new PortError('unsupported', 'No such rate.'), new AbortController().signal);
  expect(error).toMatchObject({ code: 196611, message: 'The port failed: No such rate.' });
});
