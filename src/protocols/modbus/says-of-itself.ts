import { asciiText, deviceIdentification, readDeviceIdentification, reportServerId } from './frame.ts';
import { HEAD } from './image.ts';
import type { Answer } from './link.ts';

/** Identifications come in parts. */
const MOST_PARTS = 4;

/**
 * What a device says of itself, by 2B/0E or, where it does not know that, by 11: "SIEMENS AG 7KM2200". Empty where it
 * says nothing.
 */
export async function saysOfItself(ask: (request: Uint8Array) => Promise<Answer>, unit: number): Promise<string> {
  const words: string[] = [];
  let object = 0;
  for (let part = 0; part < MOST_PARTS; part++) {
    const answer = await ask(readDeviceIdentification(unit, 1, object));
    if (answer.kind !== 'data') break;
    const { objects, next } = deviceIdentification(answer.frame);
    words.push(...objects.values());
    if (next === undefined || next <= object) break;
    object = next;
  }
  const text = words.filter((word) => word !== '').join(' ');
  if (text !== '') return text;
  const answer = await ask(reportServerId(unit));
  // Behind the byte count, with the run indicator somewhere: only its text is of use.
  return answer.kind === 'data' ? asciiText(answer.frame.subarray(HEAD, -2)) : '';
}
