import { toHex } from '../../common/bytes.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Circumstances, Readout } from '../../common/readout.ts';
import { createTries, type Tries } from '../../common/tries.ts';
import type { Line } from '../../line/line.ts';
import type { ReadOptions, ReadStep } from '../protocol.ts';
import { bytesOfCommand, type Command, type InmatAddress } from './address.ts';
import { inmatError, inmatErrors } from './errors.ts';
import {
  COUNT_VALID,
  DATA,
  FDL_STATUS,
  FRAME_COUNT,
  frameOf,
  REFUSALS,
  SRD_HIGH,
  type CheckSum,
  type FdlFrame,
} from './frame.ts';
import { asInmatError, dataService, exchange, statusService, type Link, type Service } from './link.ts';
import { MOST_DATA, REFUSED } from './record-data.ts';
import { requestData } from './request.ts';
import type { InmatSettings } from './settings.ts';

/** What one read knows and has seen so far. */
interface Dialogue {
  readonly link: Link;
  readonly settings: InmatSettings;
  readonly options: ReadOptions;
  readonly tries: Tries;
  readonly notes: Set<string>;
  readonly results: string[];
  /** How the station sums, once an answer has said it. */
  sum: CheckSum | undefined;
  answers: number;
  repeats: number;
  isDamaged: boolean;
  /** Frame count bit of the next request, where there is one. */
  count: boolean;
}

/**
 * One read of a station over an open line: is it there, then command after command. What the station refuses is `ERR`
 * and stops nothing. Never rejects for what a station does: a failed read is a readout with an error code and the results
 * before it.
 */
export async function readInmat(
  line: Line,
  address: InmatAddress,
  settings: InmatSettings,
  options: ReadOptions,
): Promise<Readout> {
  const began = line.clock.monotonic();
  const { source, timeoutMs, turnaroundMs, retries } = settings;
  const dialogue: Dialogue = {
    link: { line, station: address.station, source, timeoutMs, turnaroundMs, sentAt: -Infinity, quietUntil: -Infinity },
    settings,
    options,
    tries: options.tries ?? createTries(retries, inmatErrors),
    notes: new Set(),
    results: [],
    sum: undefined,
    answers: 0,
    repeats: 0,
    isDamaged: false,
    count: true,
  };
  let failure: MeterError | undefined;
  try {
    await readAll(dialogue, address.commands);
  } catch (error) {
    failure = asInmatError(error, line.signal);
  }
  return readout(dialogue, failure, began);
}

function step({ options }: Dialogue, name: ReadStep, text: string): void {
  options.onProgress?.({ kind: 'step', step: name, text });
}

const dataOf = ({ link, results }: Dialogue) => (results.length === 0 ? '' : `${link.station}|${results.join(',')}`);

async function readAll(dialogue: Dialogue, commands: readonly Command[]): Promise<void> {
  const { settings, results, options } = dialogue;
  // Before anything is sent: what cannot be asked is no fault of the station.
  const requests = commands.map((command) => ({ command, data: requestData(command, settings.profile) }));
  await askStatus(dialogue);
  for (const { command, data } of requests) {
    step(dialogue, 'receiving', `reading ${command.text}`);
    const result = `${command.text}=${await resultOf(dialogue, command, data)}`;
    if (dataOf(dialogue).length + result.length >= MOST_DATA)
      throw inmatError(4194325, `${commands.length} results are more than a record holds; ${results.length} are kept.`);
    results.push(result);
    options.onProgress?.({ kind: 'data', data: dataOf(dialogue) });
  }
}

async function askStatus(dialogue: Dialogue): Promise<void> {
  const { link, settings } = dialogue;
  const { station, source } = link;
  step(dialogue, 'asking', `asking station ${station} whether it is there`);
  const frame = frameOf([station, source, FDL_STATUS], new Uint8Array(0), settings.profile.checkSum);
  await request(dialogue, frame, statusService, ({ kind, control }) => {
    if (kind !== 'SD1') return inmatError(4194313, 'Data came instead of a status.');
    if ((control & 0x0f) === 0) return undefined;
    return inmatError(4194316, `The status of station ${station} is ${hex(control)}: ${statusText(control)}.`);
  });
  step(dialogue, 'identified', `station ${station} is there`);
}

const hex = (byte: number) => toHex(Uint8Array.of(byte));
const statusText = (control: number) => REFUSALS[control & 0x0f] ?? 'not what a station that is ready says';

/** The hex of what the station gives for a command, or "ERR". */
async function resultOf(dialogue: Dialogue, command: Command, data: Uint8Array): Promise<string> {
  const { link, settings, notes } = dialogue;
  const { profile } = settings;
  const frame = frameOf([link.station, link.source, controlOf(dialogue)], data, profile.checkSum);
  const {
    control,
    data: answer,
    kind,
  } = await request(dialogue, frame, dataService, (one) => wrongForm(one, settings));
  if (kind === 'SD1') {
    notes.add(`${command.text} was refused: ${statusText(control)} (frame control ${hex(control)}).`);
    return REFUSED;
  }
  const code = answer[0] ?? 0;
  if (code !== profile.good) {
    notes.add(`${command.text} was refused with response code ${hex(code)}.`);
    return REFUSED;
  }
  const value = answer.subarray(1);
  const expected = bytesOfCommand(command);
  if (expected !== undefined && expected !== value.length)
    notes.add(`${command.text} gave ${value.length} bytes instead of ${expected}.`);
  return toHex(value);
}

/** Each request has the other frame count bit, and its repetitions the same. */
function controlOf(dialogue: Dialogue): number {
  if (!dialogue.settings.profile.frameCount) return SRD_HIGH;
  const { count } = dialogue;
  dialogue.count = !count;
  return SRD_HIGH | COUNT_VALID | (count ? FRAME_COUNT : 0);
}

