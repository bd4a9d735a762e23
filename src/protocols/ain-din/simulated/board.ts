import { eightBits, type Device } from '../../../simulator/device.ts';
import type { Faults } from '../../../simulator/faults.ts';

/** What is connected to a simulated Arduino Uno. */
export interface Connected {
  /** Figure of the converter, 0 to 1023, at a monotonic time. */
  analog(channel: number, at: number): number;
  /** Level of a digital pin at a monotonic time: true is high. */
  level(pin: number, at: number): boolean;
}

const LINE = eightBits(57_600);
/** Boot loader and the blinking of the version. */
const BOOT_MS = 3100;
/** How often a board looks at its pins; a real one does some thousand times a second. */
const STEP_MS = 5;

/** What a boot loader says at a rate of its own, as it looks at this one: a message that never ends among it. */
const RUBBISH = [0x00, 0xe0, 0x12, 0xf0, 0x79, 0x41, 0x00, 0x1c, 0x92, 0x7f];
const OTHER_PROGRAM = [...'Temperature: 21.5 C\r\n'].map((c) => c.charCodeAt(0));
const OTHER_EVERY_MS = 1000;

const BANNER = [0xf9, 2, 5, 0xf0, 0x79, 2, 5, ...[...'StandardFirmata'].flatMap((c) => [c.charCodeAt(0), 0]), 0xf7];
const DIGITAL_PIN = [0, 1, 0x0b, 1, 1, 1, 4, 0x0e, 0x7f];
const ANALOG_PIN = [0, 1, 0x0b, 1, 1, 1, 2, 10, 4, 0x0e, 0x7f];
const [PINS, FIRST_ANALOG] = [20, 14];
const CAPABILITIES = [
  ...[0xf0, 0x6c, 0x7f, 0x7f],
  ...Array.from({ length: PINS - 2 }, (_, i) => (i + 2 < FIRST_ANALOG ? DIGITAL_PIN : ANALOG_PIN)).flat(),
  0xf7,
];
const MAPPING = [
  ...[0xf0, 0x6a],
  ...Array.from({ length: PINS }, (_, pin) => (pin < FIRST_ANALOG ? 0x7f : pin - FIRST_ANALOG)),
  0xf7,
];

/** An Arduino Uno with StandardFirmata, as far as inputs go. It restarts when its port is opened. */
export const board =
  (connected: Connected) =>
  (faults: Faults): Device =>
  (wire) => {
    const { clock } = wire;
    let turn = 0;
    let isUp = false;
    let command: number[] = [];
    let intervalMs = 19;
    const analog = new Set<number>();
    /** By port: what was reported last; undefined before the first report. */
    const digital = new Map<number, number | undefined>();

    const say = (bytes: readonly number[]) => {
      if (!faults().has('silent')) wire.send(Uint8Array.from(bytes), LINE, clock.monotonic());
    };

    const isOther = () => faults().has('other-firmware');

    function reportPorts(): void {
      for (const [port, last] of digital) {
        let levels = 0;
        for (let bit = 0; bit < 8; bit++) if (connected.level(port * 8 + bit, clock.monotonic())) levels |= 1 << bit;
        if (levels === last) continue;
        digital.set(port, levels);
        const report = (is: number) => say([0x90 | port, is & 0x7f, is >> 7]);
        if (last !== undefined && faults().has('contact-bounce')) [levels, last, levels, last].forEach(report);
        report(levels);
      }
    }

    function reportAnalog(): void {
      for (const channel of [...analog].sort()) {
        const value = connected.analog(channel, clock.monotonic());
        say([0xe0 | channel, value & 0x7f, value >> 7]);
      }
    }

    async function run(mine: number): Promise<void> {
      await clock.sleep(BOOT_MS);
      if (turn !== mine) return;
      isUp = true;
      if (faults().has('garbage-before-answer')) say(RUBBISH);
      if (!isOther()) say(BANNER);
      for (let reportedAt = clock.monotonic(); turn === mine;) {
        await clock.sleep(isOther() ? OTHER_EVERY_MS : STEP_MS);
        if (turn !== mine) return;
        if (isOther()) {
          say(OTHER_PROGRAM);
          reportedAt = clock.monotonic();
          continue;
        }
        reportPorts();
        if (clock.monotonic() - reportedAt < intervalMs) continue;
        reportedAt += intervalMs;
        reportAnalog();
      }
    }

    function obey([first = 0, second = 0, third = 0, fourth = 0]: readonly number[]): void {
      if (first === 0xf9) say(BANNER.slice(0, 3));
      else if (first === 0xf0 && second === 0x79) say(BANNER.slice(3));
      else if (first === 0xf0 && second === 0x6b) say(CAPABILITIES);
      else if (first === 0xf0 && second === 0x69) say(MAPPING);
      else if (first === 0xf0 && second === 0x7a) intervalMs = Math.max(1, third | (fourth << 7));
      else if ((first & 0xf0) === 0xc0) analog[second ? 'add' : 'delete'](first & 0x0f);
      else if ((first & 0xf0) === 0xd0 && second === 0) digital.delete(first & 0x0f);
      else if ((first & 0xf0) === 0xd0) digital.set(first & 0x0f, undefined);
    }

    const isWhole = ([first = 0, ...rest]: readonly number[]) =>
      first === 0xf0 ? rest.at(-1) === 0xf7 : rest.length >= (first === 0xf9 ? 0 : (first & 0xf0) === 0xf0 ? 2 : 1);

    wire.listen(LINE);
    return {
      received(character) {
        if (!isUp || isOther()) return;
        if (character >= 0x80 && !(character === 0xf7 && command[0] === 0xf0)) command = [];
        command.push(character);
        if (!isWhole(command)) return;
        obey(command);
        command = [];
      },
      hostListens(listens) {
        turn++;
        isUp = false;
        analog.clear();
        digital.clear();
        intervalMs = 19;
        if (listens) void run(turn);
      },
    };
  };

/** Contacts pull to ground: closed is low. */
const S0_EVERY_MS = 2400;
const S0_MS = 40;
/** A tank that is filled and emptied, each level held for a while. */
const LEVELS = [204, 410, 655, 819, 655, 410];
const HELD_MS = 12_000;

export const demonstration: Connected = {
  analog(channel, at) {
    if (channel === 0) return LEVELS[Math.floor(at / HELD_MS) % LEVELS.length] ?? 0;
    return Math.round(512 + (380 - 60 * channel) * Math.sin(at / (20_000 + 7000 * channel)));
  },
  level(pin, at) {
    if (pin === 3) return Math.floor(at / 30_000) % 2 === 0;
    return pin !== 4 || at % S0_EVERY_MS >= S0_MS;
  },
};
