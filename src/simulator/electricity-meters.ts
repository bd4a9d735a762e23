import {
  billingReadout,
  demandReadout,
  namedReadout,
  pushMessage,
  threePhaseReadout,
  unitInValueReadout,
} from './electricity-readouts.ts';
import type { ElectricityMeter } from './electricity-readouts.ts';
import { iecMeter } from './iec-meter.ts';
import type { IecMeterSpec } from './iec-meter.ts';
import { householdHours, sunHours } from './load.ts';
import { meterEntry, seedOf } from './meter-entry.ts';
import type { MeterEntry, MeterTraits } from './meter-entry.ts';
import { pushMeter } from './push-meter.ts';

/** All numbers and identifications are invented; the three letters of makers are real ones, for the sake of lists that know them. */

function electricity(number: string, kwhPerDay: number, sunKwhPerDay = 0): ElectricityMeter {
  const seed = seedOf(number);
  const since = Date.UTC(2019, 2, 12, 10);
  return {
    number,
    taken: { seed, perDay: kwhPerDay, hours: householdHours, season: 0.35, since, initial: 12 },
    given: { seed: seed + 1, perDay: sunKwhPerDay, hours: sunHours, season: -0.7, since, initial: 0 },
  };
}

interface PolledTraits extends Omit<MeterTraits, 'number' | 'device'> {
  readonly meter: ElectricityMeter;
  /** "ZPA5ZE3SIM": letters, baud rate character and identification as the meter says them. */
  readonly says: string;
  readonly readout: (meter: ElectricityMeter, time: number) => string;
  readonly spec?: Partial<IecMeterSpec>;
}

function polled({ meter, says, readout, spec, ...traits }: PolledTraits): MeterEntry {
  const { number } = meter;
  const whole: IecMeterSpec = {
    manufacturer: says.slice(0, 3),
    baudCharacter: says.charAt(3),
    identification: says.slice(4),
    readout: (time) => readout(meter, time),
    blockCheck: 'xor',
    address: number,
    ...spec,
  };
  return meterEntry({ ...traits, number, device: (faults) => iecMeter(whole, faults) });
}

interface PushTraits extends Omit<MeterTraits, 'number' | 'device' | 'settings'> {
  readonly meter: ElectricityMeter;
  readonly says: string;
  readonly baudRate: number;
  readonly parity: 'even' | 'none';
  readonly everyMs: number;
}

function pushing({ meter, says, baudRate, parity, everyMs, ...traits }: PushTraits): MeterEntry {
  const message = (time: number) => pushMessage(says, meter, time);
  return meterEntry({
    ...traits,
    number: meter.number,
    settings: { mode: 'D', baudRate, framing: parity === 'even' ? '7E1' : '8N1', listenMs: 2 * everyMs + 2000 },
    device: (faults) => pushMeter({ message, baudRate, parity, everyMs }, faults),
  });
}

