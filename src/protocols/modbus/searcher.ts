import { severalOf } from '../../common/form.ts';
import type { MeterError } from '../../common/meter-error.ts';
import type { Framing } from '../../line/framing.ts';
import type { Line, LineSettings } from '../../line/line.ts';
import type { Found, SearchCircumstances, SearchEvent, Searcher, SearchTask } from '../search.ts';
import { formatModbusAddress } from './address.ts';
import { modbusError } from './errors.ts';
import { readRequest, type ReadFunction } from './frame.ts';
import { asModbusError, createLink, exchange, type Exchange, type Link } from './link.ts';
import { allProfiles, lookUp } from './own/kept.ts';
import { addressFor, profileOf } from './profiles/plan.ts';
import type { OwnProfile } from './profiles/profile.ts';
import { recognizeModel, type RecognizedModel } from './recognize-model.ts';
import { inTwoRounds, unitsIn } from './scan-units.ts';
import { modbusSettings } from './settings.ts';

const FRAMINGS = ['8N1', '8E1', '8N2', '8O1'] as const satisfies readonly Framing[];
const DEFAULT: LineSettings = { baudRate: 9600, framing: '8N1' };
/** Meters answer within 100 ms and seldom later; who does is found by its late answer, and all are given more time then. */
const WAIT_MS = 100;
const LONG_WAIT_MS = 300;
/** More units than these at which nothing but garbage comes are no units: the rate or the parity is wrong. */
const MOST_GARBLED = 3;

interface Scan {
  readonly link: Link;
  readonly circumstances: SearchCircumstances;
  readonly meters: Found[];
  readonly units: readonly number[];
  readonly settings: readonly LineSettings[];
  own: readonly OwnProfile[];
  /** Units that were not understood, by setting. */
  readonly garbled: Map<LineSettings, Map<number, MeterError>>;
  /** Units that spoke at the present setting when another one was asked. */
  late: Set<number>;
  asked: number;
  done: number;
}

/** Looks for whoever answers, unit after unit, at every rate and framing that is wanted. Only reads. */
export const modbusSearcher: Searcher = {
  lineOf: (task) => settingsOf(task)[0] ?? DEFAULT,
  search: (line, task, circumstances) => search(line, task, circumstances),
};

function settingsOf({ values: { rates = '', framings = '' } }: SearchTask): readonly LineSettings[] {
  const wanted = FRAMINGS.filter((framing) => severalOf(framings).includes(framing));
  return severalOf(rates).flatMap((rate) => wanted.map((framing) => ({ baudRate: Number(rate), framing })));
}

async function* search(line: Line, task: SearchTask, circumstances: SearchCircumstances): AsyncGenerator<SearchEvent> {
  const { turnaroundMs } = modbusSettings(task.settings);
  const scan: Scan = {
    link: createLink(line, { timeoutMs: WAIT_MS, turnaroundMs }),
    circumstances,
    meters: [],
    units: unitsIn(String(task.values['units'] ?? '')),
    settings: settingsOf(task),
    own: [],
    garbled: new Map(),
    late: new Set(),
    asked: 0,
    done: 0,
  };
  const ended = (outcome: 'complete' | 'stopped' | 'failed', error?: MeterError): SearchEvent => ({
    kind: 'ended',
    outcome,
    meters: scan.meters,
    effort: effort(scan),
    ...(error ? { error } : {}),
  });
  try {
    let trouble = '';
    scan.own = await lookUp(line, allProfiles(circumstances.profiles), (why) => {
      trouble = why;
      return [];
    });
    if (trouble !== '') yield { kind: 'note', text: `Only models that are built in are recognized: ${trouble}.` };
    // The likely ones at every setting before all others: mostly the search can be stopped then.
    for (const units of inTwoRounds(scan.units)) {
      for (const settings of scan.settings) if (units.length > 0) yield* askAll(scan, settings, units);
    }
  } catch (cause) {
    const error = asModbusError(cause, scan.link.line.signal);
    yield* tellGarbled(scan);
    yield ended(error.code === 196609 ? 'stopped' : 'failed', error);
    return;
  }
  yield* tellGarbled(scan);
  yield ended('complete');
}

const effort = ({ asked }: Scan) => `${asked} ${asked === 1 ? 'request' : 'requests'}`;

async function* askAll(
  scan: Scan,
  settings: LineSettings,
  units: readonly number[],
): AsyncGenerator<SearchEvent, void> {
  const { link } = scan;
  await link.line.change(settings);
  link.timeoutMs = settings.baudRate < 9600 ? 2 * WAIT_MS : WAIT_MS;
  scan.late = new Set();
  for (const unit of units) {
    yield* askUnit(scan, settings, unit);
    scan.done += 1 / (scan.units.length * scan.settings.length);
  }
  for (const unit of scan.late) yield* askUnit(scan, settings, unit);
}

