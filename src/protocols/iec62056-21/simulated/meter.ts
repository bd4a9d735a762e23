import { characterMs } from '../../../line/framing.ts';
import { alarm } from '../../../simulator/alarm.ts';
import type { Device, DeviceListener, DeviceWire } from '../../../simulator/device.ts';
import { eightBits } from '../../../simulator/device.ts';
import type { Faults } from '../../../simulator/faults.ts';
import { sendWithFaults } from './faulty-sender.ts';
import {
  ACK,
  BREAK,
  NAK,
  ETX,
  SOH,
  STX,
  acknowledgeOf,
  announcedMode,
  announcedRate,
  dataMessage,
  evenCharacter,
  requestedAddress,
  sameAddress,
} from './messages.ts';
import type { BlockCheck } from './messages.ts';
import { commandAnswerer, keepingOf, type CommandAnswerer, type CommandSpec } from './commands.ts';
import { wakeUpDetector } from './wake-up.ts';
import type { WakeUpDetector, WakeUpProfile } from './wake-up.ts';

export interface IecMeterSpec {
  /** Three letters; a lower-case third one means 20 ms reaction time. */
  readonly manufacturer: string;
  /** Decides the mode: a digit for C, A–F for B, anything else for A. */
  readonly baudCharacter: string;
  readonly identification: string;
  /** Everything between STX and ETX, or the whole data where there is no STX, at this wall clock time. */
  readonly readout: (time: number) => string;
  readonly blockCheck: BlockCheck;
  readonly address: string;
  /** Does not answer `/?!`. */
  readonly onlyByAddress?: boolean;
  /** 300 unless told. */
  readonly firstRate?: number;
  readonly wakeUp?: WakeUpProfile;
  /** Stays at the agreed rate after the readout until a break comes or the inactivity time is over. */
  readonly keepsSession?: boolean;
  /** What it knows in programming mode; without it an acknowledge for that is not heard. */
  readonly commands?: CommandSpec;
}

/** Reaction time tr: 200 ms, 20 ms for meters that say so, up to 1500 ms. */
const REACTION = { usual: 200, fast: 20, slow: 1400 };
/** Mode C: how long the meter waits for the acknowledge, over 1500 and up to 2200 ms. */
const ACKNOWLEDGE_WAIT = 1800;
/** How long a meter stays at the data rate to hear a NAK: the reader's longest reaction time. */
const REPEAT_WAIT = 1500;
const INACTIVITY = 60_000;
/** Longer than any message a meter has to understand. */
const LONGEST_MESSAGE = 160;
const MESSAGE_STARTS = ['/', SOH, ACK, NAK];

/**
 * 'start': waits for a sign-on request; 'sending': hears nothing; 'identified': waits for the acknowledge;
 * 'finished': the readout is out, a NAK repeats it; 'programming': waits for commands.
 */
type State = 'asleep' | 'start' | 'sending' | 'identified' | 'finished' | 'programming';

interface SentMessage {
  readonly text: string;
  readonly baudRate: number;
  readonly next: 'identified' | 'finished' | 'data' | 'programming';
}

/** A tariff device of the standard's modes A, B and C, with programming mode where it has commands. */
export function iecMeter(spec: IecMeterSpec, faults: Faults): Device {
  return (wire) => meterOnWire(spec, faults, wire);
}

