import type { Clock } from '../../common/clock.ts';
import type { Line, LineSettings } from '../../line/line.ts';
import { PortError, type ModemSignals } from '../../line/port.ts';
import { BOARD_LINE, openBoard } from './board.ts';
import { analogOf, levelOf, takeReport, unknownInputs, type BoardInputs } from './board-inputs.ts';
import { SAMPLE_MS, samplesFor } from './contact.ts';
import { sampleLines, unseenLines } from './modem-lines.ts';
import type { PulseBook } from './pulse-book.ts';
import type { Levels } from './readout.ts';
import { noRxdPulses, RXD_BAUD_RATE, rxdEvent } from './rxd-pulses.ts';
import type { InputsSettings } from './settings.ts';

/** Where the inputs come from: what is on its line, or on its modem lines, goes into the book. */
export interface InputsSource extends Levels {
  readonly line: LineSettings;
  hear(line: Line, say: (text: string) => void): Promise<void>;
  watch?(signals: () => Promise<ModemSignals>, signal: AbortSignal): Promise<void>;
}

interface SourceParts {
  readonly settings: InputsSettings;
  readonly clock: Clock;
  readonly book: PulseBook;
  /** Something was heard for the first time since the port was opened, or it is over. */
  setKnown(isKnown: boolean): void;
}

export function createSource(parts: SourceParts): InputsSource {
  switch (parts.settings.source) {
    case 'firmata':
      return boardSource(parts);
    case 'modem':
      return modemSource(parts);
    case 'rxd':
      return rxdSource(parts);
  }
}

/** A board that tells its inputs. */
function boardSource({ settings, book, setKnown }: SourceParts): InputsSource {
  let inputs: BoardInputs = unknownInputs;
  const isKnown = () => inputs.contacts[1].closed !== undefined && analogOf(inputs, 1, settings) !== undefined;
  return {
    line: BOARD_LINE,
    analog: (input, set) => analogOf(inputs, input, set),
    closed: (input, set) => levelOf(inputs, input, set),
    async hear(line, say) {
      const board = await openBoard(line, settings, say);
      book.setHeard(true);
      try {
        await board.reports((message) => {
          const report = takeReport(inputs, message, board.plan);
          inputs = report.inputs;
          if (report.pulses.length > 0) book.count(report.pulses);
          else book.alive();
          if (isKnown()) setKnown(true);
          return false;
        });
      } finally {
        // What it said is of the past, and how contacts stood meanwhile nobody knows.
        inputs = unknownInputs;
        book.setHeard(false);
        setKnown(false);
      }
    },
  };
}

/** CTS, DSR and DCD of an adapter. Its port is kept open; who else has it keeps it open, too. */
function modemSource({ settings, clock, book, setKnown }: SourceParts): InputsSource {
  const needed = samplesFor(settings.debounceMs);
  let lines = unseenLines;
  return {
    line: { baudRate: 9600, framing: '8N1' },
    analog: () => undefined,
    closed: (input) => lines.contacts[input - 1]?.closed,
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
        book.miss(gapMs);
        book.setHeard(seen !== undefined);
        if (pulses.length > 0) book.count(pulses);
        else if (seen) book.alive();
        setKnown(lines.contacts[0]?.closed !== undefined && seen !== undefined);
        await clock.sleep(SAMPLE_MS, signal).catch(() => undefined);
      }
      book.setHeard(false);
      setKnown(false);
    },
  };
}

/** Pulses that pull RXD, on input 1. */
function rxdSource({ settings, clock, book, setKnown }: SourceParts): InputsSource {
  let pulses = noRxdPulses;
  return {
    line: { baudRate: RXD_BAUD_RATE, framing: '8N1' },
    analog: () => undefined,
    closed: () => undefined,
    async hear(line, say) {
      say('counting pulses on RXD');
      book.setHeard(true);
      setKnown(true);
      try {
        await hearOn(
          line,
          (isGood) => {
            const event = rxdEvent(pulses, isGood ? 'character' : 'error', clock.monotonic(), settings.debounceMs);
            pulses = event.pulses;
            if (event.isPulse) book.count([1]);
          },
          book.alive,
        );
      } finally {
        book.setHeard(false);
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
