import { toHex } from '../../common/bytes.ts';
import type { MeterError } from '../../common/meter-error.ts';
import type { Line } from '../../line/line.ts';
import type { ChangedFrame, Changer, ChangeResult, ChangeTask, Plan, PlannedFrame } from '../change.ts';
import { parseModbusAddress } from './address.ts';
import { placeWords, plannedFrames, readOf, valueWords, writeOf, type Write } from './change-plan.ts';
import { modbusError } from './errors.ts';
import { dataBytes } from './frame.ts';
import { HEAD } from './image.ts';
import { asModbusError, createLink, exchange, type Answer, type Link } from './link.ts';
import { saysOfItself } from './says-of-itself.ts';
import { modbusSettings } from './settings.ts';

/** Writing registers and coils of one device. The command is sent once and never repeated. */
export const modbusChanger: Changer = {
  preview: (task) => plannedFrames(writeOf(task)),
  title(task) {
    const write = writeOf(task);
    return `Write ${valueWords(write, write.wanted)} to ${placeWords(write)} of unit ${write.unit}`;
  },
  warnings: (task) => [
    'Registers may hold the address, the rate or the parity of the device: it may not answer here afterwards.',
    `It may belong to a reset or to a switch: see what its manual says of ${placeWords(writeOf(task))}.`,
  ],
  lineOf: ({ address, settings }) => ({
    baudRate: parseModbusAddress(address).baudRate,
    framing: modbusSettings(settings).framing,
  }),
  prove: (line, task) =>
    carryOut(line, task, async (state) => {
      const proof = await proved(state);
      return { headline: 'It is proved whom the change meets.', plan: planOf(state.write, proof) };
    }),
  change: (line, task, plan) => carryOut(line, task, async (state) => await write(state, plan)),
};

interface Change {
  readonly link: Link;
  readonly write: Write;
  readonly frames: ChangedFrame[];
  wasSent: boolean;
}

interface Proof {
  /** What the device says of itself; empty where it says nothing. */
  readonly who: string;
  /** What the registers hold now. */
  readonly old: Uint8Array;
}

interface Done {
  readonly headline: string;
  readonly message?: string;
  readonly plan?: Plan;
}

/** Never rejects for what a device does. */
async function carryOut(line: Line, task: ChangeTask, work: (state: Change) => Promise<Done>): Promise<ChangeResult> {
  const state: Change = {
    link: createLink(line, modbusSettings(task.settings)),
    write: writeOf(task),
    frames: [],
    wasSent: false,
  };
  try {
    const { headline, message = '', plan } = await work(state);
    return { errorCode: 0, headline, message, hint: '', frames: state.frames, ...(plan ? { plan } : {}) };
  } catch (cause) {
    const { code, message, hint } = asModbusError(cause, line.signal);
    const headline = state.wasSent ? 'It is not sure what the device has now.' : 'Nothing was changed.';
    return { errorCode: code, headline, message, hint, frames: state.frames };
  }
}

/** One device answers, twice the same: two of one address garble each other, or differ. */
async function proved(state: Change): Promise<Proof> {
  const who = await saysOfItself(async (request) => {
    const answer = await step(state, request, 'ask who it is');
    // What may be two devices at once is never written.
    if (answer.kind === 'damaged') throw answer.error;
    return answer;
  }, state.write.unit);
  const old = await dataOf(state, `read ${placeWords(state.write)} as they are`);
  const again = await dataOf(state, 'read them once more');
  if (toHex(old) !== toHex(again))
    throw modbusError(196640, `${placeWords(state.write)} read differently a moment later.`, {
      hint: 'Two devices may have one address, or the value changes by itself: such a one is not written here.',
    });
  return { who, old };
}

async function dataOf(state: Change, text: string): Promise<Uint8Array> {
  const { write } = state;
  const answer = await step(state, readOf(write), text);
  if (answer.kind !== 'data') throw answer.error;
  return answer.frame.slice(HEAD, HEAD + dataBytes(write.command, write.count));
}

function planOf(write: Write, { who, old }: Proof): Plan {
  const name = who === '' ? 'which does not say who it is' : who;
  return {
    frames: plannedFrames(write, old),
    meter: `unit ${write.unit}, ${name}; ${placeWords(write)}: ${valueWords(write, old)}`,
    proof: { who, old: toHex(old) },
  };
}

async function write(state: Change, { proof }: Plan): Promise<Done> {
  const { who, old } = await proved(state);
  if (who !== proof['who'] || toHex(old) !== proof['old'])
    throw modbusError(196640, 'The device is not as it was when the change was shown.', {
      hint: `It holds ${valueWords(state.write, old)} now${who === proof['who'] ? '' : `, and calls itself “${who}”`}. Look at the change again.`,
    });
  state.wasSent = true;
  const { request, wanted } = state.write;
  const answer = await step(state, request, `write ${placeWords(state.write)}`, true);
  if (answer.kind === 'refused') {
    state.wasSent = false;
    throw answer.error;
  }
  const after = await readBack(state, answer);
  if (toHex(after) !== toHex(wanted)) throw notTaken(state.write, after, old, answer);
  const place = placeWords(state.write);
  return {
    headline: `The device now has ${valueWords(state.write, after)} in ${place}.`,
    ...(answer.kind === 'data' ? {} : { message: 'It did not confirm the command, and has the new value.' }),
  };
}

async function readBack(state: Change, answer: Answer): Promise<Uint8Array> {
  try {
    return await dataOf(state, 'read them back');
  } catch (cause) {
    const { code, message } = asModbusError(cause, state.link.line.signal);
    const took = answer.kind === 'data' ? 'The device took the command' : 'The device did not confirm the command';
    throw modbusError(code, `${took}, and could not be read after it: ${message}`, {
      hint: 'It may have another address, rate or parity now. The command was sent once; read before you send it again.',
      cause,
    });
  }
}

function notTaken(write: Write, after: Uint8Array, old: Uint8Array, answer: Answer): MeterError {
  const took = answer.kind === 'data' ? 'It confirmed the command' : 'It did not confirm the command';
  const same = toHex(after) === toHex(old);
  return modbusError(196640, `${took}, and holds ${valueWords(write, after)}${same ? ' as before' : ''}.`, {
    hint: 'Many meters want a button held, a password or a switch on the case before they take a setting.',
  });
}

/** One request, and what came back to it. Never repeated. */
async function step(
  { link, frames, write }: Change,
  request: Uint8Array,
  text: string,
  isCommand = false,
): Promise<Answer> {
  const planned: PlannedFrame = { hex: toHex(request), baudRate: write.baudRate, text, isCommand };
  try {
    const { answer } = await exchange(link, request);
    const bytes = 'frame' in answer ? answer.frame : answer.bytes;
    frames.push({ ...planned, answer: answerWords(answer), answerHex: toHex(bytes) });
    return answer;
  } catch (error) {
    frames.push({ ...planned, answer: '! not known', answerHex: '' });
    throw error;
  }
}

function answerWords(answer: Answer): string {
  switch (answer.kind) {
    case 'data':
      return '✓ answered';
    case 'refused':
      return `! refused: ${answer.error.message}`;
    case 'silence':
      return '! silence';
    case 'other':
      return '! another answer';
    case 'damaged':
      return '! a damaged answer';
  }
}
