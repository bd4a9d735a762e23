import { aeskw } from '@noble/ciphers/aes.js';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, fromLatin1, toHex } from '../../src/common/bytes.ts';
import type { KeptCounter } from '../../src/common/kept-counter.ts';
import { MeterError } from '../../src/common/meter-error.ts';
import { readAssociationAnswer, readAssociationRequest } from '../../src/protocols/dlms/apdu/association.ts';
import { joinedBlocks, readTransferBlock } from '../../src/protocols/dlms/apdu/block-transfer.ts';
import { CounterError } from '../../src/protocols/dlms/apdu/exception.ts';
import { readPush } from '../../src/protocols/dlms/push/notification.ts';
import { hdlcReceiver } from '../../src/protocols/dlms/hdlc/receiver.ts';
import { withoutLlc } from '../../src/protocols/dlms/hdlc/segments.ts';
import { ciphered, deciphered } from '../../src/protocols/dlms/security/ciphered.ts';
import { withoutTag } from '../../src/protocols/dlms/security/gcm.ts';
import { hlsAnswer, isProved, type HlsSecret } from '../../src/protocols/dlms/security/hls.ts';
import { invocationCounter } from '../../src/protocols/dlms/security/counter.ts';
import { md5 } from '../../src/protocols/dlms/security/md5.ts';
import { protect, unprotect } from '../../src/protocols/dlms/security/protection.ts';
import { dlmsRecords, securityVectors } from './dlms-records.ts';

const bytes = (hex = '') => fromHex(hex) ?? new Uint8Array(0);
const none = bytes('');

describe.skipIf(securityVectors.length === 0)('published vectors (skipped where ../shared/vectors is absent)', () => {
  const vector = (id: string) => {
    const found = securityVectors.find((one) => one['id'] === id) ?? {};
    return { ...found, hex: (name: string) => bytes(found[name]) } as const;
  };

  test.each([
    ['sec-001', 0x30, 'cipher_and_tag'],
    ['sec-103', 0x20, 'cipher'],
  ])('%s is protected and opened', (id, control, expected) => {
    const { hex } = vector(id);
    const keys = {
      title: hex('system_title'),
      key: hex('EK'),
      authenticationKey: bytes('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF'),
    };
    const text = protect(hex('plain'), { ...keys, control, counter: 0x01234567 });
    expect(toHex(text)).toBe(toHex(Uint8Array.of(control)) + '01234567' + toHex(hex(expected)));
    expect(unprotect(text, keys)).toMatchObject({
      plain: hex('plain'),
      counter: 0x01234567,
      isAuthenticated: control === 0x30,
    });
    const changed = text.with(6, (text[6] ?? 0) ^ 1);
    if (control === 0x30) expect(() => unprotect(changed, keys)).toThrow(MeterError);
  });

  test('a message of a kind is in the envelope of its kind', () => {
    const { hex } = vector('sec-103');
    const protection = { control: 0x20, counter: 0x01234567, title: hex('system_title'), key: hex('EK') };
    expect(toHex(ciphered(hex('plain'), 'global', 'by kind', protection))).toBe(toHex(hex('glo')));
  });

  const gmac = (id: string, title: string) => {
    const { hex } = vector(id);
    const secret: HlsSecret = {
      mechanism: 5,
      key: hex('EK'),
      authenticationKey: hex('AK'),
    };
    return hlsAnswer(
      secret,
      { challenge: hex('challenge'), ownChallenge: none, title: hex(title), otherTitle: none },
      Number.parseInt(toHex(hex('invocation_counter')), 16),
    );
  };
  test('passes 3 and 4 of mechanism 5', async () => {
    expect(toHex(await gmac('sec-002', 'client_system_title'))).toBe(
      `1000000001${toHex(vector('sec-002').hex('gmac'))}`,
    );
    expect(toHex(await gmac('sec-101', 'server_system_title'))).toBe(toHex(vector('sec-101').hex('f')));
  });

  test.each(['sec-108', 'sec-109'])('%s: the text of general-ciphering', (id) => {
    const { hex } = vector(id);
    const nonce = concatBytes(hex('system_title'), hex('invocation_counter'));
    expect(toHex(withoutTag(hex('EK'), nonce, hex('plain')))).toBe(
      toHex(hex('cipher_and_tag')).slice(0, 2 * hex('plain').length),
    );
  });

  test('mechanism 2 fills secret and challenge with zeros', async () => {
    const { hex, ...fields } = vector('sec-110');
    const secret: HlsSecret = {
      mechanism: 2,
      secret: fromLatin1((fields as Record<string, string>)['secret_ascii'] ?? ''),
    };
    const proof = { challenge: hex('challenge'), ownChallenge: none, title: none, otherTitle: none };
    expect(toHex(await hlsAnswer(secret, proof, 0))).toBe(toHex(hex('response')));
    const longer = vector('sec-111');
    const answer = await hlsAnswer(
      { mechanism: 2, secret: longer.hex('secret') },
      { ...proof, challenge: longer.hex('challenge') },
      0,
    );
    // The second block is not ECB there, a fault of those who made it.
    expect(toHex(answer).slice(0, 32)).toBe(toHex(longer.hex('response')).slice(0, 32));
  });

  test('a key is wrapped as AES key wrap says', () => {
    const { hex } = vector('sec-104');
    expect(toHex(aeskw(hex('KEK')).encrypt(hex('plain')))).toBe(toHex(hex('wrapped')));
  });
});

