import { MeterError } from '../../common/meter-error.ts';
import type { Circumstances, Readout } from '../../common/readout.ts';
import { createTries, type Tries } from '../../common/tries.ts';
import type { Line } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import type { ReadOptions, ReadStep } from '../protocol.ts';
import type { DlmsAddress, WantedObject } from './address.ts';
import { nameText, type Attribute } from './apdu/attribute.ts';
import type { Result } from './apdu/get.ts';
import { dataAccessText } from './apdu/words.ts';
import { dataIn } from './axdr/read-data.ts';
import { associate, isRefusal, type Association, type Authentication } from './client.ts';
import { attributesRead, hasReading, scalerAttribute } from './cosem/classes.ts';
import { objectsIn } from './cosem/object-list.ts';
import { columnsIn } from './cosem/profile.ts';
import { dlmsError, dlmsErrors } from './errors.ts';
import { addressText } from './hdlc/address.ts';
import { hdlcLink, type HdlcLink } from './hdlc/link.ts';
import { attributeText, MOST_DATA, resultText } from './record-data.ts';
import type { DlmsSettings } from './settings.ts';
import { FIRST_RATE, signOn, type SignOn } from './sign-on.ts';

const ASSOCIATION: Attribute = { classId: 15, name: Uint8Array.of(0, 0, 40, 0, 0, 255), number: 2 };
/** Objects that are read where nobody says which. */
const MOST_LISTED = 200;
const OTHER_REASON = 250;
const PROFILE = 7;
const CAPTURED = 3;

interface DialogueTries extends Tries {
  /** What comes now is the farewell: it is said once, and changes nothing of what was used. */
  end(): void;
}

/** What one read has seen so far. */
interface Dialogue {
  readonly line: Line;
  readonly link: HdlcLink;
  readonly tries: DialogueTries;
  readonly options: ReadOptions;
  readonly notes: string[];
  readonly results: string[];
  /** How it began at an optical head. */
  opened: SignOn | undefined;
}

/**
 * One read of a meter over an open line: connection, association, attribute after attribute, and the release of both
 * whatever happened. What the meter refuses is `ERR` and stops nothing. Never rejects for what a meter does: a failed read
 * is a readout with an error code and what came before it.
 */
