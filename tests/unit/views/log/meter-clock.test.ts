import { afterEach, expect, it, vi } from 'vitest';
import { decodeIec } from '../../../../src/protocols/iec62056-21/decode.ts';
import { clockWords } from '../../../../src/views/log/meter-clock.ts';

const at = Date.UTC(2026, 10, 30, 12, 0, 10) / 1000;
const words = (data: string, durationMs: number | undefined = 4000) =>
  clockWords(decodeIec({ identification: '', data }), { time: at, durationMs });

it('a clock that was read is shown with how far it may be off', () => {
  expect(words('0.9.1(2120040)\r\n0.9.2(2261130)\r\n')).toMatch(
    /said 2026-11-30 12:00:40: 30\.5 s ahead \(± 5\.5 s\); how right/,
  );
  expect(words('0.9.1(2120009)\r\n0.9.2(2261130)\r\n')).toContain('right, as far as can be told');
  expect(words('0.9.1(120040)\r\n0.9.2(261130)\r\n')).toContain('30.5 s ahead');
});

afterEach(() => vi.unstubAllEnvs());

it('one that was not put back in autumn is an hour ahead', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  expect(words('0.9.1(140010)\r\n0.9.2(261130)\r\n')).toContain('60 min 1 s ahead');
  expect(words('0.9.1(130010)\r\n0.9.2(261130)\r\n')).toContain('right, as far as can be told');
});

it('nothing is said without a date, of a record that tells no duration, or of what nothing vouches for', () => {
  expect(words('0.9.1(2120040)\r\n')).toBeUndefined();
  const unsure = decodeIec({
    identification: '',
    data: '0.9.1(2120040)\r\n0.9.2(2261130)\r\n',
    circumstances: { blockCheck: 'bad' },
  });
  expect(clockWords(unsure, { time: at, durationMs: 1000 })).toBeUndefined();
  expect(
    clockWords(decodeIec({ identification: '', data: '0.9.1(2120040)\r\n0.9.2(2261130)\r\n' }), {
      time: at,
      durationMs: undefined,
    }),
  ).toBeUndefined();
});
