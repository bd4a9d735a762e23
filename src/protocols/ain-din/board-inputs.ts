import { INPUTS, type InputNumber } from './inputs.ts';
import { asTenBits, middle } from './calibration.ts';
import { sampled, samplesFor, unknownContact, type Contact } from './contact.ts';
import type { FirmataMessage } from './firmata.ts';
import type { InputsSettings } from './settings.ts';

/** Of how many reports the middle one is taken. */
const REPORTS = 3;

/** The inputs of a board as its reports tell them. */
export interface BoardInputs {
  /** By channel, the last ones, of 10 bits. */
  readonly analog: ReadonlyMap<number, readonly number[]>;
  /** By port of eight pins. */
  readonly levels: ReadonlyMap<number, number>;
  readonly contacts: Readonly<Record<InputNumber, Contact>>;
}

export const unknownInputs: BoardInputs = {
  analog: new Map(),
  levels: new Map(),
  contacts: { 1: unknownContact, 2: unknownContact, 3: unknownContact },
};

export interface BoardPlan extends InputsSettings {
  /** Bits of each channel's converter; absent: 10. */
  readonly bits: ReadonlyMap<number, number>;
  /** The analog channel that comes with every sampling interval: the board's own clock. */
  readonly ticks: number;
}

export interface BoardReport {
  readonly inputs: BoardInputs;
  readonly pulses: readonly InputNumber[];
}

/**
 * What a report makes of the inputs. A contact is sampled at each tick of the board and not when its report arrives: a
 * page that was asleep gets many at once, and each pulse is still as long as it was. Without debouncing each report counts.
 */
export function takeReport(inputs: BoardInputs, message: FirmataMessage, plan: BoardPlan): BoardReport {
  if (message.kind === 'analog') {
    const { channel } = message;
    const value = asTenBits(message.value, plan.bits.get(channel) ?? 10);
    const last = [...(inputs.analog.get(channel) ?? []), value].slice(-REPORTS);
    const next = { ...inputs, analog: new Map(inputs.analog).set(channel, last) };
    return channel === plan.ticks ? sampleContacts(next, plan, () => true) : { inputs: next, pulses: [] };
  }
  if (message.kind !== 'digital') return { inputs, pulses: [] };
  const next = { ...inputs, levels: new Map(inputs.levels).set(message.port, message.levels) };
  return sampleContacts(next, plan, (needed) => needed === 1);
}

/** @param isDue whether a contact that needs so many samples is to be sampled now */
function sampleContacts(inputs: BoardInputs, plan: BoardPlan, isDue: (needed: number) => boolean): BoardReport {
  const contacts = { ...inputs.contacts };
  const pulses: InputNumber[] = [];
  for (const input of INPUTS) {
    const { pin, debounceMs } = plan.inputs[input];
    const needed = samplesFor(debounceMs);
    if (!isDue(needed)) continue;
    const levels = inputs.levels.get(pin >> 3);
    if (levels === undefined) continue;
    const isHigh = ((levels >> (pin & 7)) & 1) === 1;
    const { contact, isPulse } = sampled(contacts[input], isHigh === (plan.contacts === 'high'), needed);
    contacts[input] = contact;
    if (isPulse) pulses.push(input);
  }
  return { inputs: { ...inputs, contacts }, pulses };
}

/** 0 to 1023; undefined until enough reports have come. */
export function analogOf({ analog }: BoardInputs, input: InputNumber, { inputs }: InputsSettings): number | undefined {
  const reports = analog.get(inputs[input].adc) ?? [];
  return reports.length < REPORTS ? undefined : middle(reports);
}

/** By the threshold where one is set, else by the contact; undefined until it is known. */
export function levelOf(board: BoardInputs, input: InputNumber, settings: InputsSettings): boolean | undefined {
  const { threshold } = settings.inputs[input];
  if (threshold === undefined) return board.contacts[input].closed;
  const value = analogOf(board, input, settings);
  return value === undefined ? undefined : value >= threshold;
}
