import type { WantedObject } from './address.ts';
import { nameText, type Attribute } from './apdu/attribute.ts';
import type { Result, Wanted } from './apdu/get.ts';
import { dataAccessText } from './apdu/words.ts';
import type { Data } from './axdr/data.ts';
import { dataIn } from './axdr/read-data.ts';
import { isRefusal, type Association } from './client.ts';
import { attributesRead, hasReading, scalerAttribute } from './cosem/classes.ts';
import { objectsIn } from './cosem/object-list.ts';
import { columnsIn } from './cosem/profile.ts';
import { step, type Dialogue } from './dialogue.ts';
import { dlmsError } from './errors.ts';
import { attributeText, MOST_DATA, resultText } from './record-data.ts';

const ASSOCIATION: Attribute = { classId: 15, name: Uint8Array.of(0, 0, 40, 0, 0, 255), number: 2 };
/** Objects that are read where nobody says which. */
const MOST_LISTED = 200;
const OTHER_REASON = 250;
const PROFILE = 7;
const CAPTURED = 3;

/** A connection with its association, which may be begun anew. */
export interface Session {
  readonly association: Association;
  /** Rejects with a MeterError where the meter does not come back. */
  again(): Promise<void>;
}

/** Whatever the meter lists, has one value, and lets this client read it. */
export async function listedObjects(dialogue: Dialogue, association: Association): Promise<readonly WantedObject[]> {
  step(dialogue, 'receiving', 'reading the list of objects');
  const result = await association.get({ attribute: ASSOCIATION });
  if (result.kind === 'refused')
    throw dlmsError('access', `The meter does not give its list of objects: ${dataAccessText(result.reason)}.`, {
      hint: 'Write behind the address what is to be read, e.g. |1-0:1.8.0,8:0-0:1.0.0.',
    });
  const objects = objectsIn(dataIn(result.bytes).data);
  const listed = objects.filter(({ classId, readable }) => hasReading(classId) && readable.includes(2));
  if (listed.length === 0)
    throw dlmsError('access', `The meter lists ${objects.length} objects, and this client may read the value of none.`);
  if (listed.length > MOST_LISTED)
    dialogue.notes.push(`The meter lists ${listed.length} objects with a value; the first ${MOST_LISTED} were read.`);
  return listed.slice(0, MOST_LISTED).map(({ classId, name }) => ({ classId, name, attribute: undefined }));
}

export async function readObject(dialogue: Dialogue, association: Association, object: WantedObject): Promise<void> {
  const { classId, name } = object;
  const numbers = object.attribute === undefined ? attributesRead(classId) : [object.attribute];
  step(dialogue, 'receiving', `reading ${nameText(name)}`);
  const attributes = numbers.map((number) => ({ classId, name, number }));
  const results = await resultsOf(association, attributes.map(wholly));
  attributes.forEach((attribute, at) => {
    const result = results[at];
    if (result) keep(dialogue, attribute, result);
  });
  const captured = results[attributes.findIndex(({ number }) => classId === PROFILE && number === CAPTURED)];
  if (captured?.kind === 'data') await readScalers(dialogue, association, dataIn(captured.bytes).data);
}

/** A profile has figures only: scaler and unit of each column are with its object. */
export async function readScalers(dialogue: Dialogue, association: Association, captured: Data): Promise<void> {
  const kept = new Set<string>();
  for (const { classId, name } of columnsIn(captured)) {
    const number = scalerAttribute(classId);
    if (number === undefined) continue;
    const attribute = { classId, name, number };
    const text = attributeText(attribute);
    if (kept.has(text) || dialogue.results.some((result) => result.startsWith(`${text}=`))) continue;
    kept.add(text);
    const [result] = await resultsOf(association, [{ attribute }]);
    if (result) keep(dialogue, attribute, result);
  }
}

const wholly = (attribute: Attribute): Wanted => ({ attribute });

/** What a meter refuses with an exception it refuses as a whole: then each is asked for by itself. */
export async function resultsOf(association: Association, wanted: readonly Wanted[]): Promise<readonly Result[]> {
  try {
    return await association.getAll(wanted);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  const results: Result[] = [];
  for (const one of wanted) {
    try {
      results.push(await association.get(one));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      results.push({ kind: 'refused', reason: OTHER_REASON });
    }
  }
  return results;
}

export function keep(dialogue: Dialogue, attribute: Attribute, result: Result): void {
  const { results, notes, options } = dialogue;
  const text = resultText(attribute, result);
  const size = results.reduce((sum, one) => sum + one.length + 1, text.length);
  if (size > MOST_DATA)
    throw dlmsError('form', `More was read than a record holds; ${results.length} values are kept.`, {
      hint: 'Write behind the address what is to be read, and ask for less at once.',
    });
  if (result.kind === 'refused')
    notes.push(`${attributeText(attribute)} was refused: ${dataAccessText(result.reason)}.`);
  results.push(text);
  options.onProgress?.({ kind: 'data', data: results.join(',') });
}