test('hashes with a secret', async () => {
  expect(toHex(md5(none))).toBe('D41D8CD98F00B204E9800998ECF8427E');
  expect(toHex(md5(fromLatin1('1234567890'.repeat(8))))).toBe('57EDF4A22BE3C955AC49DA2E2107B67A');
  const proof = { challenge: fromLatin1('ab'), ownChallenge: bytes('01'), title: bytes('02'), otherTitle: bytes('03') };
  for (const mechanism of [2, 3, 4, 6] as const) {
    const secret: HlsSecret = { mechanism, secret: fromLatin1('c') };
    const answer = await hlsAnswer(secret, proof, 0);
    if (mechanism === 3) expect(toHex(answer)).toBe('900150983CD24FB0D6963F7D28E17F72');
    if (mechanism === 4) expect(toHex(answer)).toBe('A9993E364706816ABA3E25717850C26C9CD0D89D');
    expect(await isProved(secret, proof, answer)).toBe(true);
    expect(await isProved(secret, proof, answer.with(3, (answer[3] ?? 0) ^ 1))).toBe(false);
  }
});

const sessions = dlmsRecords.filter(
  ({ keys, apdus }) => keys?.['encryption_key'] !== undefined && apdus?.some(({ decrypted }) => decrypted?.plain),
);

describe.skipIf(sessions.length === 0)('recorded sessions (skipped where ../shared/vectors is absent)', () => {
  test.each(sessions.map((session) => [session.id, session] as const))(
    '%s is deciphered',
    (_id, { apdus = [], keys = {} }) => {
      let found = 0;
      for (const { hex, decrypted, decrypted_user_information: information } of apdus) {
        const expected = decrypted ?? information;
        if (expected?.plain === undefined) continue;
        const message = bytes(hex);
        const envelope =
          decrypted !== undefined
            ? message
            : message[0] === 0x60
              ? readAssociationRequest(message).information
              : message[0] === 0x61
                ? readAssociationAnswer(message).information
                : undefined;
        if (!envelope) continue;
        found++;
        const opened = deciphered(envelope, {
          global: bytes(keys['encryption_key']),
          dedicated: bytes(keys['dedicated_key']),
          authentication: bytes(keys['authentication_key']),
          title: bytes(expected.system_title),
        });
        expect(opened && toHex(opened.plain).toLowerCase()).toBe(expected.plain);
        expect(opened).toMatchObject({
          isAuthenticated: true,
          use: expected.key,
          counter: Number.parseInt(expected.invocation_counter, 16),
        });
      }
      expect(found).toBeGreaterThan(0);
    },
  );

  const handshakes = dlmsRecords.filter(({ hls }) => hls);
  test.each(handshakes.map((session) => [session.id, session] as const))(
    '%s: both sides prove their secret',
    async (_id, { hls = {}, keys = {} }) => {
      const field = (name: string) => bytes(String(hls[name] ?? ''));
      const secret: HlsSecret =
        hls['mechanism'] === 5
          ? { mechanism: 5, key: bytes(keys['encryption_key']), authenticationKey: bytes(keys['authentication_key']) }
          : { mechanism: 2, secret: fromLatin1(String(hls['secret_ascii'])) };
      const [client, server] = [field('client_system_title'), field('server_system_title')];
      const ours = { challenge: field('stoc'), ownChallenge: field('ctos'), title: client, otherTitle: server };
      const theirs = { challenge: field('ctos'), ownChallenge: field('stoc'), title: server, otherTitle: client };
      expect(await isProved(secret, ours, field('f_stoc'))).toBe(true);
      expect(await isProved(secret, theirs, field('f_ctos'))).toBe(true);
      expect(await isProved(secret, ours, field('f_ctos'))).toBe(false);
    },
  );

  test('a push with keys is joined, deciphered and read', () => {
    const { hex, keys = {} } = dlmsRecords.find(({ id }) => id === 'dlms-165') ?? { hex: '' };
    const receiver = hdlcReceiver();
    const frames = [...bytes(hex)].flatMap((byte) => receiver.take(byte));
    const message = joinedBlocks(frames.map(({ info }) => readTransferBlock(withoutLlc(info))));
    const opened = deciphered(message, {
      global: bytes(keys['encryption_key']),
      authentication: bytes(keys['authentication_key']),
    });
    expect(opened).toMatchObject({ isAuthenticated: true, counter: 707715 });
    expect(readPush(opened?.plain ?? none)).toMatchObject({ values: { length: 17 } });
    const wrong = { global: bytes('00'.repeat(16)), authentication: bytes(keys['authentication_key']) };
    expect(() => deciphered(message, wrong)).toThrow(/^The encryption key \(EK\) does not fit/);
    expect(() =>
      deciphered(message, { global: bytes(keys['encryption_key']), authentication: bytes('00'.repeat(16)) }),
    ).toThrow(/^The authentication key \(AK\) does not fit/);
    // The encryption key alone: read, and said that nothing vouches for it.
    expect(deciphered(message, { global: bytes(keys['encryption_key']) })).toMatchObject({
      isAuthenticated: false,
      plain: opened?.plain,
    });
  });
});

