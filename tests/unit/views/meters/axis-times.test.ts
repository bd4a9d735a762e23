import { afterEach, expect, test, vi } from 'vitest';
import { axisTimes } from '../../../../src/views/meters/axis-times.ts';

afterEach(() => vi.unstubAllEnvs());

test('the hour that comes twice has its zone at each label', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  const first = Date.parse('2026-10-24T23:00:00Z') / 1000;
  const labels = axisTimes(
    [0, 1, 2, 3].map((hour) => first + 3600 * hour),
    3600,
    'en-GB',
  );
  expect(labels).toEqual(['01:00\n25 Oct', '02:00 CEST', '02:00 CET', '03:00']);
});
