import { concatBytes } from '../../common/bytes.ts';
import type { Explainer, FrameWords, Span } from '../protocol.ts';
import type { StoredData } from '../stored-data.ts';
import { hex, manualNumber } from './address.ts';
import { crcFits } from './crc.ts';
import { exceptionText } from './exceptions.ts';
import { answerLength, functionText, isAlone, REFUSED, wordAt } from './frame.ts';
import { HEAD } from './image.ts';
import { figuresOf, profileOf } from './profiles/plan.ts';
import type { PlannedFigure } from './profiles/profile.ts';
import { keptFrames, type KeptFrame } from './record-data.ts';

/** What the frames of a record are. */
export const modbusExplainer: Explainer = {
  describe,
  bytes(data) {
    const frames = keptFrames(data);
    return frames.length === 0 ? undefined : concatBytes(...frames.map(({ frame }) => frame));
  },
  explain(bytes, stored) {
    const spans = stored ? keptFrames(stored.data).flatMap((one) => spansOf(one, figuresIn(stored))) : [];
    return spans.length > 0 ? spans : [{ start: 0, end: bytes.length, text: 'Modbus frame' }];
  },
  starts: startsOf,
  registers: async (data) => (await import('./raw-registers.ts')).rawRegisters(data),
};

/** Frame after frame as their own bytes say, as far as they do. */
function startsOf(bytes: Uint8Array): readonly number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length;) {
    starts.push(at);
    const length = answerLength(bytes, at, bytes.length) ?? 0;
    if (length === 0) break;
    at += length;
  }
  return starts;
}

function describe({ data, facts }: Parameters<Explainer['describe']>[0]): FrameWords {
  const frames = keptFrames(data);
  const [first] = frames;
  const broken = frames.filter(({ frame }) => !crcFits(frame)).length;
  const refused = frames.filter(({ frame }) => (frame[1] ?? 0) >= REFUSED).length;
  const rows: readonly (readonly [string, string])[] = [
    ...facts,
    ['Unit', first ? String(first.unit) : ''],
    ['Frames', String(frames.length)],
    ['Refused', refused > 0 ? String(refused) : ''],
    ['Wrong check', broken > 0 ? String(broken) : ''],
  ];
  return {
    kind: kindOf(frames),
    meter: first ? `unit ${first.unit}` : '',
    facts: rows.filter(([, value]) => value !== ''),
    limit: '',
  };
}

function kindOf(frames: readonly KeptFrame[]): string {
  const requests = frames.filter(({ frame }) => isAlone(frame)).length;
  const answers = frames.length - requests;
  if (answers === 0) return requests === 1 ? 'Modbus request' : `${requests} Modbus requests`;
  return answers === 1 ? 'Modbus answer' : `Modbus readout in ${answers} answers`;
}

function figuresIn({ circumstances }: StoredData): readonly PlannedFigure[] {
  const { model, revision } = circumstances?.meaning ?? {};
  const profile = typeof model === 'string' && typeof revision === 'number' ? profileOf(model, revision) : undefined;
  return profile ? figuresOf(profile) : [];
}

/** Every byte of a frame, in order and without a gap. */
function spansOf(
  { unit, command, address, frame, start }: KeptFrame,
  figures: readonly PlannedFigure[],
): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  const take = (count: number, text: string) => {
    const end = Math.min(at + count, frame.length);
    if (end > at) spans.push({ start: start + at, end: start + end, text });
    at = end;
  };
  take(1, `unit address ${frame[0] ?? 0}${frame[0] === unit ? '' : `, asked was ${unit}`}`);
  const [, answered = 0, count = 0] = frame;
  const isRefusal = answered >= REFUSED;
  take(1, `function: ${functionText(answered & ~REFUSED)}${isRefusal ? ', refused' : ''}`);
  if (isAlone(frame)) requestSpans(frame, take);
  else if (isRefusal) take(1, exceptionText(count));
  else {
    take(1, `${count} bytes of data`);
    const dataEnd = Math.min(HEAD + count, frame.length - 2);
    for (let word = 0; at < dataEnd;) {
      const where = address + word;
      const figure = command > 2 ? figures.find((one) => one.command === command && one.address === where) : undefined;
      const words = figure && at + 2 * figure.words <= dataEnd ? figure.words : 1;
      const size = Math.min(command <= 2 ? 1 : 2 * words, dataEnd - at);
      take(size, command <= 2 ? bitsText(where) : registerText(command, where, words, figure));
      word += command <= 2 ? 8 : words;
    }
  }
  if (frame.length - at > 2) take(frame.length - at - 2, 'not of the frame');
  take(2, crcFits(frame) ? 'check (CRC), right' : 'check (CRC), wrong');
  return spans;
}

function requestSpans(frame: Uint8Array, take: (count: number, text: string) => void): void {
  const [, command = 0] = frame;
  if (command <= 4) {
    take(2, `asks from address ${hex(wordAt(frame, 2), 4)} on`);
    take(2, `${wordAt(frame, 4)} ${command <= 2 ? 'bits' : 'registers'}`);
  } else take(frame.length - 4, 'what it asks for');
}

function registerText(command: number, address: number, words: number, figure: PlannedFigure | undefined): string {
  const kind = command === 4 ? 'input register' : 'holding register';
  const last = words > 1 ? `–${hex(address + words - 1, 4)}` : '';
  const where = `${kind} ${hex(address, 4)}${last} (${manualNumber(command, address)})`;
  return figure && words === figure.words ? `${figure.text}, ${where}` : where;
}

const bitsText = (address: number) =>
  `bits ${hex(address, 4)}–${hex(Math.min(address + 7, 0xffff), 4)}, the first lowest`;
