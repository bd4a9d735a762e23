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
