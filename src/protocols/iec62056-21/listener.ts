import { MeterError } from '../../common/meter-error.ts';
import type { Line } from '../../line/line.ts';
import type { Hearing, Listener, Target, Telegram as Told } from '../protocol.ts';
import { parseIecAddress } from './address.ts';
import { beginDialogue, type Dialogue } from './dialogue.ts';
import { iecErrors } from './errors.ts';
import { hearNext, newEar, type Heard } from './listen.ts';
import { readout } from './outcome.ts';
import { ownNumbers } from './own-numbers.ts';
import { agree, isJoined, isWhole, type Telegram } from './push-judge.ts';
import { iecSettings } from './settings.ts';

/** Longest time for one telegram, from its first character: a line that never falls silent must be judged now and then. */
const LONGEST_TELEGRAM_MS = 120_000;
/** After so many turns without a telegram what was learnt of the meter is forgotten: the head may be at another one. */
const FORGET_AFTER = 4;
/** As many meters on one line are told apart; damaged identifications must not fill the memory. */
const MAX_METERS = 64;

/** Mode D without end: each telegram that is vouched for, by its check sum or by the one before. */
export const iecListener: Listener = {
  async listen(line, target, hearing) {
    const vouching = createVouching(hearing, line, iecSettings(target.settings).listenMs);
    try {
      await hearOn(line, target, hearing, vouching);
    } catch (error) {
      if (!line.signal.aborted) throw error;
    } finally {
      vouching.giveUp(0);
    }
  },
};

async function hearOn(line: Line, target: Target, hearing: Hearing, vouching: Vouching): Promise<void> {
  const settings = iecSettings(target.settings);
  const begin = () => beginDialogue(line, { ...asked, longestMs: Infinity });
  const onProgress = ({ kind, ...rest }: { readonly kind: string; readonly text?: string }) => {
    if (kind === 'step' && rest.text !== undefined) hearing.onStep(rest.text);
  };
  // Whoever speaks is heard: none of them is the wrong meter.
  const asked = { address: { ...parseIecAddress(target.address), address: '' }, settings, options: { onProgress } };
  const waits = {
    firstByteMs: settings.listenMs,
    interByteMs: settings.listenMs,
    totalMs: Math.max(settings.listenMs, LONGEST_TELEGRAM_MS),
  };
  let dialogue = begin();
  let ear = newEar(dialogue);
  let expectsCrc = false;
  let fruitless = 0;
  for (;;) {
    const before = ear.characters;
    const heard = await orDropped(hearNext(dialogue, ear, expectsCrc, waits), hearing);
    if (typeof heard === 'object' && isWhole(heard)) {
      fruitless = 0;
      expectsCrc ||= heard.message.crc;
      dialogue.mode = 'D';
      vouching.add(heard, dialogue);
    } else {
      const reason = ear.characters > before ? reasonOf(heard, dialogue) : undefined;
      if (reason !== undefined) hearing.onDropped(reason);
      if (ear.characters > before) fruitless++;
    }
    vouching.giveUp();
    if (fruitless < FORGET_AFTER * ear.rates.length && !(fruitless >= FORGET_AFTER && ear.settled)) continue;
    dialogue = begin();
    ear = newEar(dialogue);
    expectsCrc = false;
    fruitless = 0;
  }
}

type Turn = Heard | 'dropped';

/** What a meter sends ends nothing: it is dropped, with the reason in words. */
async function orDropped(hearing: Promise<Heard>, { onDropped }: Hearing): Promise<Turn> {
  try {
    return await hearing;
  } catch (error) {
    if (!(error instanceof MeterError)) throw error;
    onDropped(error.message);
    return 'dropped';
  }
}

/** Undefined where nobody is to blame: what was under way when we began, or a rate that was only tried. */
function reasonOf(heard: Turn, { receiver }: Dialogue): string | undefined {
  if (typeof heard === 'object') {
    const row = iecErrors.find(({ code }) => code === heard.message.errorCode);
    return row ? `${row.text}.` : 'A telegram broke off.';
  }
  return heard === 'over' && receiver?.text.includes('(') ? 'A telegram broke off.' : undefined;
}

/** Which telegrams are told, and as what. */
interface Vouching {
  /** A whole one: told at once where something vouches for it, else the next of the same meter decides. */
  add(telegram: Telegram, dialogue: Dialogue): void;
  /** Those that have waited so long, at the end all, are told as unchecked. */
  giveUp(waitedMs?: number): void;
}

interface Waiting {
  readonly telegram: Telegram;
  readonly told: (borneOut: boolean) => Told;
}

const NO_FIT = 'Two telegrams do not fit one another:';

function createVouching(hearing: Hearing, { clock }: Line, patienceMs: number): Vouching {
  /** The newest of each meter, told or not; the oldest first. */
  const newest = new Map<string, Telegram>();
  /** Of meters whose newest is not told yet. */
  const waiting = new Map<string, Waiting>();

  /** One that was put together of two may have lost its number: what else was heard of its kind speaks against it. */
  function isDoubted(key: string, { identification, at }: Telegram, withinMs: number): boolean {
    const text = identification?.identification;
    return [...newest].some(
      ([other, { identification: its, at: then }]) =>
        other !== key && Math.abs(then - at) < withinMs && (text === undefined || !its || its.identification === text),
    );
  }

  function add(telegram: Telegram, dialogue: Dialogue): void {
    const told = (borneOut?: boolean) => toldOf(telegram, dialogue, borneOut);
    const { message } = telegram;
    if (message.blockCheck === 'ok' || dialogue.settings.blockCheck === 'none') return hearing.onTelegram(told());
    const key = keyOf(telegram);
    const before = newest.get(key);
    const isLate = waiting.delete(key);
    newest.delete(key);
    newest.set(key, telegram);
    if (before && agree(before, telegram)) return hearing.onTelegram(told(true));
    // Of two that do not fit one is wrong, and nobody knows which.
    if (isLate) hearing.onDropped(`${NO_FIT} a counter fell or ran away, or one was torn.`);
    waiting.set(key, { telegram, told });
    const [oldest] = newest.keys();
    if (newest.size > MAX_METERS && oldest !== undefined) newest.delete(oldest);
  }

  return {
    add,
    giveUp(waitedMs = patienceMs) {
      for (const [key, { telegram, told }] of waiting) {
        if (clock.monotonic() - telegram.at < waitedMs) continue;
        waiting.delete(key);
        if (isDoubted(key, telegram, patienceMs)) hearing.onDropped(`${NO_FIT} one was torn.`);
        else if (isJoined(telegram)) hearing.onDropped('Two telegrams were joined by a hole.');
        else hearing.onTelegram(told(false));
      }
    },
  };
}

const keyOf = ({ message, identification }: Telegram) =>
  ownNumbers(message.block)[0] ?? identification?.identification ?? '';

const UNVOUCHED = 'nothing vouches for this telegram: it has no check sum, and no second one came that fits';

function toldOf({ message, identification }: Telegram, dialogue: Dialogue, borneOut?: boolean): Told {
  const notes = new Set([
    ...(identification?.deviations ?? ['the identification was missing or spoilt']),
    ...(borneOut === false ? [UNVOUCHED] : []),
  ]);
  const { circumstances = {}, ...whole } = readout({ ...dialogue, identification, message, borneOut, notes }, message, {
    began: 0,
    attempts: 1,
  });
  // Nobody asked: there was no try, and how long it was awaited says nothing.
  const { attempts: _attempts, durationMs: _durationMs, ...seen } = circumstances;
  return { readout: { ...whole, circumstances: seen }, from: ownNumbers(message.block) };
}
