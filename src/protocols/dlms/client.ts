import { concatBytes } from '../../common/bytes.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Hidden } from '../../line/line.ts';
import { actionRequestBytes, readActionResponse } from './apdu/action.ts';
import {
  associationRequestBytes,
  readAssociationAnswer,
  refusalOf,
  RELEASE,
  secretIn,
  type AssociationAnswer,
} from './apdu/association.ts';
import {
  BLOCK_TRANSFER,
  joinedBlocks,
  readTransferBlock,
  transferBlockBytes,
  type TransferBlock,
} from './apdu/block-transfer.ts';
import { can, PLAIN_PROPOSAL, SHORT_NAMES_PROPOSAL } from './apdu/conformance.ts';
import {
  getRequestBytes,
  isInvocation,
  readGetResponse,
  resultsIn,
  type GetRequest,
  type Result,
  type Wanted,
} from './apdu/get.ts';
import { initiateRequestBytes, readInitiateResponse, type InitiateResponse } from './apdu/initiate.ts';
import { readSetResponse, setRequestBytes } from './apdu/set.ts';
import { actionText } from './apdu/words.ts';
import { dataIn } from './axdr/read-data.ts';
import { dataBytes } from './axdr/write-data.ts';
import { dlmsError } from './errors.ts';
import { onceOnly } from './once-only.ts';
import type { Association, Exchange } from './exchange.ts';
import { KeyError, type WrongKey } from './security/key-error.ts';
import { expectChallenge, hlsAnswer, isProved, type HlsSecret } from './security/hls.ts';
import { setWhole } from './set-whole.ts';

export type { Association, Exchange } from './exchange.ts';

/** How the meter learns who we are; it is not enciphered what is read. */
export type Authentication =
  | { readonly mechanism: 0 }
  /** Low level: the password goes as it is. */
  | {
      readonly mechanism: 1;
      readonly password: Uint8Array;
      /** Told what the meter makes of it. */
      readonly said?: (how: 'taken' | 'refused') => Promise<void>;
    }
  /** High level: both prove that they have the secret. */
  | { readonly mechanism: 2 | 3 | 4; readonly secret: Uint8Array; readonly challenge: Uint8Array };

/** The number of each next request, 1 to 15: its answer has the same, and that of one before it has another. */
export type Numbers = () => number;

const CONTEXT = 1;
const SHORT_NAMES = 2;
const MOST_NUMBER = 15;
const MOST_MESSAGE = 0xffff;
const MOST_BLOCKS = 20_000;
const MOST_BYTES = 1 << 20;
const ASSOCIATION = { classId: 15, name: Uint8Array.of(0, 0, 40, 0, 0, 255) };
const NO_TITLE = new Uint8Array(0);

/** From 1 on, and after 15 again. */
export function countedNumbers(): Numbers {
  let last = 0;
  return () => (last = (last % MOST_NUMBER) + 1);
}

/**
 * Associates over a connected link. Rejects with a MeterError 'association' with what the meter says against it, and for
 * whatever else fails once a secret was used.
 */
export async function associate(
  exchange: Exchange,
  authentication: Authentication,
  names: 'logical' | 'short' = 'logical',
): Promise<Association> {
  const { mechanism } = authentication;
  const run = () => agree(exchange, authentication, names === 'short');
  if (mechanism === 0) return await run();
  return await onceOnly(mechanism === 1 ? 'password' : 'proof of the secret', run);
}

