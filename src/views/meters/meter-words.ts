import type { MeterState } from '../../engine/ams-api.ts';
import type { Meter } from '../../ams/meter.ts';
import type { MeterRecord } from '../../log/meter-record.ts';
import { recordState, type State } from '../components/record-state.ts';
import { headlineOf } from '../components/error-book.svelte.ts';
import { waitWords } from '../components/port-words.ts';

/** Codes below it are the general ones. */
const FIRST_PROTOCOL_CODE = 0x10000;

/** What a meter is called: as the user named it, else by its number, address or place in the list. */
export function meterTitle({ name = '', serialNumber = '', address }: Meter, index: number): string {
  return [name, serialNumber, address.replace(/[@%].*$/s, '')].find((text) => text.trim() !== '') ?? `Meter ${index}`;
}

export interface MeterMark {
  readonly state: State;
  readonly word: string;
}

/** How a meter stands: what it is doing, else what became of its last reading. */
export function meterMark(
  { state, waitsFor }: Pick<MeterState, 'state' | 'waitsFor'>,
  last: MeterRecord | undefined,
): MeterMark {
  if (state === 'reading') return { state: 'reading', word: 'reading' };
  if (state === 'queued')
    return { state: 'waiting', word: waitsFor === undefined ? 'waits for its port' : waitWords(waitsFor) };
  if (!last) return { state: 'never read', word: 'never read' };
  const outcome = recordState(last);
  return { state: outcome, word: outcome === 'saved' ? 'read' : outcome };
}

/** In one sentence why the last reading is none of this meter, or not whole; empty where it counts. */
export function lastFailure(last: MeterRecord | undefined): string {
  const { baudRate = 300, message, notes = [], otherMeter } = last?.circumstances ?? {};
  if (otherMeter !== undefined) return `Meter ${otherMeter} answered: its reading is kept and left out of figures.`;
  if (!last || last.errorCode === 0) return '';
  // General codes tell little; an outage has its count and span in the notes.
  if (last.errorCode < FIRST_PROTOCOL_CODE && message !== undefined) return [message, ...notes].join(' ');
  return headlineOf(last.errorCode, baudRate);
}

/** When and whether the schedule reads or hears it: "next 10:15", "heard, next from 10:15", "port missing", "off". */
export function scheduleWords(
  { state, meter, nextDue, heard }: MeterState,
  scheduleOn: boolean,
  timeText: (ms: number) => string,
): string {
  if (!meter.enabled) return 'off';
  if (state === 'port missing') return 'port missing';
  if (state === 'port stuck') return 'port stuck: unplug it and plug it in again';
  if (!scheduleOn || nextDue === undefined) return 'schedule off';
  const time = timeText(nextDue);
  if (!heard) return `next ${time}`;
  if (!heard.isListening) return 'its port is not heard now';
  return heard.isAwaited ? `to be heard until ${time}` : `heard, next from ${time}`;
}
