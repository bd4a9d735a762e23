import { ecb, gcm } from '@noble/ciphers/aes.js';
import { concatBytes, fromLatin1, toHex } from '../../../common/bytes.ts';
import { lengthBytes } from '../axdr/cursor.ts';
import { meterServer, type MeterKeys, type MeterSpec, type SimulatedObject } from './server.ts';

type Server = (message: Uint8Array) => Uint8Array;

const PUBLIC = 16;
const TAG_BYTES = 12;
const AUTHENTICATED_ENCRYPTED = 0x30;
const AUTHENTICATED = 0x10;
/** General ciphering of the whole message, which is agreed on where the client proposes it. */
const GENERAL_PROTECTION = 0x40;
const NOTHING = new Uint8Array(0);
const CHALLENGE = fromLatin1('OHU challenge 16');
const ANSWER_TAG = 0x20;
/** Plain tags by ciphered ones, with the global key and with the dedicated one. */
const requests: Readonly<Record<number, readonly [plain: number, answer: number, isDedicated: boolean]>> = {
  0xc8: [0xc0, 0xcc, false],
  0xc9: [0xc1, 0xcd, false],
  0xcb: [0xc3, 0xcf, false],
  0xd0: [0xc0, 0xd4, true],
  0xd1: [0xc1, 0xd5, true],
  0xd3: [0xc3, 0xd7, true],
};

const number32 = (value: number) => Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
const sized = (bytes: Uint8Array) => concatBytes(lengthBytes(bytes.length), bytes);
const field = (tag: number, ...parts: readonly Uint8Array[]) =>
  concatBytes(Uint8Array.of(tag), sized(concatBytes(...parts)));

/** Fields of BER, one after the other: tag, length below 128 or in one more byte, contents. */
function fieldsOf(bytes: Uint8Array): Map<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  for (let at = 0; at + 1 < bytes.length;) {
    const [tag = 0, short = 0, long = 0] = bytes.subarray(at);
    const [head, length] = short === 0x81 ? [3, long] : [2, short];
    fields.set(tag, bytes.subarray(at + head, at + head + length));
    at += head + length;
  }
  return fields;
}

/** Length and contents of a ciphered text behind its tag. */
function bodyOf(bytes: Uint8Array): Uint8Array {
  const [short = 0, one = 0, two = 0] = bytes;
  if (short === 0x81) return bytes.subarray(2, 2 + one);
  if (short === 0x82) return bytes.subarray(3, 3 + one * 256 + two);
  return bytes.subarray(1, 1 + short);
}

/**
 * A meter that lets nobody but the public client in without the keys; that one sees clock, names and counter. Of the device,
 * not of a connection: the numbers that it took it never takes again.
 */
