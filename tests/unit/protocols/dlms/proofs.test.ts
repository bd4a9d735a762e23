import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { concatBytes, fromHex, fromLatin1, toHex } from '../../../../src/common/bytes.ts';
import { Secret } from '../../../../src/common/secret.ts';
import { accessOf } from '../../../../src/protocols/dlms/access.ts';
import { associationAnswerBytes, readAssociationRequest } from '../../../../src/protocols/dlms/apdu/association.ts';
import { initiateResponseBytes } from '../../../../src/protocols/dlms/apdu/initiate.ts';
import { dlmsSettings } from '../../../../src/protocols/dlms/settings.ts';

/** Mechanisms with a hash, against a meter that computes it by itself. */

const CHALLENGE = fromLatin1('meter asks this!');
const TITLE = fromLatin1('MTR00001');
const SECRET = fromLatin1('Secret 0 of meter');

type Side = readonly [own: Uint8Array, other: Uint8Array, challenge: Uint8Array, ownChallenge: Uint8Array];
const sha = (name: string, ...parts: readonly Uint8Array[]) =>
  new Uint8Array(
    createHash(name)
      .update(concatBytes(...parts))
      .digest(),
  );
const proofs = {
  'HLS 3': ([, , challenge]: Side) => sha('md5', challenge, SECRET),
  'HLS 4': ([, , challenge]: Side) => sha('sha1', challenge, SECRET),
  'HLS 6': ([own, other, challenge, ownChallenge]: Side) => sha('sha256', SECRET, own, other, challenge, ownChallenge),
} as const;

function meter(how: keyof typeof proofs, secret = SECRET) {
  let [title, asked] = [new Uint8Array(0), new Uint8Array(0)] as Uint8Array[];
  const proofBy = (side: Side) => proofs[how](side);
  return (message: Uint8Array): Promise<Uint8Array> => {
    if (message[0] === 0x60) {
      const request = readAssociationRequest(message);
      [title, asked] = [request.systemTitle ?? new Uint8Array(0), request.secret ?? new Uint8Array(0)];
      const information = initiateResponseBytes({ conformance: 0x00121d, mostBytes: 512, name: 7 });
      const accepted = { context: 1, result: 0, source: 'user', diagnostic: 14, mechanism: request.mechanism } as const;
      return Promise.resolve(
        associationAnswerBytes({ ...accepted, systemTitle: TITLE, challenge: CHALLENGE, information }),
      );
    }
    const given = toHex(message).slice(
      2 * (message.length - proofBy([must(title), TITLE, CHALLENGE, must(asked)]).length),
    );
    const isRight = secret === SECRET && given === toHex(proofBy([must(title), TITLE, CHALLENGE, must(asked)]));
    const own = proofBy([TITLE, must(title), must(asked), CHALLENGE]);
    return Promise.resolve(
      isRight
        ? concatBytes(fromHex('C701C100010009') ?? own, Uint8Array.of(own.length), own)
        : Uint8Array.of(0xc7, 1, 0xc1, 3, 0),
    );
  };
}
const must = (value: Uint8Array | undefined) => value ?? new Uint8Array(0);

async function associate(how: keyof typeof proofs, secret = SECRET) {
  const said: string[] = [];
  const access = await accessOf(dlmsSettings({ client: 1, security: how, protection: 'none' }), {
    secret: (name) => Promise.resolve(name === 'HLS secret' ? new Secret(secret) : undefined),
    secretSaid: (name, what) => Promise.resolve(void said.push(`${name} ${what}`)),
  });
  const failure: unknown = await access.associate(meter(how)).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { level: access.level, said, failure };
}

test.each(['HLS 3', 'HLS 4', 'HLS 6'] as const)(
  '%s proves the secret, and wants the proof of the meter',
  async (how) => {
    expect(await associate(how)).toEqual({
      level: `secret proved (${how}), not encrypted`,
      said: ['HLS secret taken'],
      failure: undefined,
    });
  },
);

test.each(['HLS 3', 'HLS 4', 'HLS 6'] as const)('%s with a wrong secret is refused, and so it is kept', async (how) => {
  const { said, failure } = await associate(how, fromLatin1('another'));
  expect(said).toEqual(['HLS secret refused']);
  expect(failure).toMatchObject({
    code: 4325383,
    message: expect.stringContaining('does not accept our proof') as string,
  });
});

