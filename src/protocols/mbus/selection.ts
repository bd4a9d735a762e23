import type { SecondaryMask } from './address.ts';
import { NETWORK_LAYER_ADDRESS } from './address.ts';
import type { MeterError } from '../../common/meter-error.ts';
import type { MbusFrame } from './frame.ts';
import type { MeterHeader } from './header.ts';
import { readHeader } from './header.ts';
import { CONTROL_INFORMATION } from './control-information.ts';
import type { Answer, Link, Step } from './link.ts';
import { answerError, asMbusError, exchange } from './link.ts';
import { selectSlave, sndNke } from './messages.ts';
import { mbusError } from './errors.ts';
import { answerLimitMs } from './settings.ts';

/** Selecting a meter by what its header says, and what a header says of who answered. */

/** Asked whether a request that got no good answer goes out again. */
export type MayRepeat = (error: MeterError) => boolean;

/** Sends until E5 comes, as often as it may; throws the error of the last answer. */
export async function acknowledged(
  link: Link,
  request: Uint8Array,
  step: Step,
  mayRepeat: MayRepeat,
): Promise<Extract<Answer, { kind: 'acknowledge' }>> {
  for (;;) {
    const { answer } = await exchange(link, request, step);
    if (answer.kind === 'acknowledge') return answer;
    const error = answerError(answer, step);
    if (!mayRepeat(error)) throw overlappingAcknowledgments(answer, step) ?? error;
  }
}

/** Longer than this no acknowledgments over each other are. */
const MOST_OVERLAPPING = 3;

/** A few stray characters where one acknowledgment should be are those of several meters, a little apart. */
function overlappingAcknowledgments(answer: Answer, step: Step): MeterError | undefined {
  if (step !== 'SND_NKE' || (answer.kind !== 'noise' && answer.kind !== 'collision')) return undefined;
  if (answer.bytes.length > MOST_OVERLAPPING) return undefined;
  return mbusError(
    131094,
    'Two or more meters seem to answer at this address: their acknowledgments run over each other.',
    {
      hint: 'Search the bus, and read by number; one housing may hold two meters. A wrong baud rate looks alike.',
    },
  );
}

/**
 * SND_NKE to 253: whoever is selected is not any more. Only a selected meter answers, so silence is usual; but its E5
 * must not run into the next request, so the standard's answer time is waited out.
 */
export async function deselect(link: Link): Promise<Answer> {
  const usual = link.timeoutMs;
  link.timeoutMs = Math.min(usual, answerLimitMs(link.line.baudRate));
  try {
    const { answer } = await exchange(link, sndNke(NETWORK_LAYER_ADDRESS), 'SND_NKE');
    return answer;
  } finally {
    link.timeoutMs = usual;
  }
}

/**
 * Leaves no meter selected: the next selection by anyone would otherwise find two. Also after Stop, for which the line
 * gives time. Returns what prevented it; nothing can be said where the port has failed.
 */
export async function signOff(link: Link, failure: MeterError | undefined): Promise<MeterError | undefined> {
  if (failure && PORT_FAILURES.includes(failure.code)) return undefined;
  try {
    await deselect(link);
    return undefined;
  } catch (error) {
    return asMbusError(error, link.line.signal);
  }
}

/** The port was lost, hangs or refuses. */
const PORT_FAILURES = [131072, 131075];

/** Address to which nobody answers (EN 13757-2, 5.7.5), and the rest after it. */
const BROADCAST = 255;
const REST_BITS = 33;

/** To everybody, and nobody answers. */
export async function resetAll({ line }: Link): Promise<void> {
  try {
    await line.write(sndNke(BROADCAST));
  } catch (error) {
    throw asMbusError(error, line.signal);
  }
  await line.pause((REST_BITS * 1000) / line.baudRate);
}

/** Selects; silence is 131088. Simultaneous acknowledgments of several meters count as one here: the data will tell. */
export async function select(link: Link, mask: SecondaryMask, mayRepeat: MayRepeat): Promise<Answer> {
  const request = selectSlave(mask);
  for (;;) {
    const { answer } = await exchange(link, request, 'selection');
    if (answer.kind === 'acknowledge') return answer;
    const error = answerError(answer, 'selection');
    if (!mayRepeat(error)) {
      if (answer.kind === 'collision') return answer;
      throw error;
    }
    // Some meters want two link resets before they hear anything (libmbus#84).
    if (answer.kind === 'silence') await resetAll(link);
  }
}

/** The header of a data frame, where its structure has one that is complete. */
export function headerOf(frame: MbusFrame): MeterHeader | undefined {
  if (frame.kind !== 'long') return undefined;
  const ci = CONTROL_INFORMATION[frame.controlInformation];
  return ci === undefined ? undefined : readHeader(frame.data, 0, frame.data.length, ci);
}

/** Does a header fit a mask? Members that one of them does not have fit. */
export function fitsMask(header: MeterHeader, mask: SecondaryMask): boolean {
  const fits = <T>(wanted: T | undefined, seen: T | undefined) =>
    wanted === undefined || seen === undefined || wanted === seen;
  const { identification } = header;
  const digitsFit =
    identification === undefined ||
    Array.from(mask.identification).every((digit, i) => digit === 'F' || digit === identification[i]);
  return (
    digitsFit &&
    fits(mask.manufacturer, header.manufacturer) &&
    fits(mask.version, header.version) &&
    fits(mask.medium, header.medium)
  );
}

/** 131085 where the answer comes from a meter that was not selected. */
export function selectionError(frame: MbusFrame, mask: SecondaryMask): MeterError | undefined {
  const header = headerOf(frame);
  if (header === undefined || fitsMask(header, mask)) return undefined;
  const { identification = '', manufacturer = '' } = header;
  return mbusError(131085, `Meter ${identification} ${manufacturer} answered, which was not selected.`);
}
