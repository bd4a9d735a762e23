import type { Clock } from '../../common/clock.ts';
import type { Line, LineSettings } from '../../line/line.ts';
import { PortError, type ModemSignals } from '../../line/port.ts';
import { INPUTS, type InputNumber } from './inputs.ts';
import { boardTime, clockStarted, ticked } from './board-clock.ts';
import { boardLine, openBoard } from './board.ts';
import { analogOf, levelOf, takeReport, unknownInputs, type BoardInputs, type BoardPlan } from './board-inputs.ts';
import { SAMPLE_MS, samplesFor } from './contact.ts';
import { sampleLines, unseenLines } from './modem-lines.ts';
import type { Levels } from './readout.ts';
import { noRxdPulses, RXD_BAUD_RATE, rxdEvent } from './rxd-pulses.ts';
import type { InputsSettings } from './settings.ts';
import type { Tally } from './tally.ts';

/** Where the inputs come from: what is on its line, or on its modem lines, goes into the tally. */
export interface InputsSource extends Levels {
  readonly line: LineSettings;
  hear(line: Line, say: (text: string) => void): Promise<void>;
  watch?(signals: () => Promise<ModemSignals>, signal: AbortSignal): Promise<void>;
  /** Milliseconds of the clock that its pulses are told by. */
  now(): number;
  /** The settings are others from now on, of the same source and line. */
  changed(): void;
}

export interface SourceParts {
  settings(): InputsSettings;
  readonly clock: Clock;
  readonly tally: Tally;
  /** Something was heard for the first time since the port was opened, or it is over. */
  setKnown(isKnown: boolean): void;
}

export function createSource(parts: SourceParts): InputsSource {
  switch (parts.settings().source) {
    case 'firmata':
      return boardSource(parts);
    case 'modem':
      return modemSource(parts);
    case 'rxd':
      return rxdSource(parts);
  }
}

/** A board that tells its inputs. */
function boardSource({ settings, tally, setKnown }: SourceParts): InputsSource {
  let inputs: BoardInputs = unknownInputs;
  let time = clockStarted(0);
  let plan: BoardPlan | undefined;
  let isRewired = false;
  const isKnown = () => inputs.contacts[1].closed !== undefined && analogOf(inputs, 1, settings()) !== undefined;

  function forget(): void {
    // What it said is of the past, and how contacts stood meanwhile nobody knows.
    inputs = unknownInputs;
    tally.setHeard(false);
    setKnown(false);
  }

  return {
    line: boardLine(settings()),
    analog: (input, set) => analogOf(inputs, input, set),
    closed: (input, set) => levelOf(inputs, input, set),
    now: () => boardTime(time),
    changed() {
      if (!plan) return;
      isRewired = wiringOf(settings()) !== wiringOf(plan);
      // What is no matter of the board's holds with the next report.
      if (!isRewired) plan = { ...plan, ...settings() };
    },
    async hear(line, say) {
      const { clock } = line;
      let board = await openBoard(line, settings(), say);
      try {
        for (;;) {
          let now = (plan = board.plan);
          isRewired = wiringOf(settings()) !== wiringOf(now);
          time = clockStarted(clock.monotonic());
          tally.setHeard(true);
          const end = await board.reports((message) => {
            now = plan ?? now;
            const report = takeReport(inputs, message, now);
            inputs = report.inputs;
            if (message.kind === 'damaged') tally.miss(SAMPLE_MS);
            if (message.kind === 'analog' && message.channel === now.ticks) {
              const tick = ticked(time, clock.monotonic());
              time = tick.clock;
              tally.miss(tick.lostMs);
            }
            tally.count(report.pulses, boardTime(time));
            if (isKnown()) setKnown(true);
            return isRewired;
          });
          forget();
          // It is still there, or back: neither opening the port nor a restart is needed to ask.
          if (end === 'enough') await board.setUp(settings());
          else board = await openBoard(line, settings(), say);
        }
      } finally {
        plan = undefined;
        forget();
      }
    },
  };
}

/** What a board has to be told. */
const wiringOf = ({ contacts, inputs }: InputsSettings) =>
  JSON.stringify([contacts, ...INPUTS.map((input) => [inputs[input].adc, inputs[input].pin])]);

/** CTS, DSR and DCD of an adapter. Its port is kept open; who else has it keeps it open, too. */
function modemSource({ settings, clock, tally, setKnown }: SourceParts): InputsSource {
  const needed = (input: InputNumber) => samplesFor(settings().inputs[input].debounceMs);
  let lines = unseenLines;
  return {
    line: { baudRate: 9600, framing: '8N1' },
    analog: () => undefined,
    closed: (input) => lines.contacts[input - 1]?.closed,
    now: clock.monotonic,
    changed: () => undefined,
    async hear(line, say) {
      say('watching CTS, DSR and DCD');
      await hearOn(line, () => undefined);
    },
    async watch(signals, signal) {
      const look = async () => {
        try {
          return await signals();
        } catch (error) {
          if (error instanceof PortError && error.failure !== 'unsupported') return undefined;
          throw error;
        }
      };
      while (!signal.aborted) {
        const seen = await look();
        const now = clock.monotonic();
        const { lines: next, pulses, gapMs } = sampleLines(lines, seen, now, needed);
        lines = next;
        tally.miss(gapMs);
        tally.setHeard(seen !== undefined);
        if (seen) tally.count(pulses, now);
        setKnown(lines.contacts[0]?.closed !== undefined && seen !== undefined);
        await clock.sleep(SAMPLE_MS, signal).catch(() => undefined);
      }
      tally.setHeard(false);
      setKnown(false);
    },
  };
}

/** Pulses that pull RXD, on input 1. */
function rxdSource({ settings, clock, tally, setKnown }: SourceParts): InputsSource {
  let pulses = noRxdPulses;
  let now = clock.monotonic;
  return {
    line: { baudRate: RXD_BAUD_RATE, framing: '8N1' },
    analog: () => undefined,
    closed: () => undefined,
    now: () => now(),
    changed: () => undefined,
    async hear(line, say) {
      say('counting pulses on RXD');
      now = () => line.clock.monotonic();
      tally.setHeard(true);
      setKnown(true);
      try {
        await hearOn(
          line,
          (isGood) => {
            const { debounceMs } = settings().inputs[1];
            const event = rxdEvent(pulses, isGood ? 'character' : 'error', now(), debounceMs);
            pulses = event.pulses;
            tally.count(event.isPulse ? [1] : [], now());
          },
          () => tally.count([], now()),
        );
      } finally {
        tally.setHeard(false);
        setKnown(false);
      }
    },
  };
}

const QUIET_MS = 30_000;

/** Until the line's signal aborts or the port fails. */
async function hearOn(line: Line, onCharacter: (isGood: boolean) => void, onQuiet: () => void = () => undefined) {
  const accept = (_: number, isGood: boolean) => {
    onCharacter(isGood);
    return 'more' as const;
  };
  while (!line.signal.aborted) {
    await line.read(accept, { firstByteMs: QUIET_MS, interByteMs: QUIET_MS });
    onQuiet();
  }
}
