import { createTries, type Tries } from '../../common/tries.ts';
import { mbusError, mbusErrors } from './errors.ts';
import type { Line } from '../../line/line.ts';
import { concatBytes, toHex } from '../../common/bytes.ts';
import type { MeterError } from '../../common/meter-error.ts';
import type { ReadOptions, ReadStep } from '../protocol.ts';
import type { Circumstances, Readout } from '../../common/readout.ts';
import type { MbusAddress } from './address.ts';
import { formatMbusAddress, isEverybody, NETWORK_LAYER_ADDRESS } from './address.ts';
import { moreRecordsFollow } from './decode.ts';
import { firstRequests, requestText, type FirstRequest } from './first-requests.ts';
import type { LongFrame, MbusFrame } from './frame.ts';
import { encryptionMode, LONG_HEADER, SHORT_HEADER } from './header.ts';
import type { Answer, FrameCount, Link } from './link.ts';
import { wrongMeter } from './own-numbers.ts';
import { isSameTelegram } from './repetition.ts';
import { answerError, asMbusError, createLink, damagedFrameError, exchange, frameCount, listenUntil } from './link.ts';
import { applicationReset, reqUd1, reqUd2, sndNke, sndUd } from './messages.ts';
import type { MayRepeat } from './selection.ts';
import { acknowledged, deselect, headerOf, select, selectionError, signOff } from './selection.ts';
import type { MbusSettings } from './settings.ts';
import { defaultTimeoutMs } from './settings.ts';
import { responseError } from './telegram.ts';

/** What one read knows and has seen so far. */
interface Dialogue {
  readonly link: Link;
  readonly address: MbusAddress;
  readonly settings: MbusSettings;
  readonly options: ReadOptions;
  readonly tries: Tries;
  readonly frameCount: FrameCount;
  /** Link address of the requests. */
  readonly target: number;
  readonly notes: Set<string>;
  /** Telegrams as received, in order. */
  readonly telegrams: Uint8Array[];
  /** What came instead of a telegram when that was last asked for. */
  broken: Uint8Array | undefined;
  /** What is wrong with it where its check sum doesn't tell. */
  damage: MeterError | undefined;
  manufacturer: string | undefined;
  repeats: number;
  /** The meter had more to say than was read. */
  partial: boolean;
  /** SND_NKE met silence. */
  unanswered: MeterError | undefined;
}

/**
 * One read of a meter over an open line: link reset or selection, then telegrams until the meter has no more. Never
 * rejects for what a meter does: a failed read is a readout with an error code and whatever was received.
 */
export async function readMbus(
  line: Line,
  address: MbusAddress,
  settings: MbusSettings,
  options: ReadOptions,
): Promise<Readout> {
  const began = line.clock.monotonic();
  const dialogue: Dialogue = {
    link: createLink(line, settings.timeoutMs ?? defaultTimeoutMs(line.baudRate)),
    address,
    settings,
    options,
    tries: options.tries ?? createTries(settings.retries, mbusErrors),
    frameCount: frameCount(),
    target: address.kind === 'primary' ? address.address : NETWORK_LAYER_ADDRESS,
    notes: new Set(),
    telegrams: [],
    broken: undefined,
    damage: undefined,
    manufacturer: undefined,
    repeats: 0,
    partial: false,
    unanswered: undefined,
  };
  let failure: MeterError | undefined;
  try {
    await begin(dialogue);
    await readTelegrams(dialogue);
  } catch (error) {
    failure = asMbusError(error, line.signal);
  }
  if (address.kind === 'secondary') await end(dialogue, failure);
  return readout(dialogue, failure, began);
}

function step({ options }: Dialogue, name: ReadStep, text: string): void {
  options.onProgress?.({ kind: 'step', step: name, text });
}

function repeating(dialogue: Dialogue): MayRepeat {
  const { tries, settings } = dialogue;
  let repeats = 0;
  return (error) => {
    // What is left of the account is for whoever called: others may have the port in between.
    if (repeats >= settings.retries || !tries.take(error.code)) return false;
    repeats++;
    dialogue.repeats++;
    step(dialogue, 'retrying', `${error.message} Trying again (${tries.used} of ${tries.most}).`);
    return true;
  };
}