async function agree(exchange: Exchange, authentication: Authentication, isShort: boolean): Promise<Association> {
  const conformance = isShort ? SHORT_NAMES_PROPOSAL : PLAIN_PROPOSAL;
  const information = initiateRequestBytes({ conformance, mostBytes: MOST_MESSAGE });
  const { mechanism } = authentication;
  if (isShort && mechanism > 1)
    throw dlmsError('association', 'High level security with short names is not known here.');
  const secret = mechanism === 0 ? undefined : mechanism === 1 ? authentication.password : authentication.challenge;
  const request = associationRequestBytes({
    context: isShort ? SHORT_NAMES : CONTEXT,
    mechanism,
    ...(secret ? { secret } : {}),
    information,
  });
  // Without the challenge nobody can try secrets on what the meter answers to it.
  const hidden = secret && secretIn(request, secret);
  const answer = readAssociationAnswer(await exchange(request, hidden ? [hidden] : []));
  const refusal = refusalOf(answer);
  if (mechanism === 1 && (!refusal || isWrongSecret(answer)))
    await authentication.said?.(refusal ? 'refused' : 'taken');
  if (refusal)
    throw mechanism > 1 && isWrongSecret(answer) ? new KeyError('any', refusal.message, 'association') : refusal;
  const agreed = readInitiateResponse(answer.information);
  if (isShort) return (await import('./short-names.ts')).shortNamesOver(exchange, agreed);
  const numbers = countedNumbers();
  if (mechanism > 1) await prove(exchange, authentication, answer, numbers);
  return requestsOver(exchange, agreed, numbers);
}

const AUTHENTICATION_FAILED = 13;
const isWrongSecret = ({ source, diagnostic }: AssociationAnswer) =>
  source === 'user' && diagnostic === AUTHENTICATION_FAILED;

/** What can be asked in an association. */
export function requestsOver(exchange: Exchange, agreed: InitiateResponse, numbers: Numbers): Association {
  const get = (wanted: Wanted) => getOne(exchange, wanted, numbers());
  return {
    agreed,
    get,
    async getAll(wanted) {
      if (wanted.length > 1 && can(agreed.conformance, 'several in one'))
        return await getList(exchange, wanted, numbers());
      const results: Result[] = [];
      for (const one of wanted) results.push(await get(one));
      return results;
    },
    async set(attribute, value) {
      const number = numbers();
      return await setWhole({ attribute, value, mostBytes: agreed.mostBytes }, async (request) => {
        const { response, id } = readSetResponse(await exchange(setRequestBytes(request, number)));
        expectNumber(id, number);
        return response;
      });
    },
    async act(request) {
      const number = numbers();
      const answer = await wholeAnswer(exchange, await exchange(actionRequestBytes(request, number)));
      const { response, id } = readActionResponse(answer);
      expectNumber(id, number);
      return response;
    },
    async release() {
      await exchange(RELEASE);
    },
  };
}

/** Passes 3 and 4 of high level security. */
async function prove(
  exchange: Exchange,
  authentication: Authentication,
  { challenge }: AssociationAnswer,
  numbers: Numbers,
): Promise<void> {
  if (authentication.mechanism === 0 || authentication.mechanism === 1) return;
  const { mechanism, secret, challenge: ownChallenge } = authentication;
  expectChallenge(challenge, ownChallenge);
  const hls: HlsSecret = { mechanism, secret };
  const titles = { title: NO_TITLE, otherTitle: NO_TITLE };
  const proof = await hlsAnswer(hls, { challenge, ownChallenge, ...titles }, 0);
  const bytes = await reply(exchange, proof, numbers());
  if (!(await isProved(hls, { challenge: ownChallenge, ownChallenge: challenge, ...titles }, bytes)))
    throw dlmsError('security', 'The meter does not prove that it has the secret: it may be another one.');
}

/** Gives the meter our proof, in the request of that number; what it returns is its own. */
export async function reply(
  exchange: Exchange,
  proof: Uint8Array,
  number: number,
  wrong: WrongKey = 'any',
): Promise<Uint8Array> {
  const parameter = dataBytes({ type: 'octet-string', bytes: proof });
  const method = { ...ASSOCIATION, number: 1 };
  const request = actionRequestBytes({ method, parameter }, number);
  // Whoever sees it beside what the meter asked can try short secrets until one fits.
  const hidden: Hidden = [[request.length - proof.length, request.length]];
  const { response, id } = readActionResponse(await exchange(request, hidden));
  expectNumber(id, number);
  if (response.result !== 0)
    throw new KeyError(
      wrong,
      `The meter does not accept our proof of the secret: ${actionText(response.result)}.`,
      'association',
    );
  const returned = response.returned?.kind === 'data' ? dataIn(response.returned.bytes).data : undefined;
  return returned?.type === 'octet-string' ? returned.bytes : new Uint8Array(0);
}

