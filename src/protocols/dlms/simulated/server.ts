import { toHex } from '../../../common/bytes.ts';
import { MeterError } from '../../../common/meter-error.ts';
import { associationAnswerBytes, readAssociationRequest, RELEASED } from '../apdu/association.ts';
import { actionResponseBytes, readActionRequest } from '../apdu/action.ts';
import { attributeAt, nameText, type Attribute, type Selection } from '../apdu/attribute.ts';
import { getResponseBytes, readGetRequest, type Result, type Wanted } from '../apdu/get.ts';
import { initiateResponseBytes } from '../apdu/initiate.ts';
import { cursorOver } from '../axdr/cursor.ts';
import type { Data } from '../axdr/data.ts';
import { dataIn } from '../axdr/read-data.ts';
import { dataBytes } from '../axdr/write-data.ts';
import type { HdlcAddress } from '../hdlc/address.ts';

/** An object of the meter: its values by the number of the attribute, as they are at a wall clock time. */
export interface SimulatedObject {
  readonly classId: number;
  readonly version: number;
  /** Six bytes. */
  readonly name: Uint8Array;
  readonly attributes: Readonly<Record<number, (time: number) => Data>>;
  /** A part of its second attribute; undefined: refused. Absent: it gives parts of nothing. */
  readonly select?: (time: number, selection: Selection) => Data | undefined;
  /** Takes a value for an attribute: 0, or a reason against it. Absent: none can be written. */
  readonly write?: (number: number, value: Data, time: number) => number;
  /** Likewise of a method. */
  readonly act?: (number: number, parameter: Data | undefined) => number;
}

/** What a meter with high level security (mechanism 5) and ciphering has. */
export interface MeterKeys {
  /** 2: AES-256; absent: 0. */
  readonly suite?: 0 | 1 | 2;
  /** Sixteen bytes each, with suite 2 thirty-two. */
  readonly encryption: Uint8Array;
  readonly authentication: Uint8Array;
  /** Eight bytes. */
  readonly title: Uint8Array;
  /** The number of the last message it took, when it is made. */
  readonly counter: number;
  /** How every message is protected: 10 authenticated, 20 enciphered; absent: both. */
  readonly control?: 0x10 | 0x20 | 0x30;
  /** Where the public client finds it, the last place but one; absent: 0. */
  readonly counterAt?: number;
  /** Mechanism 2 instead of 5: AES of the challenge under a secret of sixteen bytes. */
  readonly secret?: Uint8Array;
  /** It tells the public client nothing of it. */
  readonly hidesCounter?: boolean;
}

export interface MeterSpec {
  readonly address: HdlcAddress;
  readonly objects: readonly SimulatedObject[];
  /** Low level security of every client but the public one, which sees the clock and the names only. */
  readonly password?: string;
  /** High level security with ciphering; for every client but the public one, too. */
  readonly keys?: MeterKeys;
  /** It is deaf to addresses of another length than its own, and to calls to all. */
  readonly isStrict?: boolean;
  /** The public client needs the password too. */
  readonly isShut?: boolean;
}

const LOGICAL_NAMES = 1;
const NAME = 0x0007;
const PUBLIC = 16;
const CAN = 0x00121d;
/** Values that are longer come in blocks. */
const MOST_MESSAGE = 512;
const BLOCK_BYTES = 400;
const ASSOCIATION = '0-0:40.0.0*255';
const [UNDEFINED, WRONG_CLASS, DENIED, NO_BLOCK, UNFITTING] = [4, 9, 3, 16, 250] as const;
const EXCEPTION = Uint8Array.of(0xd8, 0x01, 0x02);
const NOTHING = new Uint8Array(0);
const [AARQ, RELEASE, GET, SET, ACTION] = [0x60, 0x62, 0xc0, 0xc1, 0xc3] as const;
const SET_ANSWER = 0xc5;