/** An answer of any kind says that somebody lives there, a refusal as well. */
async function* askUnit(scan: Scan, settings: LineSettings, unit: number): AsyncGenerator<SearchEvent, void> {
  const { link } = scan;
  yield* safePoint(scan);
  const { baudRate, framing } = settings;
  const tell = (text: string): SearchEvent => ({
    kind: 'progress',
    text,
    done: Math.min(1, scan.done),
    effort: `${effort(scan)} · ${baudRate} Bd ${framing}`,
  });
  yield tell(`asking unit ${unit}`);
  if (!(yield* isThere(scan, settings, unit))) return;
  yield tell(`unit ${unit} answers: asking what it is`);
  const steps: string[] = [];
  const told = await recognizeModel(link, unit, scan.own, (text) => steps.push(text));
  scan.asked += steps.length;
  const meter = foundOf(unit, settings, told, scan.own);
  if (scan.meters.some(({ address }) => address === meter.address)) return;
  scan.meters.push(meter);
  yield { kind: 'found', meter };
}

/** Holding registers first; some answer only where their input registers are asked for. */
const PROBES: readonly ReadFunction[] = [3, 4];

async function* isThere(scan: Scan, settings: LineSettings, unit: number): AsyncGenerator<SearchEvent, boolean> {
  for (const command of PROBES) {
    scan.asked++;
    const { answer, strangers } = await exchange(scan.link, readRequest(unit, command, 0, 1));
    yield* listenToStrangers(scan, strangers);
    if (answer.kind === 'data' || answer.kind === 'refused') return true;
    // It has its own idea of how long an answer is.
    if (answer.kind === 'other' && answer.bytes[0] === unit && answer.error.code === 196640) return true;
    if (answer.kind === 'damaged') noteGarbled(scan, settings, unit, answer.error);
  }
  return false;
}

/** An answer of a unit that was asked before: it is slow. */
async function* listenToStrangers(scan: Scan, strangers: Exchange['strangers']): AsyncGenerator<SearchEvent, void> {
  for (const [unit = 0] of strangers) {
    if (!scan.units.includes(unit)) continue;
    scan.late.add(unit);
    if (scan.link.timeoutMs >= LONG_WAIT_MS) continue;
    scan.link.timeoutMs = LONG_WAIT_MS;
    yield { kind: 'note', text: `Unit ${unit} answers late: waiting ${LONG_WAIT_MS} ms for each answer from now on.` };
  }
}

function noteGarbled({ garbled }: Scan, settings: LineSettings, unit: number, error: MeterError): void {
  const here = garbled.get(settings) ?? new Map<number, MeterError>();
  garbled.set(settings, here.set(unit, error));
}

/** In the end: who is found at one setting is garbled at the others, and that is no news then. */
function* tellGarbled({ garbled, meters }: Scan): Generator<SearchEvent, void> {
  const found = new Set(meters.map(({ listed }) => listed.primaryAddress));
  for (const [{ baudRate, framing }, errors] of garbled) {
    const unknown = [...errors].filter(([unit]) => !found.has(unit));
    if (unknown.length > MOST_GARBLED) {
      const error = modbusError(196615, `Nothing but garbled answers at ${baudRate} Bd ${framing}.`, {
        hint: 'Rate or parity are wrong, or the bus lacks its ends: try the others.',
      });
      yield { kind: 'problem', address: `${baudRate} Bd ${framing}`, error, isCollision: false };
      continue;
    }
    for (const [unit, { message }] of unknown) {
      const error = modbusError(196615, `Unit ${unit} at ${baudRate} Bd ${framing}: ${message}`, {
        hint: 'Two devices of one unit address answer at once, or it is at another rate: disconnect one of them.',
      });
      yield { kind: 'problem', address: String(unit), error, isCollision: true };
    }
  }
}

function foundOf(
  unit: number,
  { baudRate, framing }: LineSettings,
  told: RecognizedModel,
  own: readonly OwnProfile[],
): Found {
  const { model, isSure, saysOfItself, others } = told;
  const profile = own.find((one) => one.model === model) ?? (model === undefined ? undefined : profileOf(model));
  const address = formatModbusAddress(
    profile ? addressFor(profile, unit, baudRate) : { unit, baudRate, most: 1, blocks: [] },
  );
  const doubt = others.length > 0 ? `or ${others.slice(0, 3).join(', ')}` : 'compare the energy with the display';
  return {
    address,
    number: '',
    name: `${model ?? 'Modbus device'} at ${unit}`,
    facts: [
      ...(model === undefined ? ['no model that is known here'] : [isSure ? model : `probably ${model}`]),
      ...(model !== undefined && !isSure ? [doubt] : []),
      ...(saysOfItself === '' ? [] : [`“${saysOfItself}”`]),
    ],
    place: `unit ${unit} · ${baudRate} Bd ${framing}`,
    settings: { framing, ...(model === undefined ? {} : { model }) },
    listed: { primaryAddress: unit, secondaryAddress: '', address },
  };
}

/** Nothing is half said between two questions: others may have the line, and a person may hold the search. */
async function* safePoint({ link, circumstances: { control, lender } }: Scan): AsyncGenerator<SearchEvent, void> {
  const isHeld = control?.paused === true;
  if (isHeld) yield { kind: 'paused' };
  while (control?.paused || lender?.isWanted()) {
    if (lender?.isWanted()) {
      if (!isHeld) yield { kind: 'lent' };
      link.line = await lender.lend();
      if (!isHeld) yield { kind: 'back' };
    } else await link.line.until(Promise.race([control?.whenRunning(), ...(lender ? [lender.wanted()] : [])]));
  }
  if (isHeld) yield { kind: 'resumed' };
}