/** Undefined for data, and for what says that there are none. */
function wrongForm({ kind, control, data }: FdlFrame, { profile }: InmatSettings): MeterError | undefined {
  const low = control & 0x0f;
  if (kind === 'SD1')
    return REFUSALS[low] === undefined
      ? inmatError(4194317, `The station answers with frame control ${hex(control)} and no data.`)
      : undefined;
  if (!DATA.includes(low)) return inmatError(4194318, `Data came with frame control ${hex(control)}.`);
  const [code = 0] = data;
  if (code === profile.good || profile.refusals.includes(code)) return undefined;
  return inmatError(
    4194324,
    `The response code is ${hex(code)}, not ${hex(profile.good)}; the data are ${toHex(data.subarray(1))}.`,
    {
      hint: 'Which codes are good and which refuse stands in the wire profile of the settings, and was seen at no unit: compare, and change it there.',
    },
  );
}

/** Stations are not always equally late. */
const QUIET_MS = 100;

/** Sends until there is a right answer or no try is left; then it throws what was wrong last. */
async function request(
  dialogue: Dialogue,
  frame: Uint8Array,
  service: Service,
  wrong: (answer: FdlFrame) => MeterError | undefined,
): Promise<FdlFrame> {
  const { link, tries, settings, notes } = dialogue;
  const { line } = link;
  const judge = (answer: FdlFrame | MeterError) =>
    answer instanceof MeterError ? answer : (misfit(dialogue, answer) ?? wrong(answer) ?? answer);
  const ask = async () => {
    const { answer, notes: seen, late } = await exchange(link, frame, service);
    seen.forEach((note) => notes.add(note));
    return { judged: judge(answer), late };
  };
  let firstSentAt: number | undefined;
  for (let repeats = 0; ; repeats++) {
    const asked = await ask();
    firstSentAt ??= link.sentAt;
    let { judged } = asked;
    // Before it is repeated the late answer is waited for: it looks like the answer to any later request.
    if (judged instanceof MeterError && judged.code === service.noAnswer && repeats < settings.retries) {
      judged = judge(await asked.late());
      if (!(judged instanceof MeterError)) notes.add(`An answer took longer than ${settings.timeoutMs} ms.`);
    }
    if (isDoubtful(dialogue, judged)) {
      step(dialogue, 'asking', 'asking once more: the check sum fits only the other way of summing');
      const confirmed = (await ask()).judged;
      if (isDoubtful(dialogue, confirmed)) [dialogue.sum] = confirmed.checks;
      judged = confirmed;
    }
    if (!(judged instanceof MeterError)) {
      // Was it the answer to the first of them, the others are as late.
      if (repeats > 0) link.quietUntil = link.sentAt + line.clock.monotonic() - firstSentAt + QUIET_MS;
      takeIn(dialogue, judged);
      return judged;
    }
    dialogue.isDamaged ||= judged.code >= 4194561;
    if (repeats >= settings.retries || !tries.take(judged.code)) throw judged;
    dialogue.repeats++;
    step(dialogue, 'retrying', `${judged.message} Trying again (${tries.used} of ${tries.most}).`);
  }
}

/** Nobody sums now in one way and now in the other: then it is damage, which one wrong bit is enough for. */
function misfit({ sum }: Dialogue, { checks }: FdlFrame): MeterError | undefined {
  return sum === undefined || checks.includes(sum) ? undefined : inmatError(4194564);
}

/** Only the other way of summing fits, for the first time: it counts when it comes twice. */
function isDoubtful({ sum, settings }: Dialogue, answer: FdlFrame | MeterError): answer is FdlFrame {
  return !(answer instanceof MeterError) && sum === undefined && !answer.checks.includes(settings.profile.checkSum);
}

function takeIn(dialogue: Dialogue, { checks: [only, another] }: FdlFrame): void {
  if (only && !another) dialogue.sum = only;
  dialogue.tries.progress();
  dialogue.answers++;
}

/** Which way of summing the station has, as far as its answers say. */
function checkSumNote({ sum, answers, settings }: Dialogue): string | undefined {
  if (answers === 0) return undefined;
  if (!sum) return 'Check sums seen: they fit either way of summing.';
  const seen = sum === 'sum8' ? 'modulo 256 (PROFIBUS)' : 'with the carry added (AMiT DB-Net)';
  const ours = sum === settings.profile.checkSum ? '' : ', which is not what is sent: set it in the wire profile';
  return `Check sums seen: ${seen}${ours}.`;
}

function readout(dialogue: Dialogue, failure: MeterError | undefined, began: number): Readout {
  const { link, settings, repeats, isDamaged } = dialogue;
  const { line } = link;
  const data = dataOf(dialogue);
  const checkSum = checkSumNote(dialogue);
  const notes = [...(checkSum === undefined ? [] : [checkSum]), ...dialogue.notes];
  const circumstances: Circumstances = {
    baudRate: line.baudRate,
    ...(line.echo === 'unknown' ? {} : { echo: line.echo === 'echoes' }),
    attempts: 1 + repeats,
    durationMs: Math.round(line.clock.monotonic() - began),
    ...(failure && data !== '' ? { partial: true } : {}),
    ...(failure && isDamaged ? { blockCheck: 'bad' as const } : {}),
    ...(failure ? { message: failure.message, hint: failure.hint } : {}),
    ...(data === '' ? {} : { meaning: { byteOrder: settings.profile.byteOrder } }),
    ...(notes.length > 0 ? { notes } : {}),
  };
  return { errorCode: failure?.code ?? 0, identification: '', data, circumstances };
}
