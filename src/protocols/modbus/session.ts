import type { Circumstances, Readout } from '../../common/readout.ts';
import type { MeterError } from '../../common/meter-error.ts';
import { createTries, type Tries } from '../../common/tries.ts';
import type { Values } from '../../common/form.ts';
import type { Line } from '../../line/line.ts';
import type { ReadOptions, ReadStep } from '../protocol.ts';
import { hex, requestsOf, type Block, type ModbusAddress } from './address.ts';
import { modbusError, modbusErrors } from './errors.ts';
import { isMissing } from './exceptions.ts';
import { readRequest } from './frame.ts';
import { HEAD } from './image.ts';
import { asModbusError, createLink, type Answer, type Link } from './link.ts';
import { allProfiles, lookUp, profileNamed } from './own/kept.ts';
import { blocksOf, halves, profileOf } from './profiles/plan.ts';
import type { AnyProfile } from './profiles/profile.ts';
import { recognizeModel } from './recognize-model.ts';
import { keptFrame, MOST_DATA, sizeOfData } from './record-data.ts';
import { askAgain } from './repeat.ts';
import type { ModbusSettings } from './settings.ts';
import { BASES, blocksOfModel, isKnownModel, isMarker, modelAt, nextAddress, SUNSPEC } from './sunspec.ts';

/** What one read knows and has seen so far. */
interface Dialogue {
  readonly link: Link;
  readonly unit: number;
  readonly settings: ModbusSettings;
  readonly options: ReadOptions;
  readonly tries: Tries;
  readonly notes: Set<string>;
  /** As the record keeps them. */
  readonly kept: string[];
  repeats: number;
  /** Answers with data. */
  good: number;
  /** The first refusal that leaves something out that was asked for by address. */
  refused: MeterError | undefined;
  damaged: boolean;
  meaning: Values | undefined;
}

/**
 * One read of a meter over an open line: block after block as the address says, or as its model does. Never rejects for
 * what a meter does: a failed read is a readout with an error code and whatever was received.
 */
export async function readModbus(
  line: Line,
  address: ModbusAddress,
  settings: ModbusSettings,
  options: ReadOptions,
): Promise<Readout> {
  const began = line.clock.monotonic();
  const dialogue: Dialogue = {
    link: createLink(line, settings),
    unit: address.unit,
    settings,
    options,
    tries: options.tries ?? createTries(settings.retries, modbusErrors),
    notes: new Set(),
    kept: [],
    repeats: 0,
    good: 0,
    refused: undefined,
    damaged: false,
    meaning: undefined,
  };
  let failure: MeterError | undefined;
  try {
    await readAll(dialogue, address);
    if (dialogue.refused) failure = dialogue.refused;
  } catch (error) {
    failure = asModbusError(error, line.signal);
  }
  return readout(dialogue, failure, began);
}

function step({ options }: Dialogue, name: ReadStep, text: string): void {
  options.onProgress?.({ kind: 'step', step: name, text });
}

async function readAll(dialogue: Dialogue, address: ModbusAddress): Promise<void> {
  const { settings } = dialogue;
  const model = settings.model ?? (address.blocks.length === 0 ? await asked(dialogue) : undefined);
  const profile = model === undefined || model === SUNSPEC ? undefined : await named(dialogue, model, address);
  if (profile) dialogue.meaning = { model: profile.model, revision: profile.revision };
  if (profile?.remark !== undefined) dialogue.notes.add(profile.remark);
  if (address.blocks.length === 0 && model === SUNSPEC) return await readSunspec(dialogue);
  const blocks = address.blocks.length > 0 ? requestsOf(address) : profile ? blocksOf(profile) : [];
  if (sizeOfData(blocks) > MOST_DATA)
    throw modbusError(196616, `The answers to ${blocks.length} requests are more than a record holds.`);
  await readBlocks(dialogue, blocks, profile);
}