/** From here on the meter listens, and begins with its first telegram. */
async function begin(dialogue: Dialogue): Promise<void> {
  const { link, address, settings, target, tries } = dialogue;
  const requests = firstRequests(settings, new Date(link.line.trace.startedAt));
  if (requests.length > 0 && isEverybody(address))
    throw mbusError(131074, 'The address 254 means every meter on the bus: nothing but reading is done by it.', {
      hint: 'Read by the meter’s own address or number, or send nothing before reading.',
    });
  if (settings.wakeUp) await wakeUp(dialogue);
  if (address.kind === 'secondary') {
    step(dialogue, 'asking', `selecting ${formatMbusAddress(address)}`);
    await deselect(link);
    const answer = await select(link, address, repeating(dialogue));
    tries.progress();
    if (answer.kind !== 'acknowledge' || answer.disturbance.kind === 'several acknowledgments')
      dialogue.notes.add('Several meters answered the selection.');
  } else if (target !== NETWORK_LAYER_ADDRESS) {
    // To 253 SND_NKE would end the selection that the address counts on.
    step(dialogue, 'asking', `resetting the link to ${target}`);
    await resetLink(dialogue);
  }
  if (settings.applicationReset || settings.resetSubcode !== undefined) {
    step(dialogue, 'asking', 'resetting the application');
    await acknowledged(link, applicationReset(target, settings.resetSubcode), 'user frame', repeating(dialogue));
    tries.progress();
  }
  if (settings.requestUd1) await readAlarm(dialogue);
  for (const request of requests) await sendFirst(dialogue, request);
}

/** As long as heat meters want their optical head to be woken (M-Bus over IEC 62056-21 heads), in 8N1. */
const WAKE_MS = 2200;
const WAKE_CHARACTER = 0x55;
const BITS_8N1 = 10;
/** More than 33 bit times at 300 Bd: what comes next is no part of it. */
const WAKE_PAUSE_MS = 120;

async function wakeUp(dialogue: Dialogue): Promise<void> {
  const { line } = dialogue.link;
  step(dialogue, 'waking', 'waking the meter through the head: 2.2 s of 55');
  const { framing } = line;
  await line.change({ framing: '8N1' });
  await line.write(new Uint8Array(Math.ceil((WAKE_MS * line.baudRate) / 1000 / BITS_8N1)).fill(WAKE_CHARACTER));
  await line.change({ framing });
  await line.pause(WAKE_PAUSE_MS);
  line.flush();
}

/** A meter acknowledges it, or answers with data at once: the first telegram of the readout then. */
async function sendFirst(dialogue: Dialogue, request: FirstRequest): Promise<void> {
  const { link, target, tries, telegrams } = dialogue;
  const bytes = sndUd(target, request.controlInformation, request.data);
  step(dialogue, 'asking', `sending ${requestText(request)}`);
  const mayRepeat = repeating(dialogue);
  for (;;) {
    const { answer } = await exchange(link, bytes, 'user frame');
    const error =
      answer.kind === 'frame'
        ? (damagedFrameError(answer) ?? unexpected(dialogue, answer.frame))
        : answer.kind === 'acknowledge'
          ? undefined
          : answerError(answer, 'user frame');
    if (error === undefined) {
      tries.progress();
      if (answer.kind !== 'frame') return;
      telegrams.push(answer.bytes);
      identify(dialogue, answer.frame);
      return;
    }
    if (!mayRepeat(error)) throw error;
  }
}

/** What is wrong with an answer that is whole. */
function unexpected({ address, target }: Dialogue, frame: MbusFrame): MeterError | undefined {
  const expected = address.kind === 'primary' && target < NETWORK_LAYER_ADDRESS ? target : undefined;
  return responseError(frame, expected) ?? (address.kind === 'secondary' ? selectionError(frame, address) : undefined);
}

