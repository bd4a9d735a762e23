import type { Line } from '../../line/line.ts';
import { toHex } from '../../common/bytes.ts';
import type { MbusAddress } from './address.ts';
import { formatMbusAddress, NETWORK_LAYER_ADDRESS } from './address.ts';
import type { MbusChange, PlannedFrame, ProvedMeter } from './change-plan.ts';
import { commandOf, frameAt, proofOf } from './change-plan.ts';
import { mbusError } from './errors.ts';
import type { Answer } from './link.ts';
import { answerError, asMbusError, createLink, exchange, listenUntil } from './link.ts';
import { sndNke } from './messages.ts';
import { headerOf } from './selection.ts';
import type { MbusSettings } from './settings.ts';
import { defaultTimeoutMs } from './settings.ts';
import { responseError } from './telegram.ts';

export interface ChangeResult {
  /** 0 when it was proved that one meter, and the same before and after, took the change. */
  readonly errorCode: number;
  readonly message: string;
  readonly hint: string;
  readonly frames: readonly ChangedFrame[];
  /** The meter that was proved before the command. */
  readonly meter?: ProvedMeter;
}

/** A frame that was sent and what came back. */
export interface ChangedFrame extends PlannedFrame {
  readonly answer: Answer['kind'];
  /** Upper-case hex of what came back; empty for silence. */
  readonly answerHex: string;
}

interface Change {
  readonly line: Line;
  readonly address: MbusAddress;
  readonly settings: MbusSettings;
  readonly frames: ChangedFrame[];
  meter: ProvedMeter | undefined;
}

/**
 * Makes a change over an open line and returns every frame with its answer. Never rejects for what a meter does. Equal
 * acknowledgments of several meters are one on the wire, so the command goes out only after one meter alone has given
 * its data, and, for a new address, nobody has answered there (131094 otherwise, and nothing was changed). `expected`:
 * the meter that was shown to whoever confirmed the change; another one is not changed. The command is sent once and not
 * repeated: whether a meter took a command that it did not acknowledge shows the data asked for after it. The line is
 * left at the last frame's rate.
 */
export async function configure(
  line: Line,
  address: MbusAddress,
  change: MbusChange,
  settings: MbusSettings,
  expected?: ProvedMeter,
): Promise<ChangeResult> {
  return await carryOut(line, address, settings, async (state) => {
    for (const planned of proofOf(address, change)) await step(state, planned);
    if (expected && !isSameMeter(expected, state.meter)) throw wrongMeter(state.meter, 'answers now, not');
    for (const planned of commandOf(address, change, state.meter)) await step(state, planned);
  });
}

/** Who would be changed: the frames before the command only. */
export async function prove(
  line: Line,
  address: MbusAddress,
  change: MbusChange,
  settings: MbusSettings,
): Promise<ChangeResult> {
  return await carryOut(line, address, settings, async (state) => {
    for (const planned of proofOf(address, change)) await step(state, planned);
    if (address.kind !== 'secondary') return;
    await step(state, frameAt(address.baudRate)(sndNke(NETWORK_LAYER_ADDRESS), 'end the selection', 'none'));
  });
}

async function carryOut(
  line: Line,
  address: MbusAddress,
  settings: MbusSettings,
  work: (state: Change) => Promise<void>,
): Promise<ChangeResult> {
  const state: Change = { line, address, settings, frames: [], meter: undefined };
  const result = (errorCode: number, message: string, hint: string): ChangeResult => ({
    errorCode,
    message,
    hint,
    frames: state.frames,
    ...(state.meter ? { meter: state.meter } : {}),
  });
  try {
    await work(state);
    return result(0, '', '');
  } catch (cause) {
    const { code, message, hint } = asMbusError(cause, line.signal);
    return result(code, message, hint);
  }
}