/** The application of a meter for one connection: what it answers to a message. */
export function meterServer(spec: MeterSpec, client: number, now: () => number): (message: Uint8Array) => Uint8Array {
  let isAssociated = false;
  /** What is left of a long value, and the number of the next block. */
  let rest: Uint8Array = NOTHING;
  let block = 0;
  const sees = ({ classId }: SimulatedObject) => spec.password === undefined || client !== PUBLIC || classId === 8;

  function associate(message: Uint8Array): Uint8Array {
    const { context, mechanism, secret = NOTHING } = readAssociationRequest(message);
    const isLet = client === PUBLIC && spec.isShut !== true;
    const wanted = spec.password !== undefined && !isLet ? spec.password : undefined;
    const given = String.fromCharCode(...secret);
    const diagnostic =
      context !== LOGICAL_NAMES
        ? 2
        : mechanism > 1 || (mechanism === 1 && wanted === undefined)
          ? 11
          : wanted !== undefined && mechanism === 0
            ? 14
            : wanted !== undefined && given !== wanted
              ? 13
              : 0;
    isAssociated = diagnostic === 0;
    const information = initiateResponseBytes({ conformance: CAN, mostBytes: MOST_MESSAGE, name: NAME });
    const result = isAssociated ? 0 : 1;
    const none = { systemTitle: NOTHING, mechanism: 0, challenge: NOTHING };
    return associationAnswerBytes({ context: LOGICAL_NAMES, result, source: 'user', diagnostic, ...none, information });
  }

  const refused = (reason: number): Result => ({ kind: 'refused', reason });
  function valueOf({ attribute, selection }: Wanted): Result {
    if (nameText(attribute.name) === ASSOCIATION && attribute.number === 2)
      return { kind: 'data', bytes: dataBytes(listOf(spec.objects.filter(sees))) };
    const object = spec.objects.find(({ name }) => toHex(name) === toHex(attribute.name));
    if (!object) return refused(UNDEFINED);
    if (object.classId !== attribute.classId) return refused(WRONG_CLASS);
    const value = sees(object) ? object.attributes[attribute.number] : undefined;
    const part = selection && value ? object.select?.(now(), selection) : value?.(now());
    return part ? { kind: 'data', bytes: dataBytes(part) } : refused(selection ? UNFITTING : DENIED);
  }

  /** The next block of what is left. */
  function nextBlock(id: number): Uint8Array {
    const bytes = rest.slice(0, BLOCK_BYTES);
    rest = rest.slice(BLOCK_BYTES);
    block++;
    return getResponseBytes({ kind: 'block', isLast: rest.length === 0, block, result: { kind: 'data', bytes } }, id);
  }

  function inBlocks(whole: Uint8Array, id: number): Uint8Array {
    [rest, block] = [whole, 0];
    return nextBlock(id);
  }

  function get(message: Uint8Array): Uint8Array {
    const { request, id } = readGetRequest(message);
    switch (request.kind) {
      case 'normal': {
        const result = valueOf(request);
        const isLong = result.kind === 'data' && result.bytes.length > BLOCK_BYTES;
        return isLong ? inBlocks(result.bytes, id) : getResponseBytes({ kind: 'normal', result }, id);
      }
      case 'next':
        if (rest.length > 0 && request.block === block) return nextBlock(id);
        return getResponseBytes({ kind: 'block', isLast: true, block: request.block, result: refused(NO_BLOCK) }, id);
      case 'list': {
        const answer = getResponseBytes({ kind: 'list', results: request.wanted.map(valueOf) }, id);
        return answer.length > MOST_MESSAGE ? inBlocks(answer.subarray(3), id) : answer;
      }
    }
  }

  const objectOf = ({ classId, name }: Attribute) =>
    spec.objects.find((object) => object.classId === classId && toHex(object.name) === toHex(name) && sees(object));

  /** The public client changes nothing where others have a password. */
  function set(message: Uint8Array): Uint8Array {
    const cursor = cursorOver(message.subarray(1));
    if (cursor.number(1) !== 1) return EXCEPTION;
    const id = cursor.number(1);
    const attribute = attributeAt(cursor);
    if (cursor.number(1) !== 0) return EXCEPTION;
    const { data } = dataIn(cursor.take(cursor.left));
    const object = objectOf(attribute);
    const mayWrite = spec.password === undefined || client !== PUBLIC;
    const result = object
      ? ((mayWrite ? object.write?.(attribute.number, data, now()) : undefined) ?? DENIED)
      : UNDEFINED;
    return Uint8Array.of(SET_ANSWER, 1, id, result);
  }

  function act(message: Uint8Array): Uint8Array {
    const { request, id } = readActionRequest(message);
    const { method, parameter } = request;
    const object = objectOf(method);
    const given = parameter && dataIn(parameter).data;
    const result = object ? (object.act?.(method.number, given) ?? DENIED) : UNDEFINED;
    return actionResponseBytes({ result }, id);
  }

  function answer(message: Uint8Array): Uint8Array {
    if (message[0] === AARQ) return associate(message);
    if (!isAssociated) return EXCEPTION;
    if (message[0] === GET) return get(message);
    if (message[0] === SET) return set(message);
    if (message[0] === ACTION) return act(message);
    if (message[0] !== RELEASE) return EXCEPTION;
    isAssociated = false;
    return RELEASED;
  }

  return (message) => {
    try {
      return answer(message);
    } catch (error) {
      if (error instanceof MeterError) return EXCEPTION;
      throw error;
    }
  };
}

const READ = 1;
/** The list of an association: what this client may read of each object. */
function listOf(objects: readonly SimulatedObject[]): Data {
  const own: Pick<SimulatedObject, 'classId' | 'version' | 'name' | 'attributes'> = {
    classId: 15,
    version: 1,
    name: Uint8Array.of(0, 0, 40, 0, 0, 255),
    attributes: { 2: () => ({ type: 'null' }) },
  };
  return { type: 'array', items: [own, ...objects].map(elementOf) };
}

function elementOf({ classId, version, name, attributes }: SimulatedObject): Data {
  const numbers: readonly Attribute['number'][] = [1, ...Object.keys(attributes).map(Number)];
  const rights = numbers.map((number): Data => ({
    type: 'structure',
    items: [{ type: 'int8', value: number }, { type: 'enum', value: READ }, { type: 'null' }],
  }));
  return {
    type: 'structure',
    items: [
      { type: 'uint16', value: classId },
      { type: 'uint8', value: version },
      { type: 'octet-string', bytes: name },
      {
        type: 'structure',
        items: [
          { type: 'array', items: rights },
          { type: 'array', items: [] },
        ],
      },
    ],
  };
}