test.each([
  ['our own challenge', (own: Uint8Array) => own, 'gives our own challenge back'],
  ['more with ours in it', (own: Uint8Array) => concatBytes(CHALLENGE, own), 'gives our own challenge back'],
  ['nothing', () => new Uint8Array(0), 'gives no challenge'],
] as const)('whoever asks %s is sent no proof, which would be his own', async (_name, asks, seen) => {
  for (const security of ['HLS 2', 'HLS 3', 'HLS 4', 'HLS 5', 'HLS 6'] as const) {
    const sent: Uint8Array[] = [];
    const key = new Secret(new Uint8Array(16).fill(7));
    const access = await accessOf(dlmsSettings({ client: 1, security, protection: 'none' }), {
      secret: (name) => Promise.resolve(name.endsWith('title') ? undefined : key),
      counter: () => {
        let last = 0;
        const next = () => Promise.resolve(++last);
        return Promise.resolve({
          title: fromLatin1('OHU00001'),
          last: 0,
          next,
          renew: () => Promise.reject(new Error()),
        });
      },
    });
    const mirror = (message: Uint8Array): Promise<Uint8Array> => {
      sent.push(message);
      if (message[0] !== 0x60)
        return Promise.resolve(concatBytes(fromHex('C701C100010009') ?? TITLE, message.slice(-17)));
      const { systemTitle = TITLE, secret = TITLE, mechanism } = readAssociationRequest(message);
      const information = initiateResponseBytes({ conformance: 0x00121d, mostBytes: 512, name: 7 });
      const accepted = { context: 1, result: 0, source: 'user', diagnostic: 14, mechanism, information } as const;
      return Promise.resolve(associationAnswerBytes({ ...accepted, systemTitle, challenge: asks(secret) }));
    };
    await expect(access.associate(mirror)).rejects.toThrow(seen);
    expect(sent).toHaveLength(1);
  }
});

test.each(['HLS 3', 'HLS 4', 'HLS 6'] as const)(
  '%s: no proof, and no challenge to try secrets on, is shown',
  async (how) => {
    const access = await accessOf(dlmsSettings({ client: 1, security: how, protection: 'none' }), {
      secret: () => Promise.resolve(new Secret(SECRET)),
    });
    const target = meter(how);
    const hiddenBytes: string[] = [];
    let challenge = '';
    await access.associate(async (message, hidden = []) => {
      if (message[0] === 0x60) challenge = toHex(must(readAssociationRequest(message).secret));
      hiddenBytes.push(...hidden.map(([from, to]) => toHex(message.subarray(from, to))));
      return await target(message);
    });
    expect(hiddenBytes).toHaveLength(2);
    expect(hiddenBytes[0]).toBe(challenge);
    expect(hiddenBytes[1]).toHaveLength({ 'HLS 3': 32, 'HLS 4': 40, 'HLS 6': 64 }[how]);
  },
);

test.each(['HLS 3', 'HLS 6'] as const)('%s: each association asks another challenge', async (how) => {
  const access = await accessOf(dlmsSettings({ client: 1, security: how, protection: 'none' }), {
    secret: () => Promise.resolve(new Secret(SECRET)),
  });
  const asked: string[] = [];
  for (let n = 0; n < 2; n++) {
    const target = meter(how);
    await access.associate(async (message) => {
      if (message[0] === 0x60) asked.push(toHex(must(readAssociationRequest(message).secret)));
      return await target(message);
    });
  }
  expect(new Set(asked).size).toBe(2);
});

test('a title by which the meter knows us counts for itself', async () => {
  const asked: unknown[] = [];
  const settings = { client: 1, security: 'HLS 5', protection: 'both', ownTitle: '4F50455241544F52' };
  await accessOf(dlmsSettings(settings), {
    secret: (name) => Promise.resolve(name.endsWith('title') ? undefined : new Secret(new Uint8Array(16).fill(7))),
    counter: (_, use, ownTitle) => {
      asked.push(use, toHex(must(ownTitle)));
      const none = () => Promise.reject(new Error('not asked'));
      return Promise.resolve({ title: must(ownTitle), last: undefined, next: none, renew: none });
    },
  });
  expect(asked).toEqual(['1 direct', '4F50455241544F52']);
});