async function getOne(exchange: Exchange, wanted: Wanted, number: number): Promise<Result> {
  const { first, joined } = await getWhole(exchange, { kind: 'normal', ...wanted }, number);
  if (joined) return { kind: 'data', bytes: joined };
  if (first.kind === 'list') throw dlmsError('form', 'A list came where one value was asked for.');
  return first.result;
}

async function getList(exchange: Exchange, wanted: readonly Wanted[], number: number): Promise<readonly Result[]> {
  const { first, joined } = await getWhole(exchange, { kind: 'list', wanted }, number);
  const results = joined ? resultsIn(joined) : first.kind === 'list' ? first.results : [first.result];
  if (results.length === wanted.length) return results;
  throw dlmsError('form', `${results.length} results came where ${wanted.length} were asked for.`);
}

type First = ReturnType<typeof readGetResponse>['response'];

/** The answer to a GET, with its blocks joined where it came in blocks. */
async function getWhole(
  exchange: Exchange,
  request: GetRequest,
  number: number,
): Promise<{ readonly first: First; readonly joined?: Uint8Array }> {
  const first = await askFor(exchange, request, number);
  if (first.kind !== 'block') return { first };
  const parts: Uint8Array[] = [];
  let size = 0;
  // Some meters begin with 0.
  for (let block = first; ;) {
    if (block.result.kind === 'refused') return { first: block };
    parts.push(block.result.bytes);
    size += block.result.bytes.length;
    if (size > MOST_BYTES || parts.length > MOST_BLOCKS) throw dlmsError('form', 'A value has no end.');
    if (block.isLast) return { first, joined: concatBytes(...parts) };
    const next = await askFor(exchange, { kind: 'next', block: block.block }, number);
    if (next.kind !== 'block') throw dlmsError('form', 'A block was asked for, and something else came.');
    if (next.result.kind === 'data' && next.block !== first.block + parts.length)
      throw dlmsError('form', `Block ${next.block} came instead of ${first.block + parts.length}.`);
    block = next;
  }
}

async function askFor(exchange: Exchange, request: GetRequest, number: number): Promise<First> {
  const answer = await wholeAnswer(exchange, await exchange(getRequestBytes(request, number)));
  const { response, id } = readGetResponse(answer);
  expectNumber(id, number);
  return response;
}

function expectNumber(id: number, number: number): void {
  if (!isInvocation(id, number))
    throw dlmsError('form', `The answer to another request came (${id & 0x0f} instead of ${number}).`);
}

/** The message that a meter sends in blocks of any message, each of which has to be acknowledged. */
export async function wholeAnswer(exchange: Exchange, message: Uint8Array): Promise<Uint8Array> {
  const blocks: TransferBlock[] = [];
  let answer = message;
  let size = 0;
  while (answer[0] === BLOCK_TRANSFER) {
    const block = readTransferBlock(answer);
    blocks.push(block);
    if (block.isLast) return joinedBlocks(blocks);
    size += block.data.length;
    if (size > MOST_BYTES || blocks.length > MOST_BLOCKS) throw dlmsError('form', 'A message has no end.');
    const acknowledge = { isLast: true, streams: false, window: 1, number: blocks.length, data: new Uint8Array(0) };
    answer = await exchange(transferBlockBytes({ ...acknowledge, acknowledged: block.number }));
  }
  return answer;
}

/** A request that was refused as a whole, with an exception: what was asked for has no value, and no more. */
export const isRefusal = (error: unknown): error is MeterError =>
  error instanceof MeterError && error.code === dlmsError('access').code;