export async function readDlms(
  line: Line,
  address: DlmsAddress,
  settings: DlmsSettings,
  options: ReadOptions,
  authentication: Authentication = { mechanism: 0 },
): Promise<Readout> {
  const began = line.clock.monotonic();
  const { client, timeoutMs, retries } = settings;
  const account = options.tries ?? createTries(retries, dlmsErrors);
  const tries = triesOfDialogue(account);
  let repeats = 0;
  const onRepeat = (text: string) => {
    repeats++;
    options.onProgress?.({ kind: 'step', step: 'retrying', text });
  };
  const link = hdlcLink(line, {
    client,
    server: address.server,
    timeoutMs,
    tries,
    onStep: onRepeat,
  });
  const dialogue: Dialogue = { line, link, tries, options, notes: [], results: [], opened: undefined };
  let failure: MeterError | undefined;
  try {
    if (settings.opening === 'mode E') {
      step(dialogue, 'opening', 'signing on at 300 Bd');
      dialogue.opened = await signOn(line, tries, onRepeat);
      tries.progress();
    }
    await readAll(dialogue, address, authentication);
  } catch (error) {
    failure = asDlmsError(error, line.signal);
    // Whoever repeats the whole has so many tries less, and never more for what was heard before it failed.
    for (let used = 0; used < tries.used; used++) account.take(failure.code);
  }
  const { opened } = dialogue;
  const data = dialogue.results.join(',');
  const notes = [...dialogue.notes, ...link.notes];
  const circumstances: Circumstances = {
    ...(opened ? { mode: 'E', manufacturer: opened.identification.slice(0, 3) } : {}),
    baudRate: line.baudRate,
    ...(line.echo === 'unknown' ? {} : { echo: line.echo === 'echoes' }),
    attempts: 1 + repeats,
    durationMs: Math.round(line.clock.monotonic() - began),
    ...(failure && data !== '' ? { partial: true } : {}),
    ...(failure ? { message: failure.message, hint: failure.hint } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  };
  return { errorCode: failure?.code ?? 0, identification: opened?.identification ?? '', data, circumstances };
}

/**
 * What one dialogue may take of an account that counts dialogues too: progress within it, a UA or a value, gives back only
 * what it took itself. Else a meter that answers, and then always fails in the same way, would be asked for ever.
 */
function triesOfDialogue({ most, used }: Tries): DialogueTries {
  const own = createTries(most - used, dlmsErrors);
  let isOver = false;
  return {
    most: own.most,
    get used() {
      return own.used;
    },
    take: (code) => !isOver && own.take(code),
    progress() {
      if (!isOver) own.progress();
    },
    end() {
      isOver = true;
    },
  };
}

function step({ options }: Dialogue, name: ReadStep, text: string): void {
  options.onProgress?.({ kind: 'step', step: name, text });
}

async function readAll(dialogue: Dialogue, address: DlmsAddress, authentication: Authentication): Promise<void> {
  const { link } = dialogue;
  step(dialogue, 'opening', `connecting with server ${addressText(address.server)}`);
  // The meter may be connected although nothing of it was heard.
  try {
    await connect(dialogue);
    step(dialogue, 'asking', 'associating');
    const association = await associate(link.exchange, authentication);
    try {
      step(dialogue, 'identified', 'the meter lets us in');
      const wanted = address.objects.length > 0 ? address.objects : await listedObjects(dialogue, association);
      for (const object of wanted) await readObject(dialogue, association, object);
    } finally {
      step(dialogue, 'closing', 'signing off');
      dialogue.tries.end();
      // A meter that ignores the release is released by the end of the connection.
      await quietly(dialogue, async () => {
        if (!dialogue.line.signal.aborted) await association.release();
      });
    }
  } finally {
    await quietly(dialogue, () => link.disconnect());
  }
}

/** Some meters agree on a rate, and go on with HDLC at their first one. */
async function connect({ line, link, notes, options, opened }: Dialogue): Promise<void> {
  try {
    await link.connect();
  } catch (error) {
    if (!opened || opened.baudRate === FIRST_RATE || !isSilence(error)) throw error;
    options.onProgress?.({ kind: 'step', step: 'opening', text: 'silence at the new rate: trying at 300 Bd' });
    await line.change({ baudRate: FIRST_RATE });
    await link.connect();
    notes.push('The meter stayed at 300 Bd, though it named a higher rate.');
  }
}

const isSilence = (error: unknown) => error instanceof MeterError && error.code === dlmsError('silent').code;

/** Signing off changes nothing of what was read. The line may still have to tell of Stop: then it is begun again, once. */
async function quietly({ line }: Pick<Dialogue, 'line'>, farewell: () => Promise<void>, isTold = false): Promise<void> {
  try {
    await farewell();
  } catch (error) {
    if (error instanceof MeterError || error instanceof PortError) return;
    if (!line.signal.aborted) throw error;
    if (!isTold) await quietly({ line }, farewell, true);
  }
}

/** Whatever the meter lists, has one value, and lets this client read it. */
async function listedObjects(dialogue: Dialogue, association: Association): Promise<readonly WantedObject[]> {
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

async function readObject(dialogue: Dialogue, association: Association, object: WantedObject): Promise<void> {
  const { classId, name } = object;
  const numbers = object.attribute === undefined ? attributesRead(classId) : [object.attribute];
  step(dialogue, 'receiving', `reading ${nameText(name)}`);
  const attributes = numbers.map((number) => ({ classId, name, number }));
  const results = await resultsOf(association, attributes);
  attributes.forEach((attribute, at) => {
    const result = results[at];
    if (result) keep(dialogue, attribute, result);
  });
  const captured = results[attributes.findIndex(({ number }) => classId === PROFILE && number === CAPTURED)];
  if (captured?.kind === 'data') await readScalers(dialogue, association, captured.bytes);
}

/** A profile has figures only: scaler and unit of each column are with its object. */
async function readScalers(dialogue: Dialogue, association: Association, captured: Uint8Array): Promise<void> {
  const kept = new Set<string>();
  for (const { classId, name } of columnsIn(dataIn(captured).data)) {
    const number = scalerAttribute(classId);
    if (number === undefined) continue;
    const attribute = { classId, name, number };
    const text = attributeText(attribute);
    if (kept.has(text) || dialogue.results.some((result) => result.startsWith(`${text}=`))) continue;
    kept.add(text);
    const [result] = await resultsOf(association, [attribute]);
    if (result) keep(dialogue, attribute, result);
  }
}

/** What a meter refuses with an exception it refuses as a whole: then each is asked for by itself. */
async function resultsOf(association: Association, attributes: readonly Attribute[]): Promise<readonly Result[]> {
  try {
    return await association.getAll(attributes.map((attribute) => ({ attribute })));
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  const results: Result[] = [];
  for (const attribute of attributes) {
    try {
      results.push(await association.get({ attribute }));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      results.push({ kind: 'refused', reason: OTHER_REASON });
    }
  }
  return results;
}

function keep(dialogue: Dialogue, attribute: Attribute, result: Result): void {
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

/** Every failure of a dialogue as a MeterError with a code of the table. */
function asDlmsError(error: unknown, signal: AbortSignal): MeterError {
  if (error instanceof MeterError) return error;
  if (signal.aborted) return dlmsError('stopped', undefined, { cause: error });
  if (!(error instanceof PortError)) throw error;
  const hint = error.failure === 'lost' ? 'Is the cable still plugged in? What came before is kept.' : undefined;
  return dlmsError('port', `The port failed: ${error.message}`, { cause: error, ...(hint ? { hint } : {}) });
}
