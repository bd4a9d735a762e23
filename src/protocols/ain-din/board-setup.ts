import { INPUTS } from './inputs.ts';
import type { BoardPlan } from './board-inputs.ts';
import { SAMPLE_MS } from './contact.ts';
import { inputsError } from './errors.ts';
import { firmata, MODE } from './firmata.ts';
import type { InputsSettings } from './settings.ts';

interface Setup {
  readonly plan: BoardPlan;
  readonly requests: readonly Uint8Array[];
}

/**
 * What a board is told, after a look at what its pins can do. Never a reset: that makes outputs of its pins, and a closed
 * contact a short circuit. Throws MeterError 8388865 for a pin that can't.
 *
 * @param before what it was told earlier, and shall no longer report
 */
export function setupOf(
  settings: InputsSettings,
  pins: readonly ReadonlyMap<number, number>[],
  channels: readonly (number | undefined)[],
  before?: InputsSettings,
): Setup {
  const { adcs, digital } = partsOf(settings);
  const mode = settings.contacts === 'pull-up' ? MODE.pullUp : MODE.input;
  const bits = new Map<number, number>();
  const requests: Uint8Array[] = [...(before ? silenced(before) : []), firmata.samplingInterval(SAMPLE_MS)];
  for (const channel of adcs) {
    const pin = channels.indexOf(channel);
    const resolution = pins[pin]?.get(MODE.analog);
    if (resolution === undefined)
      throw inputsError(8388865, `The board has no analog input A${channel}.`, { hint: 'Choose another one.' });
    bits.set(channel, resolution);
    requests.push(firmata.pinMode(pin, MODE.analog), firmata.reportAnalog(channel, true));
  }
  for (const pin of digital) {
    if (pins[pin]?.has(mode) !== true)
      throw inputsError(
        8388865,
        `Pin ${pin} of the board is no digital input${mode === MODE.pullUp ? ' with pull-up' : ''}.`,
        { hint: 'Choose another pin.' },
      );
    requests.push(firmata.pinMode(pin, mode));
  }
  // The level as it is comes with this, and only then.
  for (const port of portsOf(digital)) requests.push(firmata.reportDigital(port, true));
  return { plan: { ...settings, bits, ticks: Math.min(...adcs) }, requests };
}

function silenced(settings: InputsSettings): readonly Uint8Array[] {
  const { adcs, digital } = partsOf(settings);
  return [
    ...[...adcs].map((channel) => firmata.reportAnalog(channel, false)),
    ...[...portsOf(digital)].map((port) => firmata.reportDigital(port, false)),
  ];
}

function partsOf({ inputs }: InputsSettings) {
  const own = INPUTS.map((input) => inputs[input]);
  return { adcs: new Set(own.map(({ adc }) => adc)), digital: new Set(own.map(({ pin }) => pin)) };
}

const portsOf = (pins: ReadonlySet<number>) => new Set([...pins].map((pin) => pin >> 3));