/** To 254 every meter answers, and one that is slower than the first is still to come. */
async function another(
  { address, link }: Dialogue,
  { disturbance }: Extract<Answer, { kind: 'frame' }>,
  requestEnd: number,
): Promise<MeterError | undefined> {
  if (!isEverybody(address)) return undefined;
  const more = await listenUntil(link, requestEnd + link.timeoutMs);
  return more === 0 && disturbance.kind === 'none' ? undefined : notAlone();
}

const notAlone = () =>
  mbusError(131094, 'More than one meter answers at 254.', {
    hint: '254 is for a single meter, point to point. Search the bus, and read each meter by its own address or number.',
  });

/** Some meters don't answer SND_NKE and are there all the same: REQ_UD2 decides, asked once more only. */
async function resetLink(dialogue: Dialogue): Promise<void> {
  const { link, target, tries } = dialogue;
  try {
    const answer = await acknowledged(link, sndNke(target), 'SND_NKE', repeating(dialogue));
    tries.progress();
    if (!isEverybody(dialogue.address)) return;
    // One that acknowledges later would not hear the next request.
    const more = await listenUntil(link, link.line.clock.monotonic() + link.timeoutMs);
    if (more > 0 || answer.disturbance.kind !== 'none') throw notAlone();
  } catch (error) {
    const failure = asMbusError(error, dialogue.link.line.signal);
    if (failure.code !== 131078) throw failure;
    dialogue.unanswered = failure;
  }
}

/** Class 1 data is an extra: a meter that doesn't know it may stay silent, and the values are asked for all the same. */
async function readAlarm(dialogue: Dialogue): Promise<void> {
  step(dialogue, 'asking', 'asking for alarms');
  const { answer } = await exchange(dialogue.link, reqUd1(dialogue.target, dialogue.frameCount.bit), 'REQ_UD2');
  const damage = answer.kind === 'frame' ? damagedFrameError(answer) : undefined;
  if (answer.kind === 'frame' && damage === undefined) {
    dialogue.telegrams.push(answer.bytes);
    dialogue.frameCount.answered();
  } else if (answer.kind === 'acknowledge') {
    dialogue.notes.add('The meter has no alarm (class 1 data).');
    dialogue.frameCount.answered();
  } else {
    dialogue.notes.add(`No alarm could be read: ${(damage ?? answerError(answer, 'REQ_UD2')).message}`);
  }
}

async function readTelegrams(dialogue: Dialogue): Promise<void> {
  const { settings, telegrams, options } = dialogue;
  const atOnce = telegrams.length;
  for (let count = 1; ; count++) {
    step(dialogue, 'receiving', count === 1 ? 'asking for data' : `telegram ${count}`);
    const { bytes, frame } = await requestTelegram(dialogue);
    if (telegrams.some((earlier) => isSameTelegram(earlier, bytes))) {
      // What the meter was made to tell it had told already.
      if (count === 1 && atOnce > 0) return;
      // Seen where a meter does not mind the frame count bit (node-mbus#19): it would go on like this for ever.
      dialogue.notes.add('The meter sends the same telegram again instead of the next one.');
      dialogue.partial = true;
      return;
    }
    telegrams.push(bytes);
    if (dialogue.manufacturer === undefined) identify(dialogue, frame);
    options.onProgress?.({ kind: 'data', data: hexOf(telegrams) });
    if (isEncrypted(frame) || !moreRecordsFollow(bytes)) return;
    if (count === settings.maxTelegrams) {
      dialogue.notes.add(`The meter has more telegrams than the ${count} that were to be read.`);
      dialogue.partial = true;
      return;
    }
  }
}

