import { toHex, toLatin1 } from '../../../common/bytes.ts';
import { formatDecimal } from '../../../common/decimal.ts';
import type { ChangedFrame, Plan, PlannedFrame } from '../../change.ts';
import { actionRequestBytes } from '../apdu/action.ts';
import { nameOf, type Attribute } from '../apdu/attribute.ts';
import { getRequestBytes, type Result } from '../apdu/get.ts';
import { setRequestBytes } from '../apdu/set.ts';
import { actionText, dataAccessText } from '../apdu/words.ts';
import type { Data } from '../axdr/data.ts';
import { dataIn } from '../axdr/read-data.ts';
import { dataBytes } from '../axdr/write-data.ts';
import { isRefusal } from '../client.ts';
import { isTime } from '../cosem/classes.ts';
import { valueOf } from '../cosem/value.ts';
import { dlmsError } from '../errors.ts';
import { attributeText } from '../record-data.ts';
import type { Changing, Done } from './changing.ts';
import type { DlmsChange } from './task.ts';
import { typedValue } from './typed-value.ts';

/** Who the meter is, by the names it has: of its logical device, and its number. */
export interface Identity {
  readonly device: string;
  readonly number: string;
}

const NAMES = { device: '0-0:42.0.0', number: '0-0:96.1.0' } as const;

export async function identityOf(changing: Changing): Promise<Identity> {
  const read = async (code: string) => {
    const attribute = { classId: 1, name: nameOf(code) ?? new Uint8Array(6), number: 2 };
    const result = await got(changing, attribute, `ask who it is (${code})`);
    if (result.kind === 'refused') return '';
    const { data } = dataIn(result.bytes);
    return 'bytes' in data ? readable(data.bytes) : valueWords(data);
  };
  return { device: await read(NAMES.device), number: await read(NAMES.number) };
}

const readable = (bytes: Uint8Array) => {
  const text = toLatin1(bytes).replace(/\0+$/, '');
  return /^[ -~]+$/.test(text) ? text : toHex(bytes);
};

export function whoWords({ device, number }: Identity): string {
  if (device === '' && number === '') return 'a meter that does not say who it is';
  return [device, number === '' ? '' : `number ${number}`].filter((part) => part !== '').join(', ');
}

/** The same meter, by all it says of itself. */
export function sameAs({ proof }: Plan, { device, number }: Identity): void {
  if (device === proof['device'] && number === proof['number']) return;
  throw dlmsError('access', 'Another meter answers than the one the change was shown for.', {
    hint: `It calls itself ${whoWords({ device, number })}. Look at the change again.`,
  });
}

/** A value as people read it, with its type: "5 (uint32)". */
export function valueWords(data: Data, attribute?: Attribute): string {
  const isClock = attribute !== undefined && isTime(attribute.classId, attribute.number);
  const { value } = valueOf(data, isClock ? 'time' : 'any');
  switch (value.type) {
    case 'number':
      return `${formatDecimal(value.decimal)} (${data.type})`;
    case 'time':
      return `${value.time.iso.replace('T', ' ')} (${data.type})`;
    case 'text':
      return `“${value.text}” (${data.type})`;
    case 'bytes':
      return `${toHex(value.bytes)} (${data.type})`;
  }
}

/** One request and what came back to it. */
export async function shown<T>(
  changing: Changing,
  { text, isCommand = false }: { readonly text: string; readonly isCommand?: boolean },
  run: () => Promise<T>,
  words: (result: T) => string,
): Promise<T> {
  const { line, frames, last } = changing;
  last.sent = last.received = '';
  if (isCommand) changing.isUnsure = true;
  const push = (answer: string) => {
    const frame: ChangedFrame = {
      hex: last.sent,
      baudRate: line.baudRate,
      text,
      isCommand,
      answer,
      answerHex: last.received,
    };
    frames.push(frame);
  };
  try {
    const result = await run();
    push(words(result));
    return result;
  } catch (error) {
    push(isRefusal(error) ? '! refused' : '! not known');
    throw error;
  }
}

/** What a meter refuses with an exception it refuses. */
export async function got(changing: Changing, attribute: Attribute, text: string): Promise<Result> {
  try {
    return await shown(
      changing,
      { text },
      () => changing.association.get({ attribute }),
      (result) => (result.kind === 'data' ? '✓ answered' : `! refused: ${dataAccessText(result.reason)}`),
    );
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { kind: 'refused', reason: OTHER_REASON };
  }
}

const OTHER_REASON = 250;

const planned = ({ line }: Changing, bytes: Uint8Array, text: string, isCommand = false): PlannedFrame => ({
  hex: toHex(bytes),
  baudRate: line.baudRate,
  text,
  isCommand,
});

export const readFrame = (changing: Changing, attribute: Attribute, text: string): PlannedFrame =>
  planned(changing, getRequestBytes({ kind: 'normal', attribute }, 1), text);

export const writeFrame = (changing: Changing, attribute: Attribute, value: Uint8Array, text: string): PlannedFrame =>
  planned(changing, setRequestBytes({ kind: 'normal', attribute, value }, 1), text, true);

export const actFrame = (changing: Changing, method: Attribute, parameter: Uint8Array | undefined, text: string) =>
  planned(changing, actionRequestBytes({ method, ...(parameter ? { parameter } : {}) }, 1), text, true);

type SetChange = DlmsChange & { readonly kind: 'set' };
type ActChange = DlmsChange & { readonly kind: 'act' };

