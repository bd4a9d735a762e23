import { concatBytes } from '../../common/bytes.ts';
import { nameText, type Attribute } from './apdu/attribute.ts';
import { RELEASE } from './apdu/association.ts';
import type { Result, Wanted } from './apdu/get.ts';
import type { InitiateResponse } from './apdu/initiate.ts';
import { readReadResponse, readRequestBytes, readResultsIn, type ReadRequest } from './apdu/read.ts';
import type { Data } from './axdr/data.ts';
import { dataIn } from './axdr/read-data.ts';
import { dataBytes } from './axdr/write-data.ts';

import { attributeCount } from './cosem/classes.ts';
import { dlmsError } from './errors.ts';
import type { Association, Exchange } from './exchange.ts';

/** Attribute n of an object is at its base and eight for each before it; the list is the second of the association. */
const STEP = 8;
const LIST = 0xfa00 + STEP;
const ASSOCIATION = '0-0:40.0.0*255';
const [UNDEFINED, WRONG_CLASS] = [4, 9] as const;
const MOST_BLOCKS = 20_000;
const MOST_BYTES = 1 << 20;
const READ = 1;

interface ShortObject {
  readonly base: number;
  readonly classId: number;
  readonly version: number;
  readonly name: Uint8Array;
}

/** An association with short names that looks like one with logical ones. It reads, and no more. */
export function shortNamesOver(exchange: Exchange, agreed: InitiateResponse): Association {
  let listed: Promise<readonly ShortObject[]> | undefined;
  const objects = () => (listed ??= listOf(exchange));

  async function get({ attribute, selection }: Wanted): Promise<Result> {
    const { classId, number } = attribute;
    const all = await objects();
    const code = nameText(attribute.name);
    if (code === ASSOCIATION && number === 2) return { kind: 'data', bytes: dataBytes(asLogicalNames(all)) };
    const named = all.filter(({ name }) => nameText(name) === code);
    const object = named.find((one) => one.classId === classId);
    if (!object) return { kind: 'refused', reason: named.length > 0 ? WRONG_CLASS : UNDEFINED };
    const name = (object.base + STEP * (number - 1)) & 0xffff;
    const wanted = selection ? { name, selection } : { name };
    const [result] = await read(exchange, { kind: 'names', wanted: [wanted] });
    return result ?? { kind: 'refused', reason: UNDEFINED };
  }

  return {
    agreed,
    get,
    async getAll(wanted) {
      const results: Result[] = [];
      for (const one of wanted) results.push(await get(one));
      return results;
    },
    set: onlyRead,
    act: onlyRead,
    async release() {
      await exchange(RELEASE);
    },
  };
}

const onlyRead = () =>
  Promise.reject(
    dlmsError('access', 'The meter uses short names: it is read, and nothing of it is changed here.', {
      hint: 'Its maker’s own program may change it.',
    }),
  );

/** The results of a request, joined where they come in blocks. */
async function read(exchange: Exchange, request: ReadRequest): Promise<readonly Result[]> {
  let response = readReadResponse(await exchange(readRequestBytes(request)));
  if (response.kind === 'results') return response.results;
  const parts: Uint8Array[] = [];
  const first = response.block;
  let size = 0;
  for (;;) {
    if (response.kind !== 'block') throw dlmsError('form', 'A block was asked for, and something else came.');
    if (response.block !== first + parts.length)
      throw dlmsError('form', `Block ${response.block} came instead of ${first + parts.length}.`);
    parts.push(response.raw);
    size += response.raw.length;
    if (parts.length > MOST_BLOCKS || size > MOST_BYTES) throw dlmsError('form', 'A value has no end.');
    if (response.isLast) return readResultsIn(concatBytes(...parts));
    response = readReadResponse(await exchange(readRequestBytes({ kind: 'next', block: response.block })));
  }
}

async function listOf(exchange: Exchange): Promise<readonly ShortObject[]> {
  const [result] = await read(exchange, { kind: 'names', wanted: [{ name: LIST }] });
  const list = result?.kind === 'data' ? dataIn(result.bytes).data : undefined;
  if (list?.type !== 'array')
    throw dlmsError('form', 'The meter does not give its list of short names, without which nothing can be named.');
  return list.items.flatMap((item): ShortObject[] => {
    const [base, classId, version, name] = item.type === 'structure' ? item.items : [];
    if ((base?.type !== 'int16' && base?.type !== 'uint16') || classId?.type !== 'uint16') return [];
    if (name?.type !== 'octet-string' || name.bytes.length !== 6) return [];
    const number = version?.type === 'uint8' ? version.value : 0;
    return [{ base: base.value & 0xffff, classId: classId.value, version: number, name: name.bytes }];
  });
}

/** The same list as an association with logical names has it. What may be read is not said: all that the classes have. */
function asLogicalNames(objects: readonly ShortObject[]): Data {
  const right = (number: Attribute['number']): Data => ({
    type: 'structure',
    items: [{ type: 'int8', value: number }, { type: 'enum', value: READ }, { type: 'null' }],
  });
  const items = objects.map(({ classId, version, name }): Data => {
    const numbers = Array.from({ length: attributeCount(classId) }, (_, at) => at + 1);
    const rights: Data = {
      type: 'structure',
      items: [
        { type: 'array', items: numbers.map(right) },
        { type: 'array', items: [] },
      ],
    };
    return {
      type: 'structure',
      items: [
        { type: 'uint16', value: classId },
        { type: 'uint8', value: version },
        { type: 'octet-string', bytes: name },
        rights,
      ],
    };
  });
  return { type: 'array', items };
}
