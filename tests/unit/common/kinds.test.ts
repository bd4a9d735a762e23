import { expect, test } from 'vitest';
import type { MeterId, Milliseconds, PortId, PortNumber, Seconds } from '../../../src/common/kinds.ts';

test('what has a kind goes in where a plain one goes, and not for another kind', () => {
  const seconds: Seconds = 90;
  const milliseconds: Milliseconds = seconds * 1000;
  const port: PortNumber = 1;
  const meter: MeterId = 'm';
  const takesMs = (ms: Milliseconds) => ms;
  const takesPort = (id: PortId) => id;
  expect(takesMs(milliseconds)).toBe(90_000);
  // @ts-expect-error seconds are no milliseconds
  takesMs(seconds);
  // @ts-expect-error a port number is no time
  takesMs(port);
  // @ts-expect-error a meter is no port
  takesPort(meter);
});