/** One REQ_UD2 with its repetitions, which have the same frame count bit, so that no telegram is passed over. */
async function requestTelegram(dialogue: Dialogue): Promise<{ readonly bytes: Uint8Array; readonly frame: MbusFrame }> {
  const { link, target, tries } = dialogue;
  const mayRepeat = repeating(dialogue);
  /** Nobody was heard yet. */
  let isUnheard = dialogue.unanswered !== undefined;
  for (;;) {
    const { answer, requestEnd, pausedMs } = await exchange(link, reqUd2(target, dialogue.frameCount.bit), 'REQ_UD2');
    let error: MeterError;
    let damage: MeterError | undefined;
    if (answer.kind === 'frame') {
      const { frame, bytes, disturbance } = answer;
      damage = damagedFrameError(answer);
      const wrong = damage ?? unexpected(dialogue, frame) ?? (await another(dialogue, answer, requestEnd));
      if (wrong === undefined) {
        if (dialogue.unanswered) dialogue.notes.add('The meter does not answer SND_NKE.');
        dialogue.unanswered = undefined;
        if (pausedMs > 0) dialogue.notes.add(`An answer paused for ${pausedMs} ms.`);
        if (disturbance.kind !== 'none') dialogue.notes.add(`Around an answer there was ${disturbance.kind}.`);
        dialogue.frameCount.answered();
        dialogue.broken = dialogue.damage = undefined;
        tries.progress();
        return { bytes, frame };
      }
      error = wrong;
    } else error = answerError(answer, 'REQ_UD2');
    // Silent to both: nobody is there.
    if (dialogue.unanswered && answer.kind === 'silence') throw dialogue.unanswered;
    if (isUnheard) tries.progress();
    isUnheard = false;
    if ('bytes' in answer) {
      dialogue.broken = answer.bytes;
      dialogue.damage = damage;
    }
    // An answer that is whole and yet no data stays what it is.
    if ((answer.kind === 'frame' && error.code === 131084) || !mayRepeat(error)) throw error;
  }
}

function identify(dialogue: Dialogue, frame: MbusFrame): void {
  const header = headerOf(frame);
  if (header?.identification === undefined) return;
  const { identification, manufacturer = '' } = header;
  dialogue.manufacturer = manufacturer;
  const { baudRate } = dialogue.link.line;
  step(dialogue, 'identified', `meter ${identification} ${manufacturer}`.trimEnd());
  dialogue.options.onProgress?.({ kind: 'identification', manufacturer, identification, baudRate });
}

/** In encrypted data every 1F is chance. */
function isEncrypted(frame: MbusFrame): boolean {
  const configuration = headerOf(frame)?.configuration;
  if (configuration === undefined || frame.kind !== 'long') return false;
  return encryptionMode(configuration, frame.data, recordsStart(frame)) !== 0;
}

const recordsStart = ({ controlInformation }: LongFrame) => (controlInformation === 0x7a ? SHORT_HEADER : LONG_HEADER);

async function end(dialogue: Dialogue, failure: MeterError | undefined): Promise<void> {
  step(dialogue, 'closing', 'ending the selection');
  const error = await signOff(dialogue.link, failure);
  if (error) dialogue.notes.add(`The selection could not be ended: ${error.message}`);
}

const hexOf = (telegrams: readonly Uint8Array[]) => toHex(concatBytes(...telegrams));

function readout(dialogue: Dialogue, failure: MeterError | undefined, began: number): Readout {
  const { telegrams, broken, damage, partial, repeats, notes, manufacturer, link } = dialogue;
  const { line } = link;
  const kept = failure && broken ? [...telegrams, broken] : telegrams;
  const incomplete = partial || (failure !== undefined && kept.length > 0);
  const data = hexOf(kept);
  // What came with a failure may name anybody.
  const other = failure ? undefined : wrongMeter(dialogue.address, data, dialogue.options.knownNumber);
  if (other !== undefined) notes.add(`Another meter answered: the data names ${other}.`);
  const circumstances: Circumstances = {
    ...(manufacturer === undefined || manufacturer === '' ? {} : { manufacturer }),
    baudRate: line.baudRate,
    ...(line.echo === 'unknown' ? {} : { echo: line.echo === 'echoes' }),
    attempts: 1 + repeats,
    durationMs: Math.round(line.clock.monotonic() - began),
    ...(other === undefined ? {} : { otherMeter: other }),
    ...(incomplete ? { partial: true } : {}),
    ...(damage ? { blockCheck: 'bad' as const } : {}),
    ...(failure ? { message: failure.message, hint: failure.hint } : {}),
    ...(notes.size > 0 ? { notes: [...notes] } : {}),
  };
  return { errorCode: failure?.code ?? 0, identification: '', data, circumstances };
}
