import { MeterError } from '../../common/meter-error.ts';
import type { Line } from '../../line/line.ts';
import type { Collector } from '../collector.ts';
import { parseInputAddress, type InputAddress } from './address.ts';
import { INPUTS } from './inputs.ts';
import { inputsError } from './errors.ts';
import { liveInput } from './live.ts';
import { openPulseBook } from './pulse-book.ts';
import { answered, failed, levelData } from './readout.ts';
import { inputsSettings, type InputsSettings } from './settings.ts';
import { createSource } from './sources.ts';
import { createTally } from './tally.ts';

/** A board that was just opened may say nothing for five seconds, and is asked for two more. */
const BEGINNING_MS = 9000;
const MOST_PULSES = 2n ** 64n - 1n;

export const ainDinCollector: Collector = {
  async open(first, { clock, kept, onError }) {
    const book = await openPulseBook(kept, clock, onError);
    const tally = createTally(book);
    let values = first;
    let settings = inputsSettings(values);
    let isKnown = false;
    /** Why nothing is known, until the source is heard again. */
    let trouble: MeterError | undefined;
    let waiting: (() => void)[] = [];
    const wakeAll = () => {
      for (const wake of waiting.splice(0)) wake();
    };
    const source = createSource({
      settings: () => settings,
      clock,
      tally,
      setKnown(known) {
        isKnown = known;
        if (known) wakeAll();
      },
    });

    async function hear(line: Line, say: (text: string) => void): Promise<void> {
      trouble = undefined;
      try {
        await source.hear(line, say);
      } catch (error) {
        if (error instanceof MeterError) trouble = error;
        wakeAll();
        throw error;
      }
    }

    /** Resolves when the inputs are known; rejects with the reason why they are not. */
    async function known(signal: AbortSignal): Promise<void> {
      if (!isKnown && !trouble) {
        const woken = new AbortController();
        const wake = () => woken.abort();
        waiting.push(wake);
        try {
          await clock.sleep(BEGINNING_MS, AbortSignal.any([signal, woken.signal]));
        } catch (error) {
          if (!woken.signal.aborted) throw error;
        } finally {
          waiting = waiting.filter((one) => one !== wake);
        }
      }
      if (isKnown) return;
      throw trouble ?? inputsError(8388613, 'Nothing has come from the inputs yet.');
    }

    async function read(address: InputAddress, settings: InputsSettings) {
      if (address.what !== 'PULSE') {
        const { data, meaning } = levelData(source, address, settings);
        return answered(address, data, meaning ? { meaning } : {});
      }
      if (settings.source === 'rxd' && address.input !== 1)
        throw inputsError(8388865, 'Pulses on RXD are those of input 1.');
      if (book.countOf(address.input) === undefined)
        throw inputsError(8388608, `The stored counter of input ${address.input} cannot be read.`, {
          hint: 'Set it under Tools, A/D inputs: until then it is kept as it is.',
        });
      const { pulses, missedMs } = await book.take(address.input, address.as).catch((error: unknown) => {
        throw inputsError(8388608, 'The pulse counters could not be stored, so nothing was read.', { cause: error });
      });
      const { constant, unit } = settings.inputs[address.input];
      return answered(address, pulses.toString(), {
        ...(constant === undefined ? {} : { meaning: { constant, unit } }),
        ...(missedMs > 0 ? { notes: [missedWords(missedMs)] } : {}),
      });
    }

    return {
      line: source.line,
      hear,
      ...(source.watch ? { watch: source.watch } : {}),
      change(next) {
        const wanted = inputsSettings(next);
        if (wanted.source !== settings.source || wanted.baudRate !== settings.baudRate) return false;
        values = next;
        settings = wanted;
        source.changed();
        return true;
      },
      isHeard: () => isKnown,
      live: () => INPUTS.map((input) => liveInput(input, { source, settings, book, tally })),
      async setCounter(number, count, from) {
        const input = INPUTS.find((one) => one === number);
        if (!input || !isPulses(count) || (from !== undefined && !isPulses(from)))
          throw inputsError(8388610, `“${count}” is no count of pulses of an input.`, {
            hint: `Write a whole number from 0 to ${MOST_PULSES}.`,
          });
        await book.set(input, BigInt(count), from === undefined ? undefined : BigInt(from)).catch((error: unknown) => {
          throw inputsError(8388608, 'The counter could not be stored, so it was not changed.', { cause: error });
        });
      },
      async read(target, signal) {
        let address: InputAddress | undefined;
        try {
          address = parseInputAddress(target.address);
          await known(signal);
          return await read(address, {
            ...inputsSettings({ ...values, ...target.settings }),
            source: settings.source,
          });
        } catch (error) {
          return failed(error, address, signal);
        }
      },
      close: book.settle,
    };
  },
};

const isPulses = (text: string) => /^\d{1,20}$/.test(text) && BigInt(text) <= MOST_PULSES;

const missedWords = (ms: number) =>
  `The inputs were not heard for at least ${ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`} since the last reading of this counter: pulses of that time are missing.`;