async function step(state: Change, planned: PlannedFrame): Promise<void> {
  const { line, settings, frames } = state;
  await line.change({ baudRate: planned.baudRate });
  const link = createLink(line, settings.timeoutMs ?? defaultTimeoutMs(line.baudRate));
  const { answer, more } = await send(planned, link, settings.retries);
  const answerHex = answer.kind === 'acknowledge' ? 'E5' : 'bytes' in answer ? toHex(answer.bytes) : '';
  frames.push({ ...planned, answer: answer.kind, answerHex });
  switch (planned.purpose) {
    case 'none':
      return;
    case 'needed':
    case 'command':
      if (answer.kind !== 'acknowledge') throw answerError(answer, stepOf(planned));
      return;
    case 'empty':
      if (answer.kind !== 'silence' && answer.kind !== 'echo') throw takenAddress(answer);
      return;
    case 'proof':
      state.meter = await onlyMeter(state, answer, more);
      return;
    case 'check': {
      const after = await onlyMeter(state, answer, more);
      if (!isSameMeter(state.meter, after)) throw wrongMeter(after, 'answers there after the change, not');
      return;
    }
  }
}

interface Sent {
  readonly answer: Answer;
  /** Characters that followed the answer. */
  readonly more: number;
}

async function send(planned: PlannedFrame, link: ReturnType<typeof createLink>, retries: number): Promise<Sent> {
  const isRepeated = planned.purpose !== 'command' && planned.purpose !== 'none' && planned.purpose !== 'empty';
  for (let attempt = 1; ; attempt++) {
    const { answer, requestEnd } = await exchange(link, planned.bytes, stepOf(planned));
    const wantsData = planned.purpose === 'proof' || planned.purpose === 'check';
    // A second meter may begin when the first has ended.
    const more = wantsData && answer.kind !== 'silence' ? await listenUntil(link, requestEnd + link.timeoutMs) : 0;
    const isGood = wantsData
      ? answer.kind === 'frame' && answer.disturbance.kind === 'none' && more === 0
      : answer.kind === 'acknowledge';
    if (isGood || !isRepeated || attempt > retries) return { answer, more };
  }
}

/** The header of the one meter that answered; throws 131094 where it can't be told that it was one. */
async function onlyMeter({ address }: Change, answer: Answer, more: number): Promise<ProvedMeter> {
  if (answer.kind === 'silence' || answer.kind === 'echo') throw answerError(answer, 'REQ_UD2');
  if (answer.kind !== 'frame' || answer.disturbance.kind !== 'none' || more > 0)
    throw mbusError(131094, `Not one meter alone answers at ${formatMbusAddress(address)}: ${seenIn(answer)}.`, {
      hint: 'Search the bus, and change the meter by its number; or leave only this one connected.',
    });
  const error = responseError(answer.frame);
  if (error) throw error;
  const header = headerOf(answer.frame);
  if (header === undefined) throw mbusError(131084, 'The answer does not say which meter it is from.');
  const { identification, manufacturer, version, medium } = header;
  return {
    ...(identification === undefined ? {} : { identification }),
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(version === undefined ? {} : { version }),
    ...(medium === undefined ? {} : { medium }),
  };
}

const seenIn = (answer: Answer) => ('error' in answer ? answer.error.message : 'more than one answer came');

function takenAddress(answer: Answer): Error {
  const who = answer.kind === 'frame' ? meterName(headerOf(answer.frame)) : '';
  return mbusError(131094, `The new address is taken: ${who === '' ? 'a meter' : who} answers there.`, {
    hint: 'Choose an address that is free, or give that meter another one first. Nothing was changed.',
  });
}

const isSameMeter = (a: ProvedMeter | undefined, b: ProvedMeter | undefined) =>
  a !== undefined &&
  b !== undefined &&
  a.identification === b.identification &&
  a.manufacturer === b.manufacturer &&
  a.version === b.version &&
  a.medium === b.medium;

function wrongMeter(meter: ProvedMeter | undefined, how: string): Error {
  return mbusError(131085, `${meterName(meter) || 'Another meter'} ${how} the one that was meant.`);
}

/** "KAM 68907025" */
export function meterName(meter: ProvedMeter | undefined): string {
  return [meter?.manufacturer, meter?.identification].filter((part) => part !== undefined && part !== '').join(' ');
}

function stepOf({ purpose }: PlannedFrame): 'selection' | 'user frame' | 'SND_NKE' | 'REQ_UD2' {
  switch (purpose) {
    case 'needed':
      return 'selection';
    case 'command':
      return 'user frame';
    case 'proof':
    case 'check':
      return 'REQ_UD2';
    case 'empty':
    case 'none':
      return 'SND_NKE';
  }
}