/** Whose registers a person has chosen, or the meter has shown; own profiles come with how their characters are sent. */
async function named(
  { link, settings, options, notes }: Dialogue,
  model: string,
  { blocks }: ModbusAddress,
): Promise<AnyProfile | undefined> {
  const builtIn = profileOf(model);
  if (builtIn) return builtIn;
  const { profiles } = options;
  let what = `There is no profile “${model}” on this device`;
  const own = await lookUp(link.line, profileNamed(profiles, model), (why) => {
    what = `The profile “${model}” could not be looked up (${why})`;
    return undefined;
  });
  if (own) {
    if (!settings.isFramingSet && own.framing !== settings.framing) await link.line.change({ framing: own.framing });
    return own;
  }
  if (blocks.length === 0)
    throw modbusError(196610, `${what}, and the address names no registers.`, {
      hint: 'Choose another meter model, or import the profile under Tools, Profiles.',
    });
  notes.add(`${what}: the registers are kept as they are.`);
  return undefined;
}

/** Whose registers they are, where neither address nor settings say. */
async function asked(dialogue: Dialogue): Promise<string> {
  const { link, unit, notes } = dialogue;
  await somebody(dialogue);
  const own = await lookUp(link.line, allProfiles(dialogue.options.profiles), (why) => {
    notes.add(`Only models that are built in were asked for: ${why}.`);
    return [];
  });
  const told = await recognizeModel(link, unit, own, (text) => step(dialogue, 'asking', text));
  const { model, isSure, saysOfItself, others } = told;
  if (saysOfItself !== '') notes.add(`The device says of itself: ${saysOfItself}.`);
  if (model === undefined)
    throw modbusError(196610, `The address names no registers, and unit ${unit} is no model that is known here.`, {
      hint: 'Write which registers to read behind the rate, e.g. [10,04:0000:2], or choose the meter model in the settings.',
    });
  notes.add(`Read as ${model}${isSure ? '.' : ', whose registers it has: compare the energy with the display.'}`);
  if (others.length > 0) notes.add(`It may as well be ${others.slice(0, 5).join(', ')}.`);
  step(dialogue, 'identified', `unit ${unit} is read as ${model}`);
  return model;
}

/** Nobody is asked fifty questions who does not answer one; a refusal is an answer. */
async function somebody(dialogue: Dialogue): Promise<void> {
  let last: Answer | undefined;
  for (const command of [3, 4] as const) {
    last = await request(dialogue, { command, address: 0, count: 1 });
    if (last.kind === 'data' || last.kind === 'refused') return;
  }
  if (last && 'error' in last) throw last.error;
}

function repeating(dialogue: Dialogue) {
  const { tries, settings } = dialogue;
  let repeats = 0;
  return (error: MeterError) => {
    // What is left of the account is for whoever called: others may have the port in between.
    if (repeats >= settings.retries || !tries.take(error.code)) return false;
    repeats++;
    dialogue.repeats++;
    step(dialogue, 'retrying', `${error.message} Trying again (${tries.used} of ${tries.most}).`);
    return true;
  };
}

async function readBlocks(
  dialogue: Dialogue,
  blocks: readonly Block[],
  profile: AnyProfile | undefined,
): Promise<void> {
  const left = [...blocks];
  const missing: string[] = [];
  let refused: MeterError | undefined;
  for (let block = left.shift(); block; block = left.shift()) {
    const answer = await request(dialogue, block);
    if (answer.kind === 'data') keep(dialogue, block, answer.frame);
    else if (answer.kind === 'refused') {
      const parts = profile && isMissing(answer.exception) ? halves(profile, block) : [];
      if (parts.length > 0) {
        left.unshift(...parts);
        continue;
      }
      dialogue.kept.push(keptFrame(dialogue.unit, block, answer.frame));
      refused ??= answer.error;
      if (profile && isMissing(answer.exception)) missing.push(hex(block.address, 4));
      else dialogue.refused ??= answer.error;
    } else {
      if (answer.kind === 'damaged' && answer.bytes.length > 0) {
        dialogue.kept.push(keptFrame(dialogue.unit, block, answer.bytes));
        dialogue.damaged = true;
      }
      throw answer.error;
    }
  }
  // Not every meter of a model has all of its registers; one that has none is another model.
  if (dialogue.good === 0) dialogue.refused ??= refused;
  if (missing.length > 0 && dialogue.good > 0) dialogue.notes.add(`The meter does not have ${missing.join(', ')}.`);
}

