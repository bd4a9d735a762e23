import type { LiveConverter, LiveFigure, LiveInput } from '../collector.ts';
import type { InputNumber } from './inputs.ts';
import { amountOf, rateOf, scaleOf } from './amount.ts';
import { calibrated } from './calibration.ts';
import { LINES } from './modem-lines.ts';
import type { PulseBook } from './pulse-book.ts';
import type { InputsSettings } from './settings.ts';
import type { InputsSource } from './sources.ts';
import type { Tally } from './tally.ts';

interface LiveParts {
  readonly source: InputsSource;
  readonly settings: InputsSettings;
  readonly book: Pick<PulseBook, 'countOf'>;
  readonly tally: Pick<Tally, 'paceOf'>;
}

/** An input as a page shows it. */
export function liveInput(input: InputNumber, { source, settings, book, tally }: LiveParts): LiveInput {
  const { constant, unit } = settings.inputs[input];
  const isClosed = source.closed(input, settings);
  const converter = source.analog(input, settings);
  const pulses = settings.source === 'rxd' && input !== 1 ? undefined : book.countOf(input);
  const counting = constant === undefined || pulses === undefined ? undefined : { constant, unit, pulses };
  const rate = counting && rateFigure(tally.paceOf(input, source.now()), counting);
  return {
    input,
    part: partOf(input, settings),
    fields: pulses === undefined ? [] : [`constant${input}`, `unit${input}`],
    ...(isClosed === undefined ? {} : { isClosed }),
    ...(converter === undefined ? {} : { converter: liveConverter(input, converter, settings) }),
    ...(pulses === undefined ? {} : { pulses: pulses.toString() }),
    ...(counting
      ? { amount: amountOf(counting.pulses, counting.constant, unit), scale: scaleOf(counting.constant, unit) }
      : {}),
    ...(rate ? { rate } : {}),
  };
}

function liveConverter(input: InputNumber, value: number, { inputs }: InputsSettings): LiveConverter {
  const { low, high } = inputs[input];
  const share = calibrated(value, { low, high });
  return {
    value,
    ...(share === undefined ? {} : { share }),
    low: { key: `low${input}`, value: low },
    high: { key: `high${input}`, value: high },
  };
}

function rateFigure(
  pace: ReturnType<Tally['paceOf']>,
  { constant, unit }: Pick<InputsSettings['inputs'][InputNumber], 'unit'> & { readonly constant: number },
): LiveFigure | undefined {
  return pace && { ...rateOf(pace.intervalMs, constant, unit), ...(pace.isLeast ? { isMost: true } : {}) };
}

function partOf(input: InputNumber, { source, inputs }: InputsSettings): string {
  const { adc, pin, threshold } = inputs[input];
  switch (source) {
    case 'firmata':
      return `A${adc} and digital pin ${pin} of the board${threshold === undefined ? '' : ', level from the converter'}`;
    case 'modem':
      return `${LINES[input - 1]?.toUpperCase() ?? ''} of the adapter`;
    case 'rxd':
      return input === 1 ? 'RXD of the adapter' : 'nothing: RXD is input 1';
  }
}