export function protectedMeter(spec: MeterSpec, keys: MeterKeys): (client: number, now: () => number) => Server {
  const { suite = 0, secret, control: usual = AUTHENTICATED_ENCRYPTED } = keys;
  const isTagged = (usual & AUTHENTICATED) !== 0;
  const isClosed = usual !== AUTHENTICATED;
  const wanted = secret ? 2 : 5;
  let taken = keys.counter;
  let sent = 0;
  const counter: SimulatedObject = {
    classId: 1,
    version: 0,
    name: Uint8Array.of(0, 0, 43, 1, keys.counterAt ?? 0, 255),
    attributes: { 2: () => ({ type: 'uint32', value: taken }) },
  };
  const open: MeterSpec = {
    ...spec,
    objects: [
      ...(keys.hidesCounter === true ? [] : [counter]),
      ...spec.objects.filter(({ classId, name }) => classId === 8 || toHex(name) === '00002A0000FF'),
    ],
  };
  const whole: MeterSpec = { ...spec, objects: [counter, ...spec.objects] };

  const cipher = (key: Uint8Array, title: Uint8Array, count: Uint8Array, more: Uint8Array) =>
    gcm(key, concatBytes(title, count), more);

  /** What the tag covers beside the cipher: of a readable text, the text too. */
  const moreOf = (control: Uint8Array, plain: Uint8Array) =>
    concatBytes(control, keys.authentication, isClosed ? NOTHING : plain);

  function protect(plain: Uint8Array, key: Uint8Array): Uint8Array {
    const count = number32(++sent);
    const control = Uint8Array.of(usual | suite);
    const sealed = cipher(key, keys.title, count, moreOf(control, plain)).encrypt(isClosed ? plain : NOTHING);
    const tag = isTagged ? sealed.subarray(isClosed ? plain.length : 0).subarray(0, TAG_BYTES) : NOTHING;
    return concatBytes(control, count, isClosed ? sealed.subarray(0, plain.length) : plain, tag);
  }

  function openWith(key: Uint8Array, title: Uint8Array, text: Uint8Array): Uint8Array | Refusal {
    const [control = 0] = text;
    const count = text.subarray(1, 5);
    const value = new DataView(count.slice().buffer).getUint32(0);
    if (control !== (usual | suite)) return 'deciphering';
    const body = text.subarray(5, isTagged ? -TAG_BYTES : undefined);
    const head = Uint8Array.of(control);
    // The cipher is a stream: enciphered again it is the text, whose tag can then be compared.
    const plain = isClosed
      ? cipher(key, title, count, moreOf(head, NOTHING)).encrypt(body).slice(0, body.length)
      : body.slice();
    const sealed = cipher(key, title, count, moreOf(head, plain)).encrypt(isClosed ? plain : NOTHING);
    const tag = sealed.subarray(isClosed ? plain.length : 0).subarray(0, TAG_BYTES);
    if (isTagged && toHex(tag) !== toHex(text.subarray(-TAG_BYTES))) return 'deciphering';
    if (value <= taken) return 'counter';
    taken = value;
    return plain;
  }

  const enciphered = (key: Uint8Array, challenge: Uint8Array) => ecb(key, { disablePadding: true }).encrypt(challenge);

  type Refusal = 'deciphering' | 'counter';
  const refused = (why: Refusal) =>
    why === 'counter'
      ? concatBytes(Uint8Array.of(0xd8, 0x01, 0x06), number32(taken + 1))
      : Uint8Array.of(0xd8, 0x01, 0x05);

  const gmac = (title: Uint8Array, count: Uint8Array, challenge: Uint8Array) => {
    const control = Uint8Array.of(AUTHENTICATED | suite);
    const more = concatBytes(control, keys.authentication, challenge);
    return concatBytes(
      control,
      count,
      cipher(keys.encryption, title, count, more).encrypt(NOTHING).subarray(0, TAG_BYTES),
    );
  };

  return (client, now) => {
    if (client === PUBLIC) return meterServer(open, client, now);
    const inner = meterServer(whole, client, now);
    let title: Uint8Array = NOTHING;
    let asked: Uint8Array = NOTHING;
    let dedicated: Uint8Array | undefined;
    let state: 'out' | 'to prove' | 'in' = 'out';

    function associate(message: Uint8Array): Uint8Array {
      const fields = fieldsOf(bodyOf(message.subarray(1)));
      const context = fields.get(0xa1)?.at(-1);
      const mechanism = fields.get(0x8b)?.at(-1);
      title = (fields.get(0xa6) ?? NOTHING).slice(2);
      asked = (fields.get(0xac) ?? NOTHING).slice(2);
      const information = (fields.get(0xbe) ?? NOTHING).slice(2);
      [state, dedicated] = ['out', undefined];
      if (mechanism === undefined) return accepted(1, 14);
      if (context !== 3) return accepted(1, 2);
      if (mechanism !== wanted) return accepted(1, 11);
      if (title.length !== 8 || information[0] !== 0x21) return accepted(1, 3);
      const initiate = openWith(keys.encryption, title, bodyOf(information.subarray(1)));
      if (initiate === 'counter') return refused(initiate);
      if (initiate === 'deciphering') return accepted(1, 13);
      if (initiate[1] === 1) dedicated = initiate.slice(3, 3 + (initiate[2] ?? 0));
      state = 'to prove';
      // The half of it that the standard leaves to the plain server: what can be asked at all.
      inner(Uint8Array.from([0x60, 0x1d, ...PLAIN_REQUEST]));
      return accepted(0, 14);
    }

    function accepted(result: number, diagnostic: number): Uint8Array {
      const initiate = Uint8Array.of(0x08, 0, 6, 0x5f, 0x1f, 4, 0, GENERAL_PROTECTION, 0x12, 0x1d, 2, 0, 0, 7);
      const name = (group: number, value: number) =>
        field(0x06, Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08, group, value));
      const ours = [
        field(0xa4, field(0x04, keys.title)),
        Uint8Array.of(0x88, 2, 7, 0x80),
        field(0x89, name(2, wanted).subarray(2)),
        field(0xaa, field(0x80, CHALLENGE)),
        field(0xbe, field(0x04, field(0x08 + ANSWER_TAG, protect(initiate, keys.encryption)))),
      ];
      return field(
        0x61,
        field(0xa1, name(1, 3)),
        Uint8Array.of(0xa2, 3, 2, 1, result),
        Uint8Array.of(0xa3, 5, 0xa1, 3, 2, 1, diagnostic),
        ...(result === 0 ? ours : []),
      );
    }

    /** ACTION of the association's first method: our side of the proof, and the meter's own in return. */
    function prove(plain: Uint8Array): Uint8Array {
      const [, , id = 0] = plain;
      const given = plain.slice(secret ? -CHALLENGE.length : -17);
      const count = given.subarray(1, 5);
      const right = secret ? enciphered(secret, CHALLENGE) : gmac(title, count, CHALLENGE);
      if (toHex(right) !== toHex(given)) return Uint8Array.of(0xc7, 1, id, 3, 0);
      state = 'in';
      if (!secret) taken = Math.max(taken, new DataView(count.slice().buffer).getUint32(0));
      const proof = secret ? enciphered(secret, asked) : gmac(keys.title, number32(++sent), asked);
      return concatBytes(Uint8Array.of(0xc7, 1, id, 0, 1, 0, 0x09, proof.length), proof);
    }

    function ask(plain: Uint8Array): Uint8Array {
      if (state === 'to prove' && plain[0] === 0xc3) return prove(plain);
      return state === 'in' ? inner(plain) : Uint8Array.of(0xd8, 0x01, 0x02);
    }

    return (message) => {
      const [tag = 0, titleLength = 0] = message;
      if (tag === 0x60) return associate(message);
      if (tag === 0x62) {
        state = 'out';
        return Uint8Array.of(0x63, 3, 0x80, 1, 0);
      }
      const isGeneral = tag === 0xdb || tag === 0xdc;
      const row = requests[tag];
      if (!isGeneral && !row) return Uint8Array.of(0xd8, 0x01, 0x02);
      const key = (isGeneral ? tag === 0xdc : row?.[2]) === true ? dedicated : keys.encryption;
      if (!key) return refused('deciphering');
      const text = bodyOf(message.subarray(isGeneral ? 2 + titleLength : 1));
      const plain = openWith(key, title, text);
      if (typeof plain === 'string') return refused(plain);
      const answer = ask(plain);
      // A refusal as a whole is no answer, and goes as it is.
      if (answer[0] === 0xd8) return answer;
      const body = sized(protect(answer, key));
      return isGeneral
        ? concatBytes(Uint8Array.of(tag, keys.title.length), keys.title, body)
        : concatBytes(Uint8Array.of(row?.[1] ?? 0), body);
    };
  };
}

/** An association of a client without security, behind tag and length. */
const PLAIN_REQUEST = [
  ...[0xa1, 0x09, 0x06, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x01, 0x01],
  ...[0xbe, 0x10, 0x04, 0x0e, 0x01, 0, 0, 0, 6, 0x5f, 0x1f, 4, 0, 0, 0x1e, 0x1d, 0xff, 0xff],
];