async function request(dialogue: Dialogue, block: Block): Promise<Answer> {
  const { link, unit, notes } = dialogue;
  const { command, address, count } = block;
  step(
    dialogue,
    'receiving',
    `reading ${hex(command, 2)}:${hex(address, 4)}, ${count} ${command <= 2 ? 'bits' : 'registers'}`,
  );
  const answer = await askAgain(link, readRequest(unit, command, address, count), repeating(dialogue), (text) =>
    notes.add(text),
  );
  if (answer.kind === 'data' || answer.kind === 'refused') dialogue.tries.progress();
  return answer;
}

function keep(dialogue: Dialogue, block: Block, frame: Uint8Array): void {
  dialogue.kept.push(keptFrame(dialogue.unit, block, frame));
  dialogue.good++;
  dialogue.options.onProgress?.({ kind: 'data', data: dialogue.kept.join(',') });
}

/** Where the list of models begins, then model after model; the heads are kept, too: they say what the rest is. */
async function readSunspec(dialogue: Dialogue): Promise<void> {
  const base = await sunspecBase(dialogue);
  dialogue.meaning = { model: SUNSPEC, revision: 1 };
  let address = base + 2;
  for (;;) {
    const head: Block = { command: 3, address, count: 2 };
    const answer = await request(dialogue, head);
    if (answer.kind !== 'data') throw answer.error;
    const model = modelAt(address, answer.frame.subarray(HEAD));
    keep(dialogue, head, answer.frame);
    if (!model) return;
    if (isKnownModel(model.id)) await readBlocks(dialogue, blocksOfModel(model), undefined);
    if (dialogue.kept.join(',').length > MOST_DATA)
      throw modbusError(196616, 'The models of the device are more than a record holds.');
    address = nextAddress(model);
  }
}

async function sunspecBase(dialogue: Dialogue): Promise<number> {
  for (const address of BASES) {
    const block: Block = { command: 3, address, count: 2 };
    const answer = await request(dialogue, block);
    if (answer.kind === 'refused') continue;
    if (answer.kind !== 'data') throw answer.error;
    if (!isMarker(answer.frame.subarray(HEAD))) continue;
    keep(dialogue, block, answer.frame);
    return address;
  }
  throw modbusError(196640, `Unit ${dialogue.unit} has no SunSpec marker at ${BASES.join(', ')}.`, {
    hint: 'Is it the right unit? Many inverters have SunSpec at another unit address than their own registers.',
  });
}

function readout(dialogue: Dialogue, failure: MeterError | undefined, began: number): Readout {
  const { kept, link, repeats, notes, meaning, damaged } = dialogue;
  const { line } = link;
  const circumstances: Circumstances = {
    baudRate: line.baudRate,
    ...(line.echo === 'unknown' ? {} : { echo: line.echo === 'echoes' }),
    attempts: 1 + repeats,
    durationMs: Math.round(line.clock.monotonic() - began),
    ...(failure && kept.length > 0 ? { partial: true } : {}),
    ...(damaged ? { blockCheck: 'bad' as const } : {}),
    ...(failure ? { message: failure.message, hint: failure.hint } : {}),
    ...(meaning ? { meaning } : {}),
    ...(notes.size > 0 ? { notes: [...notes] } : {}),
  };
  return { errorCode: failure?.code ?? 0, identification: '', data: kept.join(','), circumstances };
}