function meterOnWire(spec: IecMeterSpec, faults: Faults, wire: DeviceWire): DeviceListener {
  const { clock } = wire;
  const firstRate = spec.firstRate ?? 300;
  const mode = announcedMode(spec.baudCharacter);
  const timeout = alarm(clock);
  let state: State = 'start';
  let heard = '';
  let wakeUp: WakeUpDetector | undefined;
  let baudRate = firstRate;
  let lastMessage: SentMessage | undefined;
  let commands: CommandAnswerer | undefined;
  const keeping = spec.commands && keepingOf(spec.commands);
  /** The fault 'wrong-bcc-once' has had its turn in this session. */
  let spoiled = false;

  function listenAt(rate: number): void {
    if (rate !== baudRate) heard = '';
    baudRate = rate;
    wire.listen(eightBits(rate));
  }

  function toStart(): void {
    timeout.cancel();
    const profile = spec.wakeUp ?? 'none';
    state = profile === 'none' ? 'start' : 'asleep';
    wakeUp = profile === 'none' ? undefined : wakeUpDetector(profile, characterMs(eightBits(firstRate)));
    heard = '';
    listenAt(firstRate);
  }

  function reactionMs(): number {
    if (faults().has('slow-reaction')) return REACTION.slow;
    return /[a-z]$/.test(spec.manufacturer) ? REACTION.fast : REACTION.usual;
  }

  /** A wrong block check where the faults want one. */
  function withFaultyCheck(text: string): string {
    if (!text.startsWith(STX) && !text.startsWith(SOH)) return text;
    const active = faults();
    if (!active.has('wrong-bcc') && (spoiled || !active.has('wrong-bcc-once'))) return text;
    spoiled = true;
    return text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) ^ 1);
  }

  /** Sends a message beginning at `at` and goes on when its last stop bit is out. */
  function send(message: SentMessage, at: number): void {
    if (faults().has('silent')) return toStart();
    state = 'sending';
    lastMessage = message;
    const isData = message.next === 'finished' || message.next === 'programming';
    const text = isData ? withFaultyCheck(message.text) : message.text;
    listenAt(message.baudRate);
    const end = sendWithFaults(wire, faults(), { text, baudRate: message.baudRate, parity: 'even', isData }, at);
    timeout.set(end, () => afterSending(message, end));
  }

  function afterSending({ next }: SentMessage, end: number): void {
    heard = '';
    if (lastMessage?.text === BREAK) return toStart();
    if (next === 'data') return sendData(spec.baudCharacter, end + reactionMs());
    state = next;
    if (next === 'identified') {
      const giveUp = end + ACKNOWLEDGE_WAIT;
      timeout.set(giveUp, () => sendData('0', giveUp));
    } else {
      timeout.set(end + (next === 'programming' || spec.keepsSession === true ? INACTIVITY : REPEAT_WAIT), toStart);
    }
  }

  function identify(at: number): void {
    spoiled = false;
    const text = `/${spec.manufacturer}${spec.baudCharacter}${spec.identification}\r\n`;
    send({ text, baudRate: firstRate, next: mode === 'C' ? 'identified' : 'data' }, at);
  }

  /** The data message at the rate this character stands for. */
  function sendData(baudCharacter: string, at: number): void {
    const text = dataMessage(spec.readout(clock.now()), spec.blockCheck);
    const rate = faults().has('stays-at-first-rate') ? firstRate : announcedRate(baudCharacter, firstRate);
    send({ text, baudRate: rate, next: 'finished' }, at);
  }

  function hearRequest(message: string, end: number): void {
    const address = requestedAddress(message);
    if (address === undefined) return;
    const addressed = address === '' ? spec.onlyByAddress !== true : sameAddress(address, spec.address);
    if (addressed) identify(end + reactionMs());
  }

  function hearAcknowledge(message: string, end: number): void {
    const acknowledge = acknowledgeOf(message);
    if (!acknowledge || faults().has('ignores-acknowledge')) return;
    const { protocol, baudCharacter, option } = acknowledge;
    if (protocol !== '0') return;
    if (option === '1' && spec.commands && keeping) {
      commands = commandAnswerer(spec.commands, keeping);
      const rate = announcedRate(baudCharacter, firstRate);
      return send({ text: commands.greeting, baudRate: rate, next: 'programming' }, end + reactionMs());
    }
    if (option !== '0') return;
    // A rate the meter did not announce is not taken: the readout stays at the first rate.
    sendData(baudCharacter === spec.baudCharacter ? baudCharacter : '0', end + reactionMs());
  }

  /** The character behind ETX is the check character, whatever it looks like. */
  function hearCommand(character: string, end: number): void {
    const isWhole = heard.startsWith(SOH) && heard.endsWith(ETX);
    heard = !isWhole && MESSAGE_STARTS.includes(character) ? character : (heard + character).slice(-LONGEST_MESSAGE);
    if (heard === NAK && lastMessage) return send(lastMessage, end + reactionMs());
    if (heard === BREAK) return toStart();
    const answer = heard === ACK ? commands?.acknowledge() : isWhole ? commands?.answer(heard, clock.now()) : undefined;
    if (answer === undefined) return;
    send({ text: answer, baudRate, next: 'programming' }, end + reactionMs());
  }

  function hear(character: string, end: number): void {
    if (state === 'programming') return hearCommand(character, end);
    heard = MESSAGE_STARTS.includes(character) ? character : (heard + character).slice(-LONGEST_MESSAGE);
    if (heard === NAK && lastMessage && state !== 'start') send(lastMessage, end + reactionMs());
    else if (heard === BREAK) toStart();
    else if (character !== '\n') return;
    else if (state === 'identified' && heard.startsWith(ACK)) hearAcknowledge(heard, end);
    else hearRequest(heard, end);
  }

  toStart();

  return {
    received(raw, end) {
      if (state === 'sending') return;
      if (state === 'asleep') {
        if (!wakeUp?.wakes(raw, end)) return;
        state = 'start';
        timeout.set(end + INACTIVITY, toStart);
      }
      const character = faults().has('no-parity') ? String.fromCharCode(raw & 0x7f) : evenCharacter(raw);
      if (character !== undefined) hear(character, end);
    },
  };
}
