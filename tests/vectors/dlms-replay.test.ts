import { describe, expect, test } from 'vitest';
import { fromHex, fromLatin1, toHex } from '../../src/common/bytes.ts';
import type { KeptCounter } from '../../src/common/kept-counter.ts';
import { MeterError } from '../../src/common/meter-error.ts';
import { nameOf } from '../../src/protocols/dlms/apdu/attribute.ts';
import { CounterError } from '../../src/protocols/dlms/apdu/exception.ts';
import { readAssociationRequest } from '../../src/protocols/dlms/apdu/association.ts';
import { readInitiateRequest } from '../../src/protocols/dlms/apdu/initiate.ts';
import { associateCiphered } from '../../src/protocols/dlms/ciphered-client.ts';
import type { Exchange } from '../../src/protocols/dlms/client.ts';
import { invocationCounter } from '../../src/protocols/dlms/security/counter.ts';
import { dlmsRecords, type DlmsRecord } from './dlms-records.ts';

/** Recorded sessions of others: our client has to send the same bytes, and to understand the answers. */

const bytes = (hex = '') => fromHex(hex) ?? new Uint8Array(0);
const clock = { classId: 8, name: nameOf('0-0:1.0.0') ?? new Uint8Array(6) };

function replay({ apdus = [] }: DlmsRecord, spoil?: (answer: Uint8Array, at: number) => Uint8Array) {
  const sent: string[] = [];
  const exchange: Exchange = (message) => {
    const at = 2 * sent.length;
    sent.push(toHex(message).toLowerCase());
    expect(sent.at(-1)).toBe(apdus[at]?.hex);
    const answer = bytes(apdus[at + 1]?.hex);
    return Promise.resolve(spoil ? spoil(answer, at / 2) : answer);
  };
  return { exchange, sent };
}

const counted = (last: number, onNext?: (number: number) => void): KeptCounter => ({
  title: fromLatin1('OpenHHU1'),
  last,
  next: (after) => {
    onNext?.(after + 1);
    return Promise.resolve(after + 1);
  },
  renew: () => Promise.reject(new Error('not here')),
});

function ownOf({ apdus = [], keys = {}, hls = {} }: DlmsRecord) {
  const first = apdus[0]?.decrypted_user_information;
  const { conformance } = readInitiateRequest(bytes(first?.plain));
  const used = Number.parseInt(first?.invocation_counter ?? '0', 16);
  return {
    key: bytes(keys['encryption_key']),
    authenticationKey: bytes(keys['authentication_key']),
    ...(keys['dedicated_key'] === undefined ? {} : { dedicatedKey: bytes(keys['dedicated_key']) }),
    title: fromLatin1('OpenHHU1'),
    challenge: bytes(String(hls['ctos'] ?? toHex(readAssociationRequest(bytes(apdus[0]?.hex)).secret ?? bytes()))),
    counter: invocationCounter(counted(used - 1)),
    control: 0x30,
    proof: { mechanism: 5 } as const,
    conformance,
    // That client numbered all its requests alike.
    numbers: () => 1,
  };
}

const sessions = ['dlmsx-056', 'dlmsx-058'].flatMap((id) => dlmsRecords.filter((record) => record.id === id));

describe.skipIf(sessions.length === 0)('ciphered sessions (skipped where ../shared/vectors is absent)', () => {
  test.each(sessions.map((record) => [record.id, record] as const))('%s', async (_id, record) => {
    const { exchange, sent } = replay(record);
    const association = await associateCiphered(exchange, ownOf(record));
    const time = await association.get({ attribute: { ...clock, number: 2 } });
    expect(time).toMatchObject({ kind: 'data' });
    await association.get({ attribute: { ...clock, number: 3 } });
    expect(sent).toHaveLength(4);
  });

  const [session] = sessions;
  test.runIf(session)('a meter that does not prove its keys, or changes a byte, is not believed', async () => {
    if (!session) return;
    for (const at of [0, 1, 2]) {
      const { exchange } = replay(session, (answer, index) => {
        const last = answer.length - 1;
        return index === at ? answer.with(last, (answer[last] ?? 0) ^ 1) : answer;
      });
      const run = async () => {
        const association = await associateCiphered(exchange, ownOf(session));
        return await association.get({ attribute: { ...clock, number: 2 } });
      };
      await expect(run()).rejects.toMatchObject({ code: 4325385 });
    }
  });

  test.runIf(session)('an answer without protection is not believed', async () => {
    if (!session) return;
    const { exchange } = replay(session, (answer, index) => (index === 2 ? bytes('c401c10011ff') : answer));
    const association = await associateCiphered(exchange, ownOf(session));
    await expect(association.get({ attribute: { ...clock, number: 2 } })).rejects.toThrow('without protection');
  });

  test('a counter far above ours is a question to a person, and goes on where he agrees', async () => {
    const refused = dlmsRecords.find(({ id }) => id === 'dlmsx-060');
    if (!refused) throw new Error('not there');
    const numbersWith = async (agreed: number) => {
      const numbers: number[] = [];
      const counter = invocationCounter(
        counted(10, (number) => numbers.push(number)),
        agreed,
      );
      const own = { ...ownOf(refused), counter, conformance: 0 };
      const exchange = () => Promise.resolve(bytes(refused.apdus?.[1]?.hex));
      const error: unknown = await associateCiphered(exchange, own).catch((reason: unknown) => reason);
      return { error, numbers };
    };
    const asked = await numbersWith(0);
    expect(asked.error).toBeInstanceOf(CounterError);
    expect(asked.error).toBeInstanceOf(MeterError);
    expect(asked).toMatchObject({
      error: {
        message: 'The meter’s counter is 262151, yours 11.',
        offer: { label: 'Go on with 262151', set: { counterUpTo: 262151 } },
      },
      numbers: [11],
    });
    // One that goes on asking for the number it was given is not followed.
    expect(await numbersWith(262151)).toMatchObject({ error: { expected: 262151 }, numbers: [11, 262151] });
  });
});
