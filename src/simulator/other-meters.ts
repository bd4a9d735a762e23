import { iecMeter } from './iec-meter.ts';
import { heatingHours, waterHours } from './load.ts';
import type { Load } from './load.ts';
import { meterEntry, seedOf } from './meter-entry.ts';
import type { MeterEntry } from './meter-entry.ts';
import { gasReadout, heatReadout, waterReadout } from './other-readouts.ts';

/** Gas, water and heat meters. All numbers and identifications are invented. */

function heating(number: string, perDay: number): Load {
  const since = Date.UTC(2017, 8, 4, 9);
  return { seed: seedOf(number), perDay, hours: heatingHours, season: 0.85, since, initial: 0 };
}

function gas(): MeterEntry {
  const meter = { number: '7ELS99000000123', volume: heating('7ELS99000000123', 5.4) };
  return meterEntry({
    id: 'gas',
    name: 'Gas meter',
    description: 'Encoder of a gas meter, mode A: everything at 300 Bd, no acknowledge, decimal commas.',
    manufacturer: 'Elster',
    teaches: 'A blank where the baud rate character stands means mode A; `!` may follow the last data set directly.',
    number: '99000123',
    device: (faults) =>
      iecMeter(
        {
          manufacturer: 'ELS',
          baudCharacter: ' ',
          identification: 'GASSIM V1.0',
          readout: (time) => gasReadout(meter, time),
          blockCheck: 'xor',
          address: '99000123',
        },
        faults,
      ),
  });
}

function heat(): MeterEntry {
  const meter = { number: '00770021', energy: heating('00770021', 0.034) };
  return meterEntry({
    id: 'heat',
    name: 'Heat meter',
    description: 'Mains-powered heat meter, mode B: identification at 300 Bd, data at 2400 Bd without an acknowledge.',
    manufacturer: 'Siemens',
    teaches: 'The meter changes the rate by itself after the identification; several data sets stand on a line.',
    number: meter.number,
    device: (faults) =>
      iecMeter(
        {
          manufacturer: 'SIE',
          baudCharacter: 'C',
          identification: '2HSIM1',
          readout: (time) => heatReadout(meter, time),
          blockCheck: 'xor',
          address: meter.number,
        },
        faults,
      ),
  });
}

function sleepingHeat(): MeterEntry {
  const meter = { number: '00770022', energy: heating('00770022', 0.051) };
  return meterEntry({
    id: 'heat-battery',
    name: 'Battery heat meter',
    description: 'Asleep until forty NULs come, directly followed by the request. Mode B, data at 2400 Bd.',
    manufacturer: 'Landis+Gyr',
    teaches: 'Waking without a pause, as the UH50 and T550 want it.',
    number: meter.number,
    settings: { wakeUp: 'immediate', wakeUpNuls: 40 },
    device: (faults) =>
      iecMeter(
        {
          manufacturer: 'LUG',
          baudCharacter: 'C',
          identification: 'UHSIM',
          readout: (time) => heatReadout(meter, time),
          blockCheck: 'xor',
          address: meter.number,
          wakeUp: 'immediate',
        },
        faults,
      ),
  });
}

function sleepingWater(): MeterEntry {
  const number = '55500031';
  const since = Date.UTC(2021, 4, 17, 8);
  const volume: Load = { seed: seedOf(number), perDay: 0.31, hours: waterHours, season: -0.1, since, initial: 0 };
  return meterEntry({
    id: 'water-battery',
    name: 'Battery water meter',
    description: 'Asleep until NULs come for 2.1 s, then a pause of 1.5 s. Mode B, data at 600 Bd.',
    manufacturer: 'Hydrometer',
    teaches: "The standard's wake-up message.",
    number,
    settings: { wakeUp: 'standard' },
    device: (faults) =>
      iecMeter(
        {
          manufacturer: 'HYD',
          baudCharacter: 'A',
          identification: 'WASIM1',
          readout: (time) => waterReadout({ number, volume }, time),
          blockCheck: 'xor',
          address: number,
          wakeUp: 'standard',
        },
        faults,
      ),
  });
}

export const otherMeters: readonly MeterEntry[] = [gas(), heat(), sleepingHeat(), sleepingWater()];