export async function setWork(changing: Changing, { attribute, text }: SetChange, plan?: Plan): Promise<Done> {
  const name = attributeText(attribute);
  const identity = await identityOf(changing);
  if (plan) sameAs(plan, identity);
  const result = await got(changing, attribute, `read ${name} as it is`);
  if (result.kind === 'refused')
    throw dlmsError('access', `The meter does not give ${name}: ${dataAccessText(result.reason)}.`, {
      hint: 'Without its type nobody knows how the value has to be written, so it is not. Another client may have the right.',
    });
  const before = dataIn(result.bytes).data;
  const wanted = typedValue(text, before);
  const value = dataBytes(wanted);
  const becomes = `write ${name}: ${valueWords(before, attribute)} becomes ${valueWords(wanted, attribute)}`;
  if (!plan) {
    const frames = [
      readFrame(changing, attribute, `read ${name} as it is`),
      writeFrame(changing, attribute, value, becomes),
      readFrame(changing, attribute, 'read it back'),
    ];
    const meter = `${whoWords(identity)}; ${name}: ${valueWords(before, attribute)}`;
    return { headline: PROVED, plan: { frames, meter, proof: { ...identity, old: toHex(result.bytes) } } };
  }
  if (toHex(result.bytes) !== plan.proof['old'])
    throw dlmsError('access', `${name} is ${valueWords(before, attribute)} now, and not as it was shown.`, {
      hint: 'It was changed in between, or changes by itself: such a one is not written here. Look at the change again.',
    });
  const said = await written(changing, attribute, value, becomes);
  const back = await got(changing, attribute, 'read it back');
  const after = back.kind === 'data' ? back.bytes : undefined;
  if (after && toHex(after) === toHex(value)) {
    changing.isUnsure = false;
    const took = said === 0 ? {} : { message: `It ${saidWords(said)}, and has the new value.` };
    return { headline: `The meter now has ${valueWords(wanted, attribute)} in ${name}.`, ...took };
  }
  if (!after && said === 0) {
    changing.isUnsure = false;
    return { headline: 'The meter took the value.', message: 'It does not give it to read back.' };
  }
  changing.isUnsure = after === undefined ? said === undefined : toHex(after) !== plan.proof['old'];
  const holds = after ? `it has ${valueWords(dataIn(after).data, attribute)}` : 'it does not give it to read back';
  throw dlmsError('access', `The meter ${saidWords(said)}; ${holds}.`, {
    hint: 'May this client write it? Some meters want another client, a key, or a switch under the seal. It was sent once.',
  });
}

export const PROVED = 'It is proved whom the change meets.';

/** The result, 0 or a reason; undefined: refused with an exception. */
export async function written(
  changing: Changing,
  attribute: Attribute,
  value: Uint8Array,
  text: string,
): Promise<number | undefined> {
  const { association } = changing;
  return await orRefused(() =>
    shown(changing, { text, isCommand: true }, () => association.set(attribute, value), resultWords(dataAccessText)),
  );
}

async function orRefused(run: () => Promise<number>): Promise<number | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undefined;
  }
}

const resultWords = (text: (code: number) => string) => (code: number) =>
  code === 0 ? '✓ taken' : `! refused: ${text(code)}`;

export function saidWords(code: number | undefined, text: (code: number) => string = dataAccessText): string {
  if (code === 0) return 'took it';
  return code === undefined ? 'refused it' : `refused it: ${text(code)}`;
}

export async function executed(
  changing: Changing,
  request: { readonly method: Attribute; readonly parameter?: Uint8Array },
  text: string,
): Promise<number | undefined> {
  const { association } = changing;
  const run = async () => (await association.act(request)).result;
  return await orRefused(() => shown(changing, { text, isCommand: true }, run, resultWords(actionText)));
}

export async function actWork(changing: Changing, change: ActChange, plan?: Plan): Promise<Done> {
  const { method, parameter, shows } = change;
  const identity = await identityOf(changing);
  if (plan) sameAs(plan, identity);
  const look = async (text: string) => {
    const result = shows && (await got(changing, shows, text));
    return result?.kind === 'data' ? valueWords(dataIn(result.bytes).data, shows) : undefined;
  };
  const before = await look('read what shows it');
  const with_ = parameter ? ` with ${valueWords(dataIn(parameter).data)}` : '';
  const text = `execute ${attributeText(method)}${with_}`;
  if (!plan) {
    const reads = shows ? [readFrame(changing, shows, `read ${attributeText(shows)}`)] : [];
    const seen = shows ? `; ${attributeText(shows)}: ${before ?? 'is not given to read'}` : '';
    const frames = [...reads, actFrame(changing, method, parameter, text), ...reads];
    return { headline: PROVED, plan: { frames, meter: whoWords(identity) + seen, proof: { ...identity } } };
  }
  const said = await executed(changing, { method, ...(parameter ? { parameter } : {}) }, text);
  const after = await look('read it again');
  // What is there afterwards counts, whatever the meter said.
  changing.isUnsure = said !== 0 && after !== before;
  const seen =
    after === undefined ? '' : `${shows ? attributeText(shows) : ''}: ${after}, before ${before ?? 'not known'}.`;
  if (said !== 0)
    throw dlmsError('access', `The meter ${saidWords(said, actionText)}. ${seen}`.trim(), {
      hint: 'May this client execute it, and does the meter have the method? It was sent once.',
    });
  return { headline: 'The meter took the command.', message: seen === '' ? 'Nothing was read that shows it.' : seen };
}
