import { expect, test } from 'vitest';
import { fromLatin1, toLatin1 } from '../../../../../src/common/bytes.ts';
import { MeterError } from '../../../../../src/common/meter-error.ts';
import { Secret } from '../../../../../src/common/secret.ts';
import { parseIecAddress } from '../../../../../src/protocols/iec62056-21/address.ts';
import { readIec } from '../../../../../src/protocols/iec62056-21/session.ts';
import { defaultIecSettings } from '../../../../../src/protocols/iec62056-21/settings.ts';
import { withPassword } from '../../../../../src/protocols/iec62056-21/simulated/devices.ts';
import { traceLines } from '../../../../../src/protocols/iec62056-21/wire-text.ts';
import { onLine } from '../../on-line.ts';

type SecretOf = (name: string) => Promise<Secret | undefined>;

const read = (secret: SecretOf, wanted: 'profile' | 'table' = 'profile') =>
  onLine(
    withPassword,
    async ({ line }) => {
      const settings = { ...defaultIecSettings, read: wanted, days: 1 } as const;
      const told: string[] = [];
      const secretSaid = (name: string, how: string) => {
        told.push(`${name} ${how}`);
        return Promise.resolve();
      };
      const readout = await readIec(line, parseIecAddress(''), settings, { secret, secretSaid });
      const { entries } = line.trace;
      const sent = entries.filter(({ direction }) => direction === 'sent').map(({ bytes }) => toLatin1(bytes));
      return { readout, sent, told, shown: JSON.stringify([sent, traceLines(entries), readout]) };
    },
    { baudRate: 300, framing: '7E1' },
  );

const kept =
  (text: string): SecretOf =>
  (name) =>
    Promise.resolve(name === 'password' ? new Secret(fromLatin1(text)) : undefined);

test('the password that is kept for the meter opens its load profile, and shows nowhere', async () => {
  const { readout, sent, told, shown } = await read(kept('12345678'));
  expect(told).toEqual(['password taken']);
  expect(readout.errorCode).toBe(0);
  expect(readout.data).toContain('P.01');
  expect(sent.filter((text) => text.startsWith('\x01P1'))).toHaveLength(1);
  expect(shown).not.toContain('12345678');
  expect(shown).toContain('••');
});

test('a wrong one is sent once: meters lock', async () => {
  const { readout, sent, told } = await read(kept('87654321'));
  expect(told).toEqual(['password refused']);
  expect(readout.errorCode).toBe(1);
  expect(readout.circumstances?.hint).toMatch(/lock/);
  expect(sent.filter((text) => text.startsWith('\x01P1'))).toHaveLength(1);
});

test.each(['secret!9', 'sec(ret9', 'secret)9', 'secr\xe9t9', 'secret\x03\x71', 'secret9'.repeat(9)])(
  'one that no command can carry (%j) is not sent, and shows in no message, hint or note',
  async (text) => {
    const { readout, sent, shown } = await read(kept(text));
    expect(readout.errorCode).toBe(1);
    expect(readout.circumstances?.message).toContain('password');
    expect(readout.circumstances?.hint).toContain('Passwords and keys');
    expect(shown).not.toContain('sec');
    expect(sent.filter((one) => one.startsWith('\x01P1'))).toHaveLength(0);
    expect(sent.at(-1)).toBe('\x01B0\x03q');
  },
);

test('one that is locked keeps the meter from being asked at all', async () => {
  const locked = () => Promise.reject(new MeterError(1, 'Passwords and keys are locked.', { hint: 'Unlock them.' }));
  const { readout, sent } = await read(locked);
  expect(readout).toMatchObject({ errorCode: 1, circumstances: { message: 'Passwords and keys are locked.' } });
  expect(sent).toEqual([]);
  // The table needs none.
  expect((await read(locked, 'table')).readout.errorCode).toBe(0);
});
