import { toHex } from '../../common/bytes.ts';
import type { Found, Recognizer } from '../recognizer.ts';
import { crcFits } from './crc.ts';
import { exceptionText } from './exceptions.ts';
import { answerLength, functionText, isAlone, REFUSED, requestLength, wordAt } from './frame.ts';
import { KEPT_TEXT, keptFrame, keptFrames, type KeptFrame } from './record-data.ts';

/** A line of nothing but hexadecimal, or with enough of it for a frame. */
const MAY_BE_FRAME = /^\s*(?:[0-9a-f]{2}\s*)+$|(?:[0-9a-f]{2}[\s,;:_|-]?){5}/i;

/**
 * Tells Modbus by length and check of every frame: bytes are Modbus only if they are frames from the first to the last.
 * Record data as the SmartCOM writes it is told by its form, and by unit and function standing in the frame once more.
 */
export const modbusRecognizer: Recognizer = {
  sees: (bytes) => (exchangesIn(bytes) ? 'whole' : undefined),
  found: (bytes, line) => [foundIn(exchangesIn(bytes) ?? [], line)],
  text: {
    isIn(text) {
      const lines = linesOf(text);
      // Beside other frames it is no text of its own, or they would be passed over.
      return (
        lines.some(({ data }) => isKept(data)) && lines.every(({ data }) => isKept(data) || !MAY_BE_FRAME.test(data))
      );
    },
    begins: (text) => isKept(text.trim().split('\n', 1)[0] ?? ''),
    isCell: isKept,
    *find(text) {
      for (const { data, line } of linesOf(text)) {
        if (!isKept(data)) continue;
        yield {
          identification: '',
          data: data.trim(),
          line,
          facts: factsOf(keptFrames(data)),
          problems: problemsIn(data),
        };
      }
    },
  },
};

/** A frame, and the address that its request asked for; undefined where the request is not there. */
interface Exchange {
  readonly frame: Uint8Array;
  readonly address: number | undefined;
}

/** Frames one after the other, requests that are answered left out; undefined where bytes are over or a check is wrong. */
function exchangesIn(bytes: Uint8Array): readonly Exchange[] | undefined {
  const exchanges: Exchange[] = [];
  let asked: Uint8Array | undefined;
  for (let at = 0; at < bytes.length;) {
    const answer = fitting(bytes, at, answerLength);
    const request = fitting(bytes, at, requestLength);
    const isAnswer = answer && (!request || (asked && answers(answer, asked)) || !isAnswered(bytes, at, request));
    const frame = isAnswer ? answer : request;
    if (!frame) return undefined;
    if (isAnswer) {
      const fits = asked && answers(frame, asked);
      if (asked && !fits) exchanges.push({ frame: asked, address: addressIn(asked) });
      exchanges.push({ frame, address: fits && asked ? addressIn(asked) : undefined });
      asked = undefined;
    } else {
      if (asked) exchanges.push({ frame: asked, address: addressIn(asked) });
      asked = frame;
    }
    at += frame.length;
  }
  if (asked) exchanges.push({ frame: asked, address: addressIn(asked) });
  return exchanges.length > 0 ? exchanges : undefined;
}

/** The frame that begins there and is as long as it says, with the right check. */
function fitting(bytes: Uint8Array, at: number, lengthOf: typeof answerLength): Uint8Array | undefined {
  const length = lengthOf(bytes, at, bytes.length) ?? 0;
  const isWhole = length > 0 && at + length <= bytes.length && crcFits(bytes, at, at + length);
  return isWhole ? bytes.subarray(at, at + length) : undefined;
}

function isAnswered(bytes: Uint8Array, at: number, request: Uint8Array): boolean {
  const next = fitting(bytes, at + request.length, answerLength);
  return next !== undefined && answers(next, request);
}

const answers = (answer: Uint8Array, request: Uint8Array) =>
  answer[0] === request[0] && ((answer[1] ?? 0) & ~REFUSED) === request[1];

/** Identification has none. */
const addressIn = (request: Uint8Array) => (isAddressed(request[1] ?? 0) ? wordAt(request, 2) : 0);
const isAddressed = (command: number) => command <= 6 || command === 0x0f || command === 0x10;

function foundIn(exchanges: readonly Exchange[], line: number): Found {
  const parts = exchanges.map(({ frame, address }) => {
    const [unit = 0, command = 0] = frame;
    // Writes say their address in the answer as well.
    const own = [5, 6, 0x0f, 0x10].includes(command) || isAlone(frame) ? addressIn(frame) : 0;
    return keptFrame(unit, { command: command & ~REFUSED, address: address ?? own }, frame);
  });
  const data = parts.join(',');
  const isUnasked = exchanges.some(
    ({ frame, address }) => address === undefined && (frame[1] ?? 0) <= 4 && !isAlone(frame),
  );
  const facts: Found['facts'] = isUnasked ? [['Addresses', 'unknown without the request; counted from 0000 here']] : [];
  return { identification: '', data, line, facts: [...factsOf(keptFrames(data)), ...facts], problems: [] };
}

function factsOf(frames: readonly KeptFrame[]): Found['facts'] {
  const functions = new Set(frames.map(({ command }) => functionText(command)));
  const refusals = frames.flatMap(({ frame }) =>
    (frame[1] ?? 0) >= REFUSED ? [`${functionText((frame[1] ?? 0) & ~REFUSED)}: ${exceptionText(frame[2] ?? 0)}`] : [],
  );
  return [['Function', [...functions].join(', ')], ...[...new Set(refusals)].map((text) => ['Refused', text] as const)];
}

const WHOLE = new RegExp(`^${KEPT_TEXT}(?:,\\s*${KEPT_TEXT})*$`, 'i');

function isKept(text: string): boolean {
  const data = text.trim();
  if (!WHOLE.test(data)) return false;
  return keptFrames(data).every(
    ({ unit, command, frame }) => frame[0] === unit && ((frame[1] ?? 0) & ~REFUSED) === command,
  );
}

const linesOf = (text: string) => text.split('\n').map((data, line) => ({ data, line }));

function problemsIn(data: string): readonly string[] {
  const frames = keptFrames(data);
  return frames.flatMap(({ frame }, index) => {
    if (crcFits(frame)) return [];
    const which = frames.length > 1 ? `of answer ${index + 1} ` : '';
    return [
      `The check ${which}is wrong: ${toHex(frame.subarray(-2))} does not fit the bytes before it, or some are missing.`,
    ];
  });
}