describe('the invocation counter', () => {
  const onDisk = (last: number | undefined, log: string[] = [], title = 1): KeptCounter => ({
    title: Uint8Array.of(title),
    last,
    next: (after) => {
      log.push(`saved ${after + 1}`);
      return Promise.resolve(after + 1);
    },
    renew: (behind) => Promise.resolve(onDisk(behind, log, title + 1)),
  });

  test('is saved before it is used, and goes on from what the meter expects', async () => {
    const log: string[] = [];
    const counter = invocationCounter(onDisk(41, log));
    for (let count = 0; count < 2; count++) log.push(`used ${await counter.next()}`);
    counter.expect(new CounterError(1000).expected ?? 0);
    log.push(`used ${await counter.next()}`);
    expect(log).toEqual(['saved 42', 'used 42', 'saved 43', 'used 43', 'saved 1000', 'used 1000']);
    // A number is never used twice, whoever asks for it.
    expect(() => counter.expect(1000)).toThrow('never used twice');
    expect(() => counter.expect(10)).toThrow(CounterError);
    expect(await counter.next()).toBe(1001);
  });

  test('goes on behind what the meter took of others, and never back', async () => {
    const counter = invocationCounter(onDisk(41));
    await counter.seen(60);
    expect([await counter.next(), ...counter.title]).toEqual([61, 1]);
    // A lower number comes again under another title only: no nonce does.
    await counter.seen(5);
    expect([await counter.next(), ...counter.title]).toEqual([6, 2]);
    const named = invocationCounter(onDisk(41), 0, Uint8Array.of(9));
    await named.seen(5);
    expect([await named.next(), ...named.title]).toEqual([42, 9]);
  });

  test('takes whatever the meter says where there was none, and a far one by agreement only', async () => {
    const first = invocationCounter(onDisk(undefined));
    await first.seen(262150);
    expect(await first.next()).toBe(262151);
    const known = invocationCounter(onDisk(10));
    await expect(known.seen(262150)).rejects.toThrow('The meter’s counter is 262151, yours 10.');
    expect(await known.next()).toBe(11);
    const agreed = invocationCounter(onDisk(10), 262151);
    await agreed.seen(262150);
    expect(await agreed.next()).toBe(262151);
    await expect(agreed.seen(900_000)).rejects.toThrow(CounterError);
  });

  test('is not given out where it cannot be saved, and never begins anew', async () => {
    const full = invocationCounter({ ...onDisk(1), next: () => Promise.reject(new Error('disk full')) });
    await expect(full.next()).rejects.toThrow('disk full');
    await expect(invocationCounter(onDisk(2 ** 32 - 1)).next()).rejects.toThrow(MeterError);
  });
});
