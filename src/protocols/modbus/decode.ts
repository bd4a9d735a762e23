import type { Reading, ReadingState, ReadingValue } from '../../common/reading.ts';
import type { KeptProfiles } from '../profile-book.ts';
import type { StoredData } from '../stored-data.ts';
import { hex } from './address.ts';
import { exceptionText } from './exceptions.ts';
import { REFUSED } from './frame.ts';
import { HEAD, imageOf, type Answer, type Image, type Piece } from './image.ts';
import { figureOf, type Figure } from './numbers.ts';
import { keptProfile, knownProfile } from './own/kept.ts';
import { figuresOf, profileOf } from './profiles/plan.ts';
import type { AnyProfile, PlannedFigure } from './profiles/profile.ts';
import { keptFrames, type KeptFrame } from './record-data.ts';
import { SUNSPEC, SUNSPEC_COMMAND, sunspecReadings, type SunspecReading } from './sunspec.ts';

/**
 * The readings in a record's data: by the profile that the record was read with, whatever became of it since; by the
 * models of SunSpec where its marker is there; else the registers as they are. A profile that is missing is said. Never
 * throws for what the data holds.
 */
export function decodeModbus(stored: StoredData): readonly Reading[];
export function decodeModbus(
  stored: StoredData,
  profiles?: KeptProfiles,
): readonly Reading[] | Promise<readonly Reading[]>;
export function decodeModbus(
  { data, circumstances }: StoredData,
  profiles?: KeptProfiles,
): readonly Reading[] | Promise<readonly Reading[]> {
  const { model, revision } = circumstances?.meaning ?? {};
  if (typeof model !== 'string' || model === SUNSPEC) return readingsBy(undefined, data);
  const by = (profile: AnyProfile | undefined) => [...(profile ? [] : [missing(model)]), ...readingsBy(profile, data)];
  if (typeof revision !== 'string') return by(typeof revision === 'number' ? profileOf(model, revision) : undefined);
  const known = knownProfile(revision);
  return known || !profiles ? by(known) : keptProfile(profiles, revision).then(by);
}

/** Without a profile: SunSpec, or the registers as they are. */
export function readingsBy(profile: AnyProfile | undefined, data: string): readonly Reading[] {
  const frames = keptFrames(data);
  const image = imageOf(frames);
  const refusals = frames.flatMap(refusal);
  if (profile) return [...byProfile(image, profile), ...refusals];
  const sunspec = sunspecReadings(image).map(sunspecReading);
  if (sunspec.length > 0) return [...sunspec, ...refusals];
  return [...image.answers.flatMap(raw), ...refusals];
}

/** What the registers mean was in a profile that cannot be had: nobody takes the bare numbers for all there is. */
const missing = (model: string): Reading => ({
  label: 'profile',
  quantity: 'Profile of this record',
  value: { type: 'text', text: `“${model}” is not on this device in the form it was read with` },
  unit: '',
  kind: 'error',
  state: 'not available',
  source: { start: 0, end: 0 },
});

function byProfile(image: Image, profile: AnyProfile): readonly Reading[] {
  const readings: Reading[] = [];
  for (const figure of figuresOf(profile)) {
    const piece = image.words(figure.command, figure.address, figure.words);
    if (piece) readings.push(figureReading(figure, piece));
  }
  // What was read besides is shown as it is.
  const told = (start: number, end: number) => readings.some(({ source }) => source.start < end && source.end > start);
  const others = image.answers.filter(({ start, frame }) => !told(start, start + frame.length));
  return [...readings, ...others.flatMap(raw)];
}

function figureReading(figure: PlannedFigure, piece: Piece): Reading {
  const { command, address, type, order, scale, invalid, text, obis, unit, tariff, note } = figure;
  const value = figureOf(piece.bytes, type, order, scale, invalid);
  const notes = [...(note === undefined ? [] : [note]), ...(piece.isSplit ? [FROM_TWO] : [])];
  return {
    ...(obis === '' ? {} : { obis }),
    label: `${hex(command, 2)}:${hex(address, 4)}`,
    quantity: text,
    value: text === 'Meter number' ? numberText(value) : valueOf(value, piece.bytes),
    unit,
    ...(tariff === 0 ? {} : { tariff }),
    kind: 'instantaneous',
    state: stateOf(value, piece),
    source: piece.source,
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  };
}

const FROM_TWO = 'put together from two answers';

/** A number that names a meter is no quantity. */
function numberText(value: Figure): ReadingValue {
  return { type: 'text', text: typeof value === 'string' ? '' : value.coefficient.toString() };
}

function valueOf(value: Figure, bytes: Uint8Array): ReadingValue {
  return typeof value === 'string' ? { type: 'bytes', bytes } : { type: 'number', decimal: value };
}

function stateOf(value: Figure | { readonly text: string }, { isSound, isSplit }: Piece): ReadingState {
  if (typeof value === 'string') return value;
  return isSound && !isSplit ? 'whole' : 'unchecked';
}

function sunspecReading({ address, text, obis, unit, value, piece }: SunspecReading): Reading {
  return {
    ...(obis === '' ? {} : { obis }),
    label: `${hex(SUNSPEC_COMMAND, 2)}:${hex(address, 4)}`,
    quantity: text,
    value: typeof value === 'object' && 'text' in value ? { type: 'text', ...value } : valueOf(value, piece.bytes),
    unit,
    kind: 'instantaneous',
    state: stateOf(value, piece),
    source: piece.source,
    ...(piece.isSplit ? { note: FROM_TWO } : {}),
  };
}

/** Registers and bits as they are, one reading each. */
function raw(answer: Answer): readonly Reading[] {
  const { command, address, frame, start, size, isSound } = answer;
  const isBits = command <= 2;
  const state = isSound ? 'whole' : 'unchecked';
  return Array.from({ length: isBits ? 8 * size : size >> 1 }, (_, index): Reading => {
    const at = HEAD + (isBits ? index >> 3 : 2 * index);
    const value = isBits ? ((frame[at] ?? 0) >> (index & 7)) & 1 : ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
    return {
      label: `${hex(command, 2)}:${hex(address + index, 4)}`,
      quantity: NAMES[command] ?? '',
      value: { type: 'number', decimal: { coefficient: value, exponent: 0 } },
      unit: '',
      kind: 'instantaneous',
      state,
      source: { start: start + at, end: start + at + (isBits ? 1 : 2) },
    };
  });
}

const NAMES: Readonly<Record<number, string>> = {
  1: 'Coil',
  2: 'Discrete input',
  3: 'Holding register',
  4: 'Input register',
};

/** A refusal says which registers are missing, and why. */
function refusal({ command, address, frame, start }: KeptFrame): readonly Reading[] {
  const [, answered = 0, code = 0] = frame;
  if (answered < REFUSED) return [];
  return [
    {
      label: `${hex(command, 2)}:${hex(address, 4)}`,
      quantity: 'Refused by the meter',
      value: { type: 'text', text: exceptionText(code) },
      unit: '',
      kind: 'error',
      state: 'whole',
      source: { start, end: start + frame.length },
    },
  ];
}
