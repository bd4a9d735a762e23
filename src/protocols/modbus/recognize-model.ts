import { decimalToNumber } from '../../common/decimal.ts';
import { hex } from './address.ts';
import { asciiText, dataBytes, readRequest, wordAt, type ReadFunction } from './frame.ts';
import { HEAD } from './image.ts';
import { exchange, type Link } from './link.ts';
import { figureOf } from './numbers.ts';
import { profiles } from './profiles/catalogue.ts';
import { figuresOf } from './profiles/plan.ts';
import type { AnyProfile, OwnProfile, Profile, Sign } from './profiles/profile.ts';
import { saysOfItself } from './says-of-itself.ts';
import { BASES, isMarker, SUNSPEC, SUNSPEC_COMMAND } from './sunspec.ts';

/** What a device is, as far as it can be asked. Reads only. */
export interface RecognizedModel {
  /** Undefined where it is none that is known. */
  readonly model: string | undefined;
  /** By a sign that only this model has; else it fits as others may, too. */
  readonly isSure: boolean;
  /** "SIEMENS AG 7KM2200"; empty where it does not say. */
  readonly saysOfItself: string;
  /** Other models that fit as well. */
  readonly others: readonly string[];
}

/** Meters answer within this, or not at all; who is known to be slower is given more. */
const PATIENCE_MS = 400;

/**
 * Asks in the order that costs least: who it says it is, SunSpec's marker, registers only one model has, plausible figures.
 * @param own profiles that somebody wrote: they come first, and are known by their signs only
 */
export async function recognizeModel(
  link: Link,
  unit: number,
  own: readonly OwnProfile[],
  onStep: (text: string) => void,
): Promise<RecognizedModel> {
  const { timeoutMs } = link;
  link.timeoutMs = Math.min(timeoutMs, PATIENCE_MS);
  try {
    return await recognized(link, unit, own, onStep);
  } finally {
    link.timeoutMs = timeoutMs;
  }
}

async function recognized(
  link: Link,
  unit: number,
  ownProfiles: readonly OwnProfile[],
  onStep: (text: string) => void,
): Promise<RecognizedModel> {
  const signed: readonly AnyProfile[] = [...ownProfiles, ...profiles];
  const ask = asker(link, unit);
  onStep(`asking unit ${unit} who it is`);
  const says = await saysOfItself(async (request) => (await exchange(link, request)).answer, unit);
  const found = (model: string, isSure: boolean, others: readonly string[] = []): RecognizedModel => ({
    model,
    isSure,
    saysOfItself: says,
    others,
  });
  const showsSign = async ({ model, signs = [] }: AnyProfile) => {
    for (const sign of signs) {
      onStep(`unit ${unit}: is it a ${model}?`);
      const bytes = await ask(sign.command, sign.address, sign.count);
      if (bytes && hasSign(bytes, sign)) return true;
    }
    return false;
  };
  if (says !== '') {
    const own = signed.find(({ saysOfItself: wanted }) => wanted !== undefined && new RegExp(wanted, 'i').test(says));
    if (own) return found(own.model, true);
  }
  // A device with SunSpec may have registers of its own that somebody wants more.
  for (const profile of ownProfiles) if (await showsSign(profile)) return found(profile.model, true);
  for (const base of BASES) {
    const marker = await ask(SUNSPEC_COMMAND, base, 2);
    if (marker && isMarker(marker)) return found(SUNSPEC, true);
  }
  for (const profile of profiles) if (await showsSign(profile)) return found(profile.model, true);
  const like: string[] = [];
  for (const profile of profiles) {
    onStep(`unit ${unit}: does it read like a ${profile.model}?`);
    if (await isPlausible(profile, ask)) like.push(profile.model);
  }
  const [first, ...others] = like;
  return first === undefined
    ? { model: undefined, isSure: false, saysOfItself: says, others }
    : found(first, false, others);
}

type Ask = (command: ReadFunction, address: number, count: number) => Promise<Uint8Array | undefined>;

/** The data at registers, asked once; undefined where it does not give them. */
function asker(link: Link, unit: number): Ask {
  const known = new Map<string, Uint8Array | undefined>();
  return async (command, address, count) => {
    const key = `${hex(command, 2)}:${hex(address, 4)}:${count}`;
    if (known.has(key)) return known.get(key);
    const { answer } = await exchange(link, readRequest(unit, command, address, count));
    const data = answer.kind === 'data' ? answer.frame.slice(HEAD, HEAD + dataBytes(command, count)) : undefined;
    known.set(key, data);
    return data;
  };
}

function hasSign(bytes: Uint8Array, { text, words = [] }: Sign): boolean {
  if (text !== undefined) return new RegExp(text).test(asciiText(bytes));
  return words.includes(wordAt(bytes, 0));
}

/** Of mains: a phase to neutral, or between phases of a small net. */
const isVoltage = (volts: number) => (volts > 90 && volts < 140) || (volts > 195 && volts < 265);
const isFrequency = (hertz: number) => hertz > 45 && hertz < 65;

/** Voltage and frequency read as they are in every mains. One of them alone is chance. */
async function isPlausible(profile: Profile, ask: Ask): Promise<boolean> {
  const figures = figuresOf(profile);
  const voltage = figures.find(({ text }) => text === 'Voltage L1') ?? figures.find(({ text }) => text === 'Voltage');
  const frequency = figures.find(({ text }) => text === 'Frequency');
  if (!voltage || !frequency) return false;
  for (const [figure, isRight] of [[voltage, isVoltage] as const, [frequency, isFrequency] as const]) {
    const bytes = await ask(figure.command, figure.address, figure.words);
    if (!bytes) return false;
    const value = figureOf(bytes, figure.type, figure.order, figure.scale, figure.invalid);
    if (typeof value === 'string' || !isRight(decimalToNumber(value))) return false;
  }
  return true;
}