export const electricityMeters: readonly MeterEntry[] = [
  polled({
    id: 'three-phase',
    name: 'Three-phase meter',
    description: 'Household meter with two tariffs and photovoltaics, mode C, 300 Bd to 9600 Bd.',
    manufacturer: 'ZPA',
    teaches: 'The usual dialogue: request, identification, acknowledge, readout at the higher rate.',
    meter: electricity('04710815', 9.4, 6.2),
    says: 'ZPA5ZE3SIM.01',
    readout: threePhaseReadout,
  }),
  polled({
    id: 'demand',
    name: 'Maximum demand meter',
    description: 'Shop meter with monthly maximum, mode C, 300 Bd to 4800 Bd; says it can do mode E.',
    manufacturer: 'Landis+Gyr',
    teaches: 'An identification with \\2 (mode E offered) that is read in mode C all the same.',
    meter: electricity('07700123', 88),
    says: 'LGZ4\\2ZSIM100.T1',
    readout: demandReadout,
  }),
  polled({
    id: 'billing',
    name: 'Billing meter with history',
    description:
      'Meter with fifteen stored months, more than 2 kB, mode C, 300 Bd to 19200 Bd; adapter that switches in place.',
    manufacturer: 'EMH',
    teaches: 'A long readout: seconds at 19200 Bd, a minute and more at 300 Bd.',
    meter: electricity('00990417', 61, 24),
    says: 'EMH6LSIM0042',
    readout: billingReadout,
    port: { reconfigure: 'in-place', latencyMs: 1 },
  }),
  polled({
    id: 'fast-reaction',
    name: 'Meter with 20 ms reaction time',
    description:
      'Meter whose third letter is lower-case: it answers 20 ms after the request, mode C, 300 Bd to 9600 Bd.',
    manufacturer: 'Iskraemeco',
    teaches: 'Little time to change the rate: a reader that waits too long loses the first characters.',
    meter: electricity('31004711', 7.1),
    says: 'ISk5MTSIM-0001',
    readout: unitInValueReadout,
  }),
  polled({
    id: 'echo',
    name: 'Meter behind an echoing head',
    description: 'Optical head that returns every character it sends, mode C, 300 Bd to 9600 Bd.',
    manufacturer: 'ZPA',
    teaches: 'What is sent comes back first and must not be taken for the answer.',
    meter: electricity('04710816', 5.5),
    says: 'ZPA5ZE3SIM.02',
    readout: threePhaseReadout,
    nature: ['echo'],
  }),
  polled({
    id: 'stays-slow',
    name: 'Meter that stays at 300 Bd',
    description: 'Announces 9600 Bd and reads out at 300 Bd whatever the acknowledge says.',
    manufacturer: 'Landis+Gyr',
    teaches: 'Nothing readable at the announced rate: listen at the first one, and remember it.',
    meter: electricity('07700456', 12),
    says: 'LGZ5ZSIM120.AP',
    readout: demandReadout,
    nature: ['stays-at-first-rate'],
  }),
  polled({
    id: 'noisy',
    name: 'Meter on a noisy line',
    description: 'Now and then a bit is wrong, so that the block check fails about every other time. Mode C, 9600 Bd.',
    manufacturer: 'ZPA',
    teaches: 'What parity and block check are for, and that NAK has the readout repeated.',
    meter: electricity('04710817', 10.8, 3.1),
    says: 'ZPA5ZE3SIM.03',
    readout: threePhaseReadout,
    nature: ['noise'],
    port: { noise: 0.0012 },
  }),
  polled({
    id: 'by-number',
    name: 'Meter that wants its number',
    description: 'Answers only to a request with its own number (421337), mode C, 300 Bd to 9600 Bd.',
    manufacturer: 'EMH',
    teaches: 'The address in the request; leading zeros do not count.',
    meter: electricity('00421337', 15),
    says: 'EMH5ITSIM07',
    readout: demandReadout,
    address: '421337',
    spec: { onlyByAddress: true },
  }),
  polled({
    id: 'sum-check',
    name: 'Meter with a sum as block check',
    description: 'Names instead of OBIS codes and a 7-bit sum in place of the block check, mode C, 300 Bd to 9600 Bd.',
    manufacturer: 'Energomera',
    teaches: 'A block check of another kind is no transmission error: a setting of the meter.',
    meter: electricity('112233445', 8.2),
    says: 'EMR5\\2CESIM6.1',
    readout: namedReadout,
    spec: { blockCheck: 'sum7' },
    settings: { blockCheck: 'sum7' },
  }),
  polled({
    id: 'keeps-session',
    name: 'Meter that keeps the session open',
    description: 'After a readout it stays at 9600 Bd for a minute unless a break ends the session.',
    manufacturer: 'Actaris',
    teaches: 'Why the second read within a minute fails where the first one was not ended by a break.',
    meter: electricity('62100944', 6.6),
    says: 'ACE5SIMLCD',
    readout: demandReadout,
    spec: { keepsSession: true },
  }),
  pushing({
    id: 'push-2400',
    name: 'Pushing meter, 2400 Bd',
    description: 'Speaks every five seconds unasked, mode D as in the standard: 2400 Bd, even parity.',
    manufacturer: 'Hager',
    teaches: 'Listening instead of asking; there is no block check.',
    meter: electricity('1095100000099901', 11.2, 7.7),
    says: 'HAG3EHSIM01',
    baudRate: 2400,
    parity: 'even',
    everyMs: 5000,
  }),
  pushing({
    id: 'push-9600',
    name: 'Pushing meter, 9600 Bd',
    description: 'Speaks every two seconds unasked at 9600 Bd, even parity.',
    manufacturer: 'EasyMeter',
    teaches: 'Mode D at the rate that real meters use; live power.',
    meter: electricity('1ESY9900000001', 9.9, 9.1),
    says: 'ESY5QSIM3 V1.00',
    baudRate: 9600,
    parity: 'even',
    everyMs: 2000,
  }),
  pushing({
    id: 'push-8n1',
    name: 'Pushing meter without parity',
    description: 'Speaks every two seconds unasked at 9600 Bd, eight bits without parity.',
    manufacturer: 'Logarex',
    teaches: 'The framing is a property of the meter: parity errors everywhere mean 8N1.',
    meter: electricity('1LOG0099000002', 13.3, 2.4),
    says: 'LOG5LKSIM',
    baudRate: 9600,
    parity: 'none',
    everyMs: 2000,
  }),
];
